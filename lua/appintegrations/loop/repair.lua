-- SPDX-License-Identifier: MIT
--- Puts a loop in order again after an error that came out of its own code, not of a
-- task's: no memory for a queue, or an error from the host's debug hook. Loaded when
-- that has happened.
-- @module appintegrations.loop.repair

local errors = require "appintegrations.base.errors"
local queue = require "appintegrations.loop.queue"
local transfers = require "appintegrations.loop.transfers"

local M = {}

local function lost()
  return errors.new {
    kind = "task", code = "TaskFailed",
    message = "the task's outcome was lost: the loop was interrupted by an error (not enough "
      .. "memory, or one of a debug hook)",
  }
end

--- Makes every task ready that may have missed its turn. Waits look again whether they
-- are over; a sleep may end early.
---@param loop appintegrations.Loop
---@param finish fun(loop: appintegrations.Loop, task: appintegrations.Task, ...)
function M.run(loop, finish)
  local ready, dead = queue.new(), {}
  queue.reserve(ready, loop.count)
  for i = 1, loop.count do
    local task = loop.tasks[i]
    task.queued = false
    if task.open or coroutine.status(task.coroutine) ~= "suspended" then
      dead[#dead + 1] = task -- it was on its way out
    elseif transfers.in_flight(loop, task) then
      task.state = "waiting"
    else
      task.state = task.state == "new" and "new" or "ready"
      queue.push(ready, task)
      task.queued = true
    end
  end
  loop.ready = ready
  for _, task in ipairs(dead) do
    finish(loop, task, true, nil, lost())
  end
end

return M
