-- SPDX-License-Identifier: MIT
--- Credentials that the program gives as a table.
-- @module appintegrations.credentials.static

local names = require("appintegrations.base.compat").lazy "appintegrations.base.names"

local M = {}

local FIELDS = {
  access_key_id = "string", secret_access_key = "string", session_token = "string",
  expiration = "number", account_id = "string",
}

--- What is wrong with the form of CREDENTIALS, or nil: what only the program that made the
-- table can have done. Never shows a value.
---@param credentials any
---@return string? problem
function M.misuse(credentials)
  if type(credentials) ~= "table" then
    return "expected a table, got " .. type(credentials)
  end
  for name, value in pairs(credentials) do
    local expected = FIELDS[name]
    if not expected then
      return ('unknown field "%s"%s'):format(tostring(name), names.hint(name, FIELDS))
    end
    if type(value) ~= expected then
      return ("%s: expected a %s, got %s"):format(name, expected, type(value))
    end
  end
  for _, name in ipairs { "access_key_id", "secret_access_key" } do
    if not credentials[name] then
      return name .. " is missing"
    end
  end
end

--- What is wrong with CREDENTIALS, wherever they are from, or nil. Never shows a value.
---@param credentials any
---@return string? problem
function M.problem(credentials)
  local problem = M.misuse(credentials)
  if problem then
    return problem
  end
  for name, value in pairs(credentials) do
    if type(value) == "string" and (value == "" or value:find "[%c%s]") then
      return name .. " is empty or has white space in it"
    end
  end
  if credentials.access_key_id:find "[^!-+%-.0-~]" then -- it could not stand in a signature
    return "access_key_id has a character that none may have"
  elseif credentials.expiration ~= credentials.expiration then
    return "expiration is not a number"
  end
end

--- A copy, so that later changes of the caller's table change nothing.
---@param credentials table
---@return table
---@nodiscard
function M.copy(credentials)
  local copy = {}
  for name in pairs(FIELDS) do
    copy[name] = credentials[name]
  end
  return copy
end

--- A provider of the given CREDENTIALS, which have been checked.
---@param credentials table
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(credentials)
  local copy = M.copy(credentials)
  return {
    name = "static",
    retrieve = function()
      return copy
    end,
  }
end

return M
