-- SPDX-License-Identifier: MIT
--- The headers of a request or a response, which are a text between the client and the module's own
-- transport until somebody asks for all of them: a call that succeeds looks at three of an answer.
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

--- All headers of MESSAGE, a request or a response.
---@param message table
---@return table<string, string>
function M.all(message)
  local headers = message.headers
  if not headers then
    headers = core.headers(message.header_lines)
    message.headers = headers
  end
  return headers
end

return M
