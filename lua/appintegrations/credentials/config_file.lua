-- SPDX-License-Identifier: MIT
--- Access keys of the profile in the shared config file.
-- @module appintegrations.credentials.config_file

local profile_keys = require "appintegrations.credentials.profile_keys"

local M = {}

---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  return profile_keys.new(context, "config-file", "config")
end

return M
