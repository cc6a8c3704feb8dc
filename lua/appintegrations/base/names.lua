-- SPDX-License-Identifier: MIT
--- What to say of a name that does not exist: the one that was probably meant, or which there are.
-- @module appintegrations.base.names

local core = require "appintegrations.core"

local M = {}

--- The keys of MAP that are strings, sorted.
---@param map table
---@return string[]
---@nodiscard
function M.sorted(map)
  local names = {}
  for name in pairs(map) do
    if type(name) == "string" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

--- '; did you mean "region"?' if that is in the list KNOWN; nil where none of it was meant.
---@param name any
---@param known string[]
---@return string?
---@nodiscard
function M.meant(name, known)
  local nearest = core.nearest(tostring(name), known)
  return nearest and ('; did you mean "%s"?'):format(nearest)
end

--- '; did you mean "region"?', or '; there are a, b, c'.
---@param name any
---@param known table  its keys are the names that exist
---@return string
---@nodiscard
function M.hint(name, known)
  local names = M.sorted(known)
  return M.meant(name, names) or "; there are " .. table.concat(names, ", ")
end

--- '; did you mean "region"?', or "" where there are too many names to list.
---@param name any
---@param known table  its keys are the names that exist
---@return string
---@nodiscard
function M.short_hint(name, known)
  return M.meant(name, M.sorted(known)) or ""
end

--- What is wrong with NAME as that of an operation, with the one that was meant; nil if nothing is.
---@param name any
---@return string?
---@nodiscard
function M.operation_problem(name)
  if type(name) ~= "string" then
    return "expected the name of an operation, got " .. type(name)
  elseif not core.pagination(name) and not core.describe(name) then
    return ('no operation is called "%s"%s'):format(name,
      M.meant(name, core.operations()) or " (operations() lists them)")
  end
end

return M
