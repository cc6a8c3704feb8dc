-- SPDX-License-Identifier: MIT
--- Percent-encoding (RFC 3986) for the emulator, written apart from the client's so that the
-- emulator notices when the client encodes wrongly.
-- @module appintegrations.emulator.uri

local M = {}

--- Decodes %XX; nil if a `%` is not followed by two hexadecimal digits.
---@param text string
---@return string?
function M.decode(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    return nil
  end
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

--- Encodes everything but unreserved characters, in upper case as SigV4 wants it.
---@param text string
---@return string
function M.encode(text)
  return (text:gsub("[^A-Za-z0-9%-._~]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end

--- Splits a target at its first `?`: path, and query or nil.
---@param target string
---@return string path
---@return string? query
function M.split(target)
  local path, query = target:match("^([^?]*)%?(.*)$")
  return path or target, query
end

--- The raw name and value of each part of a query, in order; a part without `=` has value "".
---@param query? string
---@return { [1]: string, [2]: string }[]
function M.pairs(query)
  local list = {}
  for part in (query or ""):gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=(.*)$")
    list[#list + 1] = { name or part, value or "" }
  end
  return list
end

return M
