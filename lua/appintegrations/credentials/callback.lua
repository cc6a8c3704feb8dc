-- SPDX-License-Identifier: MIT
--- Functions of the program that give credentials or codes: what they raise is a
-- failure of theirs, not of the call.
-- @module appintegrations.credentials.callback

local call = require("appintegrations.base.compat").call
local errors = require "appintegrations.base.errors"
local exchange = require("appintegrations.base.compat").lazy "appintegrations.credentials.exchange"
local reentry = require "appintegrations.base.reentry"
local texts = require "appintegrations.base.text"

local M = {}

--- What F raised or gave as its reason, for people.
---@param value any
---@return string
---@nodiscard
function M.text_of(value)
  return exchange.clean(texts.of(value))
end

--- What F returns for ARGUMENT, two values at most; or false and an error. F may yield.
---@param subject string  what F is, for the message
---@param f function
---@param argument? any
---@return boolean ok
---@return any value_or_err
---@return any second
---@nodiscard
function M.ask(subject, f, argument)
  local entered = reentry.enter(f)
  if not entered then -- or an error of a debug hook has kept it from leaving
    collectgarbage()
    entered = reentry.enter(f)
  end
  if not entered then
    return false, errors.provider_failed(subject .. " makes a call that asks it again, and so on "
      .. "without end: let it use a client with other credentials")
  end
  local ok, value, second = call(f, argument)
  reentry.leave(f, entered)
  if ok then
    return true, value, second
  elseif errors.is_error(value) and value.kind == "cancelled" then
    return false, value
  end
  return false, errors.provider_failed(subject .. " raised an error: " .. M.text_of(value))
end

return M
