-- SPDX-License-Identifier: MIT
--- From labels, query and body to the members of an operation's input. JSON types are checked
-- here, as the service's front end does (SerializationException); lengths, patterns and what is
-- required belong to validation. Members and query parameters that the model does not know are
-- ignored, as AWS front ends ignore them; null is the same as absent.
-- @module appintegrations.emulator.input

local errors = require "appintegrations.emulator.errors"
local json = require "appintegrations.emulator.json"
local uri = require "appintegrations.emulator.uri"

local M = {}

local function wrong_type(path, expected)
  return errors.new("SerializationException", "%s: expected %s", path, expected)
end

local bind -- (shape, value, arrays, path) -> value or nil, problem

--- Wire name -> member name, for the members at LOCATION; kept with the shape, which belongs to
-- one service object.
local function by_wire(shape, location)
  shape.by_wire = shape.by_wire or {}
  local names = shape.by_wire[location]
  if not names then
    names = {}
    for name, member in pairs(shape.members) do
      if (member.location or "body") == location then
        names[member.wire or name] = name
      end
    end
    shape.by_wire[location] = names
  end
  return names
end

local BINDERS = {}

function BINDERS.structure(shape, value, arrays, path)
  if type(value) ~= "table" or arrays[value] then
    return nil, wrong_type(path, "an object")
  end
  local result = {}
  for wire, name in pairs(by_wire(shape, "body")) do
    local item = value[wire]
    if item ~= nil and item ~= json.null then
      local bound, problem = bind(shape.members[name], item, arrays, path .. "." .. wire)
      if problem then
        return nil, problem
      end
      result[name] = bound
    end
  end
  return result
end

function BINDERS.list(shape, value, arrays, path)
  if type(value) ~= "table" or not arrays[value] then
    return nil, wrong_type(path, "an array")
  end
  local result = json.list {}
  for i, item in ipairs(value) do
    local bound, problem = bind(shape.member, item, arrays, ("%s[%d]"):format(path, i - 1))
    if problem then
      return nil, problem
    end
    result[i] = bound
  end
  return result
end

function BINDERS.map(shape, value, arrays, path)
  if type(value) ~= "table" or arrays[value] then
    return nil, wrong_type(path, "an object")
  end
  local result = {}
  for key, item in pairs(value) do
    local bound, problem = bind(shape.value, item, arrays, ("%s[%q]"):format(path, key))
    if problem then
      return nil, problem
    end
    result[key] = bound
  end
  return result
end

function BINDERS.string(_, value, _, path)
  if type(value) ~= "string" then
    return nil, wrong_type(path, "a string")
  end
  return value
end

function BINDERS.integer(_, value, _, path)
  if type(value) ~= "number" or value ~= math.floor(value) then
    return nil, wrong_type(path, "an integer")
  end
  return value
end

function BINDERS.float(_, value, _, path)
  if type(value) ~= "number" then
    return nil, wrong_type(path, "a number")
  end
  return value
end

BINDERS.timestamp = BINDERS.float

function BINDERS.boolean(_, value, _, path)
  if type(value) ~= "boolean" then
    return nil, wrong_type(path, "a boolean")
  end
  return value
end

function bind(shape, value, arrays, path)
  if value == json.null then
    return nil, errors.new("SerializationException", "%s: null is not allowed here", path)
  end
  return BINDERS[shape.type](shape, value, arrays, path)
end

local BOOLEANS = { ["true"] = true, ["false"] = false }

--- Reads the text of a query parameter as SHAPE's type.
local function from_text(shape, text, name)
  if shape.type == "integer" then
    local number = text:find("^-?%d+$") and tonumber(text)
    if not number then
      return nil, wrong_type(name, "an integer")
    end
    return number
  elseif shape.type == "boolean" then
    if BOOLEANS[text] == nil then
      return nil, wrong_type(name, "true or false")
    end
    return BOOLEANS[text]
  end
  return text
end

--- Adds one query parameter to PARAMS; a list takes each of its occurrences.
local function add_query(params, shape, name, text)
  if shape.type == "list" then
    params[name] = params[name] or json.list {}
    table.insert(params[name], text)
    return true
  end
  local value, problem = from_text(shape, text, shape.wire or name)
  if problem then
    return nil, problem
  end
  params[name] = value
  return true
end

--- A plus sign is a space, as in forms; a client that means plus sends %2B.
local function decode_query(text)
  return uri.decode((text:gsub("%+", " ")))
end

local function read_query(operation, query, params)
  local names = by_wire(operation.input, "query")
  for _, pair in ipairs(uri.pairs(query)) do
    local name, text = decode_query(pair[1]), decode_query(pair[2])
    if not name or not text then
      return nil, errors.invalid("The query string has an invalid percent-encoding.")
    end
    local member = names[name]
    if member then
      local added, problem = add_query(params, operation.input.members[member], member, text)
      if not added then
        return nil, problem
      end
    end
  end
  return true
end

local function read_body(operation, body, params)
  if body == "" then
    return true
  end
  local value, arrays = json.decode(body)
  if value == nil then
    return nil, errors.new("SerializationException", "The body is no JSON: %s", arrays)
  end
  local members, problem = bind(operation.input, value, arrays, "body")
  if problem then
    return nil, problem
  end
  for name, member in pairs(members) do
    params[name] = member
  end
  return true
end

--- The input of OPERATION that a request holds, by member name.
---@param operation table               as core.describe gives it
---@param labels table<string, string>  decoded, by label name
---@param query? string                 raw
---@param body string
---@return table? params
---@return appintegrations.emulator.Problem? problem
function M.read(operation, labels, query, body)
  local params = {}
  for wire, name in pairs(by_wire(operation.input, "label")) do
    params[name] = labels[wire]
  end
  local done, problem = read_query(operation, query, params)
  if done and operation.has_body then
    done, problem = read_body(operation, body, params)
  end
  if not done then
    return nil, problem
  end
  return params
end

return M
