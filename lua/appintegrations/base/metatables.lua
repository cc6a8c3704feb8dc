-- SPDX-License-Identifier: MIT
--- The metatables of the tables that the module hands out: one for each shape, with `__tostring`
-- and, but for META's, no other event, so that next, pairs, # and JSON encoders see plain tables.
-- What they know is enough for appintegrations.base.printing, which is loaded when something is
-- printed.
-- @module appintegrations.base.metatables

local core = require "appintegrations.core"

local M = {}

--- For people; see appintegrations.base.printing.
---@param value table
---@return string
function M.to_string(value)
  return require("appintegrations.base.printing").text(value)
end

--- By the name of their shape; each is made when it is first asked for.
local by_shape = {}

--- The metatable of the tables that are a SHAPE.
---@param shape string  its name
---@return table
---@nodiscard
function M.of(shape)
  local found = by_shape[shape]
  if not found then
    found = { __name = "appintegrations." .. shape, __tostring = M.to_string, shape = shape }
    by_shape[shape] = found
  end
  return found
end

--- The metatables of all shapes by their numbers, for core.decode: of more than a hundred, a
-- program meets a few.
---@return table<integer, table>
---@nodiscard
function M.by_number()
  return setmetatable({}, { __index = function(list, number)
    local metatable = M.of(core.shape_name(number))
    list[number] = metatable
    return metatable
  end })
end

--- The metatable of what a call returns beside its output. That has the answer's headers as a text,
-- `header_lines`, until somebody reads `headers`, which then stands in its place: for next, JSON
-- encoders and the pairs of Lua 5.1, only then.
M.META = { __name = "appintegrations.Meta", __tostring = M.to_string, kind = "meta" }

function M.META.__index(meta, name)
  local lines = name == "headers" and rawget(meta, "header_lines")
  if lines then
    meta.headers, meta.header_lines = core.headers(lines), nil
    return meta.headers
  end
end

function M.META.__pairs(meta)
  local _ = meta.headers
  return next, meta
end

--- The metatable of what describe() returns.
M.DESCRIPTION = { __name = "appintegrations.Description", __tostring = M.to_string,
  kind = "description" }

--- Gives VALUE, and what is below it, the metatables of SHAPE (as core.describe gives it).
---@param value any
---@param shape table
---@return any value
function M.mark(value, shape)
  if type(value) ~= "table" then
    return value
  end
  setmetatable(value, M.of(shape.shape))
  local members, item = shape.members, shape.member or shape.value
  for key, inner in next, value do
    local inner_shape = members and members[key] or item
    if inner_shape then
      M.mark(inner, inner_shape)
    end
  end
  return value
end

return M
