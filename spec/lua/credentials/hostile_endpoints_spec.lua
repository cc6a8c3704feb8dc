-- Servers that mean harm, as the endpoint of each credential service: the call ends in time, needs
-- no more memory than an answer may have and a little, tells no secret and connects to nobody else.

local appintegrations = require "appintegrations"
local certificates = require "spec.support.certificates"
local cleanup = require "spec.support.cleanup"
local core = require "appintegrations.core"
local hostilities = require "spec.support.hostilities"
local peak = require "spec.support.peak"
local services = require "spec.support.credential_services"
local servers = require "spec.support.server"

local MEMORY = 4 * 1024 * 1024 -- the limit of such answers is far below it
local DEADLINE, LATER = 0.4, 5 -- seconds; others use the processors, too

--- A client that has its credentials from the service NAME, which is at URL.
local function new_client(name, url)
  return services.client(name, url, { deadline = DEADLINE })
end

for name in pairs(services.ALL) do
  describe("a hostile endpoint of " .. name .. ":", function()
    local other

    setup(function()
      other = servers.start { { body = "{}" } }
      local closing = servers.start { { status = 400, body = "" } }
      new_client(name, closing.url):list_applications() -- what is loaded once is not counted
      closing:stop()
    end)

    teardown(function()
      other:stop()
    end)

    for _, hostility in ipairs(hostilities.ANSWERS) do
      it(hostility.name, function()
        local server = servers.start(hostilities.script(hostility, other.host), hostility.options)
        cleanup(function() server:stop() end)
        local client = new_client(name, server.url)
        local output, err
        local started = core.monotonic()
        local bytes = peak.above(function()
          output, err = client:list_applications()
        end)
        local seconds = core.monotonic() - started
        assert.is_nil(output)
        assert.is_true(appintegrations.is_error(err))
        assert.is_true(err.kind == "credentials" or err.kind == "timeout", tostring(err))
        assert.is_true(#server:requests() >= 1)
        assert.is_true(seconds < DEADLINE + LATER, ("took %.3f s"):format(seconds))
        assert.is_true((bytes or 0) < MEMORY, ("took %d bytes"):format(bytes or 0))
        assert.equal(0, other:connections())
        started = core.monotonic()
        local told = tostring(err) .. tostring(client:explain())
        seconds = core.monotonic() - started
        assert.is_true(seconds < DEADLINE + LATER, ("explain() took %.3f s"):format(seconds))
        assert.is_nil(told:find("MARKED", 1, true), told)
      end)
    end
  end)
end

describe("the TLS of a credential service that is not to be trusted:", function()
  local files = certificates.make()

  teardown(function()
    if files then
      files:remove()
    end
  end)

  for name in pairs(services.ALL) do
    for _, hostility in ipairs(hostilities.TLS) do
      it(name .. " with " .. hostility.name, function()
        if not files then
          return pending "the openssl program is absent"
        end
        local server = servers.start({ { status = 400, body = "{}" } },
          hostilities.server(hostility, files))
        cleanup(function() server:stop() end)
        local client = services.client(name, server.url,
          { ca_bundle = not hostility.is_unknown and files.authority or nil })
        local output, err = client:list_applications()
        assert.is_nil(output)
        assert.equal("CredentialsProviderError", err.code)
        assert.matches("TLS with " .. server.host .. " failed", err.message, 1, true)
        assert.same({}, server:requests())
        local told = tostring(err) .. tostring(client:explain())
        assert.is_nil(told:find("MARKED", 1, true), told)
      end)
    end
  end
end)
