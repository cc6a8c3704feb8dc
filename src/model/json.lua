-- SPDX-License-Identifier: MIT
--- A strict JSON reader that remembers the order of keys, for the importer only.
-- The order of a structure's members is part of the public model, and common JSON
-- libraries lose it.
-- @module model.json

local M = {}

local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/",
  b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

local LITERALS = { { "true", true }, { "false", false } }

local function fail(reader, what)
  local _, line = reader.text:sub(1, reader.at):gsub("\n", "\n")
  error(("line %d: %s"):format(line + 1, what), 0)
end

--- Skips white space, then takes PATTERN (a Lua pattern without captures) or returns nil.
local function take(reader, pattern)
  reader.at = reader.text:find("[^ \t\r\n]", reader.at) or #reader.text + 1
  local token = reader.text:match("^" .. pattern, reader.at)
  if token then
    reader.at = reader.at + #token
  end
  return token
end

--- UTF-8 of a code point below U+10000; the importer refuses surrogates.
local function utf8_of(reader, digits)
  local code = tonumber(digits, 16)
  if code >= 0xD800 and code <= 0xDFFF then
    fail(reader, "surrogates are not supported")
  elseif code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  end
  return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64,
    0x80 + code % 64)
end

local function read_string(reader)
  local parts = {}
  while true do
    local plain = reader.text:match('^[^"\\%c]*', reader.at)
    parts[#parts + 1] = plain
    reader.at = reader.at + #plain
    local mark, rest = reader.text:match('^(["\\])(.?)', reader.at)
    if mark == '"' then
      reader.at = reader.at + 1
      return table.concat(parts)
    elseif mark and rest == "u" then
      local digits = reader.text:match("^%x%x%x%x", reader.at + 2)
      parts[#parts + 1] = utf8_of(reader, digits or fail(reader, "bad \\u escape"))
      reader.at = reader.at + 6
    else
      parts[#parts + 1] = mark and ESCAPES[rest] or fail(reader, "bad string")
      reader.at = reader.at + 2
    end
  end
end

local read_value -- needed by the two readers of containers

local function read_array(reader)
  local array = {}
  if take(reader, "%]") then
    return array
  end
  repeat
    array[#array + 1] = read_value(reader)
  until not take(reader, ",")
  return take(reader, "%]") and array or fail(reader, "expected , or ]")
end

local function read_object(reader)
  local object, keys = {}, {}
  reader.order[object] = keys
  if take(reader, "}") then
    return object
  end
  repeat
    local key = take(reader, '"') and read_string(reader) or fail(reader, "expected a key")
    if object[key] ~= nil then
      fail(reader, ("key %q stands twice"):format(key))
    end
    if not take(reader, ":") then
      fail(reader, "expected :")
    end
    keys[#keys + 1] = key
    object[key] = read_value(reader)
  until not take(reader, ",")
  return take(reader, "}") and object or fail(reader, "expected , or }")
end

function read_value(reader)
  if take(reader, '"') then
    return read_string(reader)
  elseif take(reader, "{") then
    return read_object(reader)
  elseif take(reader, "%[") then
    return read_array(reader)
  end
  for _, literal in ipairs(LITERALS) do
    if take(reader, literal[1]) then
      return literal[2]
    end
  end
  local number = take(reader, "%-?%d+%.?%d*[eE]?[+-]?%d*")
  return tonumber(number) or fail(reader, "expected a value")
end

--- Reads TEXT; raises a text with the line. `null` is refused: the model has none.
---@param text string
---@return any value
---@return table<table, string[]> order  for each object its keys as they stand in the text
function M.decode(text)
  local reader = { text = text, at = 1, order = {} }
  local value = read_value(reader)
  take(reader, "")
  if reader.at <= #text then
    fail(reader, "text after the value")
  end
  return value, reader.order
end

return M
