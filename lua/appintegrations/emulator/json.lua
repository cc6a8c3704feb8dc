-- SPDX-License-Identifier: MIT
--- JSON for the emulator: the strict reader, a plain writer for the state file, and a writer by
-- shape for answers, which refuses what the model does not know.
-- @module appintegrations.emulator.json

local reader = require "appintegrations.base.strict_json"
local shapes = require "appintegrations.base.shape"
local text_of = require "appintegrations.base.text"

local M = {}

M.null = reader.null
M.decode = reader.decode

-- ---- writing ---------------------------------------------------------------------------------

local SHORT_ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local ESCAPED = '["\\' .. text_of.CONTROLS .. "]"

local function quote(text)
  return '"' .. text:gsub(ESCAPED, function(character)
    return SHORT_ESCAPES[character] or ("\\u%04x"):format(character:byte())
  end) .. '"'
end

--- Digits of a finite number; integral ones without a point.
local function number_text(number)
  if number == math.floor(number) and math.abs(number) < 2 ^ 63 then
    return text_of.integer(number)
  end
  local short = text_of.decimal("%.15g", number)
  return text_of.number(short) == number and short or text_of.decimal("%.17g", number)
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- The metatable of tables that are lists though they may be empty.
local LIST = {}

--- Marks LIST: M.encode writes it as `[]` when nothing is in it.
---@param list table
---@return table list
function M.list(list)
  return setmetatable(list, LIST)
end

local encode_plain

local function encode_table(value)
  local parts = {}
  if #value > 0 or getmetatable(value) == LIST then
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

--- Writes VALUE with sorted keys: equal values, equal texts. An empty table is `{}`, unless
-- M.list has marked it.
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
  return text_of.integer(value)
end

function WRITERS.float(_, value)
  return number_text(value)
end

--- Seconds with three decimals, as the service sends them.
function WRITERS.timestamp(_, value)
  local milliseconds = math.floor(value * 1000 + 0.5)
  return ("%s.%03d"):format(text_of.integer(math.floor(milliseconds / 1000)), milliseconds % 1000)
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
