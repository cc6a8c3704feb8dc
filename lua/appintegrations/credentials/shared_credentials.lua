-- SPDX-License-Identifier: MIT
--- Access keys of the profile in the shared credentials file.
-- @module appintegrations.credentials.shared_credentials

local profile_keys = require "appintegrations.credentials.profile_keys"

local M = {}

---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  return profile_keys.new(context, "shared-credentials", "credentials")
end

return M
