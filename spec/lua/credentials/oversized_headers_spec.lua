-- Answers of credential services with headers beyond all limits, over real sockets: the provider's
-- error says so, nothing raises. And their URLs are sent as they are written.
local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local services = require "spec.support.credential_services"
local servers = require "spec.support.server"

local ANSWERS = {
  { raw = "HTTP/1.1 200 OK\r\n", forever = "x-a: b\r\n" },
  { raw = "HTTP/1.1 200 OK\r\nx-a: ", forever = "b" },
  { raw = "HTTP/1.1 200 ", forever = "O" },
  { raw = "HTTP/1.1 200 OK\r\n\r\n", forever = "b" },
}

local function start(script)
  local server = servers.start(script)
  cleanup(function() server:stop() end)
  return server
end

describe("the answer of a credential service", function()
  for name in pairs(services.ALL) do
    it("may not have endless headers or bodies: " .. name, function()
      for _, answer in ipairs(ANSWERS) do
        local output, err = services.client(name, start({ answer }).url):list_applications()
        assert.is_nil(output)
        assert.equal("CredentialsProviderError", err.code)
        assert.matches("larger than max_response_bytes", err.message, 1, true)
        assert.is_nil(tostring(err):find "MARKED")
      end
    end)
  end

  it("is asked for at the URL as it is written", function()
    local server = start { { status = 404, body = "" } }
    local client = assert(appintegrations.client { region = "us-east-1",
      endpoint_url = "http://127.0.0.1:9",
      env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = server.url .. "/a%2fb?c=%3a" } })
    assert.is_nil((client:list_applications()))
    client:close()
    assert.equal("/a%2fb?c=%3a", server:requests()[1].target)
  end)
end)
