--- Counts which lines of lua/ run: named by LUA_INIT, it is loaded before anything else by this
-- process and by each Lua that it starts. What a process has run goes into a file of its own below
-- COVERAGE_DIR when its state is closed. LINE_HOOK is the path of line_hook.c's shared object.
--
-- What sets a hook of its own (spec/support/linear.lua) puts this one aside meanwhile.

if _VERSION ~= "Lua 5.4" then -- a spec has started another Lua, which the hook is not for
  return
end

local directory = os.getenv "COVERAGE_DIR"
local hook = assert(package.loadlib(os.getenv "LINE_HOOK", "luaopen_line_hook"))()
local set_hook = debug.sethook

hook.start()

--- As debug.sethook, but that "no hook" is ours.
function debug.sethook(...) -- luacheck: ignore 122
  local thread = type((...)) == "thread"
  set_hook(...)
  if select("#", ...) == (thread and 1 or 0) then
    hook.start()
  end
end

--- A name that no other process and no other state has.
local function new_path()
  local status = io.open "/proc/self/stat"
  local pid = status:read "*n"
  status:close()
  return ("%s/%d-%s"):format(directory, pid, tostring(hook):match "%w+$")
end

--- Writes "FILE LINE" for each line of the project's that has run.
local function write()
  set_hook()
  local file
  hook.each(function(source, line)
    local path = source:match "^@.*(lua/appintegrations/.*)$"
      or source:find "^@appintegrations/" and "lua/" .. source:sub(2) -- within core.so
    if path then
      file = file or assert(io.open(new_path(), "w"))
      file:write(path, " ", line, "\n")
    end
  end)
  if file then
    file:close()
  end
end

-- In the registry until the state is closed.
debug.getregistry()[{}] = setmetatable({}, { __gc = write })
