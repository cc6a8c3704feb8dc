-- SPDX-License-Identifier: MIT
--- A loop's transfers: the engine that all its clients share, who waits for which transfer, and
-- who waits for descriptors of another kind (a credential process's output).
-- @module appintegrations.loop.transfers

local core = require "appintegrations.core"
local task_of = require "appintegrations.loop.task"
local wake = require "appintegrations.loop.wake"

local M = {}

-- A transfer's id modulo this is its place in the engine, which no other transfer has at the same
-- time: places are used again, so the table by place does not grow with every call.
local PLACES = 1048576

-- Connections, where no client says how many.
local DEFAULT_LIMIT = 64

--- Methods of appintegrations.Loop.
M.methods = {}

--- The engine of all clients on this loop.
---@param curl table       the module appintegrations.curl
---@param limit? integer   connections that a client asks for
---@return userdata
function M.methods:shared_engine(curl, limit)
  local asked = limit and limit > self.asked and limit or self.asked
  local wanted = self.max_connections or asked > 0 and asked or DEFAULT_LIMIT
  if not self.engine then
    self.engine = curl.engine(wanted)
  elseif wanted ~= self.limit then
    self.engine:limit(wanted)
  end
  self.asked, self.limit = asked, wanted
  return self.engine
end

--- TASK waits for its transfer no longer.
function M.forget(loop, task)
  local place = task.transfer and task.transfer % PLACES
  if place and loop.transfers[place] == task then
    loop.transfers[place] = false
  end
  task.transfer = nil
end

--- For transports: inside a task, yields until transfer ID is no longer in flight; cancels it after
--- so many SECONDS.
---@param id integer
---@param seconds? number
---@return boolean  false, at once, where nothing can yield
---@return boolean? late  whether it was cancelled for that
function M.methods:await(id, seconds)
  local task = wake.yielding_task(self)
  if not task then
    return false
  end
  if task_of.take_cancellation(task) then
    self.engine:cancel(id)
    return true
  end
  local engine, place = self.engine, id % PLACES
  local due, late = seconds and self.clock() + seconds, nil
  wake.begin(task)
  self.transfers[place] = task
  self.places = place > self.places and place or self.places
  task.transfer = id
  local timer = due and self.timers:add(due, task)
  -- It may have ended between being sent and here: a finalizer cancels, or steps the engine.
  while engine:done(id) == false do
    wake.pause()
    wake.begin(task)
    late = due and self.clock() >= due and engine:done(id) == false
    if late then
      engine:cancel(id)
    end
  end
  wake.go_on(task)
  M.forget(self, task)
  if timer then
    self.timers:remove(timer)
  end
  return true, late
end

--- Wakes the task that waits for the transfer in PLACE, if that is no longer in flight.
local function wake_cancelled(loop, place)
  local task = loop.transfers[place]
  if task and task.transfer and loop.engine:done(task.transfer) == nil then
    wake.wake(loop, task)
  end
end

--- For transports: wakes the task whose transfer ID they have cancelled, or all such tasks.
---@param id? integer
function M.methods:transfers_cancelled(id)
  if id then
    wake_cancelled(self, id % PLACES)
    return
  end
  for place = 0, self.places do
    wake_cancelled(self, place)
  end
end

--- Inside a task, yields until one of FDS is ready, or for SECONDS.
---@param fds { fd: integer, events: string }[]  open until this returns
---@param seconds number
---@return boolean  false, at once, where nothing can yield
---@return appintegrations.Error? err  `Cancelled`
function M.methods:await_fds(fds, seconds)
  local task = wake.yielding_task(self)
  if not task then
    return false
  end
  -- In parentheses: where it loads the module, require has a second result.
  local engine = self:shared_engine((require "appintegrations.base.libcurl"))
  local due = self.clock() + seconds
  wake.begin(task)
  engine:watch(fds)
  self.watchers[task] = true
  local timer = self.timers:add(due, task)
  local err = wake.suspend(self, task)
  self.timers:remove(timer)
  self.watchers[task] = nil
  engine:unwatch(fds)
  return true, err
end

--- Wakes the tasks whose transfers are the first COUNT of loop.finished, and, where one is READY,
--- those that watch descriptors.
local function wake_told(loop, count, ready)
  local finished, waiting = loop.finished, loop.transfers
  for i = 1, count do
    local id = finished[i]
    local task = id and waiting[id % PLACES]
    if task and task.transfer == id then
      wake.wake(loop, task)
    end
    finished[i] = nil
  end
  if ready then
    local watchers = {}
    for task in pairs(loop.watchers) do
      watchers[#watchers + 1] = task
    end
    for _, task in ipairs(watchers) do
      wake.wake(loop, task)
    end
  end
end

--- Wakes the tasks whose transfer has finished, or whose descriptor may be ready.
function M.collect(loop)
  local engine = loop.engine
  if engine then
    wake.enter(loop)
    wake_told(loop, engine:finished(loop.finished))
    wake.leave(loop)
  end
end

--- Lets transfers go on, waits up to SECONDS where none has anything to tell, and wakes as collect.
--- The wait is no section: a debug hook that interrupts it leaves the loop in order.
function M.turn(loop, seconds)
  local engine = loop.engine
  if engine then
    if engine:turn(seconds) then
      M.collect(loop)
    end
  elseif seconds > 0 then
    core.sleep(seconds)
  end
end

--- Whether TASK waits for a transfer that is still in flight.
---@return boolean
function M.in_flight(loop, task)
  return task.transfer ~= nil and loop.engine:done(task.transfer) == false
end

--- Whether a transfer or a descriptor may still wake somebody.
---@return boolean
function M.expected(loop)
  if next(loop.watchers) ~= nil then
    return true
  end
  if not loop.engine then
    return false
  end
  local waiting, running = loop.engine:counts()
  return waiting + running > 0
end

--- Lets transfers go on, waits for one or for a time up to SECONDS, and wakes nobody.
function M.step(loop, seconds)
  if loop.engine then
    loop.engine:step(seconds)
  elseif seconds > 0 then
    core.sleep(seconds)
  end
end

return M
