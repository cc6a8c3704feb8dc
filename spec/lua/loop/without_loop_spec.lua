-- A client that has no loop, in tasks of one: it works, and says once that everything waits for it.
local appintegrations = require "appintegrations"
local server = require "spec.support.server"

local CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" }

describe("a client without a loop", function()
  local service, events

  local function client_of(loop)
    return assert(appintegrations.client {
      region = "us-east-1", credentials = CREDENTIALS, env = {}, endpoint_url = service.url,
      loop = loop, logger = function(event) events[#events + 1] = event end,
    })
  end

  before_each(function()
    service, events = server.start { { body = "{}" } }, {}
  end)

  after_each(function()
    service:stop()
  end)

  --- The advisories of three calls by CLIENT in tasks of LOOP, as rules.
  local function advisories_of(client, loop)
    local found = {}
    loop:map({ 1, 2, 3 }, function()
      local _, meta = assert(client:list_applications())
      for _, advisory in ipairs(meta.advisories or {}) do
        found[#found + 1] = advisory.path .. ": " .. advisory.rule
      end
      return true
    end)
    return found
  end

  it("says once that calls in tasks run one after another: in meta, and to the logger", function()
    local loop = appintegrations.loop()
    local client = client_of(nil)
    assert(client:list_applications())
    assert.same({}, events[2].advisories or {})
    events = {}
    assert.same({ "options.loop: loop" }, advisories_of(client, loop))
    local told = {}
    for _, event in ipairs(events) do
      for _, advisory in ipairs(event.advisories or {}) do
        told[#told + 1] = advisory.message
      end
    end
    assert.equal(1, #told)
    assert.matches("this client has no loop: its calls in a task block", told[1])
    client:close()
  end)

  it("is not told so where it has one, or is not called in a task", function()
    local loop = appintegrations.loop()
    assert.same({}, advisories_of(client_of(loop), loop))
    local client = client_of(nil)
    local _, meta = assert(client:list_applications())
    assert.is_nil(meta.advisories)
    local thread = coroutine.wrap(function() return select(2, client:list_applications()) end)
    assert.is_nil(thread().advisories)
  end)
end)
