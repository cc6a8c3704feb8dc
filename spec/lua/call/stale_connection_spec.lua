-- A connection that the service closes just when it is used again: the call sees it as an attempt
-- like any other, which costs no time.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local exchange = require "appintegrations.credentials.exchange"
local servers = require "spec.support.server"

local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRETKEY" }

local function start(script)
  local server = servers.start(script)
  cleanup(function() server:stop() end)
  return server
end

local function new_client(server, options)
  local all = { region = "us-east-1", endpoint_url = server.url, credentials = KEYS, env = {},
    sleep = function() error "it slept" end }
  for name, value in pairs(options) do
    all[name] = value
  end
  return assert(appintegrations.client(all))
end

describe("a kept connection that was dead", function()
  it("is an attempt, after which the next one follows at once", function()
    for _, ending in ipairs { { close = true }, { reset = true } } do
      local server = start { { body = "{}" }, ending, { body = "{}" } }
      local retries = {}
      local client = new_client(server, { logger = function(event)
        if event.type == "retry" then
          retries[#retries + 1] = event
        end
      end })
      local _, meta = assert(client:list_applications())
      assert.equal(1, meta.attempts)
      _, meta = assert(client:list_applications())
      assert.equal(2, meta.attempts)
      local counts = {}
      for _, request in ipairs(server:requests()) do
        counts[#counts + 1] = request.headers["amz-sdk-request"]:match "attempt=%d"
      end
      assert.same({ "attempt=1", "attempt=1", "attempt=2" }, counts)
      assert.equal(1, #retries)
      assert.same({ 1, 0, "stale connection", "ConnectionError" },
        { retries[1].attempt, retries[1].delay, retries[1].reason, retries[1].code })
      client:close()
    end
  end)

  it("is the call's failure where there is but one attempt", function()
    local server = start { { body = "{}" }, { close = true }, { body = "{}" } }
    local client = new_client(server, { retry_mode = "off" })
    assert(client:list_applications())
    local _, err = client:create_application { Name = "n", Namespace = "x",
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://a.example" } } }
    assert.same({ "ConnectionError", true, 1 }, { err.code, err.stale, err.attempts })
    assert.equal(2, #server:requests())
    client:close()
  end)

  it("is no attempt of a provider of credentials that has but one", function()
    local sent = 0
    local context = { clock = os.time, http = function()
      sent = sent + 1
      return nil, { kind = "transport", code = "ConnectionError", message = "m",
        stale = sent == 1 or nil }
    end }
    local _, err = exchange.call(context, { address = { url = "http://x/", authority = "x" },
      method = "GET", timeout = 1, attempts = 1 })
    assert.equal("ConnectionError", err.code)
    assert.equal(2, sent)
  end)
end)
