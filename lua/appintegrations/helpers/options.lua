-- SPDX-License-Identifier: MIT
--- What the helpers have in common: the options of several calls, and checks of what a program
-- passes.
--
-- Like operations, helpers return nil and an error for what can fail at run time, raise for
-- misuse, and may yield inside a task: nothing in this folder stands under pcall.
-- @module appintegrations.helpers.options

local errors = require "appintegrations.base.errors"
local headers_of = require("appintegrations.base.compat").lazy "appintegrations.config.headers"
local options_of = require "appintegrations.config.options"
local seconds_text = require("appintegrations.base.text").seconds

local M = {}

local NOTHING = {}

-- Where misuse is raised, seen from a helper: in the program. In between stands the client's
-- method, which loads the helper's file.
M.PROGRAM = 3

--- The rules of the options that all calls of a helper have, for options_of.check; with MORE.
---@param more? table
---@return table
function M.rules(more)
  local call, result = options_of.CALL, {}
  for _, name in ipairs { "timeout", "max_attempts", "headers", "deadline" } do
    result[name] = call[name]
  end
  for name, rule in pairs(more or NOTHING) do
    result[name] = rule
  end
  return result
end

--- OPTIONS, checked; misuse is raised at LEVEL, seen from the caller.
---@param options? table
---@param rules table
---@param what string
---@param level integer
---@return table
function M.checked(options, rules, what, level)
  if options == nil then
    return NOTHING
  end
  options_of.check(options, rules, what, level + 1)
  if options.headers then
    headers_of.check(options.headers, level + 1)
  end
  return options
end

--- Raises at LEVEL, seen from the caller, unless VALUE has the type EXPECTED.
---@param value any
---@param expected string
---@param what string
---@param level integer
function M.expect(value, expected, what, level)
  if type(value) ~= expected then
    error(("%s: expected a %s, got %s"):format(what, expected, type(value)), level + 1)
  end
end

--- A function that makes the options of single calls from OPTIONS, so that all of them together
-- keep the LIMIT in seconds, if there is one; nil and an error once it has passed.
---@param client appintegrations.Client
---@param options table
---@param limit? number
---@param what string
---@return fun(): table?, appintegrations.Error?
function M.within(client, options, limit, what)
  local deadline = limit and client.clock() + limit
  return function()
    local left = deadline and deadline - client.clock()
    if left and left <= 0 then
      return nil, errors.new {
        kind = "timeout", code = "DeadlineExceeded", operation = what,
        message = ("the deadline of %s s has passed between two calls"):format(
          seconds_text(limit)),
      }
    end
    return { timeout = options.timeout, max_attempts = options.max_attempts,
      headers = options.headers, validate = options.validate, deadline = left }
  end
end

return M
