-- SPDX-License-Identifier: MIT
--- What would have to change of a resource, member by member.
-- @module appintegrations.helpers.difference

local M = {}

local ANY = {} -- what the model does not know

local same

--- The texts of LIST, sorted; nil where it is none of texts.
local function sorted_texts(list)
  local copy = {}
  for i, item in ipairs(list) do
    if type(item) ~= "string" then
      return nil
    end
    copy[i] = item
  end
  table.sort(copy)
  return copy
end

--- Lists of texts (folders, origins, permissions) say the same in any order.
local function same_list(shape, wanted, current)
  if #wanted ~= #current then
    return false
  end
  local a, b = sorted_texts(wanted), sorted_texts(current)
  if not a or not b then
    a, b = wanted, current
  end
  for i, item in ipairs(a) do
    if not same(shape.member or ANY, item, b[i]) then
      return false
    end
  end
  return true
end

local function same_map(shape, wanted, current)
  for key in pairs(current) do
    if wanted[key] == nil then
      return false
    end
  end
  for key, value in pairs(wanted) do
    -- A tag with an empty value is one.
    local is_missing = current[key] == nil and type(value) ~= "table"
    if is_missing or not same(shape.value, value, current[key]) then
      return false
    end
  end
  return true
end

--- Members that are not wanted in a structure are as they are.
local function same_structure(shape, wanted, current)
  for name, value in pairs(wanted) do
    local member = shape.members and shape.members[name] or ANY
    if not same(member, value, current[name]) then
      return false
    end
  end
  return true
end

--- Whether CURRENT is what is WANTED of a SHAPE. What is empty and what is absent are the same:
-- the service shows no empty lists, and may show no empty texts.
function same(shape, wanted, current)
  if current == nil then
    current = type(wanted) == "table" and {} or wanted == "" and "" or nil
  end
  if type(wanted) ~= "table" or type(current) ~= "table" then
    return wanted == current
  elseif shape.type == "list" then
    return same_list(shape, wanted, current)
  elseif shape.type == "map" then
    return same_map(shape, wanted, current)
  end
  return same_structure(shape, wanted, current)
end

--- WANTED of a SHAPE with what a structure in it leaves out, as it is in CURRENT: a member is
-- always sent, and replaced, as a whole.
local function completed(shape, wanted, current)
  if shape.type ~= "structure" or type(wanted) ~= "table" or type(current) ~= "table" then
    return wanted
  end
  local whole = {}
  for name, value in pairs(wanted) do
    whole[name] = completed(shape.members[name] or ANY, value, current[name])
  end
  for name, member in pairs(shape.members) do
    local value = current[name]
    local is_empty = type(value) == "table" and next(value) == nil and (member.min or 0) > 0
    if whole[name] == nil and not is_empty then -- an empty one may be shown, but not be sent
      whole[name] = value
    end
  end
  return whole
end

--- The members of WANTED that are other in CURRENT, both as parameters of SHAPE, in the model's
-- order. What is absent in WANTED, or in a structure in it, stays as it is.
---@param shape table
---@param wanted table
---@param current table
---@param ignored table<string, boolean>
---@return { path: string, from: any, to: any }[]
---@nodiscard
function M.of(shape, wanted, current, ignored)
  local changes = {}
  for _, name in ipairs(shape.order) do
    local value = wanted[name]
    if value ~= nil and name ~= "ClientToken" and not ignored[name]
      and not same(shape.members[name], value, current[name]) then
      changes[#changes + 1] = { path = name, from = current[name],
        to = completed(shape.members[name], value, current[name]) }
    end
  end
  return changes
end

return M
