-- SPDX-License-Identifier: MIT
--- Whether a Lua value is what a shape of the model says. The core checks inputs while it writes
-- them; this checks outputs, where they are made up: by the emulator and by a test's stub.
-- Types, members, enumerations and sequences are checked; lengths, patterns and what is required
-- are not, so that a test may answer with no more than it needs.
-- @module appintegrations.base.shape

local core = require "appintegrations.core"
local decimal = require("appintegrations.base.text").decimal
local names = require "appintegrations.base.names"

local M = {}

local LUA_TYPES = {
  structure = "table", list = "table", map = "table", string = "string", integer = "number",
  float = "number", timestamp = "number", boolean = "boolean",
}

local problem -- (shape, value, path) -> text or nil

local function say(path, message, ...)
  return (path == "" and "" or path .. ": ") .. message:format(...)
end

local CHECKS = {}

function CHECKS.structure(shape, value, path)
  for name, item in pairs(value) do
    local member = shape.members[name]
    if not member then
      return say(path, "%s is no member of %s%s", tostring(name), shape.shape,
        #shape.order > 0 and names.hint(name, shape.members) or " (it has none)")
    end
    local found = problem(member, item, path == "" and name or path .. "." .. name)
    if found then
      return found
    end
  end
end

function CHECKS.list(shape, value, path)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  for i = 1, count do
    if value[i] == nil then
      return say(path, "expected a list with the keys 1 to n; position %d is nil", i)
    end
    local found = problem(shape.member, value[i], ("%s[%d]"):format(path, i))
    if found then
      return found
    end
  end
end

function CHECKS.map(shape, value, path)
  for key, item in pairs(value) do
    if type(key) ~= "string" then
      return say(path, "expected strings as keys, got a %s", type(key))
    end
    local found = problem(shape.value, item, ('%s["%s"]'):format(path, key))
    if found then
      return found
    end
  end
end

function CHECKS.string(shape, value, path)
  for _, allowed in ipairs(shape.enum or {}) do
    if value == allowed then
      return nil
    end
  end
  return shape.enum and say(path, '"%s" is none of %s', value, table.concat(shape.enum, ", "))
end

function CHECKS.integer(_, value, path)
  if value % 1 ~= 0 then
    return say(path, "expected an integer, got %s", decimal("%g", value))
  end
end

function problem(shape, value, path)
  if type(value) ~= LUA_TYPES[shape.type] then
    return say(path, "expected %s, got %s", shape.type, type(value))
  end
  local check = CHECKS[shape.type]
  return check and check(shape, value, path) or nil
end

--- What is wrong with VALUE as a SHAPE (as core.describe gives it), with the path to it; nil if
-- nothing is. Only the first problem that is found.
---@param shape table
---@param value any
---@return string?
---@nodiscard
function M.problem(shape, value)
  return problem(shape, value, "")
end

local descriptions = {}

--- What the model says of OPERATION; kept, not to be changed.
---@param operation string
---@return table? description  nil for what is no operation
---@nodiscard
function M.describe(operation)
  descriptions[operation] = descriptions[operation] or core.describe(operation)
  return descriptions[operation]
end

--- Notes SHAPE and what is below it in FOUND.
local function collect(shape, found)
  if not found[shape.shape] then
    found[shape.shape] = shape
    for _, inner in pairs(shape.members or { shape.member, shape.value }) do
      collect(inner, found)
    end
  end
end

local by_name

--- What the model says of the shape called NAME, as it is below an operation's input or output.
---@param name string
---@return table? shape  kept, not to be changed
---@nodiscard
function M.find(name)
  if not by_name then
    local found = {}
    for _, operation in ipairs(core.operations()) do
      local description = M.describe(operation)
      collect(description.input, found)
      collect(description.output, found)
    end
    by_name = found -- whole: memory may end before
  end
  return by_name[name]
end

return M
