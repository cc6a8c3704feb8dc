-- SPDX-License-Identifier: MIT
--- The canonical request of SigV4, computed from a request as it was received. This is a second
-- implementation on purpose: a verifier that shared the signer's code would agree with its
-- mistakes. Source: "Create a signed AWS API request" in the AWS IAM user guide,
-- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
-- @module appintegrations.emulator.canonical

local lower = require("appintegrations.base.text").lower
local uri = require "appintegrations.emulator.uri"

local M = {}

--- Byte order; the `<` of strings would follow the host's locale.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then
      return a:byte(i) < b:byte(i)
    end
  end
  return #a < #b
end

--- Removes empty segments and dot segments; keeps a slash at the end. As the SDKs for Python and
-- JavaScript do (and RFC 3986, 5.2.4 does not), takes a dot segment at the end for no slash.
local function normalize(path)
  local kept = {}
  for segment in path:gmatch("[^/]+") do
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
  end
  local ends_in_slash = #kept > 0 and path:sub(-1) == "/"
  return "/" .. table.concat(kept, "/") .. (ends_in_slash and "/" or "")
end

--- The path as received is encoded once already; every service but S3 encodes it once more.
---@param path string
---@return string
function M.path(path)
  return (normalize(path):gsub("[^/]+", uri.encode))
end

--- One encoding for whatever form a client chose: `%7e` and `~` are the same.
local function recode(text)
  return uri.encode(uri.decode(text) or text)
end

--- Sorted by name, then by value, after encoding. Parameters in OMIT are left out.
---@param query? string
---@param omit? table<string, boolean>
---@return string
function M.query(query, omit)
  local list = {}
  for _, pair in ipairs(uri.pairs(query)) do
    local name, value = recode(pair[1]), recode(pair[2])
    if not (omit and omit[name]) then
      list[#list + 1] = { name, value }
    end
  end
  table.sort(list, function(a, b)
    if a[1] == b[1] then
      return before(a[2], b[2])
    end
    return before(a[1], b[1])
  end)
  for i, pair in ipairs(list) do
    list[i] = pair[1] .. "=" .. pair[2]
  end
  return table.concat(list, "&")
end

--- The values of each header by its name in lower case, trimmed, inner spaces folded, in order of
-- arrival.
local function values_by_name(headers)
  local found = {}
  for _, header in ipairs(headers) do
    local name = lower(header[1])
    local values = found[name] or {}
    values[#values + 1] = header[2]:gsub("%s+", " "):match("^ ?(.-) ?$")
    found[name] = values
  end
  return found
end

--- The lines of the signed headers, in the order that the client names; nil and the name of a
-- signed header that the request does not have.
---@param headers { [1]: string, [2]: string }[]
---@param names string[]
---@return string?
---@return string? missing
function M.headers(headers, names)
  local lines, found = {}, values_by_name(headers)
  for i, name in ipairs(names) do
    if not found[name] then
      return nil, name
    end
    lines[i] = name .. ":" .. table.concat(found[name], ",") .. "\n"
  end
  return table.concat(lines)
end

--- Whether NAMES are in byte order and none of them twice, as the canonical form demands.
---@param names string[]
---@return boolean
function M.in_order(names)
  for i = 2, #names do
    if not before(names[i - 1], names[i]) then
      return false
    end
  end
  return true
end

return M
