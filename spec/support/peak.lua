--- How much memory this process has at most while something runs:
--
--     local peak = require "spec.support.peak"
--     local bytes = peak.above(function() client:list_applications() end)
--
-- Linux counts it; where it does not, or AddressSanitizer holds freed memory back, `above` runs the
-- function and returns nil.

local M = {}

local function kilobytes(name)
  local file = assert(io.open "/proc/self/status")
  local text = file:read "*a"
  file:close()
  return tonumber(text:match(name .. ":%s*(%d+) kB"))
end

--- Makes the highest figure so far the present one.
local function forget()
  local file = io.open("/proc/self/clear_refs", "w")
  local done = file and file:write "5" and file:flush()
  if file then
    file:close()
  end
  return done
end

--- Runs RUN: the bytes that it needed beyond those in memory when it began.
---@param run fun()
---@return integer? bytes
function M.above(run)
  collectgarbage()
  collectgarbage()
  if (os.getenv "LD_PRELOAD" or ""):find "asan" or not forget() then
    run()
    return nil
  end
  local before = kilobytes "VmRSS"
  run()
  return math.max(kilobytes "VmHWM" - before, 0) * 1024
end

return M
