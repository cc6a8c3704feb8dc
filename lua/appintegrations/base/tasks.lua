-- SPDX-License-Identifier: MIT
--- Which coroutines are tasks, of whatever loop: for those who must know without knowing the loop.
-- @module appintegrations.base.tasks

local running = require("appintegrations.base.compat").running

local M = {}

local threads = setmetatable({}, { __mode = "k" })
local none = true -- so far: most programs have no tasks, and are not to pay for the question

--- Notes that THREAD runs a task.
---@param thread thread
---@return thread
function M.note(thread)
  threads[thread] = true
  none = false
  return thread
end

--- Whether THREAD runs a task.
---@param thread any
---@return boolean
---@nodiscard
function M.is_task(thread)
  return thread ~= nil and threads[thread] ~= nil
end

--- Whether what calls runs in a task.
---@return boolean
---@nodiscard
function M.is_inside()
  return not none and M.is_task((running()))
end

return M
