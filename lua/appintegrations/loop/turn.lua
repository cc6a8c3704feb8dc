-- SPDX-License-Identifier: MIT
--- One turn of a loop: who is woken, who runs, who has ended.
--
-- An error may come out of any allocation, of the program's clock and of a debug hook, and a
-- finalizer or a hook may run the loop from within. `protect` tells them apart: what is under way
-- counts in `turns`, and a stretch that an error has left half done makes the loop `broken`; it is
-- put in order before the next turn.
-- @module appintegrations.loop.turn

local errors = require "appintegrations.base.errors"
local queue = require "appintegrations.loop.queue"
local task_of = require "appintegrations.loop.task"
local transfers = require "appintegrations.loop.transfers"
local wake = require "appintegrations.loop.wake"

local M = {}

local unpack = table.unpack or unpack -- 5.1 has the second

--- So long at most no Lua code runs: debug hooks of the host have their turn.
M.LONGEST_STEP = 1

local enter, leave, WAIT = wake.enter, wake.leave, wake.WAIT

-- ---- tasks: added, resumed, ended ---------------------------------------------------

--- Wakes who waits at GATE.
function M.open_gate(loop, gate)
  gate.open = true
  local waiting = gate.waiting
  if waiting then
    for _, task in ipairs(waiting) do
      wake.wake(loop, task)
    end
  end
end

--- A new task of LOOP, which is to run F with the arguments VALUES; nil where LOOP is closed.
--- All that may fail (even a call needs memory) comes before the task is in the list.
---@param queued boolean  ready at once; else it is begun by `begin`
---@return appintegrations.Task?
---@nodiscard
function M.add(loop, f, values, queued)
  local task = task_of.new(loop, f, values)
  queue.reserve(loop.ready, loop.ready.count + loop.count + 1)
  if loop.closed then -- by a finalizer, too
    return nil
  end
  local place = loop.count + 1
  loop.tasks[place] = false
  task.queued = queued
  if queued then
    queue.push(loop.ready, task)
    place = loop.count + 1
  end
  loop.tasks[place], task.place, loop.count = task, place, place
  return task
end

--- Takes TASK out of the list; the last one gets its place.
local function remove(loop, task)
  local tasks, place = loop.tasks, task.place
  if place and tasks[place] == task then
    local last = tasks[loop.count]
    tasks[place], last.place = last, place
    tasks[loop.count] = nil
    loop.count = loop.count - 1
  end
  task.place = nil
end

local function note_failure(loop, task)
  local told = task.observed or task.waiting and task.waiting[1]
    or task.quiet and not task.raised
  if not told and task_of.has_failed(task) then
    loop.failures[#loop.failures + 1] = task
  end
end

--- Keeps what coroutine.resume returned for a task that has ended, and tells others; to be called
--- between enter and leave.
local function tell_end(loop, task, ok, ...)
  local outcome = not task.open and task_of.outcome(task, ok, ...)
  if not task.open then -- else a finalizer has closed the loop meanwhile
    task_of.settle(task, outcome)
  end
  note_failure(loop, task)
  transfers.forget(loop, task)
  loop.watchers[task] = nil
  M.open_gate(loop, task)
  remove(loop, task)
  local on_end = task.on_end
  if on_end then
    task.on_end = nil
    on_end(task)
  end
end

--- The same by itself. For a task whose end was interrupted by an error, what is left of that.
local function finish(loop, ...)
  enter(loop)
  tell_end(loop, ...)
  leave(loop)
end

local function resumed(loop, task, before, ok, ...)
  loop.current = before
  if (...) ~= WAIT or not ok then
    if coroutine.status(task.coroutine) == "dead" then
      tell_end(loop, task, ok, ...)
    else
      wake.make_ready(loop, task)
    end
  end
  leave(loop)
end

--- Runs TASK until it waits or ends; to be called after enter, and leaves.
local function resume(loop, task)
  local before = loop.current
  local values = task.state == "new" and task.values or nil
  loop.current = task
  task.state = "running"
  if values then
    task.values = nil
    resumed(loop, task, before, coroutine.resume(task.coroutine, unpack(values, 1, values.n)))
  else
    resumed(loop, task, before, coroutine.resume(task.coroutine))
  end
end

-- ---- errors that come out of the loop's own code --------------------------------------

local function counted(loop, turns, f, ...)
  loop.turns = turns
  return f(loop, ...)
end

--- Calls F(LOOP, …). An error comes out of it, but leaves the loop in a state that is known:
--- nothing is called, so nothing can fail, between the end of F and the noting of it.
---@return any  the first result of F
local function protect(loop, f, ...)
  local turns, sections, current = loop.turns, loop.sections, loop.current
  local ok, result = pcall(counted, loop, turns + 1, f, ...)
  loop.turns = turns
  if ok then
    return result
  end
  loop.broken = loop.broken or loop.sections > sections
  loop.sections, loop.current = sections, current
  error(result, 0)
end

--- Puts the loop in order if an error has left its own code half done, and none of that is still
--- under way.
function M.mend(loop)
  if loop.turns == 0 and (loop.broken or loop.sections > 0) then
    loop.current, loop.sections, loop.broken = nil, 0, false
    protect(loop, require("appintegrations.loop.repair").run, finish)
  end
end

local function begin(loop, task)
  enter(loop)
  resume(loop, task)
end

--- Runs TASK, which is new, until it waits for the first time.
function M.begin(loop, task)
  protect(loop, begin, task)
end

--- Ends TASK as cancelled, without running it again.
function M.give_up(loop, task)
  protect(loop, finish, task, true, nil, task_of.cancelled())
end

-- ---- turns --------------------------------------------------------------------------

--- Cancels the tasks whose owner has been collected. Finalizers only set flags: they
--- run at any time.
local function cancel_orphans(loop)
  loop.has_orphans = false
  local orphans = {}
  for i = 1, loop.count do
    local task = loop.tasks[i]
    orphans[#orphans + 1] = task and task.orphan and task or nil
  end
  for _, task in ipairs(orphans) do
    task:cancel()
  end
end

--- Wakes the tasks whose time has come, and cancels those whose owner has gone.
local function wake_due(loop)
  local timers = loop.timers
  if timers:due() then
    local now = loop.clock()
    enter(loop)
    local task = timers:take(now)
    while task do
      wake.wake(loop, task)
      task = timers:take(now)
    end
    leave(loop)
  end
  if loop.has_orphans then
    cancel_orphans(loop)
  end
end

--- Wakes the tasks whose wait is over.
local function collect(loop)
  transfers.collect(loop)
  wake_due(loop)
end

--- Whether TASK, taken from the queue, is to run: it may have gone on by itself, or ended.
local function can_run(loop, task)
  local state = task.state
  return (state == "ready" or state == "new")
    and (loop.turns == 1 or coroutine.status(task.coroutine) == "suspended")
end

--- Gives each task that is ready now one turn: what they make ready comes next time.
local function run_ready(loop)
  local ready = loop.ready
  for _ = 1, ready.count do
    enter(loop)
    local task = queue.pop(ready)
    if task then
      task.queued = false
    end
    if task and can_run(loop, task) then
      resume(loop, task)
    else
      leave(loop)
    end
  end
end

--- Seconds until the first sleeping task is due, at most LONGEST.
local function until_due(loop, longest)
  local due = loop.timers:due()
  local seconds = due and due - loop.clock() or longest
  if seconds > longest then
    return longest
  end
  return seconds > 0 and seconds or 0
end

--- Whether nothing can wake any task any more.
local function is_stuck(loop)
  if loop.ready.count > 0 or loop.timers:due() or transfers.expected(loop) then
    return false
  end
  collect(loop) -- a blocking call in a task may have moved the engine
  return loop.ready.count == 0
end

local function one_turn(loop, longest, stop_when_stuck)
  if stop_when_stuck and is_stuck(loop) then
    return "stuck"
  end
  local busy = loop.ready.count > 0 or loop.has_orphans
  transfers.turn(loop, busy and 0 or until_due(loop, longest))
  wake_due(loop)
  run_ready(loop)
end

--- One turn for everything; waits up to LONGEST seconds where nothing is ready.
---@return "stuck"?  where that is asked for and nothing can wake any task: nothing was done
function M.run(loop, longest, stop_when_stuck)
  M.mend(loop)
  return protect(loop, one_turn, longest, stop_when_stuck)
end

local function run_what_is_due(loop)
  collect(loop)
  run_ready(loop)
end

--- Runs what is due, without looking at the engine.
function M.run_due(loop)
  protect(loop, run_what_is_due)
end

--- Gives each task that is ready one turn, and wakes none.
function M.run_ready(loop)
  protect(loop, run_ready)
end

local function next_due(loop)
  collect(loop)
  if loop.ready.count > 0 then
    return 0
  end
  local seconds = loop.engine and loop.engine:timeout()
  if not loop.timers:due() then
    return seconds
  end
  return until_due(loop, seconds or 1 / 0)
end

--- The seconds after which a turn is due, or nil.
function M.next_due(loop)
  return protect(loop, next_due)
end

---@return appintegrations.Error
---@nodiscard
function M.deadlock(loop)
  return errors.new {
    kind = "task", code = "Deadlock",
    message = ("the tasks that are left (%d) wait for one another"):format(loop.count),
  }
end

return M
