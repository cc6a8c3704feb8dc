-- SPDX-License-Identifier: MIT
--- A transport that the program brings, with what it gives checked: a host's HTTP client fails with
-- nil and a text, and has its own ideas of headers. What it gets wrong is the error of the call
-- that met with it.
-- @module appintegrations.transport.foreign

local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math
local texts = require "appintegrations.base.text"

local M = {}

--- The error for ERR, whatever that is.
local function failure(err)
  if errors.is_error(err) then
    return err
  elseif type(err) == "table" and type(err.kind) == "string" and type(err.code) == "string"
    and type(err.message) == "string" then
    return errors.new(errors.copy(err))
  end
  return errors.new {
    kind = "transport", code = "ConnectionError",
    message = "the option transport failed" .. (err == nil and "" or ": " .. texts.of(err)),
  }
end

-- What may be absent.
local OPTIONAL = { body = "string", headers = "table", header_lines = "string", timings = "table" }

--- What is wrong with RESPONSE, or nil.
local function problem_of(response)
  if type(response) ~= "table" then
    return "expected a table, got " .. type(response)
  elseif type(response.status) ~= "number" or response.status % 1 ~= 0 then
    return "status: expected a whole number, got " .. texts.of(response.status)
  end
  for name, expected in pairs(OPTIONAL) do
    local value = response[name]
    if value ~= nil and type(value) ~= expected then
      return ("%s: expected a %s, got %s"):format(name, expected, type(value))
    end
  end
end

--- Whether HEADERS are as the module has them: texts, by names in lower case.
local function is_usual(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string" or type(value) ~= "string" or name:find "[A-Z]" then
      return false
    end
  end
  return true
end

--- HEADERS by names in lower case; of several values for one, a list, they are joined.
local function usual(headers)
  local copy = {}
  for name, value in pairs(headers) do
    local values = {}
    for i, one in ipairs(type(value) == "table" and value or { value }) do
      values[i] = texts.of(one)
    end
    if type(name) == "string" then
      copy[texts.lower(name)] = table.concat(values, ", ")
    end
  end
  return copy
end

--- RESPONSE in the module's form: itself, where it is.
local function complete(response)
  local headers, lines, status = response.headers, response.header_lines, response.status
  -- Out of JSON it may be the float 429.0, whose text is no status.
  local is_float = math.type and math.type(status) == "float"
  if response.body and not is_float
    and (headers and is_usual(headers) or not headers and lines) then
    return response
  end
  return {
    status = is_float and math.floor(status) or status, body = response.body or "",
    timings = response.timings,
    headers = (headers or not lines) and usual(headers or {}) or nil,
    header_lines = not headers and lines or nil,
  }
end

local function checked(response, err)
  if not response then
    return nil, failure(err)
  end
  local problem = problem_of(response)
  if problem then
    return nil, errors.new {
      kind = "response", code = "InvalidResponse",
      message = "what the option transport gave is no response: " .. problem,
    }
  end
  return complete(response)
end

--- INNER, of the program, as a transport whose results can be relied on. All else that it has is
-- passed on.
---@param inner table
---@return table transport
---@nodiscard
function M.wrap(inner)
  local transport = {}
  function transport.send(_, request, deadline)
    return checked(inner:send(request, deadline))
  end
  return setmetatable(transport, { __index = function(_, name)
    local value = inner[name]
    if type(value) ~= "function" then
      return value
    end
    return function(_, ...)
      return value(inner, ...)
    end
  end })
end

return M
