-- SPDX-License-Identifier: MIT
--- How a task comes to wait, and how it is woken. A wait begins with `begin`, which says so
-- before anything is registered that may wake the task; `pause` then yields. Whatever happens in
-- between (a finalizer that opens a gate, cancels, or runs the loop) wakes the task as if it had
-- come later: no wake-up is lost, and a task that has been woken stands in the queue once.
-- @module appintegrations.loop.wake

local compat = require "appintegrations.base.compat"
local queue = require "appintegrations.loop.queue"
local task_of = require "appintegrations.loop.task"

local running, yieldable = compat.running, compat.yieldable

local M = {}

-- What a task yields that waits; anything else means: let others run.
M.WAIT = {}

-- A debug hook may raise an error anywhere. A stretch that must not end half done counts as open
-- from its beginning to its end, so that one left by an error is noticed (see turn.lua).
function M.enter(loop)
  loop.sections = loop.sections + 1
end

function M.leave(loop)
  loop.sections = loop.sections - 1
end

--- Puts TASK into the queue of those that are ready. Room was made when it was spawned.
function M.make_ready(loop, task)
  M.enter(loop)
  task.state = "ready"
  if not task.queued then
    queue.push(loop.ready, task)
    task.queued = true
  end
  M.leave(loop)
end

--- Makes TASK ready if it waits. Each wait clears what might wake it once it is over.
function M.wake(loop, task)
  if task and task.state == "waiting" then
    M.make_ready(loop, task)
  end
end

--- The running task, if it can yield here.
---@return appintegrations.Task?
---@nodiscard
function M.yielding_task(loop)
  local task = loop.current
  if task and running() == task.coroutine and yieldable() then
    return task
  end
end

--- TASK, which is running, is going to wait: from here on it can be woken.
function M.begin(task)
  task.state = "waiting"
end

--- Yields until somebody wakes TASK, or has done so since its wait began.
function M.pause()
  coroutine.yield(M.WAIT)
end

--- TASK, which is running, does not wait after all.
function M.go_on(task)
  task.state = "running"
end

--- Waits like pause, but not at all where a cancellation is to be told. Returns `Cancelled` if
--- that was, or had been, task:cancel.
---@return appintegrations.Error?
---@nodiscard
function M.suspend(loop, task)
  if task.cancelling or loop.closed then
    M.go_on(task)
  else
    M.pause()
  end
  if task_of.take_cancellation(task) or loop.closed then
    return task_of.cancelled()
  end
end

return M
