-- SPDX-License-Identifier: MIT
--- Waiting, between attempts and between calls, until it is over or cancelled. May yield inside
-- a task.
-- @module appintegrations.call.waiting

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math

local M = {}

-- The longest stretch of waiting after which a cancellation is noticed, seconds.
local LONGEST_WAIT = 0.5

--- The error of a call that was cancelled.
---@return appintegrations.Error
function M.cancelled()
  return errors.new { kind = "cancelled", code = "Cancelled", message = "the call was cancelled" }
end

--- How a client waits: by the program's function, by its loop or transport (which
-- goes on with other transfers and may yield), or by blocking the thread.
---@param sleep? fun(seconds: number)
---@param waiter table  the loop or the transport
---@return fun(seconds: number, call: table): appintegrations.Error?
function M.sleeper(sleep, waiter)
  if sleep then
    return function(seconds)
      sleep(seconds)
    end
  end
  return function(seconds, call)
    while seconds > 0 and not call.cancelled do
      local slice = math.min(seconds, LONGEST_WAIT)
      if waiter.wait then
        local _, err = waiter:wait(slice)
        if err then
          return err
        end
      else
        core.sleep(slice)
      end
      seconds = seconds - slice
    end
  end
end

--- Waits within CALL. Returns an error if the call was cancelled meanwhile.
---@param call table
---@param seconds number
---@return appintegrations.Error? err
function M.wait(call, seconds)
  local client, account = call.client, call.account
  local started = account and client.clock()
  local err = client.sleep(seconds, call)
  if account then
    account.waiting = account.waiting + client.clock() - started
  end
  return call.cancelled and M.cancelled() or err
end

--- Waits between calls. Returns an error if the client's calls were cancelled meanwhile.
---@param client appintegrations.Client
---@param seconds number
---@return appintegrations.Error? err
function M.pause(client, seconds)
  local pause = client.calls:enter_stand_in()
  local err = client.sleep(seconds, pause)
  client.calls:leave(pause)
  return pause.cancelled and M.cancelled() or err
end

return M
