-- SPDX-License-Identifier: MIT
--- The headers of a response, which the module's own transport leaves as a text until somebody asks
-- for all of them: a call that succeeds looks at three.
-- @module appintegrations.call.headers

local core = require "appintegrations.core"

local M = {}

--- The value of a header of RESPONSE, or of two.
---@param response table
---@param name string     in lower case
---@param other? string
---@return string? value
---@return string? other
function M.get(response, name, other)
  local headers = response.headers
  if headers then
    return headers[name], other and headers[other]
  end
  return core.header(response.header_lines, name, other)
end

--- All headers of RESPONSE.
---@param response table
---@return table<string, string>
function M.all(response)
  local headers = response.headers
  if not headers then
    headers = core.headers(response.header_lines)
    response.headers = headers
  end
  return headers
end

return M
