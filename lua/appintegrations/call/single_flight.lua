-- SPDX-License-Identifier: MIT
--- One at a time: what several tasks may want at once and one of them gets for all, as the next
-- page of a listing. Others wait until it has ended; on a loop by yielding.
-- @module appintegrations.call.single_flight

local compat = require "appintegrations.base.compat"
local errors = require "appintegrations.base.errors"
local tasks = require "appintegrations.base.tasks"
local waiting = require "appintegrations.call.waiting"

local M = {}

-- Seconds: between looks whether a flight is over that nobody would tell of, and after which one
-- that has not ended is given up. Its owner is no task, and may never be resumed.
local LOOK_EVERY, POLL_EVERY, LOST_AFTER = 1, 0.005, 300

-- For the main thread, which has no name in Lua 5.1.
local MAIN = {}

---@class appintegrations.SingleFlight
---@field private client appintegrations.Client
---@field private current? table  a gate: `open` when it is over, with `owner` and `err`
local methods = {}
methods.__index = methods

local function me()
  return compat.running() or MAIN
end

--- A flight of the thread that runs, which is held weakly: where it was dropped, that is over.
local function new_flight(client)
  local owner = setmetatable({ me() }, { __mode = "v" })
  return { open = false, started = client.clock(), owner = owner }
end

local function status_of(flight)
  local owner = flight.owner[1]
  if owner == nil then
    return "dead"
  end
  return owner == MAIN and "normal" or compat.status(owner)
end

local function is_over(self, flight)
  return flight.open or self.current ~= flight or status_of(flight) == "dead"
end

local function deadlock()
  return errors.locate(errors.new {
    kind = "task", code = "Deadlock", message = "what is asked for is being fetched by the very "
      .. "call that asks (in a logger, or another function that it has called)",
  })
end

--- Waits on a loop; without end for a task, which always tells.
local function await_on_loop(self, loop, flight)
  repeat
    local longest = not tasks.is_task(flight.owner[1]) and loop:in_task() and LOOK_EVERY or nil
    local _, err = loop:await_gate(flight, longest)
    if err then
      return err
    end
  until is_over(self, flight) or self.client.clock() - flight.started > LOST_AFTER
end

--- Waits where the host resumes the owner while this transport waits.
local function poll(self, transport, flight)
  while not is_over(self, flight) and self.client.clock() - flight.started <= LOST_AFTER do
    local _, err = transport:wait(POLL_EVERY)
    if err then
      return err
    end
  end
end

--- Waits until FLIGHT, of another, is over or lost.
---@return appintegrations.Error? err  of the wait
local function await(self, flight)
  local client = self.client
  local loop, transport = client.loop, client.transport
  local suspended = status_of(flight) == "suspended"
  if loop and (suspended or loop:in_task() and me() ~= flight.owner[1]) then
    return await_on_loop(self, loop, flight)
  elseif not suspended then
    return deadlock()
  elseif not loop and transport.wait and not transport.blocks then
    return poll(self, transport, flight)
  end
end

--- Waits for FLIGHT among the calls of the client, which it may cancel.
---@return boolean joined  FLIGHT has ended
---@return appintegrations.Error? err  of the wait, or of FLIGHT where that concerns all
local function join(self, flight)
  local calls = self.client.calls
  local wait = calls:enter_stand_in()
  local err = await(self, flight)
  calls:leave(wait)
  if err or wait.cancelled then
    return true, wait.cancelled and waiting.cancelled() or err
  end
  -- That the other one was cancelled is its own affair.
  if flight.err and flight.err.kind ~= "cancelled" then
    err = errors.copy(flight.err)
  end
  return flight.open, err
end

local function finish(self, flight, err)
  flight.err = err
  if self.current == flight then
    self.current = nil
  end
  if self.client.loop then
    self.client.loop:open_gate(flight)
  else
    flight.open = true
  end
end

--- Calls F(STILL_MINE, …), which returns an error object or nothing, unless that is under way
-- already: then waits for it. After waiting nothing may be left to do, or all of it: look again.
-- STILL_MINE() tells whether the outcome still counts: a flight that took too long has been given
-- up, and another one begun.
---@param f fun(still_mine: fun(): boolean, ...): appintegrations.Error?
---@return appintegrations.Error? err  of F, of the F waited for, or of the wait
function methods:run(f, ...)
  local theirs = self.current
  if theirs and not is_over(self, theirs) then
    local joined, err = join(self, theirs)
    if joined then
      return err
    end
  end
  local mine = new_flight(self.client)
  self.current = mine
  local ok, err = compat.call(f, function() return self.current == mine end, ...)
  finish(self, mine, ok and err or nil)
  if not ok then
    error(err, 0)
  end
  return err
end

--- Gives up what is under way: its outcome does not count, and nobody waits for it any more.
function methods:give_up()
  if self.current then
    finish(self, self.current)
  end
end

--- For what is fetched by calls of CLIENT.
---@param client appintegrations.Client
---@return appintegrations.SingleFlight
---@nodiscard
function M.new(client)
  return setmetatable({ client = client, current = nil }, methods)
end

return M
