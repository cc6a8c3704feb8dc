-- SPDX-License-Identifier: MIT
--- How large a setting may be that is a number, wherever it was given: what is beyond
-- these is a mistake, and what they are handed to counts in fewer bits.
-- @module appintegrations.base.limits

local decimal = require("appintegrations.base.text").decimal
local errors = require "appintegrations.base.errors"

local M = {}

local SECONDS, TIMES = 1000000, 1000000

M.LARGEST = {
  connect_timeout = SECONDS, timeout = SECONDS, deadline = SECONDS, process_timeout = SECONDS,
  metadata_service_timeout = SECONDS,
  max_attempts = TIMES, metadata_service_num_attempts = TIMES,
  max_connections = 65536, max_response_bytes = 1099511627776, -- 1 TiB
}

--- What is wrong with VALUE as the setting NAME, or nil.
---@param name string
---@param value any
---@return string?
---@nodiscard
function M.problem(name, value)
  local largest = M.LARGEST[name]
  if largest and type(value) == "number" and value > largest then
    return ("%s is %s; the largest possible is %s"):format(name, decimal("%.14g", value),
      decimal("%.14g", largest))
  end
end

--- Whether TEXT, what follows the host in a URL, is nothing or the colon and number of a port.
---@param text string
---@return boolean
---@nodiscard
function M.is_port(text)
  local digits = text:match "^:(%d%d?%d?%d?%d?)$"
  return text == "" or digits ~= nil and tonumber(digits) <= 65535
end

--- The error that checked OPTIONS of one call end it with, or nil.
---@param options table
---@return appintegrations.Error?
---@nodiscard
function M.error(options)
  for name, value in pairs(options) do
    local problem = M.problem(name, value)
    if problem then
      return errors.invalid_config("option " .. problem)
    end
  end
end

return M
