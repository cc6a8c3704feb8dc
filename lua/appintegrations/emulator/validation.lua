-- SPDX-License-Identifier: MIT
--- The model's constraints, checked strictly, told in the service's words.
-- @module appintegrations.emulator.validation

local core = require "appintegrations.core"
local errors = require "appintegrations.emulator.errors"

local M = {}

--- The message names this many findings; the count tells of the others.
local MAX_TOLD = 5

--- The findings that the service has too: it still takes deprecated members.
local function relevant(violations)
  local list = {}
  for _, violation in ipairs(violations) do
    if violation.rule ~= "deprecated" then
      list[#list + 1] = violation
    end
  end
  return list
end

local function describe(violations)
  local texts = {}
  for i = 1, math.min(#violations, MAX_TOLD) do
    local violation = violations[i]
    local message = violation.message:gsub(" %(options%.extra .*$", "") -- advice for Lua's callers
    texts[i] = ("Value at '%s' failed to satisfy constraint: %s"):format(violation.path, message)
  end
  return ("%d validation error%s detected: %s"):format(#violations, #violations > 1 and "s" or "",
    table.concat(texts, "; "))
end

--- A problem if PARAMS break the model's constraints for the operation METHOD_NAME.
---@param method_name string
---@param params table
---@return appintegrations.emulator.Problem?
function M.check(method_name, params)
  local request, violations = core.build(method_name, params, "strict")
  if request then
    return nil
  end
  violations = relevant(violations)
  return #violations > 0 and errors.invalid("%s", describe(violations)) or nil
end

return M
