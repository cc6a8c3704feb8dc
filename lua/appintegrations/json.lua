-- SPDX-License-Identifier: MIT
--- Reading JSON with lua-cjson. Its settings belong to everyone in the Lua state:
-- an instance of our own, made at the first text.
-- @module appintegrations.json

local M = {}

local decode

local function load_decoder()
  local cjson = require("cjson").new()
  cjson.decode_invalid_numbers(false)
  decode = cjson.decode
end

--- The JSON object in TEXT, or nil.
---@param text string
---@return table? object
---@nodiscard
function M.decode_object(text)
  if not text:find("^[ \t\r\n]*{") then
    return nil
  end
  if not decode then
    load_decoder()
  end
  local ok, value = pcall(decode, text)
  return ok and value or nil
end

return M
