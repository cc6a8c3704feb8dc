-- SPDX-License-Identifier: MIT
--- What Lua states differ in. The module's code takes from here what a state may
-- lack: a sandbox may have opened no library but base, table, string and coroutine.
-- @module appintegrations.compat

local M = {}

local function floor(number)
  return number - number % 1
end

local function abs(number)
  return number < 0 and -number or number
end

local function min(a, b)
  return b < a and b or a
end

local function max(a, b)
  return b > a and b or a
end

--- The math library, or as much of it as the module uses: min and max of two numbers.
M.math = math or { floor = floor, abs = abs, min = min, max = max, huge = 1 / 0 }

--- What a thread was doing, for people; nil without the debug library.
---@param thread thread
---@return string?
function M.traceback(thread)
  return debug and debug.traceback(thread) or nil
end

return M
