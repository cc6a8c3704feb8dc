-- SPDX-License-Identifier: MIT
--- Changes as lines that begin with - and +, each with the path to what is other: members of
-- structures and entries of maps one by one, lists as they are.
-- @module appintegrations.command.diff

local appintegrations = require "appintegrations"
local metatables = require "appintegrations.base.metatables"

local M = {}

--- VALUE as JSON of its SHAPE, which tells an empty list from an empty object.
local function json(value, shape)
  return type(value) == "table" and appintegrations.json(metatables.mark(value, shape))
    or (appintegrations.json({ value }):sub(2, -2))
end

--- The names below SHAPE that FROM or TO may differ in, and how each is written in a path. What TO
-- leaves out of a structure stays as it is; of a map it goes away.
local function names_of(shape, from, to)
  local names = {}
  if shape.type == "structure" then
    for _, name in ipairs(shape.order) do
      names[#names + 1] = to[name] ~= nil and name or nil
    end
    return names, ".%s"
  end
  for key in pairs(to) do
    names[#names + 1] = key
  end
  for key in pairs(from) do
    names[#names + 1] = to[key] == nil and key or nil
  end
  table.sort(names)
  return names, "[%q]"
end

--- Adds the lines that lead from FROM to TO, which stand at PATH and have SHAPE.
---@param lines string[]
---@param shape table   as describe() has it
---@param path string
---@param from any
---@param to any
function M.add(lines, shape, path, from, to)
  local kind = shape.type
  if (kind == "structure" or kind == "map") and type(from) == "table" and type(to) == "table" then
    local names, layout = names_of(shape, from, to)
    for _, name in ipairs(names) do
      local inner = shape.members and shape.members[name] or shape.value
      M.add(lines, inner, path .. layout:format(name), from[name], to[name])
    end
    return
  end
  local before, after = from ~= nil and json(from, shape), to ~= nil and json(to, shape)
  if before ~= after then
    lines[#lines + 1] = before and ("- %s: %s"):format(path, before) or nil
    lines[#lines + 1] = after and ("+ %s: %s"):format(path, after) or nil
  end
end

return M
