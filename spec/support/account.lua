--- A client and the service of an account, in one process, for specs of what is made of several
-- calls. Pages have two items, an execution takes 12 s, time passes by sleeping alone.
--
--     local world = require("spec.support.account").new()
--     world.client, world.service, world.now
--     world.sent          -- "GET /tags" for each request, in order
--     world.take_sent()   -- the same, and begins anew

local appintegrations = require "appintegrations"
local emulator = require "appintegrations.emulator"

local M = {}

local function recording(world)
  local inner = world.service:transport()
  return {
    send = function(_, request, deadline)
      world.sent[#world.sent + 1] = request.method .. " " .. request.path:match("^/%a+")
      return inner:send(request, deadline)
    end,
  }
end

function M.new()
  local world = { now = 1790000000, sent = {} }
  local function clock()
    return world.now
  end
  world.service = assert(emulator.new { clock = clock, page_size = 2, execution_seconds = 12 })
  world.client = assert(appintegrations.client {
    region = "us-east-1", env = {}, retry_mode = "off",
    credentials = { access_key_id = emulator.ACCESS_KEY_ID,
      secret_access_key = emulator.SECRET_ACCESS_KEY },
    clock = clock,
    sleep = function(seconds) world.now = world.now + seconds end,
    transport = recording(world),
  })
  function world.take_sent()
    local requests = world.sent
    world.sent = {}
    return requests
  end
  function world.create_data_integration(name)
    return assert(world.client:create_data_integration { Name = name, KmsKey = "key",
      Tags = { name = name } })
  end
  return world
end

--- A function that asserts that F raises a message with FILE in it, and PATTERN.
function M.raises_in(file)
  return function(pattern, f)
    local ok, message = pcall(f)
    assert(not ok, "nothing was raised")
    assert(message:find(file, 1, true), message) -- the caller's file and line
    assert(message:find(pattern), message)
  end
end

return M
