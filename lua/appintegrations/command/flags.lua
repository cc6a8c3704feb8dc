-- SPDX-License-Identifier: MIT
--- The flags of an operation: one for each member of its input, and what their texts mean as
-- values of the member's shape. What the model limits is not checked here: the call does.
-- @module appintegrations.command.flags

local lower = require("appintegrations.base.text").lower
local strict_json = require "appintegrations.base.strict_json"

local M = {}

--- "SourceURI" -> "source-uri", "resourceArn" -> "resource-arn"
---@param member string
---@return string
function M.name(member)
  local words = member:gsub("([A-Z])([A-Z][a-z])", "%1-%2"):gsub("([a-z0-9])([A-Z])", "%1-%2")
  return lower(words)
end

--- VALUE as read from JSON without its nulls, which stand for what is absent; nil if one stands in
-- a list (those are ARRAYS), where nothing can be absent.
local function without_nulls(value, arrays)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, inner in pairs(value) do
    if inner ~= strict_json.null then
      copy[key] = without_nulls(inner, arrays)
    end
    if copy[key] == nil and (inner ~= strict_json.null or arrays[value]) then
      return nil
    end
  end
  return copy
end

--- The name that stands twice in one of the objects of ORDER (see strict_json.decode): which of the
-- two was meant, nobody knows.
local function repeated_name(order)
  for _, names in pairs(order) do
    local seen = {}
    for _, name in ipairs(names) do
      if seen[name] then
        return name
      end
      seen[name] = true
    end
  end
end

--- The value that TEXT of JSON has; nil and what is wrong.
---@param text string
---@return any? value
---@return string? message
function M.read_json(text)
  if not text:find "%S" then
    return nil, "there is nothing"
  end
  local order = {}
  local value, problem = strict_json.decode(text, order) -- or which of its tables are arrays
  local twice = value ~= nil and repeated_name(order)
  if value == nil then
    return nil, tostring(problem)
  elseif value == strict_json.null then
    return nil, "null says nothing"
  elseif twice then
    return nil, ("%q stands twice in an object"):format(twice)
  end
  local result = without_nulls(value, problem)
  return result, result == nil and "null stands in a list" or nil
end

--- TEXT without the byte order mark that some editors begin a file with; nil and a text where it is
-- in UTF-16, as some shells write what a program prints.
local function without_mark(text)
  if text and (text:find "^\255\254" or text:find "^\254\255") then
    return nil, "is in UTF-16; UTF-8 is needed"
  end
  return text and text:gsub("^\239\187\191", "") or nil
end

--- What to say to somebody who wrote PATH as another command would have it.
local function path_hint(path)
  local plain = path:match "^file://(.+)" or path:match "^@(.+)"
  return plain and ("; a file is named as it is: %s"):format(plain) or ""
end

--- The text of the file at PATH; of INPUT where that is "-".
---@param path string
---@param input? file*
---@return string? text
---@return string? message
function M.read_file(path, input)
  local text, message
  if path == "-" and input then
    text, message = input:read("*a")
  else
    local file
    file, message = io.open(path, "rb")
    if not file then
      return nil, message .. path_hint(path)
    end
    text, message = file:read("*a")
    file:close()
  end
  if text then
    text, message = without_mark(text)
  end
  return text, text == nil and ("%s: %s"):format(path, message) or nil
end

--- JSON in TEXT, or in the file that @PATH names.
local function read_structure(text)
  local message
  if text:sub(1, 1) == "@" then
    text, message = M.read_file(text:sub(2))
    if not text then
      return nil, message
    end
  end
  local value
  value, message = M.read_json(text)
  if value == nil then
    return nil, "expected JSON, or @FILE: " .. message
  end
  return value
end

--- Whether SHAPE is a list of texts or a map of texts to texts: no JSON is needed for it.
local function is_plain(shape)
  local item = shape.type == "list" and shape.member or shape.type == "map" and shape.value
  return item and item.type == "string"
end

local READERS = {}

function READERS.string(_, texts)
  return texts[1]
end

function READERS.integer(_, texts)
  local number = texts[1]:find("^%-?%d+$") and tonumber(texts[1])
  if not number then
    return nil, ("expected a whole number, got %q"):format(texts[1])
  end
  return number
end

function READERS.boolean(_, texts)
  local text = texts[1] or "true"
  if text ~= "true" and text ~= "false" then
    return nil, ("expected true or false, got %q"):format(text)
  end
  return text == "true"
end

--- Texts one after the other, or one text of JSON.
function READERS.list(shape, texts)
  if not is_plain(shape) or (#texts == 1 and texts[1]:find("^[%[@]")) then
    return read_structure(texts[1])
  end
  return texts
end

--- KEY=VALUE one after the other, or one text of JSON.
function READERS.map(shape, texts)
  if not is_plain(shape) or (#texts == 1 and texts[1]:find("^[{@]")) then
    return read_structure(texts[1])
  end
  local map = {}
  for _, text in ipairs(texts) do
    local key, value = text:match("^([^=]*)=(.*)$")
    if not key then
      return nil, ("expected KEY=VALUE, got %q"):format(text)
    elseif map[key] ~= nil then
      return nil, ("%q is given twice"):format(key)
    end
    map[key] = value
  end
  return map
end

--- What somebody may have meant otherwise who gave TEXTS for a map: other commands take its entries
-- with commas in between. A comma may be part of a value, so that this is no error.
---@param texts any
---@return string? advice
function M.doubt(shape, texts)
  for _, text in ipairs(shape.type == "map" and is_plain(shape) and texts or {}) do
    local key, value = text:match "^([^={@]+)=(.*,[^,=]+=.*)$"
    if key then
      return ("%s is %q: entries are set apart by spaces, as in team=support stage=trial"):format(
        key, value)
    end
  end
end

function READERS.structure(_, texts)
  return read_structure(texts[1])
end

--- How many texts a flag for SHAPE takes, in the words of lua-argparse.
---@param shape table  a member as describe() has it
---@return string|integer
function M.arity(shape)
  return shape.type == "boolean" and "?" or is_plain(shape) and "+" or 1
end

local PLACEHOLDERS = { string = "TEXT", integer = "N", boolean = "true|false",
  structure = "JSON", list = "JSON", map = "JSON" }

--- What stands for the value in a usage line.
---@param shape table
---@return string
function M.placeholder(shape)
  if is_plain(shape) then
    return shape.type == "list" and "TEXT" or "KEY=VALUE"
  end
  return PLACEHOLDERS[shape.type] or "TEXT"
end

--- The value of SHAPE that TEXTS stand for; nil and what is wrong.
---@param shape table
---@param texts string[]
---@return any? value
---@return string? message
function M.read(shape, texts)
  local value, message = READERS[shape.type](shape, texts)
  return value, message
end

return M
