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

-- This file has what programs and transports call; wake.lua says how a task waits and is woken,
-- waits.lua and transfers.lua for what, turn.lua what a loop does in one turn.

local core = require "appintegrations.core"
local math = require("appintegrations.base.compat").math
local queue = require "appintegrations.loop.queue"
local task_of = require "appintegrations.loop.task"
local timers_of = require "appintegrations.loop.timers"
local transfers = require "appintegrations.loop.transfers"
local turn = require "appintegrations.loop.turn"
local waits = require "appintegrations.loop.waits"
local wake = require "appintegrations.loop.wake"

local M = {}

-- Seconds that one step waits at most, however many it is given: a day, which all clocks can count.
local LONGEST_WAIT = 24 * 3600

-- Turns that tasks get to end when the loop is closed.
local CLOSING_TURNS = 100

--- The options of `appintegrations.loop`.
---@class appintegrations.LoopOptions
---@field max_connections? integer  transfers of all clients that run at once, others wait; else
---                                 the largest max_connections of the clients
---@field clock? fun(): number      seconds; for sleep and timeout (the monotonic clock)

---@class appintegrations.Loop
---@field private current? appintegrations.Task  running now
---@field private tasks appintegrations.Task[]   those that have not ended
---@field private count integer                  of them
---@field private ready appintegrations.Queue
---@field private transfers table<integer, appintegrations.Task|false>  who waits for which, by
---                                              its place in the engine
---@field private places integer                 the largest place so far
---@field private watchers table<appintegrations.Task, true>      who waits for descriptors
---@field private turns integer                  stretches of the loop's own code under way
---@field private sections integer               those of them that must not end half done
---@field private broken boolean                 one has: see turn.lua
---@field private finished integer[]             ids that the engine has reported
---@field private failures appintegrations.Task[]  failed, and nobody has been told
---@field private engine? userdata               made at the first transfer
local methods = {}
methods.__index = methods
methods.__name = "appintegrations.Loop"

for _, part in ipairs { transfers, waits } do
  for name, method in pairs(part.methods) do
    methods[name] = method
  end
end

function methods.__tostring(loop)
  return ("appintegrations.Loop: %d tasks"):format(loop.count)
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

local function check_function(f, what)
  if type(f) ~= "function" then
    error(("loop:%s: expected a function, got %s"):format(what, type(f)), 3)
  end
end

--- What a number is, or what stands in the place of one.
local function shown(value)
  return type(value) == "number" and tostring(value) or type(value)
end

local function check_outside(self, what)
  turn.mend(self)
  if self.current then
    error(("loop:%s: not inside a task"):format(what), 3)
  end
end

local function new_task(self, queued, f, ...)
  local task = turn.add(self, f, { n = select("#", ...), ... }, queued)
  if not task then
    error("the loop is closed", 3)
  end
  return task
end

--- Runs F(…) as a task, from the next turn of the loop on.
---@param f function
---@param ... any
---@return appintegrations.Task
function methods:spawn(f, ...)
  check_function(f, "spawn")
  return (new_task(self, true, f, ...)) -- no tail call: the error's level counts it
end

--- Runs F(…) as a task that begins now: it runs until it waits for the first time.
---@param f function
---@param ... any
---@return appintegrations.Task
function methods:begin(f, ...)
  check_function(f, "begin")
  local task = new_task(self, false, f, ...)
  turn.begin(self, task)
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
    if turn.run(self, turn.LONGEST_STEP, true) == "stuck" then
      return nil, turn.deadlock(self)
    end
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
    error("loop:step: expected a number of seconds, got " .. shown(seconds), 2)
  end
  turn.run_due(self)
  if self.count > 0 then
    turn.run(self, math.min(seconds or 0, LONGEST_WAIT))
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
  turn.mend(self)
  return turn.next_due(self)
end

--- Raises unless LIST can be gone over. An output, which the list that was meant is in, would be
-- done at once, and nothing with it.
local function check_list(list)
  if type(list) ~= "table" then
    error("loop:map: expected a list, got " .. type(list), 3)
  end
  local mt = getmetatable(list)
  local member = type(mt) == "table" and mt.shape and #list == 0 and next(list)
  if type(member) == "string" then
    error(("loop:map: expected a list, got a whole %s, which has %s"):format(mt.shape, member), 3)
  end
end

--- Calls F(item, position) for every item of LIST, up to LIMIT at once. Inside a task
--- it yields, elsewhere it runs the loop until all are done. One that fails (it raises,
--- or returns nil and an error) does not stop the others. `errors` has holes, so `#errors`
--- says nothing: go over it with pairs, or ask for the number of failures.
---@param list any[]
---@param f fun(item: any, position: integer): any, any
---@param limit? integer  32
---@return table outputs  the first result for each, by position; n is their number
---@return table? errors  by position; nil where none failed
---@return integer failed  how many did
function methods:map(list, f, limit)
  check_list(list)
  check_function(f, "map")
  if limit ~= nil and not (type(limit) == "number" and limit >= 1) then
    error("loop:map: expected a limit from 1, got " .. shown(limit), 2)
  end
  return require("appintegrations.loop.map").run(self, list, f, limit or 32)
end

--- Runs F(…) in a task of its own and waits for it, so that it goes on when the waiting
--- task is cancelled. Elsewhere it is an ordinary call.
---@param f function
---@param ... any
---@return any ...
function methods:detached(f, ...)
  check_function(f, "detached")
  if self.closed or not self:in_task() then
    return f(...)
  end
  local task = self:begin(f, ...)
  task.quiet = true -- what it returns concerns who waits
  return task_of.join_raising(task)
end

--- What task:cancel does.
---@param task appintegrations.Task
---@return boolean
function methods:cancel_task(task)
  if task.open then
    return false
  end
  task.was_cancelled = true
  if task.state == "new" then
    turn.give_up(self, task)
  elseif transfers.in_flight(self, task) then
    self.engine:cancel(task.transfer)
    wake.wake(self, task)
  else
    -- An answer that has come is not thrown away: the next wait is told.
    task.cancelling = true
    if not task.transfer then
      wake.wake(self, task)
    end
  end
  return true
end

--- Cancels all tasks, lets them end and closes the connections, for good.
function methods:close()
  check_outside(self, "close")
  self.closed = true
  local tasks = {}
  for i = 1, self.count do
    tasks[i] = self.tasks[i]
  end
  for _, task in ipairs(tasks) do
    task:cancel()
  end
  for _ = 1, CLOSING_TURNS do
    turn.run_ready(self)
  end
  for _, task in ipairs(tasks) do
    if not task.open then
      task_of.abandon(task)
      turn.give_up(self, task)
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
    ready = queue.new(), turns = 0, sections = 0, broken = false,
    timers = timers_of.new(),
    transfers = {}, places = -1, watchers = {}, finished = {},
    failures = {},
    has_orphans = false,
    closed = false,
  }, methods)
end

return M
