-- SPDX-License-Identifier: MIT
--- The one kind of error object: a table with fields and a readable text.
-- Everything that can fail at run time returns `nil, err` with such an `err`.
-- Nothing secret is ever put into one: constructors get texts, not requests.
-- @module appintegrations.base.errors

local compat = require "appintegrations.base.compat"
local math = compat.math
local printable = require("appintegrations.base.text").printable

local M = {}

--- What is wrong with one member of the parameters, or may be.
---@class appintegrations.Violation
---@field path string  where, as `FileConfiguration.Folders[3]`
---@field rule string  which rule, as `max_length`
---@field message string  what is wrong and what to do

--- What a call that fails returns after nil. `tostring` of it reads well; `..` joins it to texts.
---@class appintegrations.Error
---@field kind string  "validation", "config", "credentials", "transport", "timeout",
---                    "service", "response", "pagination", "cancelled" or "task"
---@field code string  as `ResourceNotFoundException`, `ConnectTimeout`
---@field message string  for people
---@field operation? string  as `get_data_integration`
---@field status? integer  HTTP status, where there was an answer
---@field request_id? string  for questions to AWS, where there was an answer
---@field retryable boolean  whether the same call may succeed later
---@field throttling boolean  whether the service has asked for fewer calls
---@field attempts? integer  how often the request was sent
---@field stale? boolean  the server had closed the connection that was kept since an earlier call
---@field details? appintegrations.Violation[]  what is wrong with the parameters, or may be
---@field cause? any  of DeadlineExceeded: how the last attempt failed; of TaskFailed: what the task
---                   has raised
---@field timings? appintegrations.Timings  of an attempt that was not answered
---@field report? appintegrations.Report  of apply: what was done, and what has failed
---@field association? table  of ExecutionFailed: the association
---@field where? string  "script.lua:12", where the program called; nil without debug library
---@field traceback? string  of the task that has raised an error

local mt = { __name = "appintegrations.Error" }

-- So many details are shown: a long list may be wrong at each position.
local MOST_SHOWN = 20

--- "get_data_integration, HTTP 404, request 1a2b, 3 attempts", as far as known.
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

--- What VIOLATION is of, and what is wrong; of the parameters as a whole, that alone.
local function violation_text(violation)
  return violation.path == "" and violation.message
    or violation.path .. ": " .. violation.message
end

--- One line, one more for each detail that the message does not have (of many, for the first), and
-- at the end where the call was made: Lua prints no position and no traceback for an error that is
-- an object.
function mt.__tostring(err)
  local lines = { err.code .. ": " .. err.message }
  local known = context(err)
  if known ~= "" then
    lines[1] = lines[1] .. " [" .. known .. "]"
  end
  -- A service may have said it: it must not drive a terminal.
  lines[1] = lines[1]:gsub("[^\n\t]+", printable)
  local details = err.details or {}
  if #details > 1 or err.kind ~= "validation" then
    for i = 1, math.min(#details, MOST_SHOWN) do
      lines[#lines + 1] = "  " .. violation_text(details[i])
    end
    if #details > MOST_SHOWN then
      lines[#lines + 1] = ("  and %d more, in details"):format(#details - MOST_SHOWN)
    end
  end
  if err.where then
    lines[#lines] = lines[#lines] .. (#lines == 1 and " at " or "\n  at ") .. err.where
  end
  lines[#lines + 1] = err.traceback
  return table.concat(lines, "\n")
end

--- `"cannot go on: " .. err` is text.
function mt.__concat(a, b)
  return tostring(a) .. tostring(b)
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

--- The error of who has no time left, for a reason that MESSAGE tells.
---@param message string
---@return appintegrations.Error
---@nodiscard
function M.deadline_exceeded(message)
  return M.new { kind = "timeout", code = "DeadlineExceeded", message = message }
end

--- The error for what somebody has set, in the program or around it, and that cannot be used.
---@param message string  names the setting and where it stands
---@return appintegrations.Error
---@nodiscard
function M.invalid_config(message)
  return M.new { kind = "config", code = "InvalidConfig", message = message }
end

--- The error of a provider of credentials that is configured and has failed.
---@param message string  names the provider; no secret
---@return appintegrations.Error
---@nodiscard
function M.provider_failed(message)
  return M.new { kind = "credentials", code = "CredentialsProviderError", message = message }
end

--- ERR for one call alone: several calls that wait for the same thing fail with the same error.
---@param err appintegrations.Error
---@return appintegrations.Error
---@nodiscard
function M.copy(err)
  local fields = {}
  for name, value in pairs(err) do
    fields[name] = value
  end
  return setmetatable(fields, mt)
end

--- The error of VIOLATIONS. Its message alone, without the details, says what to mend first.
---@param violations appintegrations.Violation[]
---@return appintegrations.Error
---@nodiscard
function M.violations(violations)
  local first, more = violations[1], #violations - 1
  return M.new {
    kind = "validation", code = "ParamValidationError", details = violations,
    message = ("%s%s (nothing was sent)"):format(violation_text(first),
      more == 0 and "" or more == 1 and ", and 1 more problem"
        or (", and %d more problems"):format(more)),
  }
end

--- Notes in ERR where the program called the module. Looks along the stack: for failures only.
---@param err appintegrations.Error
---@return appintegrations.Error err
function M.locate(err)
  err.where = compat.caller() or err.where
  return err
end

--- Whether VALUE is an error object of this module, and of CODE where one is given.
---@param value any
---@param code? string
---@return boolean
function M.is_error(value, code)
  return type(value) == "table" and compat.has_metatable(value, mt)
    and (code == nil or value.code == code)
end

return M
