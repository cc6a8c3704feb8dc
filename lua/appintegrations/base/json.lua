-- SPDX-License-Identifier: MIT
--- JSON objects in answers and files, with lua-cjson.
-- Its settings belong to everyone in the Lua state: this is an instance of our
-- own, made at first use.
-- @module appintegrations.base.json

local core = require "appintegrations.core"

local M = {}

local instance

local function get_instance()
  if not instance then
    local new = require("cjson").new()
    new.decode_invalid_numbers(false)
    new.decode_max_depth(core.json_depth) -- lua-cjson takes 1,000 otherwise
    instance = new
  end
  return instance
end

--- The object in TEXT, or nil for anything else. JSON's null is light userdata NULL.
---@param text string
---@return table? object
---@nodiscard
function M.decode_object(text)
  if not text:find("^[ \t\r\n]*{") then
    return nil
  end
  local ok, value = pcall(get_instance().decode, text)
  if not ok and value == "not enough memory" then -- no fault of the text
    error(value, 0)
  end
  return ok and value or nil
end

--- TABLE as JSON. What was decoded keeps its meaning, but for empty arrays, which lua-cjson cannot
-- tell from empty objects. It does not write it itself: tokens would stay in its buffer.
---@param value table  of strings, numbers, booleans and tables; no cycles
---@return string text
---@nodiscard
function M.encode(value)
  return require("appintegrations.base.printing").json(value)
end

return M
