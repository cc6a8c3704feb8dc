-- Finalizers that run as often as the collector can be made to: nearly at every allocation.
local M = {}

--- Sets a PARAMETER of the collector, "pause" or "stepmul"; its old value. 5.5 has other words.
function M.set(parameter, value)
  if _VERSION == "Lua 5.5" then
    return collectgarbage("param", parameter, value)
  end
  return collectgarbage("set" .. parameter, value)
end

--- Something that has ACT called when it is collected, in every Lua.
local function finalized(act)
  local proxy = newproxy and newproxy(true) -- luacheck: ignore
  if not proxy then
    return setmetatable({}, { __gc = act })
  end
  getmetatable(proxy).__gc = act
  return proxy
end

--- Has ACT called when some garbage is collected.
function M.bury(act)
  finalized(act)
end

local kept = {}

--- Has ACT called when the Lua state is closed.
function M.keep(act)
  kept[#kept + 1] = finalized(act)
end

--- Runs RUN as pcall does, interpreted: LuaJIT leaves compiled code wherever finalizers are due,
-- and where they are always due comes back to the same place without end.
---@return boolean ok
---@return any err
function M.interpreted(run)
  if not jit then
    return pcall(run)
  end
  jit.off()
  jit.flush()
  local ok, err = pcall(run)
  jit.on()
  return ok, err
end

--- Runs RUN while finalizers call ACT all the time, ACT's own allocations excepted.
---@return integer  how often ACT was called
function M.throughout(act, run)
  local calls, inside, over = 0, false, false
  local function finalize()
    if over then
      return
    end
    M.bury(finalize)
    if not inside then
      inside, calls = true, calls + 1
      act()
      inside = false
    end
  end
  local pause = M.set("pause", 0)
  local multiplier = M.set("stepmul", 1000)
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 0, 0, 1) -- a step after two bytes
  end
  M.bury(finalize)
  collectgarbage() -- the pause counts from here on
  local ok, err = M.interpreted(run)
  over = true
  M.set("pause", pause)
  M.set("stepmul", multiplier)
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 0, 0, 13) -- as it is in a new state
  end
  collectgarbage()
  if not ok then
    error(err, 0)
  end
  return calls
end

return M
