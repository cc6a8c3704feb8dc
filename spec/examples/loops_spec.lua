local start = require("spec.support.server").start

local LUA = os.getenv "LUA" or "lua"

--- Runs a program in the shell; its output and whether it succeeded.
local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status=$?"))
  local text = pipe:read("*a")
  pipe:close()
  local output, status = text:match("^(.*)status=(%d+)\n$")
  return output, status == "0"
end

describe("the adapter for", function()
  for host, module in pairs { poll = "socket", luv = "luv", copas = "copas" } do
    it(host .. " makes 100 calls beside a timer that goes on ticking", function()
      local _, found = run(("%s -e 'require %q'"):format(LUA, module))
      if not found then
        return pending(module .. " is absent for " .. LUA)
      end
      local server = start { { body = '{"Applications":[]}', delay = 0.05 } }
      local output, ok = run(("AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKID "
        .. "AWS_SECRET_ACCESS_KEY=secret %s examples/%s_loop.lua"):format(server.url, LUA, host))
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
