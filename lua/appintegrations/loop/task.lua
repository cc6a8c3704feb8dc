-- SPDX-License-Identifier: MIT
--- A function that runs beside others on a loop: a coroutine, what it waits for,
-- and what became of it.
-- @module appintegrations.loop.task

local compat = require "appintegrations.base.compat"
local errors = require "appintegrations.base.errors"
local tasks = require "appintegrations.base.tasks"

local M = {}

local unpack = table.unpack or unpack -- 5.1 has the second

---@class appintegrations.Task
---@field private loop appintegrations.Loop
---@field private state "new"|"ready"|"running"|"waiting"|"ended"
---@field private coroutine? thread  nil once it has ended
---@field private values table       its arguments, then its results, with their number n
---@field private cancelling boolean cancelled, and no wait has been told yet
---@field private transfer? integer  waited for
---@field private was_cancelled boolean
---@field private raised? boolean
---@field private on_end? fun(task: appintegrations.Task)
---@field private place? integer     in the loop's list of tasks
---@field private queued? boolean    it stands in the queue of those that are ready
---@field private quiet? boolean     a failure that it returns concerns nobody but who waits
---@field private observed boolean   somebody has been told the result
---@field private open boolean       it has ended: a gate, see waits.lua
---@field private waiting? table     tasks that wait for that
local methods = {}
methods.__index = methods
methods.__name = "appintegrations.Task"

function methods.__tostring(task)
  return "appintegrations.Task: " .. task.state
end

function M.cancelled()
  return errors.new {
    kind = "cancelled", code = "Cancelled", message = "the task was cancelled",
  }
end

--- What a task raised as an error object: an error object is kept as it is, for
-- `assert(client:get_data_integration { … })`.
local function raised_error(thread, raised)
  if errors.is_error(raised) then
    return raised
  end
  local text = type(raised) == "string" and raised or "a " .. type(raised) .. " was raised"
  return errors.new {
    kind = "task", code = "TaskFailed", message = text, cause = raised,
    traceback = compat.traceback(thread),
  }
end

--- Whether the task has ended, in whatever way.
---@return boolean
function methods:done()
  return self.open
end

--- What the function returned. For one that raised an error: nil and the error
--- object (an error of another kind stands in its `cause`). For one that was
--- cancelled before it began: nil and the error `Cancelled`. Misuse before the end.
---@return any ...
function methods:result()
  if not self.open then
    error("task:result: the task has not ended (task:join waits for that)", 2)
  end
  self.observed = true
  return unpack(self.values, 1, self.values.n)
end

--- Waits until the task has ended and returns its result: inside another task by
--- yielding, elsewhere by running the loop. A waiting task that is cancelled itself
--- gets nil and `Cancelled`.
---@return any ...
function methods:join()
  local ended, err = self.loop:await_gate(self)
  if not ended then
    return nil, err
  end
  return self:result()
end

--- Cancels the task: the call, sleep or join that it waits in returns nil and the
--- error `Cancelled` (the first one to come, if it waits in none), and a call's
--- connection is closed. Told once, so that the function can clean up after itself.
--- A task that has not begun ends at once.
---@return boolean  false if it had ended before
function methods:cancel()
  return self.loop:cancel_task(self)
end

--- Whether a cancellation is to be told now; then it has been told.
function M.take_cancellation(task)
  local cancelling = task.cancelling
  task.cancelling = false
  return cancelling
end

--- Whether the task failed: it raised an error, or returned nil and an error object.
--- To end so after having been cancelled is no failure.
---@return boolean
---@nodiscard
function M.has_failed(task)
  local err = task.values[1] == nil and task.values[2]
  return errors.is_error(err) and not (task.was_cancelled and err.kind == "cancelled")
end

--- What coroutine.resume returned, as the result of TASK. Runs code of the program (variables to
--- be closed, finalizers): TASK may have been ended by that when this returns.
---@nodiscard
function M.outcome(task, ok, ...)
  if ok then
    return { n = select("#", ...), ... }
  end
  local thread = task.coroutine
  local values = { n = 2, nil, raised_error(thread, (...)) }
  values.raised = true
  if coroutine.close and coroutine.status(thread) == "dead" then -- 5.4: variables to be closed
    coroutine.close(thread)
  end
  return values
end

--- Keeps OUTCOME: the task has ended.
function M.settle(task, outcome)
  task.values, task.raised = outcome, outcome.raised
  task.state, task.open, task.coroutine = "ended", true, nil
end

--- Joins TASK; an error that it raised is raised here, too.
function M.join_raising(task)
  local ended, err = task.loop:await_gate(task)
  if not ended then
    return nil, err
  end
  task.observed = true
  if task.raised then
    local raised = task.values[2]
    error(raised.cause == nil and raised or raised.cause, 0)
  end
  return unpack(task.values, 1, task.values.n)
end

--- Gives up the coroutine of TASK, which never ends by itself.
function M.abandon(task)
  if coroutine.close and coroutine.status(task.coroutine) == "suspended" then -- 5.4
    coroutine.close(task.coroutine)
  end
end

--- A coroutine for F, which 5.1 takes only if it is written in Lua.
local function thread_of(f)
  local ok, thread = pcall(coroutine.create, f)
  if ok then
    return thread
  end
  return coroutine.create(function(...)
    return f(...)
  end)
end

--- A task of LOOP that is to run F with the arguments VALUES. Its table has room for what comes
--- later: the more is named here, the seldomer it grows.
function M.new(loop, f, values)
  return setmetatable({
    loop = loop, state = "new", coroutine = tasks.note(thread_of(f)), values = values,
    cancelling = false, was_cancelled = false, observed = false, open = false,
    queued = false, place = false,
  }, methods)
end

return M
