-- The transport over nginx's sockets without nginx: time goes by as the spec says. All else is in
-- spec/hosts/nginx_spec.lua.
local resty = require "appintegrations.transport.resty"

describe("the transport for nginx", function()
  local before, now, socket

  before_each(function()
    before, now = rawget(_G, "ngx"), 1000
    --- What a socket does that takes 0.75 s to connect, and whose TLS never ends.
    socket = {
      settimeouts = function(_, connect) socket.connect_timeout = connect end,
      connect = function() now = now + 0.75 return true end,
      getreusedtimes = function() return 0 end,
      sslhandshake = function()
        now = now + socket.connect_timeout / 1000
        return nil, "timeout"
      end,
      close = function() end,
    }
    rawset(_G, "ngx", {
      update_time = function() end, now = function() return now end,
      socket = { tcp = function() return socket end },
    })
  end)

  after_each(function()
    rawset(_G, "ngx", before)
  end)

  it("has no longer for connecting and TLS together than for either", function()
    for _, limits in ipairs { { timeout = 1 }, { timeout = 30, connect_timeout = 1 } } do
      local started = now
      local response, err = resty.new():send {
        method = "GET", url = "https://127.0.0.1/", headers = {},
        timeout = limits.timeout, connect_timeout = limits.connect_timeout,
      }
      assert.is_nil(response)
      assert.equal("ConnectTimeout", err.code)
      assert.equal(1, now - started)
    end
  end)
end)
