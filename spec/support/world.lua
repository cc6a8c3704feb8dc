--- A client and the service in one process, with a clock that only moves when something takes
-- time: an exchange takes 0.1 s (one that times out, its timeout), sleeping takes what it says.
--
--     local world = require("spec.support.world").new({ retry_mode = "adaptive" }, { …emulator })
--     world.client:list_applications()
--     world.wire      -- the requests that were sent: method, url, headers, body, timeout, time
--     world.sleeps    -- the seconds slept, in order
--     world.now       -- the time; `world.offset`: the seconds that the service's clock is ahead

local appintegrations = require "appintegrations"
local emulator = require "appintegrations.emulator"

local M = {}

M.STARTED = 1795342830
M.EXCHANGE = 0.1

M.CREDENTIALS = {
  access_key_id = emulator.ACCESS_KEY_ID, secret_access_key = emulator.SECRET_ACCESS_KEY,
}

local function copy_of(request, time)
  local copy = { time = time }
  for name, value in pairs(request) do
    copy[name] = value
  end
  copy.headers = {}
  for name, value in pairs(request.headers) do
    copy.headers[name] = value
  end
  return copy
end

--- The transport of SERVICE, which records and takes time.
local function recording(world, service)
  local inner = service:transport()
  return {
    send = function(_, request, deadline)
      world.wire[#world.wire + 1] = copy_of(request, world.now)
      if world.on_send then
        world.on_send(request)
      end
      local response, err = inner:send(request, deadline)
      local timed_out = err and err.kind == "timeout"
      world.now = world.now + (timed_out and request.timeout or M.EXCHANGE)
      return response, err
    end,
  }
end

--- A world with a client of OPTIONS and a service of SERVICE_OPTIONS.
function M.new(options, service_options)
  local world = { now = M.STARTED, wire = {}, sleeps = {}, offset = 0 }
  local for_service = { clock = function() return world.now + world.offset end }
  for name, value in pairs(service_options or {}) do
    for_service[name] = value
  end
  world.service = assert(emulator.new(for_service))
  local all = {
    region = "us-east-1", credentials = M.CREDENTIALS, env = {},
    transport = recording(world, world.service),
    clock = function() return world.now end,
    random = function() return 0.5 end,
    sleep = function(seconds)
      world.sleeps[#world.sleeps + 1] = seconds
      world.now = world.now + seconds
    end,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  world.client = assert(appintegrations.client(all))
  return world
end

return M
