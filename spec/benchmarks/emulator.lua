-- What shows that the emulator is a server to lean on, at length; the specs have shorter versions.
--
--   make check-emulator                    all of it, about ten minutes
--   make check-emulator ONLY="kill cpu"    some: kill, disk, shared, fuzz, cpu, memory
--
-- Each part prints what it has measured, and the whole fails if one does.
local core = require "appintegrations.core"
local emulators = require "spec.support.emulator"
local fuzzing = require "spec.support.emulator_fuzz"
local http = require "socket.http"
local json = require "appintegrations.emulator.json"
local keep_alive = require "spec.support.keep_alive"
local socket = require "socket"
local workdir = require "spec.support.workdir"

local failures = 0

local function report(good, format, ...)
  failures = failures + (good and 0 or 1)
  print((good and "ok    " or "FAIL  ") .. format:format(...))
end

local function integration(name)
  return ('{"Name":"%s","KmsKey":"k","Description":"What one writes about such a thing."}'):format(
    name)
end

-- ---- kill: every acknowledged change is there ---------------------------------------------

--- Two writers until the child is killed; returns what was acknowledged, by name: there or not.
local function write_until_killed(child, round)
  local writers, acknowledged = { keep_alive.connect(child), keep_alive.connect(child) }, {}
  local number = 0
  os.execute(("(sleep %.3f; kill -9 %d) &"):format(0.002 + core.random() * 0.12, child:pid()))
  while true do
    number = number + 1
    local name = ("r%d-%d"):format(round, number)
    local writer = writers[number % 2 + 1]
    local status = writer:call("POST", "/dataIntegrations", integration(name))
    if status ~= 200 then
      break
    end
    acknowledged[name] = true
    if number % 3 == 0 then
      acknowledged[name] = nil -- unknown until it is acknowledged
      if writer:call("DELETE", "/dataIntegrations/" .. name) ~= 200 then
        break
      end
      acknowledged[name] = false
    end
  end
  for _, writer in ipairs(writers) do
    writer:close()
  end
  return acknowledged
end

local function check_kill(rounds)
  local dir = workdir.new()
  local changes, lost = 0, 0
  for round = 1, rounds do
    local args = { "--no-verify", "--quiet", "--state", dir:file("state") }
    local child = emulators.start(args)
    local acknowledged = write_until_killed(child, round)
    child:stop()
    child = emulators.start(args)
    local reader = keep_alive.connect(child)
    for name, there in pairs(acknowledged) do
      changes = changes + 1
      local status = reader:call("GET", "/dataIntegrations/" .. name)
      lost = lost + (status == (there and 200 or 404) and 0 or 1)
    end
    reader:close()
    child:stop()
  end
  dir:remove()
  report(lost == 0 and changes > rounds, "kill -9 at %d moments: %d acknowledged changes, %d lost",
    rounds, changes, lost)
end

-- ---- cpu: the same at any size ------------------------------------------------------------

local SIZES, ROUNDS = { 100, 10000, 200000 }, 4
local CALLS = { get = 4000, page = 1000, create = 4000, delete = 4000 }

--- Seconds of processor time that the child has used.
local function used(child)
  local file = io.open(("/proc/%d/stat"):format(child:pid()))
  local fields = {}
  for field in file:read("*a"):match("%) (.*)$"):gmatch("%S+") do
    fields[#fields + 1] = field
  end
  file:close()
  return (fields[12] + fields[13]) / 100
end

--- Fills the child up to SIZE data integrations, many at a time.
local function fill(child, size, there)
  for first = there + 1, size, 1000 do
    local list = {}
    for number = first, math.min(first + 999, size) do
      list[#list + 1] = integration("n" .. number)
    end
    local _, status = http.request(child.url .. "/_emulator/seed",
      '{"DataIntegrations":[' .. table.concat(list, ",") .. "]}")
    assert(status == 200)
  end
end

--- Microseconds of processor time of one call, and the longest call in milliseconds.
local function cost(child, count, call)
  local connection, longest = keep_alive.connect(child), 0
  local before = used(child)
  for number = 1, count do
    local started = socket.gettime()
    assert(call(connection, number) == 200)
    longest = math.max(longest, socket.gettime() - started)
  end
  connection:close()
  return (used(child) - before) / count * 1e6, longest * 1000
end

local function costs_at(child, size)
  local function pick()
    return math.floor(core.random() * size) + 1
  end
  local calls = {
    get = function(connection)
      return connection:call("GET", "/dataIntegrations/n" .. pick())
    end,
    page = function(connection)
      return connection:call("GET", "/dataIntegrations?maxResults=50")
    end,
    create = function(connection, number)
      return connection:call("POST", "/dataIntegrations", integration("c" .. number))
    end,
    delete = function(connection, number)
      return connection:call("DELETE", "/dataIntegrations/c" .. number)
    end,
  }
  -- The least of some rounds: what else the machine does makes the processor's caches cold.
  local result, longest = {}, 0
  for _ = 1, ROUNDS do
    for _, name in ipairs { "get", "page", "create", "delete" } do
      local microseconds, pause = cost(child, CALLS[name], calls[name])
      result[name] = math.min(result[name] or math.huge, microseconds)
      longest = math.max(longest, pause)
    end
  end
  return result, longest
end

local function check_cpu()
  local dir = workdir.new()
  local child = emulators.start { "--no-verify", "--quiet", "--state", dir:file("state") }
  local there, all = 0, {}
  for i, size in ipairs(SIZES) do
    fill(child, size, there)
    there = size
    local longest
    all[i], longest = costs_at(child, size)
    report(longest < 50, "cpu at %6d: get %.0f, page %.0f, create %.0f, delete %.0f us; worst "
      .. "pause %.1f ms", size, all[i].get, all[i].page, all[i].create, all[i].delete, longest)
  end
  for name in pairs(CALLS) do
    local least, most = math.huge, 0
    for _, costs in ipairs(all) do
      least, most = math.min(least, costs[name]), math.max(most, costs[name])
    end
    report(most / least <= 1.3, "cpu of %s: %.2f between the sizes", name, most / least)
  end
  child:stop()
  dir:remove()
end

-- ---- memory: flat -------------------------------------------------------------------------

local function resident(child)
  local file = io.open(("/proc/%d/status"):format(child:pid()))
  local kilobytes = file:read("*a"):match("VmRSS:%s+(%d+)")
  file:close()
  return tonumber(kilobytes)
end

local function check_memory(requests)
  local child = emulators.start { "--no-verify", "--quiet", "--token-seconds", "5" }
  local connection, warm = keep_alive.connect(child), nil
  for number = 1, requests / 4 do
    local name = "m" .. number
    local body = integration(name):sub(1, -2) .. (',"ClientToken":"t%d"}'):format(number)
    assert(connection:call("POST", "/dataIntegrations", body) == 200)
    assert(connection:call("GET", "/dataIntegrations/" .. name) == 200)
    assert(connection:call("GET", "/dataIntegrations?maxResults=5") == 200)
    assert(connection:call("DELETE", "/dataIntegrations/" .. name) == 200)
    if number == math.floor(requests / 4 / 5) then
      warm = resident(child)
    end
  end
  local ended = resident(child)
  report(ended < warm * 1.05 + 1024, "memory after %d requests: %d KB, after all %d: %d KB",
    requests / 5, warm, requests, ended)
  connection:close()
  child:stop()
end

-- ---- fuzz: no exit, no 500 ----------------------------------------------------------------

local function print_some(errors)
  for i = 1, math.min(3, #errors) do
    print("      " .. errors[i]:sub(1, 1000))
  end
end

local function check_fuzz(count)
  local result = fuzzing.faults(count)
  print_some(result.errors)
  report(#result.errors == 0, "%d random fault rules: %d taken, %d refused, %d calls, %d errors",
    count, result.taken, result.refused, result.calls, #result.errors)
  result = fuzzing.control(count)
  print_some(result.errors)
  report(#result.errors == 0, "%d random control requests: %d done, %d refused, %d errors", count,
    result.done, result.refused, #result.errors)
end

-- ---- disk: what cannot be written is not acknowledged -------------------------------------

local function check_disk()
  local dir = workdir.new()
  if not workdir.shell(("mount -t tmpfs -o size=1m none '%s' 2>/dev/null"):format(dir.path)) then
    print("--    disk: no tmpfs can be mounted here")
    dir:remove()
    return
  end
  local args = { "--no-verify", "--quiet", "--state", dir:file("state") }
  local child = emulators.start(args)
  local connection, acknowledged, refused = keep_alive.connect(child), 0, 0
  for number = 1, 3000 do
    local status, text = connection:call("POST", "/dataIntegrations", integration("d" .. number))
    if status == 200 then
      acknowledged = acknowledged + 1
    else
      assert(status == 500 and text:find("The state cannot be read or written", 1, true), text)
      refused = refused + 1
    end
  end
  local told = child:output():find("The state cannot be read or written", 1, true)
  connection:close()
  child:signal("KILL")
  child:stop()
  child = emulators.start(args)
  local stored = json.decode((http.request(child.url .. "/_emulator/health"))).resources
    .data_integrations
  child:stop()
  assert(workdir.shell(("umount '%s'"):format(dir.path)))
  dir:remove()
  report(told and refused > 0 and stored == acknowledged, "full tmpfs: %d acknowledged, %d "
    .. "refused, %d there after kill -9", acknowledged, refused, stored)
end

-- ---- shared: two processes on one file, started at once; a folder that goes ---------------------

local function check_shared(count)
  local dir = workdir.new()
  local args = { "--no-verify", "--quiet", "--state", dir:file("state") }
  local children, connections, acknowledged = {}, {}, 0
  for i = 1, 2 do
    children[i] = emulators.start(args)
    connections[i] = keep_alive.connect(children[i])
  end
  for number = 1, count do
    -- Both at once: each has sent before either has answered.
    for i = 1, 2 do
      local body = integration(("s%d-%d"):format(i, number))
      connections[i].socket:send(("POST /dataIntegrations HTTP/1.1\r\nHost: a\r\n"
        .. "Content-Length: %d\r\n\r\n%s"):format(#body, body))
    end
    for i = 1, 2 do
      acknowledged = acknowledged + (connections[i]:answer() == 200 and 1 or 0)
    end
  end
  local stored = children[1]:control("GET", "health").resources.data_integrations
  report(stored == acknowledged and acknowledged == 2 * count,
    "two processes on one file: %d of %d acknowledged, %d there", acknowledged, 2 * count, stored)
  dir:remove()
  local status, text = connections[1]:call("POST", "/dataIntegrations", integration("late"))
  report(status == 500 and text:find("no longer at its place", 1, true),
    "folder removed: %d %s", status, text)
  for i = 1, 2 do
    connections[i]:close()
    children[i]:stop()
  end
end

-- -------------------------------------------------------------------------------------------

local PARTS = {
  { "kill", function() check_kill(tonumber(os.getenv("ROUNDS") or 200)) end },
  { "disk", check_disk },
  { "shared", function() check_shared(1000) end },
  { "fuzz", function() check_fuzz(5000) end },
  { "cpu", check_cpu },
  { "memory", function() check_memory(tonumber(os.getenv("REQUESTS") or 1000000)) end },
}

local only = os.getenv("ONLY") or ""
for name in only:gmatch("%S+") do
  local known = false
  for _, part in ipairs(PARTS) do
    known = known or part[1] == name
  end
  assert(known, "there is no part " .. name)
end
for _, part in ipairs(PARTS) do
  if only == "" or (" " .. only .. " "):find(" " .. part[1] .. " ", 1, true) then
    part[2]()
  end
end
os.exit(failures == 0)
