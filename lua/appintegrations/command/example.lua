-- SPDX-License-Identifier: MIT
--- The example of an operation, as help has it for Lua, as a command line.
-- @module appintegrations.command.example

local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local flags = require "appintegrations.command.flags"
local shell_word = require("appintegrations.base.text").shell_word
local words = require "appintegrations.help.words"

local M = {}

--- The texts that a flag for SHAPE takes for VALUE.
local function texts_of(shape, value)
  if type(value) ~= "table" then
    return { tostring(value) }
  elseif flags.arity(shape) ~= "+" then
    return { appintegrations.json(value) }
  elseif shape.type == "list" then
    return value
  end
  local texts = {}
  for key, inner in pairs(value) do
    texts[#texts + 1] = key .. "=" .. inner
  end
  table.sort(texts)
  return texts
end

--- The words after `appintegrations` that call OPERATION with PARAMS.
---@param operation string
---@param params table
---@return string[]
function M.words(operation, params)
  local input = core.describe(operation).input
  local result = { (operation:gsub("_", "-")) }
  for _, name in ipairs(input.order) do
    if params[name] ~= nil then
      result[#result + 1] = "--" .. flags.name(name)
      for _, text in ipairs(texts_of(input.members[name], params[name])) do
        result[#result + 1] = text
      end
    end
  end
  return result
end

--- The parameters in the example of OPERATION.
---@param operation string
---@return table
function M.params(operation)
  local text = "return " .. words.operations[operation].example:match "%b{}"
  return assert((rawget(_G, "loadstring") or load)(text))()
end

--- A command line that calls OPERATION, with a flag a line where it has several.
---@param operation string
---@return string
function M.line(operation)
  local parts, flag_count = { "appintegrations" }, 0
  for _, word in ipairs(M.words(operation, M.params(operation))) do
    local is_flag = word:sub(1, 2) == "--"
    flag_count = flag_count + (is_flag and 1 or 0)
    parts[#parts + 1] = (is_flag and flag_count > 1 and "\\\n      " or "") .. shell_word(word)
  end
  return table.concat(parts, " ")
end

return M
