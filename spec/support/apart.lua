--- Runs Lua code in a process of its own, whose heap is small: where finalizers are to run all the
-- time, it is gone over again and again.
--
--     local apart = require "spec.support.apart"
--     assert.equal("done\n", apart [[ print "done" ]])

local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

--- What PROGRAM prints, errors included; it may use the module and spec.support.
---@param program string
---@param before? string  a command of the shell that changes its surroundings, as "ulimit -n 9"
---@return string output
return function(program, before)
  local dir = workdir.new()
  local output = shell.output(("%s; LUA_PATH=\"./?.lua;$LUA_PATH\" %s %s"):format(before or ":",
    os.getenv "LUA" or "lua5.4", dir:write("program.lua", program)))
  dir:remove()
  return output
end
