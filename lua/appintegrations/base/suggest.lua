-- SPDX-License-Identifier: MIT
--- The known name that somebody meant who wrote another one.
-- @module appintegrations.base.suggest

local lower = require("appintegrations.base.text").lower

local M = {}

-- `math` is absent in some sandboxes.
local function lesser(a, b)
  return a < b and a or b
end

local LONGEST = 64 -- characters; a longer text is nobody's slip

--- How many characters must be added, removed or replaced to make B of A.
local function distance(a, b)
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      diagonal, row[j] = row[j], lesser(lesser(row[j], row[j - 1]) + 1, diagonal + cost)
    end
  end
  return row[#b]
end

--- The key of NAMES that is nearest to TEXT, in whatever case; nil if none is near.
---@param text any
---@param names table<string, any>
---@return string?
function M.nearest(text, names)
  if type(text) ~= "string" or #text > LONGEST then
    return nil
  end
  local best, least = nil, (#text > 3 and #text / 3 or 1) + 0.5
  for name in pairs(names) do
    local steps = distance(lower(text), lower(name))
    if steps < least or (steps == least and best and name < best) then
      best, least = name, steps
    end
  end
  return best
end

--- `; did you mean "…"?`, or nothing.
---@param text any
---@param names table<string, any>
---@return string
function M.hint(text, names)
  local name = M.nearest(text, names)
  return name and ('; did you mean "%s"?'):format(name) or ""
end

return M
