-- SPDX-License-Identifier: MIT
--- The files in which the AWS CLI keeps the tokens of people who have logged in.
-- @module appintegrations.credentials.token_file

local core = require "appintegrations.core"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.json"

local M = {}

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

--- "2026-11-22T10:20:30Z"
---@param seconds number  epoch seconds
---@return string
function M.time_text(seconds)
  return (core.format_time(seconds):gsub("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z$",
    "%1-%2-%3T%4:%5:%6Z"))
end

return M
