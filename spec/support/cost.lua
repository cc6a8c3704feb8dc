--- What reading a text costs, counted so that it is the same on a busy machine: instructions of the
-- Lua VM (patterns included, see counted_patterns), basic blocks and bytes of C (counting.c), and
-- bytes of memory that are taken. A step is any of these: how they grow is what counts.
--
--     local cost = require "spec.support.cost"     -- before what is to be counted
--     cost.of(read, text, limit)

local patterns = require "spec.support.counted_patterns"

local M = {}

-- Of a hook: so many instructions at once.
local STEP = 100
-- Memory that is not collected while it is counted, in KiB.
local MOST_MEMORY = 512 * 1024

patterns.install()
if jit then
  jit.off() -- no hook is called in what it has compiled
end

--- Loads the counted shared objects of FOLDER instead of those that are shipped.
---@param folder string
function M.load(folder)
  package.cpath = folder .. "/?.so;" .. package.cpath
  M.counted = require("counting").counted
end

local function kilobytes()
  return collectgarbage "count"
end

--- The cost of READ(TEXT), or math.huge where it is more than LIMIT; and what it raised.
---@param read fun(text: string)
---@param text string
---@param limit? number
---@return number cost
---@return any raised
function M.of(read, text, limit)
  limit = limit or math.huge
  local instructions, exceeded = 0, {}
  collectgarbage()
  collectgarbage "stop"
  -- A stack of its own: the main one is cut by collections, and grows again.
  local thread = coroutine.create(function() return pcall(read, text) end)
  local memory, blocks = kilobytes(), M.counted()
  patterns.counting(true)
  debug.sethook(thread, function()
    instructions = instructions + STEP
    if instructions > limit or kilobytes() - memory > MOST_MEMORY then
      error(exceeded, 0)
    end
  end, "", STEP)
  local _, ok, err = coroutine.resume(thread)
  debug.sethook(thread)
  patterns.counting(false)
  local total = instructions + M.counted() - blocks + (kilobytes() - memory) * 1024
  collectgarbage "restart"
  if not ok and err ~= exceeded then
    return total, err
  end
  return (ok and total <= limit) and total or math.huge
end

return M
