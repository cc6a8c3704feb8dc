-- SPDX-License-Identifier: MIT
--- Credentials that the program gives as a table.
-- @module appintegrations.credentials.static

local M = {}

local FIELDS = {
  access_key_id = "string", secret_access_key = "string", session_token = "string",
  expiration = "number", account_id = "string",
}

--- What is wrong with CREDENTIALS, or nil. Never shows a value.
---@param credentials any
---@return string? problem
function M.problem(credentials)
  if type(credentials) ~= "table" then
    return "expected a table, got " .. type(credentials)
  end
  for name, value in pairs(credentials) do
    local expected = FIELDS[name]
    if not expected then
      return ("unknown field %q"):format(tostring(name))
    end
    if type(value) ~= expected then
      return ("%s: expected a %s, got %s"):format(name, expected, type(value))
    end
    if expected == "string" and (value == "" or value:find("[%c%s]")) then
      return name .. " is empty or has white space in it"
    end
  end
  for _, name in ipairs { "access_key_id", "secret_access_key" } do
    if not credentials[name] then
      return name .. " is missing"
    end
  end
end

--- A copy, so that later changes of the caller's table change nothing.
---@param credentials table
function M.copy(credentials)
  local copy = {}
  for name in pairs(FIELDS) do
    copy[name] = credentials[name]
  end
  return copy
end

--- A provider of the given CREDENTIALS, which have been checked.
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
