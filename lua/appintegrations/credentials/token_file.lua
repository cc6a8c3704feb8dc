-- SPDX-License-Identifier: MIT
--- Files with tokens in them: those that a variable or a profile names, and those in which the
-- AWS CLI keeps what people who have logged in are given.
-- @module appintegrations.credentials.token_file

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.base.json"

local M = {}

--- The text of the file that ORIGIN, a variable or the key of a profile, says is at PATH.
---@param context table
---@param provider string  who asks, for the error
---@param path string
---@param origin string
---@return string? text
---@return appintegrations.Error? err  names the file and who named it
---@return string path                 without its `~`
function M.named(context, provider, path, origin)
  path = context.expand(path)
  local text, reason = context.read_file(path)
  if not text then
    return nil, exchange.error(provider, ("the token file %s (%s) cannot be read: %s"):format(path,
      origin, tostring(reason))), path
  end
  return text, nil, path
end

--- Reads the token at PATH.
---@param context table
---@param path string
---@return table? token   what the file says
---@return string? problem
function M.read(context, path)
  local text, reason = context.read_file(path)
  if not text then
    return nil, ("%s cannot be read: %s"):format(path, tostring(reason))
  end
  local token = json.decode_object(text)
  if not token then
    return nil, path .. " holds no JSON object"
  end
  return token
end

--- Writes TOKEN for the AWS CLI and the SDKs to find. That it cannot be written is
-- no failure of the call: the logger is told.
---@param context table
---@param provider string
---@param path string
---@param token table
function M.write(context, provider, path, token)
  local ok, reason = context.write_private_file(path, json.encode(token))
  if not ok then
    exchange.tell(context, provider, ("the refreshed token cannot be written to %s: %s"):format(
      path, tostring(reason)))
  end
end

-- Waiting for another process's refresh: so often, so long (seconds).
local LOOKS, LOOK_EVERY = 100, 0.1

local function deadline_exceeded(path)
  return errors.deadline_exceeded("the deadline of the call leaves no time to wait for another "
    .. "process, which refreshes the token in " .. path)
end

--- The lock of the token file at PATH, for who refreshes the token: of two processes one does, and
-- the other reads what it got. Waits for it if it is to WAIT, within the DEADLINE.
---@param context table
---@param path string
---@param wait boolean
---@param deadline? number
---@return userdata? lock      nil: taken, or the file system has no locks
---@return boolean? is_taken   whether somebody else has it still
---@return appintegrations.Error? err  that ended the wait: to refresh now would be too early
function M.lock(context, path, wait, deadline)
  for look = 1, LOOKS do
    local lock, is_taken = context.lock_file(path)
    if lock or not (is_taken and wait) or look == LOOKS then
      return lock, is_taken
    end
    local is_late = deadline and context.clock() + LOOK_EVERY >= deadline
    local err = is_late and deadline_exceeded(path) or context.sleep(LOOK_EVERY)
    if err then
      return nil, true, err
    end
  end
end

--- Lets others have LOCK, where it is one.
---@param lock? userdata
function M.unlock(lock)
  if lock then
    core.unlock_file(lock)
  end
end

--- Names of the NEEDED entries that are not in TABLE as non-empty strings, or nil.
---@param from any
---@param needed string[]
---@return string? names
function M.missing(from, needed)
  local names = {}
  for _, name in ipairs(needed) do
    local value = type(from) == "table" and from[name]
    if type(value) ~= "string" or value == "" then
      names[#names + 1] = name
    end
  end
  return names[1] and table.concat(names, ", ")
end

--- Seconds of validity in an answer, or nil.
---@param value any
---@return number?
function M.seconds(value)
  return type(value) == "number" and value > 0 and value < 1e9 and value or nil
end

return M
