-- SPDX-License-Identifier: MIT
--- The one kind of error object: a table with fields and a readable text.
-- Everything that can fail at run time returns `nil, err` with such an `err`.
-- Nothing secret is ever put into one: constructors get texts, not requests.
-- @module appintegrations.errors

local M = {}

---@class appintegrations.Violation
---@field path string      where, as `FileConfiguration.Folders[3]`
---@field rule string      which rule, as `max_length`
---@field message string   what is wrong and what to do

---@class appintegrations.Error
---@field kind string       "validation", "config", "credentials", "transport", "timeout",
---                         "service", "response", "pagination", "cancelled" or "task"
---@field code string       as `ResourceNotFoundException`, `ConnectTimeout`
---@field message string    for people
---@field operation? string as `get_data_integration`
---@field status? integer   HTTP status, where there was an answer
---@field request_id? string
---@field retryable boolean
---@field throttling boolean
---@field attempts? integer how often the request was sent
---@field details? appintegrations.Violation[]
---@field cause? appintegrations.Error  of DeadlineExceeded: how the last attempt failed
---@field cause? any        what a task raised that was no error object
---@field traceback? string of that task

local mt = { __name = "appintegrations.Error" }

--- "GetDataIntegration, HTTP 404, request 1a2b, 3 attempts", as far as known.
local function context(err)
  local parts = {}
  if err.operation then
    parts[#parts + 1] = err.operation
  end
  if err.status then
    parts[#parts + 1] = "HTTP " .. err.status
  end
  if err.request_id then
    parts[#parts + 1] = "request " .. err.request_id
  end
  if err.attempts and err.attempts > 1 then
    parts[#parts + 1] = err.attempts .. " attempts"
  end
  return table.concat(parts, ", ")
end

function mt.__tostring(err)
  local lines = { err.code .. ": " .. err.message }
  local where = context(err)
  if where ~= "" then
    lines[1] = lines[1] .. " [" .. where .. "]"
  end
  for _, violation in ipairs(err.details or {}) do
    lines[#lines + 1] = "  " .. violation.path .. ": " .. violation.message
  end
  lines[#lines + 1] = err.traceback
  return table.concat(lines, "\n")
end

--- Makes an error object of FIELDS, which it takes over.
---@param fields table  `kind`, `code` and `message` at least
---@return appintegrations.Error
---@nodiscard
function M.new(fields)
  fields.retryable = fields.retryable or false
  fields.throttling = fields.throttling or false
  return setmetatable(fields, mt)
end

--- Whether VALUE is an error object of this module, and of CODE where one is given.
---@param value any
---@param code? string
---@return boolean
function M.is_error(value, code)
  return type(value) == "table" and getmetatable(value) == mt
    and (code == nil or value.code == code)
end

return M
