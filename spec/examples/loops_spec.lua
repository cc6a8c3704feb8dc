local start = require("spec.support.server").start
local shell = require "spec.support.shell"

local LUA = os.getenv "LUA" or "lua"

--- Runs a program in the shell; its output and whether it succeeded.
local function run(command)
  local output, code = shell.output(command)
  return output, code == 0
end

-- Debian has Copas, which is plain Lua, for some Luas only: it serves all of them.
local PATH = 'LUA_PATH="$LUA_PATH;/usr/share/lua/5.1/?.lua;/usr/share/lua/5.4/?.lua" '

describe("the adapter for", function()
  for host, module in pairs { poll = "socket", luv = "luv", copas = "copas" } do
    it(host .. " makes 100 calls beside a timer that goes on ticking", function()
      local _, found = run(("%s%s -e 'require %q'"):format(PATH, LUA, module))
      if not found then
        return pending(module .. " is absent for " .. LUA)
      end
      local server = start { { body = '{"Applications":[]}', delay = 0.05 } }
      local output, ok = run(("AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKID "
        .. "AWS_SECRET_ACCESS_KEY=secret %s%s examples/%s_loop.lua"):format(server.url, PATH, LUA,
        host))
      local requests, connections = #server:requests(), server:connections()
      server:stop()
      assert.is_true(ok, output)
      local ticks = tonumber(output:match("^100 calls, (%d+) ticks\n$"))
      assert.is_number(ticks, output)
      -- Ten rounds of ten calls take half a second: fifty ticks, on an idle machine.
      assert.is_true(ticks >= 10, output)
      assert.equal(100, requests)
      assert.equal(10, connections)
    end)
  end
end)
