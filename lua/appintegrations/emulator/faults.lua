-- SPDX-License-Identifier: MIT
--- Faults on request. A rule waits until the calls that it is meant for come, and is then spent
-- call by call. With `code`, `status` or `body` the service answers so and does nothing; without
-- them the call is carried out and what the rule says happens to its answer.
-- @module appintegrations.emulator.faults

local errors = require "appintegrations.emulator.errors"

local M = {}

---@class appintegrations.emulator.Fault
---@field operation? string   method name as `get_application`; absent: every operation
---@field skip? integer       calls to let pass first
---@field times? integer      how many calls it hits (default 1)
---@field code? string        the error's code, as `ThrottlingException`
---@field message? string     the error's message
---@field status? integer     HTTP status, where it is not the code's own
---@field body? string        the answer's body as it is: HTML, half a JSON text
---@field headers? table<string, string>  further headers of the answer
---@field latency? number     seconds to wait before the answer
---@field disconnect? string  "close" or "reset": end the connection
---@field after? integer      with disconnect: bytes of the body that are sent before (absent: not
---                           even a status line)

local FIELDS = {
  operation = "string", skip = "number", times = "number", code = "string", message = "string",
  status = "number", body = "string", headers = "table", latency = "number",
  disconnect = "string", after = "number",
}

--- What is wrong with RULE as a fault, or nil.
---@param rule any
---@param operations table<string, any>  the known method names
---@return string? message
function M.check(rule, operations)
  if type(rule) ~= "table" then
    return "a fault must be a table"
  end
  for name, value in pairs(rule) do
    if not FIELDS[name] then
      return ("a fault has no field %s"):format(tostring(name))
    elseif type(value) ~= FIELDS[name] then
      return ("%s of a fault must be a %s"):format(name, FIELDS[name])
    end
  end
  if rule.operation and not operations[rule.operation] then
    return ("there is no operation %s"):format(rule.operation)
  elseif rule.disconnect and rule.disconnect ~= "close" and rule.disconnect ~= "reset" then
    return "disconnect must be \"close\" or \"reset\""
  elseif rule.status and (rule.status < 200 or rule.status > 599) then
    return "status must be from 200 to 599"
  end
  return nil
end

--- Adds a copy of RULE to the end of RULES.
function M.add(rules, rule)
  local copy = { times = 1, skip = 0 }
  for name, value in pairs(rule) do
    copy[name] = value
  end
  rules[#rules + 1] = copy
end

--- The first rule for METHOD_NAME, spent by one call; nil if there is none.
---@param rules appintegrations.emulator.Fault[]
---@param method_name string
---@return appintegrations.emulator.Fault?
function M.take(rules, method_name)
  for position, rule in ipairs(rules) do
    if not rule.operation or rule.operation == method_name then
      if rule.skip > 0 then
        rule.skip = rule.skip - 1
      else
        rule.times = rule.times - 1
        if rule.times <= 0 then
          table.remove(rules, position)
        end
        return rule
      end
    end
  end
  return nil
end

--- The answer that RULE puts in the service's place, or nil if the service may answer.
function M.answer(rule)
  if not (rule.code or rule.status or rule.body) then
    return nil
  end
  local problem = errors.new(rule.code or "ServiceUnavailableException", rule.message)
  problem.status = rule.status or problem.status
  local response = errors.response(problem)
  if rule.body then
    response.body = rule.body
    response.headers["x-amzn-errortype"] = rule.code and response.headers["x-amzn-errortype"]
  end
  return response
end

--- Marks RESPONSE with what the server has to do to it.
function M.apply(rule, response)
  for name, value in pairs(rule.headers or {}) do
    response.headers[name:lower()] = value
  end
  response.fault = { latency = rule.latency, disconnect = rule.disconnect, after = rule.after }
end

return M
