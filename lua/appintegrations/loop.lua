-- SPDX-License-Identifier: MIT
--- Many calls at once in one thread: functions run as tasks, and a call inside a
-- task yields to the others until its answer is there. For scripts (`run`, `map`)
-- and for hosts with a loop of their own (`fds`, `timeout`, `step`).
--
--     local loop = appintegrations.loop()
--     local client = assert(appintegrations.client { loop = loop })
--     local task = loop:spawn(function() return client:list_applications() end)
--     assert(loop:run())
--     local output, err = task:result()
--
-- A call blocks the thread where it cannot yield: outside tasks, in a coroutine of
-- the program's own inside a task, and in callbacks of C functions as table.sort
-- (in Lua 5.1 also inside pcall and in a generic for; use `it:next()` there).
-- Transfers of other tasks go on meanwhile, the tasks themselves do not.
-- A task may call coroutine.yield() to let others run.
-- @module appintegrations.loop

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"
local task_of = require "appintegrations.task"
local timers_of = require "appintegrations.timers"

local M = {}

local unpack = table.unpack or unpack -- 5.1 has the second

-- So long at most no Lua code runs: debug hooks of the host have their turn.
local LONGEST_STEP = 1

-- Turns that tasks get to end when the loop is closed.
local CLOSING_TURNS = 100

-- What a task yields that waits; anything else means: let others run.
local WAIT = {}

---@class appintegrations.LoopOptions
---@field max_connections? integer  transfers of all clients that run at once, others wait; else
---                                 the largest max_connections of the clients
---@field clock? fun(): number      seconds; for sleep and timeout (the monotonic clock)

--- A gate is what tasks wait at: `open`, and `waiting`, a list of tasks or nil. Every
--- task is one, open when it has ended.
---@alias appintegrations.Gate { open: boolean, waiting?: appintegrations.Task[] }

---@class appintegrations.Loop
---@field private current? appintegrations.Task  running now
---@field private tasks table<appintegrations.Task, true>  those that have not ended
---@field private count integer                  of them
---@field private ready table                    a queue: [first] to [last]
---@field private transfers table<integer, appintegrations.Task>  who waits for which
---@field private watchers table<appintegrations.Task, true>      who waits for descriptors
---@field private sections integer               stretches of its own code that are not over
---@field private finished integer[]             ids that the engine has reported
---@field private failures appintegrations.Task[]  failed, and nobody has been told
---@field private engine? userdata               made at the first transfer
local methods = {}
methods.__index = methods
methods.__name = "appintegrations.Loop"

function methods.__tostring(loop)
  return ("appintegrations.Loop: %d tasks"):format(loop.count)
end

-- ---- tasks: ready, running, waiting, ended ----------------------------------------

-- An error may come out of any allocation. A stretch that must not end half done
-- counts as open from its beginning to its end, so that one left by an error is
-- noticed (see mend).
local function enter(self)
  self.sections = self.sections + 1
end

local function leave(self)
  self.sections = self.sections - 1
end

local function push(self, task)
  local ready = self.ready
  enter(self)
  ready[ready.last + 1] = task
  ready.last = ready.last + 1
  leave(self)
end

local function pop(self)
  local ready = self.ready
  local task = ready[ready.first]
  ready[ready.first] = nil
  ready.first = ready.first + 1
  return task
end

local function ready_count(self)
  return self.ready.last - self.ready.first + 1
end

--- Makes TASK ready if it waits. Each wait clears what might wake it once it is over.
local function wake(self, task)
  if task and task.state == "waiting" then
    task.state = "ready"
    push(self, task)
  end
end

local function open(self, gate)
  gate.open = true
  for _, task in ipairs(gate.waiting or {}) do
    wake(self, task)
  end
end

--- Keeps what coroutine.resume returned for a task that has ended, and tells others.
local function finish(self, task, ok, ...)
  enter(self)
  local failed = task_of.settle(task, ok, ...)
  self.tasks[task] = nil
  self.count = self.count - 1
  if task.transfer then -- an error ended the wait
    self.transfers[task.transfer] = nil
  end
  self.watchers[task] = nil
  local told = task.observed or task.waiting and task.waiting[1]
    or task.quiet and not task.raised
  if failed and not told then
    self.failures[#self.failures + 1] = task
  end
  open(self, task)
  leave(self)
  if task.on_end then
    task.on_end(task)
  end
end

local function resumed(self, task, before, ok, ...)
  self.current = before
  leave(self)
  if coroutine.status(task.coroutine) == "dead" then
    finish(self, task, ok, ...)
  elseif (...) ~= WAIT then
    task.state = "ready"
    push(self, task)
  end
end

local function resume(self, task)
  local before = self.current
  local values = task.state == "new" and task.values or nil
  enter(self)
  self.current = task
  task.state = "running"
  if values then
    task.values = nil
    resumed(self, task, before, coroutine.resume(task.coroutine, unpack(values, 1, values.n)))
  else
    resumed(self, task, before, coroutine.resume(task.coroutine))
  end
end

--- Puts the loop in order if an error has come out of its own code since the last turn.
local function mend(self)
  local current = self.current
  if self.sections == 0 or current and current.coroutine
      and coroutine.status(current.coroutine) ~= "suspended"
      and coroutine.status(current.coroutine) ~= "dead" then
    return -- nothing is open, or what runs now is
  end
  self.current = nil
  require("appintegrations.loop_repair").run(self, finish)
  self.sections = 0
end

--- The running task, if it can yield here.
local function yielding_task(self)
  local task = self.current
  if task and coroutine.running() == task.coroutine and core.yieldable(pcall, xpcall) then
    return task
  end
end

--- Waits until somebody wakes TASK, which is running. Returns `Cancelled` if that was,
--- or had been, task:cancel.
---@return appintegrations.Error?
local function suspend(self, task)
  if not (task.cancelling or self.closed) then
    task.state = "waiting"
    coroutine.yield(WAIT)
  end
  if task_of.take_cancellation(task) or self.closed then
    return task_of.cancelled()
  end
end

-- ---- turns --------------------------------------------------------------------------

--- Cancels the tasks whose owner has been collected. Finalizers only set flags: they
--- run at any time.
local function cancel_orphans(self)
  self.has_orphans = false
  local orphans = {}
  for task in pairs(self.tasks) do
    orphans[#orphans + 1] = task.orphan and task or nil
  end
  for _, task in ipairs(orphans) do
    task:cancel()
  end
end

--- Wakes the tasks whose wait is over.
local function collect(self)
  local engine, timers = self.engine, self.timers
  if engine then
    local finished = self.finished
    for i = 1, engine:finished(finished) do
      wake(self, self.transfers[finished[i]])
      finished[i] = nil
    end
    if engine:watched() then
      for task in pairs(self.watchers) do
        wake(self, task)
      end
    end
  end
  if timers:due() then
    local now = self.clock()
    local task = timers:take(now)
    while task do
      wake(self, task)
      task = timers:take(now)
    end
  end
  if self.has_orphans then
    cancel_orphans(self)
  end
end

--- Gives each task that is ready now one turn: what they make ready comes next time.
local function run_ready(self)
  for _ = 1, ready_count(self) do
    local task = pop(self)
    if task and task.state ~= "ended" then
      resume(self, task)
    end
  end
end

--- Seconds until the first sleeping task is due, at most LONGEST.
local function until_due(self, longest)
  local due = self.timers:due()
  local seconds = due and due - self.clock() or longest
  if seconds > longest then
    return longest
  end
  return seconds > 0 and seconds or 0
end

--- Lets transfers go on, and waits for one or for a time up to SECONDS.
local function step_engine(self, seconds)
  if self.engine then
    self.engine:step(seconds)
  elseif seconds > 0 then
    core.sleep(seconds)
  end
end

--- One turn for everything; waits up to LONGEST seconds where nothing is ready.
local function turn(self, longest)
  enter(self)
  collect(self) -- a blocking call in a task may have moved the engine
  step_engine(self, ready_count(self) > 0 and 0 or until_due(self, longest))
  collect(self)
  run_ready(self)
  leave(self)
end

--- Whether nothing can wake any task any more.
local function is_stuck(self)
  mend(self)
  return ready_count(self) == 0 and not self.timers:due() and next(self.transfers) == nil
    and next(self.watchers) == nil
end

local function deadlock(self)
  return errors.new {
    kind = "task", code = "Deadlock",
    message = ("the tasks that are left (%d) wait for one another"):format(self.count),
  }
end

--- The oldest failure that nobody has been told; it counts as told then.
local function next_failure(self)
  local failures = self.failures
  while failures[1] do
    local task = table.remove(failures, 1)
    if not task.observed then
      task.observed = true
      return task.values[2]
    end
  end
end

-- ---- what tasks wait for --------------------------------------------------------------

--- Opens GATE: who waits at it goes on.
---@param gate appintegrations.Gate
function methods:open_gate(gate)
  open(self, gate)
end

--- Lets TASK, which is running, wait at GATE for SECONDS at most.
---@return appintegrations.Error?
local function wait_at(self, task, gate, seconds)
  local timer = seconds and self.timers:add(self.clock() + seconds, task)
  local waiting = gate.waiting or {}
  gate.waiting = waiting
  waiting[#waiting + 1] = task
  local err = suspend(self, task)
  if timer then
    self.timers:remove(timer)
  end
  for i = #waiting, 1, -1 do
    if waiting[i] == task then
      table.remove(waiting, i)
    end
  end
  if err and gate.open and not self.closed then
    task.cancelling = true -- too late for this wait: for the next one
    return nil
  end
  return err
end

--- Whether what runs is a task, and can yield here.
---@return boolean
---@nodiscard
function methods:in_task()
  return yielding_task(self) ~= nil
end

--- Waits until GATE is open: in a task by yielding, elsewhere by running the loop.
---@param gate appintegrations.Gate
---@param seconds? number  not longer than so; for tasks
---@return boolean open
---@return appintegrations.Error? err  `Cancelled` or `Deadlock`
function methods:await_gate(gate, seconds)
  while not gate.open do
    local task = yielding_task(self)
    if task then
      local err = wait_at(self, task, gate, seconds)
      if err or seconds then
        return gate.open, err
      end
    elseif is_stuck(self) then
      return false, deadlock(self)
    else
      turn(self, LONGEST_STEP)
    end
  end
  return true
end

--- For transports: inside a task, yields until transfer ID is no longer in flight.
---@param id integer
---@return boolean  false, at once, where nothing can yield
function methods:await(id)
  local task = yielding_task(self)
  if not task then
    return false
  end
  if task_of.take_cancellation(task) then
    self.engine:cancel(id)
    return true
  end
  self.transfers[id] = task
  task.transfer = id
  task.state = "waiting"
  coroutine.yield(WAIT)
  self.transfers[id] = nil
  task.transfer = nil
  return true
end

--- For transports: wakes the tasks whose transfers they have cancelled.
function methods:transfers_cancelled()
  for id, task in pairs(self.transfers) do
    if self.engine:done(id) == nil then
      wake(self, task)
    end
  end
end

--- Inside a task, yields until one of FDS is ready, or for SECONDS.
---@param fds { fd: integer, events: string }[]  open until this returns
---@param seconds number
---@return boolean  false, at once, where nothing can yield
---@return appintegrations.Error? err  `Cancelled`
function methods:await_fds(fds, seconds)
  local task = yielding_task(self)
  if not task then
    return false
  end
  local engine = self:shared_engine(require "appintegrations.curl")
  engine:watch(fds)
  self.watchers[task] = true
  local timer = self.timers:add(self.clock() + seconds, task)
  local err = suspend(self, task)
  self.timers:remove(timer)
  self.watchers[task] = nil
  engine:unwatch(fds)
  return true, err
end

--- Sleeps while transfers go on; inside a task, other tasks do too.
---@param seconds number
---@return boolean? slept
---@return appintegrations.Error? err  `Cancelled`
function methods:sleep(seconds)
  if type(seconds) ~= "number" then
    error("loop:sleep: expected a number of seconds, got " .. type(seconds), 2)
  end
  local task = yielding_task(self)
  if task then
    local timer = self.timers:add(self.clock() + seconds, task)
    local err = suspend(self, task)
    self.timers:remove(timer)
    if err then
      return nil, err
    end
    return true
  end
  local until_then = core.monotonic() + seconds
  while seconds > 0 do
    step_engine(self, seconds < LONGEST_STEP and seconds or LONGEST_STEP)
    seconds = until_then - core.monotonic()
  end
  return true
end

methods.wait = methods.sleep -- as transports call it

--- What task:cancel does.
---@param task appintegrations.Task
---@return boolean
function methods:cancel_task(task)
  if task.open then
    return false
  end
  task.was_cancelled = true
  if task.state == "new" then
    finish(self, task, true, nil, task_of.cancelled())
  elseif task.transfer and self.engine:done(task.transfer) == false then
    self.engine:cancel(task.transfer)
    wake(self, task)
  else
    -- An answer that has come is not thrown away: the next wait is told.
    task.cancelling = true
    if not task.transfer then
      wake(self, task)
    end
  end
  return true
end

--- The engine of all clients on this loop.
---@param curl table       the module appintegrations.curl
---@param limit? integer   connections that a client asks for
---@return userdata
function methods:shared_engine(curl, limit)
  local asked = limit and limit > self.asked and limit or self.asked
  local wanted = self.max_connections or asked > 0 and asked or 64
  if not self.engine then
    self.engine = curl.engine(wanted)
  elseif wanted ~= self.limit then
    self.engine:limit(wanted)
  end
  self.asked, self.limit = asked, wanted
  return self.engine
end

-- ---- the loop's face --------------------------------------------------------------------

local function check_function(f, what)
  if type(f) ~= "function" then
    error(("loop:%s: expected a function, got %s"):format(what, type(f)), 3)
  end
end

local function check_outside(self, what)
  mend(self)
  if self.current then
    error(("loop:%s: not inside a task"):format(what), 3)
  end
end

local function new_task(self, f, ...)
  if self.closed then
    error("the loop is closed", 3)
  end
  local task = task_of.new(self, f, { n = select("#", ...), ... })
  self.tasks[task] = true -- the last thing here that may fail
  self.count = self.count + 1
  return task
end

--- Runs F(…) as a task, from the next turn of the loop on.
---@param f function
---@param ... any
---@return appintegrations.Task
function methods:spawn(f, ...)
  check_function(f, "spawn")
  local task = new_task(self, f, ...)
  push(self, task)
  return task
end

--- Runs F(…) as a task that begins now: it runs until it waits for the first time.
---@param f function
---@param ... any
---@return appintegrations.Task
function methods:begin(f, ...)
  check_function(f, "begin")
  local task = new_task(self, f, ...)
  resume(self, task)
  return task
end

--- Runs until every task has ended. A task has failed that raised an error, or returned
--- nil and an error object; where nobody has been told (task:result, task:join, loop:map),
--- run returns nil and that error. Each failure is told once; further ones by calling again.
---@return true?
---@return appintegrations.Error? err  a failure, or `Deadlock`
function methods:run()
  check_outside(self, "run")
  while self.count > 0 do
    if is_stuck(self) then
      return nil, deadlock(self)
    end
    turn(self, LONGEST_STEP)
  end
  local err = next_failure(self)
  if err then
    return nil, err
  end
  return true
end

--- For a host with a loop of its own: does what is due, and waits up to SECONDS where
--- there is nothing.
---@param seconds? number  0 when absent: does not wait
---@return integer left   tasks that have not ended
---@return appintegrations.Error? err  a failure that nobody has been told, as from run
function methods:step(seconds)
  check_outside(self, "step")
  if seconds ~= nil and not (type(seconds) == "number" and seconds >= 0) then
    error("loop:step: expected a number of seconds, got " .. tostring(seconds), 2)
  end
  enter(self)
  collect(self)
  run_ready(self)
  leave(self)
  if self.count > 0 then
    turn(self, seconds or 0)
  end
  return self.count, next_failure(self)
end

--- For a host that polls: the descriptors to wait for, and for what.
---@return { fd: integer, events: "r"|"w"|"rw" }[]
---@nodiscard
function methods:fds()
  return self.engine and self.engine:fds() or {}
end

--- For a host that polls: the seconds after which a step is due even if no descriptor
--- is ready; nil where nothing is.
---@return number?
---@nodiscard
function methods:timeout()
  collect(self)
  if ready_count(self) > 0 then
    return 0
  end
  local seconds = self.engine and self.engine:timeout()
  if not self.timers:due() then
    return seconds
  end
  return until_due(self, seconds or 1 / 0)
end

--- Calls F(item, position) for every item of LIST, up to LIMIT at once. Inside a task
--- it yields, elsewhere it runs the loop until all are done. One that fails (it raises,
--- or returns nil and an error) does not stop the others.
---@param list any[]
---@param f fun(item: any, position: integer): any, any
---@param limit? integer  32
---@return table outputs  the first result for each, by position; n is their number
---@return table? errors  by position; nil where none failed
function methods:map(list, f, limit)
  if type(list) ~= "table" then
    error("loop:map: expected a list, got " .. type(list), 2)
  end
  check_function(f, "map")
  if limit ~= nil and not (type(limit) == "number" and limit >= 1) then
    error("loop:map: expected a limit from 1, got " .. tostring(limit), 2)
  end
  return require("appintegrations.map").run(self, list, f, limit or 32)
end

--- Runs F(…) in a task of its own and waits for it, so that it goes on when the waiting
--- task is cancelled. Elsewhere it is an ordinary call.
---@param f function
---@param ... any
---@return any ...
function methods:detached(f, ...)
  if self.closed or not self:in_task() then
    return f(...)
  end
  local task = self:begin(f, ...)
  task.quiet = true
  return task_of.join_raising(task)
end

--- Cancels all tasks, lets them end and closes the connections, for good.
function methods:close()
  check_outside(self, "close")
  self.closed = true
  local tasks = {}
  for task in pairs(self.tasks) do
    tasks[#tasks + 1] = task
  end
  for _, task in ipairs(tasks) do
    task:cancel()
  end
  for _ = 1, CLOSING_TURNS do
    run_ready(self)
  end
  for _, task in ipairs(tasks) do
    if not task.open then
      task_of.abandon(task)
      finish(self, task, true, nil, task_of.cancelled())
    end
  end
  if self.engine then
    self.engine:close()
  end
end

-- ---- making one ----------------------------------------------------------------------------

--- Makes a loop of checked OPTIONS.
---@param options appintegrations.LoopOptions
---@return appintegrations.Loop
---@nodiscard
function M.new(options)
  return setmetatable({
    clock = options.clock or core.monotonic,
    max_connections = options.max_connections,
    asked = 0,
    tasks = {}, count = 0,
    ready = { first = 1, last = 0 }, sections = 0,
    timers = timers_of.new(),
    transfers = {}, watchers = {}, finished = {},
    failures = {},
    has_orphans = false,
    closed = false,
  }, methods)
end

--- Whether VALUE is a loop.
function M.is_loop(value)
  return getmetatable(value) == methods
end

return M
