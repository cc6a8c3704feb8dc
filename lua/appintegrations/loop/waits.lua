-- SPDX-License-Identifier: MIT
--- What tasks wait for besides transfers: a time, and gates.
--
-- A gate is what tasks wait at: `open`, and `waiting`, a list of tasks or nil. Every task is one,
-- open when it has ended. Outside tasks, waiting runs the loop.
-- @module appintegrations.loop.waits

local core = require "appintegrations.core"
local transfers = require "appintegrations.loop.transfers"
local turn = require "appintegrations.loop.turn"
local wake = require "appintegrations.loop.wake"

local M = {}

---@alias appintegrations.Gate { open: boolean, waiting?: appintegrations.Task[] }

--- Methods of appintegrations.Loop.
M.methods = {}

--- Opens GATE: who waits at it goes on.
---@param gate appintegrations.Gate
function M.methods:open_gate(gate)
  turn.open_gate(self, gate)
end

--- Takes ITEM out of LIST; who has waited longest, which stands first, mostly goes first.
local function remove(list, item)
  for i = 1, #list do
    if list[i] == item then
      table.remove(list, i)
      return
    end
  end
end

--- Lets TASK, which is running, wait at GATE for SECONDS at most.
---@return appintegrations.Error?
local function wait_at(self, task, gate, seconds)
  local due = seconds and self.clock() + seconds
  local waiting = gate.waiting or {}
  wake.begin(task)
  gate.waiting = gate.waiting or waiting
  waiting = gate.waiting
  waiting[#waiting + 1] = task
  local timer = due and self.timers:add(due, task)
  local err
  if gate.open then -- meanwhile
    wake.go_on(task)
  else
    err = wake.suspend(self, task)
  end
  if timer then
    self.timers:remove(timer)
  end
  if gate.open then
    gate.waiting = nil -- all in it have been woken: thousands need not look for their place
  else
    remove(waiting, task)
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
function M.methods:in_task()
  return wake.yielding_task(self) ~= nil
end

--- Waits until GATE is open: in a task by yielding, elsewhere by running the loop.
---@param gate appintegrations.Gate
---@param seconds? number  not longer than so; for tasks
---@return boolean open
---@return appintegrations.Error? err  `Cancelled` or `Deadlock`
function M.methods:await_gate(gate, seconds)
  while not gate.open do
    local task = wake.yielding_task(self)
    if task then
      local err = wait_at(self, task, gate, seconds)
      if err or seconds then
        return gate.open, err
      end
    elseif turn.run(self, turn.LONGEST_STEP, true) == "stuck" then
      return false, turn.deadlock(self)
    end
  end
  return true
end

--- Sleeps while transfers go on; inside a task, other tasks do too.
---@param seconds number
---@return boolean? slept
---@return appintegrations.Error? err  `Cancelled`
function M.methods:sleep(seconds)
  if type(seconds) ~= "number" or seconds ~= seconds then -- what is due never would hide others
    error("loop:sleep: expected a number of seconds, got "
      .. (type(seconds) == "number" and "nan" or type(seconds)), 2)
  end
  local task = wake.yielding_task(self)
  if task then
    local due = self.clock() + seconds
    wake.begin(task)
    local timer = self.timers:add(due, task)
    local err = wake.suspend(self, task)
    self.timers:remove(timer)
    if err then
      return nil, err
    end
    return true
  end
  local until_then = core.monotonic() + seconds
  while seconds > 0 do
    transfers.step(self, seconds < turn.LONGEST_STEP and seconds or turn.LONGEST_STEP)
    seconds = until_then - core.monotonic()
  end
  return true
end

M.methods.wait = M.methods.sleep -- as transports call it

return M
