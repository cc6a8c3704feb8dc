-- SPDX-License-Identifier: MIT
--- Puts a loop in order again after an error that came out of its own code, not of a
-- task's: no memory for a queue, or an error from the host's debug hook. Loaded when
-- that has happened.
-- @module appintegrations.loop_repair

local errors = require "appintegrations.errors"

local M = {}

local function lost()
  return errors.new {
    kind = "task", code = "TaskFailed",
    message = "the task's outcome was lost: the loop was interrupted by an error (not enough "
      .. "memory, or one of a debug hook)",
  }
end

--- Whether TASK waits for a transfer that is still in flight.
local function in_flight(self, task)
  return task.transfer and self.engine:done(task.transfer) == false
end

--- Makes every task ready that may have missed its turn. Waits look again whether they
-- are over; a sleep may end early.
---@param self appintegrations.Loop
---@param finish fun(self: appintegrations.Loop, task: appintegrations.Task, ...)
function M.run(self, finish)
  local tasks, ready = {}, { first = 1, last = 0 }
  for task in pairs(self.tasks) do
    tasks[#tasks + 1] = task
  end
  self.count = #tasks
  for _, task in ipairs(tasks) do
    if task.state ~= "ended" and coroutine.status(task.coroutine) == "suspended" then
      if in_flight(self, task) then
        task.state = "waiting"
      else
        task.state = task.state == "new" and "new" or "ready"
        ready[ready.last + 1] = task
        ready.last = ready.last + 1
      end
    end
  end
  self.ready = ready
  for _, task in ipairs(tasks) do
    if task.state == "ended" then -- it was on its way out
      self.tasks[task] = nil
      self.count = self.count - 1
    elseif coroutine.status(task.coroutine) ~= "suspended" then
      finish(self, task, true, nil, lost())
    end
  end
end

return M
