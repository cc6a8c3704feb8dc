-- SPDX-License-Identifier: MIT
--- A signed request that nobody has sent: what client:prepare returns.
-- @module appintegrations.prepared

local events = require "appintegrations.call.events"
local headers_of = require("appintegrations.call.headers").all

local M = {}

---@class appintegrations.PreparedRequest
---@field method string
---@field url string
---@field headers table<string, string>  names in lower case; `authorization` among them
---@field body? string

local mt = { __name = "appintegrations.PreparedRequest" }

--- The request as it would look on the wire, with secrets masked.
function mt.__tostring(request)
  local lines, names = { request.method .. " " .. request.url }, {}
  local headers = events.mask(request.headers)
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    lines[#lines + 1] = name .. ": " .. headers[name]
  end
  if request.body then
    lines[#lines + 1] = "\n" .. request.body
  end
  return table.concat(lines, "\n")
end

--- What is public of the REQUEST that a transport would get.
---@param request table
---@return appintegrations.PreparedRequest
---@nodiscard
function M.new(request)
  return setmetatable({
    method = request.method, url = request.url, body = request.body,
    headers = headers_of(request),
  }, mt)
end

return M
