-- The scripted server's own promises.
local cleanup = require "spec.support.cleanup"
local server = require "spec.support.server"
local socket = require "socket"
local shell = require "spec.support.shell"

local LUA = os.getenv "LUA" or "lua5.4"

describe("a scripted server", function()
  it("says by its name which library is missing, instead of starting", function()
    assert.equal(_VERSION .. " has no module 'socket' (Debian's package lua-socket)\n",
      (shell.output(("LUA_PATH=/none/?.lua LUA_CPATH=/none/?.so %s "
        .. "spec/support/scripted_server.lua /none"):format(LUA))))
  end)

  it("orders its answers where it is told to", function()
    local scripted = server.start { ["GET /a"] = { body = "a", requests = 2 },
      ["GET /b"] = { body = "b", answers = 1, close = true } }
    cleanup(function() scripted:stop() end)
    local first = assert(socket.connect("127.0.0.1", scripted.port))
    local second = assert(socket.connect("127.0.0.1", scripted.port))
    first:send "GET /a HTTP/1.1\r\nhost: h\r\n\r\n"
    first:settimeout(0.05)
    assert.is_nil((first:receive "*l")) -- it waits for the other
    second:send "GET /b HTTP/1.1\r\nhost: h\r\n\r\n"
    assert.matches("b$", assert(second:receive "*a"))
    first:settimeout(0)
    assert.equal("HTTP/1.1 200 Scripted", (first:receive "*l"))
    first:close()
    second:close()
  end)
end)
