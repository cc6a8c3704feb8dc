-- SPDX-License-Identifier: MIT
--- JSON for the emulator: a strict reader that keeps arrays, objects and null apart (so that a
-- client which sends `{}` for a list is told so), a plain writer for the state file, and a
-- writer by shape for answers, which refuses what the model does not know.
-- @module appintegrations.emulator.json

local shapes = require "appintegrations.shape"

local M = {}

--- Stands for JSON's null in decoded values.
M.null = setmetatable({}, { __tostring = function() return "null" end })

local MAX_DEPTH = 64

-- ---- reading ---------------------------------------------------------------------------------

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\",
  ["/"] = "/" }
local LITERALS = { ["true"] = true, ["false"] = false, null = M.null }

--- Raised inside decode and caught there: a text and where.
local function fail(reader, message, at)
  error({ reader = reader, message = ("%s at byte %d"):format(message, at) }, 0)
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

local function read_string(reader, at)
  local text, pieces, from = reader.text, {}, at + 1
  while true do
    local stop = text:find('["\\%c]', from)
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
    elseif character == "\127" then
      pieces[#pieces + 1], from = character, stop + 1
    else
      fail(reader, character and "control character in a string" or "string without an end",
        stop or at)
    end
  end
end

local function read_number(reader, at)
  local digits = reader.text:match("^-?[%d.eE+-]+", at) or ""
  local whole, fraction, exponent = digits:match("^-?(%d+)(%.?%d*)([eE]?[+-]?%d*)$")
  if not whole or whole:find("^0%d") or fraction == "."
    or (exponent ~= "" and not exponent:find("^[eE][+-]?%d+$")) then
    fail(reader, "unexpected character", at)
  end
  return tonumber(digits), at + #digits
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
  local object = {}
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
  local literal = reader.text:match("^%l+", at)
  if literal and LITERALS[literal] ~= nil then
    return LITERALS[literal], at + #literal
  end
  return read_number(reader, at)
end

--- Reads one JSON text.
---@param text string
---@return any? value     null is M.null
---@return table|string   the set of all tables in VALUE that were arrays; or what is wrong
function M.decode(text)
  local reader = { text = text, arrays = {} }
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

-- ---- writing ---------------------------------------------------------------------------------

local SHORT_ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  return '"' .. text:gsub('["\\%c]', function(character)
    return SHORT_ESCAPES[character] or ("\\u%04x"):format(character:byte())
  end) .. '"'
end

--- Digits of a finite number; integral ones without a point.
local function number_text(number)
  if number == math.floor(number) and math.abs(number) < 2 ^ 63 then
    return ("%d"):format(number)
  end
  -- A locale may write its own decimal point.
  return (("%.17g"):format(number):gsub("[^%d%+%-e]", "."))
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local encode_plain

local function encode_table(value)
  local parts = {}
  if #value > 0 then
    for i = 1, #value do
      parts[i] = encode_plain(value[i])
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for i, key in ipairs(sorted_keys(value)) do
    parts[i] = quote(key) .. ":" .. encode_plain(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode_plain(value)
  local kind = type(value)
  if value == M.null then
    return "null"
  elseif kind == "table" then
    return encode_table(value)
  elseif kind == "string" then
    return quote(value)
  elseif kind == "number" then
    return number_text(value)
  end
  return tostring(value)
end

--- Writes VALUE with sorted keys: equal values, equal texts. An empty table is `{}`.
---@param value any
---@return string
M.encode = encode_plain

local encode_shape
local WRITERS = {}

function WRITERS.structure(shape, value)
  local parts = {}
  for _, name in ipairs(shape.order) do
    if value[name] ~= nil then
      local member = shape.members[name]
      parts[#parts + 1] = quote(member.wire or name) .. ":" .. encode_shape(member, value[name])
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function WRITERS.list(shape, value)
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = encode_shape(shape.member, item)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

function WRITERS.map(shape, value)
  local parts = {}
  for i, key in ipairs(sorted_keys(value)) do
    parts[i] = quote(key) .. ":" .. encode_shape(shape.value, value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function WRITERS.string(_, value)
  return quote(value)
end

function WRITERS.integer(_, value)
  return ("%d"):format(value)
end

function WRITERS.float(_, value)
  return number_text(value)
end

--- Seconds with three decimals, as the service sends them.
function WRITERS.timestamp(_, value)
  local milliseconds = math.floor(value * 1000 + 0.5)
  return ("%d.%03d"):format(math.floor(milliseconds / 1000), milliseconds % 1000)
end

function WRITERS.boolean(_, value)
  return tostring(value)
end

function encode_shape(shape, value)
  return WRITERS[shape.type](shape, value)
end

--- Writes VALUE by SHAPE (as core.describe gives it). Raises on what the model does not know:
-- such an answer would be a bug of the emulator.
---@param shape table
---@param value any
---@return string
function M.encode_shape(shape, value)
  local problem = shapes.problem(shape, value)
  if problem then
    error(("emulator bug: %s: %s"):format(shape.shape or "output", problem), 0)
  end
  return encode_shape(shape, value)
end

return M
