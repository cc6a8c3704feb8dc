-- SPDX-License-Identifier: MIT
--- Checking the headers that a program adds to a call, as its options are checked.
-- @module appintegrations.config.headers

local lower = require("appintegrations.base.text").lower

local M = {}

-- What the client itself decides, or what would break the message.
local RESERVED_HEADERS = {
  ["amz-sdk-invocation-id"] = true, ["amz-sdk-request"] = true,
  ["authorization"] = true, ["connection"] = true, ["content-length"] = true,
  ["content-type"] = true, ["expect"] = true, ["host"] = true, ["transfer-encoding"] = true,
  ["x-amz-date"] = true, ["x-amz-security-token"] = true, ["x-amz-content-sha256"] = true,
}

--- HEADERS with their names in lower case; raises at LEVEL for one that cannot be sent.
---@param headers table<string, string>
---@param level integer as for `error`, seen from the caller of this function
---@return table<string, string>
function M.check(headers, level)
  level = level + 1
  local result = {}
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:find("^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$") then
      error("options.headers: a name that is no HTTP header name", level)
    end
    local folded = lower(name)
    if RESERVED_HEADERS[folded] then
      error(("options.headers: %s is set by the client"):format(name), level)
    end
    if type(value) ~= "string" or value:find("[%z\1-\8\10-\31\127]") then
      error(("options.headers: %s: expected a string without line breaks and other control "
        .. "characters"):format(name), level)
    end
    if result[folded] then
      error(("options.headers: %s is there in two spellings"):format(folded), level)
    end
    result[folded] = value
  end
  return result
end

return M
