-- SPDX-License-Identifier: MIT
--- XML as STS writes it, and nothing else: elements with text or with elements in
-- them. Document types, comments, processing instructions, CDATA, mixed content and
-- repeated elements are errors, so that no answer can be read in two ways.
-- @module appintegrations.credentials.sts_xml

local math = require("appintegrations.base.compat").math

local M = {}

local MAX_DEPTH = 16

--- What XML 1.0 allows nowhere, within a set of a pattern.
local CONTROLS = "%z\1-\8\11\12\14-\31"

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'" }

--- A code point in UTF-8, or nil where XML 1.0 allows no such character.
local function character(code)
  if not code or code < 32 and code ~= 9 and code ~= 10 and code ~= 13 or code > 0x10FFFF
    or code >= 0xD800 and code <= 0xDFFF or code == 0xFFFE or code == 0xFFFF then
    return nil
  elseif code < 0x80 then
    return string.char(code)
  end
  local bytes, first = "", code < 0x800 and 0xC0 or code < 0x10000 and 0xE0 or 0xF0
  local limit = code < 0x800 and 0x20 or code < 0x10000 and 0x10 or 0x08
  repeat
    bytes = string.char(0x80 + code % 0x40) .. bytes
    code = math.floor(code / 0x40)
  until code < limit
  return string.char(first + code) .. bytes
end

local function entity(name)
  if ENTITIES[name] then
    return ENTITIES[name]
  end
  local hexadecimal, decimal = name:match "^#x(%x+)$", name:match "^#(%d+)$"
  if (hexadecimal or decimal) and #name <= 9 then
    return character(hexadecimal and tonumber(hexadecimal, 16) or tonumber(decimal))
  end
end

--- TEXT with its entities replaced, or nil where one is unknown or incomplete.
local function decode(text)
  local is_valid = not text:find("[" .. CONTROLS .. "]")
  local decoded = text:gsub("&([^&]*)", function(rest)
    local name, after = rest:match "^([#A-Za-z0-9]+);(.*)$"
    local value = name and entity(name)
    is_valid = is_valid and value ~= nil
    return value and value .. after
  end)
  return is_valid and decoded or nil
end

---@class appintegrations.XmlReader
---@field text string
---@field at integer   where to go on
local Reader = {}
Reader.__index = Reader

--- Consumes PATTERN, which has to begin with "^" and is matched from here on.
function Reader:take(pattern)
  local first, last, a, b = self.text:find("^" .. pattern, self.at)
  if first then
    self.at = last + 1
    return a or true, b
  end
end

--- Attributes are namespaces only; they have to be well-formed.
function Reader:attributes()
  while true do
    local before = self.at
    if not self:take "%s+([A-Za-z_:][A-Za-z0-9_:.-]*)%s*=%s*" then
      return true
    end
    local value = self:take '"([^"<]*)"' or self:take "'([^'<]*)'"
    if not value or not decode(value) then
      self.at = before
      return false
    end
  end
end

--- What stands between the tags of an element: a string, or a table.
function Reader:content(depth)
  local text = self:take "([^<]*)"
  local children
  while self.text:find("^<[^/]", self.at) do
    local name, value = self:element(depth + 1)
    children = children or {}
    if not name or children[name] or text:find "%S" then
      return nil
    end
    children[name] = value
    text = self:take "([^<]*)"
  end
  if children then
    return not text:find "%S" and children or nil
  end
  return decode(text)
end

--- An element: its name, and its content; nil if there is none that is well-formed.
function Reader:element(depth)
  local name = self:take "<([A-Za-z_][A-Za-z0-9_.-]*)"
  if not name or depth > MAX_DEPTH or not self:attributes() then
    return nil
  end
  if self:take "%s*/>" then
    return name, ""
  elseif not self:take "%s*>" then
    return nil
  end
  local content = self:content(depth)
  if content and self:take "</([A-Za-z_][A-Za-z0-9_.-]*)%s*>" == name then
    return name, content
  end
end

--- Reads a document.
---@param text string
---@return string? root             the name of its element; nil where it cannot be read
---@return string|table? content    a string, or a table by the names of the elements in it
---@nodiscard
function M.parse(text)
  local reader = setmetatable({ text = text, at = 1 }, Reader)
  reader:take("<%?xml%s[^<>?" .. CONTROLS .. "]*%?>")
  reader:take "%s*"
  local name, content = reader:element(1)
  reader:take "%s*"
  if name and reader.at > #text then
    return name, content
  end
end

return M
