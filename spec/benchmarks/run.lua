-- SPDX-License-Identifier: MIT
--- `make bench`: what calls cost beside the same written by hand (minimum), libcurl alone (raw) and
-- other SDKs; then what many of them cost beside 64, and what they hold. CPU is that of the process
-- that calls; the server is another. ROUNDS=1 is quick, and tells little.

local canned = require "spec.benchmarks.canned"
local measure = require "spec.benchmarks.measure"

local LUA, DIR = os.getenv "LUA", os.getenv "BENCH_DIR"
local TURNS = tonumber(os.getenv "ROUNDS" or 5)
local US, MS, MIB = { "us", 1e6 }, { "ms", 1e3 }, { "MiB", 1 / 1024 }

-- How often each job is done, and the calls (items, signatures) of each time.
local JOBS = {
  first = { 1, 1 }, require = { 1, 1 }, create = { 5000, 1 }, create_unresumed = { 5000, 1 },
  list = { 50000, 1 }, pages = { 1000, 50 }, sign = { 100000, 1 }, derive = { 50000, 1 },
  flight_1 = { 8192, 1 }, flight_8 = { 1024, 8 }, flight_64 = { 128, 64 },
  flight_512 = { 16, 512 }, flight_4096 = { 2, 4096 }, wide_512 = { 16, 512 },
}
local OF_PEERS = 0.1 -- they take long

-- Each row is a job of ours and, `beside` it, a side with a job; `times` and `beside_times` change
-- how often they are done.
local CALLS = {
  { "start to first call completed", "first", beside = { "minimum", "first" }, goal = 1.05,
    field = "wall", unit = MS, turns = 4, peers = true },
  { "create, kept connection", "create", beside = { "minimum", "create" }, goal = 1.05,
    peers = true },
  { "an item, pages of 50", "list", beside = { "minimum", "list" }, goal = 0.8, peers = true },
  { "sigv4.sign, key kept", "sign", beside = { "minimum", "sign" }, goal = 1.25, peers = true },
  { "sigv4.sign, key derived", "derive", beside = { "minimum", "derive" }, goal = 1.15,
    peers = true },
  { "create, kept TLS connection", "create", server = "tls", beside = { "raw", "create" },
    goal = 1.4, peers = true },
  { "create, new TLS connection", "create", server = "once", times = 0.1, peers = true,
    beside = { "raw", "create_unresumed" }, goal = 0.58 },
  { "  raw resumes TLS sessions, too", "create", server = "once", times = 0.1,
    beside = { "raw", "create" } },
  { "64 in flight, a call", "flight_64", beside = { "raw", "flight_64" }, goal = 2.3,
    peers = true },
  { "512 over as many connections", "wide_512", beside = { "raw", "flight_512" } },
  { "peak memory, 5,000 creates", "create", beside = { "minimum", "create" }, field = "peak",
    unit = MIB },
}
local SCALE = {
  { "1 in flight, a call", "flight_1" }, { "8 in flight", "flight_8" },
  { "512 in flight, 64 connections", "flight_512" },
  { "512 in flight, 512 connections", "wide_512" },
  { "4,096 in flight, 64 connections", "flight_4096" },
}
local FLAT = {
  { "peak after 100,000 creates : 10,000", "create", times = 20, beside_times = 2 },
  { "peak after 200,000 items : 2,000", "list", times = 4, beside_times = 0.04 },
}

local server = canned.start(DIR)
local peers = require("spec.benchmarks.peers").find(server.plain)

--- How SIDE, or the peer that it is, does JOB, so many TIMES as often as usual.
local function run_of(row, side, job, times)
  local name = row.server or "plain"
  local url, authority = server[name], name ~= "plain" and server.authority or ""
  local often = math.max(1, math.floor(JOBS[job][1] * (times or 1)))
  local run = { calls = often * JOBS[job][2] }
  if type(side) == "table" then
    run.command = side.command(job, often, url, authority)
  else
    -- A checkout compiles its Lua files first: that is not what users wait for.
    local paths = side == "ours" and job == "first" and canned.installed(DIR) or ""
    run.command = ("%s exec %s spec/benchmarks/job.lua %s %s %d %s %s"):format(paths, LUA, side,
      job, often, url, authority)
  end
  return run
end

--- The peers that do the job of ROW, and how they are run.
local function peers_of(row)
  local list, runs = {}, {}
  for _, peer in ipairs(row.peers and peers or {}) do
    local job = not peer.absent and peer.jobs[row[2]]
    if job then
      list[#list + 1] = peer
      runs[#runs + 1] = run_of(row, peer, job == true and row[2] or job,
        (row.times or 1) * OF_PEERS)
    end
  end
  return list, runs
end

local function print_row(row, figure, beside, ratio, more)
  local unit = row.unit or US
  local goal = row.goal and ("%.2f%s"):format(row.goal, ratio > row.goal and " over" or "") or ""
  print((("%-36s %9.2f %9.2f %-3s %6.2f  %-9s %s"):format(row[1], figure * unit[2],
    beside * unit[2], unit[1], ratio, goal, more or ""):gsub("%s+$", "")))
end

--- Measures ROW and prints it. A peer's figure stands with how often it is ours.
local function report(row)
  local side, job = row.beside[1], row.beside[2]
  local runs = { run_of(row, "ours", row[2], row.times),
    run_of(row, side, job, row.beside_times or row.times) }
  local list, of_peers = peers_of(row)
  for _, run in ipairs(of_peers) do
    runs[#runs + 1] = run
  end
  local results = measure.in_turn(runs, math.max(1, math.floor(TURNS * (row.turns or 1))))
  local field, more = row.field or "cpu", {}
  local figure, ratio = measure.figure(results[1], field, results[2])
  for i, peer in ipairs(list) do
    local of_peer, times = measure.figure(results[i + 2], field, results[1])
    more[i] = ("%s: %.0f (%.1fx)"):format(peer.short, of_peer * (row.unit or US)[2], times)
  end
  print_row(row, figure, measure.figure(results[2], field), ratio, table.concat(more, ", "))
end

local function head(text, beside)
  print(("\n%-36s %9s %9s     %6s  %s"):format(text, "ours", beside, "ratio", "goal"))
end

--- What each of COUNT clients, or states with one, holds; AUTHORITIES: a file of those to trust.
local function print_held(name, what, count, url, authorities)
  local bytes, descriptors = measure.numbers(("%s spec/support/scale.lua %s %d %s %s"):format(LUA,
    what, count, url, authorities or ""))
  print(("%-36s %9.2f KiB, %d descriptors each"):format(name, bytes / 1024, descriptors))
end

head("CPU of a call", "beside")
for _, peer in ipairs(peers) do
  print(("  %s: %s"):format(peer.short or peer.absent .. " (make bench-peers)", peer.name))
end
for _, row in ipairs(CALLS) do
  report(row)
end
head("CPU of a call, beside 64 in flight", "of 64")
for _, row in ipairs(SCALE) do
  row.beside, row.goal = { "ours", "flight_64" }, 1.3
  report(row)
end
head("Memory stays flat", "before")
for _, row in ipairs(FLAT) do
  row.beside, row.goal, row.field, row.unit, row.turns = { "ours", row[2] }, 1.02, "peak", MIB, 0.2
  report(row)
end
print "\nBeside calls"
print_held("1,000 clients in a state", "clients", 1000, server.plain)
print_held("200 Lua states in a process", "states", 200, server.plain)
print_held("200, over TLS", "states", 200, server.tls, server.authority)
print_held("200, with the system's authorities", "states", 200, server.tls,
  server:with_system_authorities())
local waiting = measure.numbers(("%s spec/support/scale.lua waiting 10000 5"):format(LUA))
print(("%-36s %9.2f ms of CPU in 5 s"):format("10,000 tasks that wait", waiting * 1e3))
local required = measure.in_turn({ run_of({}, "ours", "require") }, TURNS)
print(("%-36s %9.2f ms of CPU"):format('require "appintegrations"',
  measure.figure(required[1], "cpu") * 1e3))
server:stop()
