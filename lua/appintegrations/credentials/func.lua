-- SPDX-License-Identifier: MIT
--- Credentials from a function of the program, asked again before they expire.
-- @module appintegrations.credentials.func

local callback = require "appintegrations.credentials.callback"
local errors = require "appintegrations.base.errors"
local static = require "appintegrations.credentials.static"

local M = {}

local function failure(message)
  return nil, errors.provider_failed("the credentials function " .. message)
end

--- A provider around SOURCE, which returns a credentials table, or nil and a reason.
---@param source fun(): table?, any
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(source)
  return {
    name = "function",
    retrieve = function()
      local ok, credentials, reason = callback.ask("the credentials function", source)
      if not ok then
        return nil, credentials
      elseif credentials == nil then
        if errors.is_error(reason) then
          return nil, reason
        end
        return failure("returned nothing" .. (reason and ": " .. callback.text_of(reason) or ""))
      end
      local problem = static.problem(credentials)
      if problem then
        return failure("returned unusable credentials: " .. problem)
      end
      return static.copy(credentials)
    end,
  }
end

return M
