-- SPDX-License-Identifier: MIT
--- A strict reader of JSON that keeps arrays, objects and null apart, and the order of keys where
-- it is asked to: for the emulator, which tells a client that sends `{}` for a list, and for the
-- importer of the service model. It needs nothing that has to be built.
-- @module appintegrations.base.strict_json

local math = require("appintegrations.base.compat").math
local number_of = require("appintegrations.base.text").number

local M = {}

--- Stands for JSON's null in decoded values.
M.null = setmetatable({}, { __tostring = function() return "null" end })

local MAX_DEPTH = 64

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\",
  ["/"] = "/" }
local LITERALS = { ["true"] = true, ["false"] = false, null = M.null }

--- Where a text's byte AT is: in a text of lines, by its line.
local function place(text, at)
  local before = text:sub(1, at - 1)
  local _, lines = before:gsub("\n", "")
  if lines == 0 then
    return ("at byte %d"):format(at)
  end
  return ("in line %d at byte %d"):format(lines + 1, at - before:find("\n[^\n]*$"))
end

--- Raised inside decode and caught there: a text and where.
local function fail(reader, message, at)
  error({ reader = reader, message = message .. " " .. place(reader.text, at) }, 0)
end

local function skip_space(reader, at)
  return reader.text:find("[^ \t\r\n]", at) or #reader.text + 1
end

--- UTF-8 of a code point.
local function utf8_of(code)
  local floor = math.floor
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return string.char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64,
    0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

--- The character of `\uXXXX` (two of them for one beyond the basic plane) and where to go on.
local function unicode_escape(reader, at)
  local high = tonumber(reader.text:match("^\\u(%x%x%x%x)", at) or fail(reader, "bad escape", at),
    16)
  if high < 0xD800 or high > 0xDFFF then
    return utf8_of(high), at + 6
  end
  local low = tonumber(reader.text:match("^\\u(%x%x%x%x)", at + 6) or "0", 16)
  if high > 0xDBFF or low < 0xDC00 or low > 0xDFFF then
    fail(reader, "unpaired surrogate", at)
  end
  return utf8_of(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00), at + 12
end

-- What ends a run of plain characters. Not %c: in an 8-bit locale, that has bytes of UTF-8 too.
local SPECIAL = '["\\%z\1-\31]'

local function read_string(reader, at)
  local text, pieces, from = reader.text, {}, at + 1
  while true do
    local stop = text:find(SPECIAL, from)
    local character = stop and text:sub(stop, stop)
    pieces[#pieces + 1] = text:sub(from, (stop or from) - 1)
    if character == '"' then
      return table.concat(pieces), stop + 1
    elseif character == "\\" then
      local escape = ESCAPES[text:sub(stop + 1, stop + 1)]
      if escape then
        pieces[#pieces + 1], from = escape, stop + 2
      else
        pieces[#pieces + 1], from = unicode_escape(reader, stop)
      end
    else
      fail(reader, character and "control character in a string" or "string without an end",
        stop or at)
    end
  end
end

--- One part of a number after the other, so that a long one is read in linear time.
local function read_number(reader, at)
  local text = reader.text
  local _, last = text:find("^-?%d+", at)
  if not last or text:find("^-?0%d", at) then
    fail(reader, "unexpected character", at)
  end
  local _, fraction = text:find("^%.%d+", last + 1)
  last = fraction or last
  local _, exponent = text:find("^[eE][+-]?%d+", last + 1)
  last = exponent or last
  if text:find("^[A-Za-z0-9.+-]", last + 1) then
    fail(reader, "unexpected character", last + 1)
  end
  return number_of(text:sub(at, last)), last + 1
end

local read_value

local function read_array(reader, at, depth)
  local list = {}
  reader.arrays[list] = true
  at = skip_space(reader, at + 1)
  if reader.text:sub(at, at) == "]" then
    return list, at + 1
  end
  while true do
    list[#list + 1], at = read_value(reader, at, depth)
    at = skip_space(reader, at)
    local separator = reader.text:sub(at, at)
    if separator == "]" then
      return list, at + 1
    elseif separator ~= "," then
      fail(reader, "expected , or ]", at)
    end
    at = at + 1
  end
end

local function read_object(reader, at, depth)
  local object, order = {}, reader.order
  local keys = order and {}
  if order then
    order[object] = keys
  end
  at = skip_space(reader, at + 1)
  if reader.text:sub(at, at) == "}" then
    return object, at + 1
  end
  while true do
    at = skip_space(reader, at)
    if reader.text:sub(at, at) ~= '"' then
      fail(reader, "expected a member's name", at)
    end
    local name
    name, at = read_string(reader, at)
    at = skip_space(reader, at)
    if reader.text:sub(at, at) ~= ":" then
      fail(reader, "expected :", at)
    end
    object[name], at = read_value(reader, at + 1, depth)
    if keys then
      keys[#keys + 1] = name
    end
    at = skip_space(reader, at)
    local separator = reader.text:sub(at, at)
    if separator == "}" then
      return object, at + 1
    elseif separator ~= "," then
      fail(reader, "expected , or }", at)
    end
    at = at + 1
  end
end

function read_value(reader, at, depth)
  at = skip_space(reader, at)
  local first = reader.text:sub(at, at)
  if depth == 0 then
    fail(reader, "nested too deeply", at)
  elseif first == "{" then
    return read_object(reader, at, depth - 1)
  elseif first == "[" then
    return read_array(reader, at, depth - 1)
  elseif first == '"' then
    return read_string(reader, at)
  end
  local literal = reader.text:match("^[a-z]+", at)
  if literal and LITERALS[literal] ~= nil then
    return LITERALS[literal], at + #literal
  end
  return read_number(reader, at)
end

--- Reads one JSON text. Of a key that stands twice the last value counts.
---@param text string
---@param order? table<table, string[]>  gets, for each object, its keys as they stand in TEXT
---@return any? value     null is M.null
---@return table|string   the set of all tables in VALUE that were arrays; or what is wrong
---@nodiscard
function M.decode(text, order)
  local reader = { text = text, arrays = {}, order = order }
  local done, value = pcall(function()
    local value, at = read_value(reader, 1, MAX_DEPTH)
    at = skip_space(reader, at)
    if at <= #text then
      fail(reader, "unexpected character", at)
    end
    return value
  end)
  if done then
    return value, reader.arrays
  elseif type(value) == "table" and value.reader == reader then
    return nil, value.message
  end
  error(value, 0)
end

return M
