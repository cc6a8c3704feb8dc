-- SPDX-License-Identifier: MIT
--- Credentials from environment variables.
-- @module appintegrations.credentials.environment

local errors = require "appintegrations.errors"
local static = require "appintegrations.credentials.static"

local M = {}

--- A provider that reads with GETENV.
---@param getenv fun(name: string): string?
function M.new(getenv)
  return {
    name = "environment",
    retrieve = function()
      local id, secret = getenv "AWS_ACCESS_KEY_ID", getenv "AWS_SECRET_ACCESS_KEY"
      if not id then
        return nil, "AWS_ACCESS_KEY_ID is not set"
      end
      local credentials = {
        access_key_id = id,
        secret_access_key = secret,
        -- The older name first, as botocore has it.
        session_token = getenv "AWS_SECURITY_TOKEN" or getenv "AWS_SESSION_TOKEN",
      }
      local problem = not secret and "AWS_SECRET_ACCESS_KEY is not set"
        or static.problem(credentials)
      if problem then
        return nil, errors.new {
          kind = "credentials", code = "CredentialsProviderError",
          message = "AWS_ACCESS_KEY_ID is set, but the environment's credentials cannot be used: "
            .. problem,
        }
      end
      return credentials
    end,
  }
end

return M
