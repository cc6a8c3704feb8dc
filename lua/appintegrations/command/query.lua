-- SPDX-License-Identifier: MIT
--- `--query`: a path into an output, as `DataIntegrations[].Name`.
--
--     NAME      the member of that name; of a map, the entry
--     "NAME"    the same, for names with other characters than letters, digits, _ and -
--     .         goes on below
--     []        goes on below each entry of a list; the result is a list
--     [N]       the entry N of a list, counted from 1; [-1] is the last
--
-- What is not there is left out. It knows no filters and no functions: jq does.
-- @module appintegrations.command.query

local names = require "appintegrations.base.names"

local M = {}

--- The next step of a path at position AT; nil and a text if there is none.
local function read_step(text, at, first)
  local name, after = text:match(first and '^([A-Za-z0-9_-]+)()' or '^%.([A-Za-z0-9_-]+)()', at)
  if not name then
    name, after = text:match(first and '^"([^"]*)"()' or '^%."([^"]*)"()', at)
  end
  if name then
    return { name = name }, after
  end
  local index
  index, after = text:match("^%[(%-?%d*)%]()", at)
  if index and index ~= "-" and index ~= "0" then
    return { each = index == "", index = tonumber(index) }, after
  end
end

--- What people mean who know another language of paths.
local function hint(rest)
  if rest:find("^%[0%]") then
    return "; the first entry is [1]"
  elseif rest:find("^%[%*%]") then
    return "; [] goes below each entry"
  end
  return rest:find("^%.?[|&%[{(]")
    and "; for filters, functions and several members at once there is jq" or ""
end

--- The steps of the path TEXT; nil and what is wrong.
---@param text string
---@return table? path
---@return string? message
function M.parse(text)
  local path, at = {}, 1
  while at <= #text do
    local step, after = read_step(text, at, at == 1)
    if not step then
      local rest = text:sub(at)
      return nil, ("%q is no path: cannot read on at %q%s"):format(text, rest, hint(rest))
    end
    path[#path + 1], at = step, after
  end
  if #path == 0 then
    return nil, "the path is empty"
  end
  return path
end

--- PATH for single entries of a listing, whose member NAME has them: the same without what leads
-- to them. A path that begins elsewhere begins at the entry already.
---@param path table  of M.parse
---@param name string
---@return table? path     empty: the entries themselves
---@return string? message
local function below_entries(path, name)
  if path[1].name ~= name then
    return path
  elseif path[2] and not path[2].each then
    return nil, ("pages are printed as they come: expected %s[]"):format(name)
  end
  local rest = {}
  for i = 3, #path do
    rest[i - 2] = path[i]
  end
  return rest
end

--- What PATH names and SHAPE, as describe() has it, does not: a sentence. It may be there all the
-- same: the service has members that this version does not know.
---@param path table
---@param shape? table
---@return string?
local function doubt_in(path, shape)
  for _, step in ipairs(path) do
    if not shape then
      return nil
    elseif step.name and shape.type == "structure" then
      local inner = shape.members[step.name]
      if not inner then
        return ("%s has no member %s%s"):format(shape.shape, step.name,
          names.hint(step.name, shape.members))
      end
      shape = inner
    elseif step.name then
      if shape.type == "list" then
        return ("%s stands below a list: [].%s is that of each entry"):format(step.name, step.name)
      end
      shape = shape.type == "map" and shape.value or nil
    elseif shape.type ~= "list" then
      return ("%s is no list, as [%s] asks for"):format(shape.shape, step.index or "")
    else
      shape = shape.member
    end
  end
end

--- The path TEXT into SHAPE; into the entries of its member ENTRIES where that is given. What
-- looks like a slip is told on standard error.
---@param host table
---@param text string
---@param shape table      as describe() has it
---@param entries? string
---@return table? path      empty: the entries themselves
---@return table? problem  { usage = text }
function M.checked(host, text, shape, entries)
  local path, message = M.parse(text)
  if path and entries then
    path, message = below_entries(path, entries)
    shape = shape.members[entries].member
  end
  if not path then
    return nil, { usage = "--query: " .. message }
  end
  local doubt = doubt_in(path, shape)
  if doubt then
    host.err:write("appintegrations: advice: --query: ", doubt,
      entries and "; the path begins at each entry" or "", "\n")
  end
  return path
end

local walk

--- Goes on below each entry of the list VALUE. Lists of lists become one list.
local function walk_each(value, path, position)
  local result = {}
  for _, item in ipairs(value) do
    local found, is_list = walk(item, path, position)
    if is_list then
      for _, inner in ipairs(found) do
        result[#result + 1] = inner
      end
    elseif found ~= nil then
      result[#result + 1] = found
    end
  end
  return result, true
end

function walk(value, path, position)
  local step = path[position]
  if not step then
    return value, false
  elseif type(value) ~= "table" then
    return nil, false
  elseif step.each then
    return walk_each(value, path, position + 1)
  elseif step.index then
    local index = step.index < 0 and #value + 1 + step.index or step.index
    return walk(value[index], path, position + 1)
  end
  return walk(value[step.name], path, position + 1)
end

--- What stands at PATH in VALUE; nil if nothing does.
---@param path table  of M.parse
---@param value any
---@return any? found
---@return boolean is_list  whether it is a list because the path has []
function M.at(path, value)
  local found, is_list = walk(value, path, 1)
  return found, is_list
end

return M
