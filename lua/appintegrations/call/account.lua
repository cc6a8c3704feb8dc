-- SPDX-License-Identifier: MIT
--- What time a call, or all calls of a listing, went into, and the error for when there is none
-- left. Only what has a deadline has an account.
-- @module appintegrations.call.account

local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math
local seconds_text = require("appintegrations.base.text").seconds

local M = {}

--- Seconds, but for the first and the third.
---@class appintegrations.Account
---@field started number      epoch seconds
---@field limit number        the deadline as it was given
---@field deadline number     epoch seconds
---@field attempts integer
---@field sending number
---@field waiting number
---@field credentials number

--- Opens the account of a call or of a listing that has LIMIT seconds from STARTED; none for one
-- that has any time.
---@param started number  epoch seconds
---@param limit? number
---@return appintegrations.Account?
---@nodiscard
function M.open(started, limit)
  return limit and {
    started = started, limit = limit, deadline = started + limit,
    attempts = 0, sending = 0, waiting = 0, credentials = 0,
  }
end

--- What was measured, to the millisecond.
local function took(seconds)
  return seconds_text(math.floor(seconds * 1000 + 0.5) / 1000)
end

--- "2 attempts took 4.1 s, waiting 0.3 s, credentials 0.002 s"
local function spent_text(account, now)
  local parts = {
    ("%d %s took %s s"):format(account.attempts,
      account.attempts == 1 and "attempt" or "attempts", took(account.sending)),
    ("waiting %s s"):format(took(account.waiting)),
    ("credentials %s s"):format(took(account.credentials)),
  }
  local rest = now - account.started - account.sending - account.waiting - account.credentials
  if rest >= 0.01 then -- of a listing, mostly what the program did between pages
    parts[#parts + 1] = ("other work %s s"):format(took(rest))
  end
  return table.concat(parts, ", ")
end

--- The error of a CALL that has no time left of its deadline. CAUSE is the error of the last
-- attempt, if there was one.
---@param call table
---@param cause? appintegrations.Error
---@return appintegrations.Error
function M.deadline_exceeded(call, cause)
  local account, now = call.account, call.client.clock()
  local left = account.deadline - now
  local limit = seconds_text(account.limit)
  local message = left <= 0 and ("the deadline of %s s has passed"):format(limit)
    or ("no further attempt can end before the deadline of %s s (%s s are left)")
      :format(limit, took(left))
  message = message .. ": " .. spent_text(account, now)
  cause = cause or call.last_error
  if cause then
    message = message .. "; last failure: " .. cause.code .. ": " .. cause.message
  end
  return errors.new {
    kind = "timeout", code = "DeadlineExceeded", message = message,
    status = cause and cause.status, request_id = cause and cause.request_id, cause = cause,
  }
end

return M
