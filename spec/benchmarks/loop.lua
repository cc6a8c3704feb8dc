-- `make bench-loop`: 1,000 calls with 64 in flight against a server that takes 20 ms for
-- each, beside the same calls one after another: time, and CPU for a call.
--
-- CPU is this process's own; the server is another.
local appintegrations = require "appintegrations"
local core = require "appintegrations.core"

local CALLS, IN_FLIGHT, LATENCY, ONE_BY_ONE = 1000, 64, 0.02, 100

local server = require("spec.support.server").start {
  { body = '{"Id":"x","Name":"crm-cases"}', delay = LATENCY },
}
local loop = appintegrations.loop()

local function client_on(its_loop)
  return assert(appintegrations.client {
    region = "us-east-1", endpoint_url = server.url, env = {}, loop = its_loop,
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" },
  })
end

--- Seconds, and CPU seconds, that F takes.
local function measure(f)
  local started, cpu = core.monotonic(), os.clock()
  f()
  return core.monotonic() - started, os.clock() - cpu
end

local ids = {}
for i = 1, CALLS do
  ids[i] = "id-" .. i
end

local client = client_on(loop)
local function at_once()
  local _, errors = loop:map(ids, function(id)
    return client:get_data_integration { Identifier = id }
  end, IN_FLIGHT)
  assert(not errors)
end

local alone = client_on(nil)
local function in_sequence()
  for i = 1, ONE_BY_ONE do
    assert(alone:get_data_integration { Identifier = ids[i] })
  end
end

at_once() -- connections are made, code is loaded
in_sequence()
local time, cpu = measure(at_once)
local slow_time, slow_cpu = measure(in_sequence)
local rounds = math.ceil(CALLS / IN_FLIGHT)
print(("%d calls, %d in flight, %g ms latency"):format(CALLS, IN_FLIGHT, LATENCY * 1000))
print(("  at once      %6.2f s (%d rounds are %.2f s)  %4.0f us CPU a call"):format(time, rounds,
  rounds * LATENCY, cpu / CALLS * 1e6))
print(("  in sequence  %6.2f s                       %4.0f us CPU a call"):format(
  slow_time / ONE_BY_ONE * CALLS, slow_cpu / ONE_BY_ONE * 1e6))
loop:close()
server:stop()
