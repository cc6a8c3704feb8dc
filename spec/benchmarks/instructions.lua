-- SPDX-License-Identifier: MIT
--- `make bench-instructions`: the instructions that callgrind counts for jobs of job.lua, beside
-- those that instructions.txt keeps. More than 3 % above them is a failure, if they were counted
-- with the same libraries. RECORD=1 keeps the new ones.

local canned = require "spec.benchmarks.canned"

local LUA, DIR = os.getenv "LUA", os.getenv "BENCH_DIR"
local KEPT = "spec/benchmarks/instructions.txt"
local TOLERANCE = 0.03

-- What is counted: a job, and the units of a shorter and of a longer run (their difference has no
-- start in it). The first call is made by an installed copy, with its Lua files compiled.
local JOBS = {
  { name = "create", job = "create", from = 200, to = 600 },
  { name = "page of 50", job = "list", from = 5000, to = 15000, unit = 50 },
  { name = "sign", job = "sign", from = 500, to = 2500 },
  { name = "sign, key derived", job = "derive", from = 500, to = 2500 },
  { name = "64 in flight, a call", job = "flight_64", from = 10, to = 40, unit = 1 / 64 },
  { name = "first call", job = "first", from = 0, to = 1, installed = true },
}

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function first_line_of(command)
  return output_of(command .. " 2>&1"):match "^[^\n]*"
end

local function count(job, units, url)
  local paths = job.installed and canned.installed(DIR) or ""
  local text = output_of(("%s WARM_UP=2 valgrind --tool=callgrind --callgrind-out-file=/dev/null "
    .. "%s spec/benchmarks/job.lua ours %s %d %s 2>&1"):format(paths, LUA, job.job, units, url))
  return tonumber(text:match "Collected : (%d+)") or error(text)
end

local function measure(job, url)
  if job.from == 0 then
    return count(job, job.to, url)
  end
  local more = count(job, job.to, url) - count(job, job.from, url)
  return more / (job.to - job.from) * (job.unit or 1)
end

--- What the figures are a matter of, beside our own code.
local function surroundings()
  return table.concat({
    first_line_of(LUA .. " -v"):match "^%S+ %S+", first_line_of "cc --version",
    "libcurl " .. require("appintegrations.curl").version(), first_line_of "valgrind --version",
    first_line_of "ldd --version",
    -- OpenSSL and the C library choose their code by the processor.
    output_of "grep -m 1 'model name' /proc/cpuinfo 2>/dev/null":match ":%s*([^\n]*)" or "?",
  }, ", ")
end

local function kept_figures()
  local file = io.open(KEPT)
  if not file then
    return {}
  end
  local figures = { surroundings = file:read "*l" }
  for line in file:lines() do
    local name, figure = line:match "^(.-)%s*\t(%d+)$"
    figures[name] = tonumber(figure)
  end
  file:close()
  return figures
end

local function keep(here, figures)
  local file = assert(io.open(KEPT, "w"))
  file:write(here, "\n")
  for _, job in ipairs(JOBS) do
    file:write(("%s\t%d\n"):format(job.name, figures[job.name]))
  end
  file:close()
end

local here, kept, figures, worse = surroundings(), kept_figures(), {}, false
local server = canned.start(DIR)
print(("%-24s %12s %12s %8s"):format("instructions", "now", "kept", "ratio"))
for _, job in ipairs(JOBS) do
  local figure, before = math.floor(measure(job, server.plain) + 0.5), kept[job.name]
  local ratio = before and figure / before
  figures[job.name] = figure
  worse = worse or ratio ~= nil and ratio > 1 + TOLERANCE
  print(("%-24s %12d %12s %8s"):format(job.name, figure, before or "", ratio
    and ("%.3f"):format(ratio) or ""))
end
server:stop()
if os.getenv "RECORD" == "1" then
  keep(here, figures)
elseif here ~= kept.surroundings then
  print(("not compared: counted with\n  %s\nhere it is\n  %s"):format(
    kept.surroundings or "nothing", here))
elseif worse then
  print(("more than %d %% above what is kept in %s"):format(TOLERANCE * 100, KEPT))
  os.exit(1)
end
