-- SPDX-License-Identifier: MIT
--- The state file: JSON, replaced as a whole by a rename, so that whoever reads it (or the next
-- emulator after a crash) finds the old state or the new one, never a half.
-- @module appintegrations.emulator.state

local json = require "appintegrations.emulator.json"

local M = {}

--- Reads PATH.
---@param path string
---@return table? data     nil without a message: there is no such file yet
---@return string? message
function M.load(path)
  local file, reason, code = io.open(path, "rb")
  if not file then
    local absent = code == 2 -- ENOENT
    return nil, not absent and reason or nil
  end
  local text = file:read("*a")
  file:close()
  local data, problem = json.decode(text or "")
  if type(data) ~= "table" then
    return nil, ("%s is no state file: %s"):format(path, tostring(problem))
  end
  return data
end

--- Writes DATA to PATH.
---@param path string
---@param data table
---@return boolean? done
---@return string? message
function M.save(path, data)
  local temporary = path .. ".new"
  local file, reason = io.open(temporary, "wb")
  if not file then
    return nil, reason
  end
  local written, problem = file:write(json.encode(data), "\n")
  local closed, closing_problem = file:close()
  if not written or not closed then
    os.remove(temporary)
    return nil, problem or closing_problem
  end
  return os.rename(temporary, path)
end

return M
