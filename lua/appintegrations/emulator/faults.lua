-- SPDX-License-Identifier: MIT
--- Faults on request. A rule waits until the calls that it is meant for come, and is then spent
-- call by call. With `code`, `status` or `body` the service answers so and does nothing; without
-- them the call is carried out and what the rule says happens to its answer.
--
--     service:inject { fault = "throttle", times = 2 }           -- from a spec
--     emulator.new { faults = { { fault = "reset", rate = 0.1 } } }
--     appintegrations-emulator --fault reset:rate=0.1
--     POST /_emulator/faults  { "fault": "reset", "rate": 0.1 }
-- @module appintegrations.emulator.faults

local core = require "appintegrations.core"
local errors = require "appintegrations.emulator.errors"

local M = {}

---@class appintegrations.emulator.Fault
---@field fault? string       one of the names below: a rule that further fields change
---@field operation? string   method name as `get_application`; absent: every operation
---@field skip? integer       calls to let pass first
---@field times? integer      how many calls it hits (default 1; with `rate`, no limit)
---@field rate? number        it hits with this probability, above 0 and up to 1
---@field code? string        the error's code, as `ThrottlingException`
---@field message? string     the error's message
---@field status? integer     HTTP status, where it is not the code's own
---@field body? string        the answer's body as it is: HTML, half a JSON text
---@field headers? table<string, string>  further headers of the answer
---@field date_skew? number   seconds to add to the answer's Date
---@field latency? number     seconds to wait before the answer
---@field drip_bytes? integer the answer comes in pieces of so many bytes …
---@field drip_seconds? number  … with so many seconds in between (default 0.05)
---@field disconnect? string  "close" or "reset": end the connection
---@field after? integer      with disconnect: bytes of the body that are sent before (absent: not
---                           even a status line)
---@field excess? string      bytes behind the body that content-length does not count
---@field continue? boolean   an interim "100 Continue" before the answer
---@field http_1_0? boolean   an answer of HTTP/1.0 that ends with the connection

local FIELDS = {
  fault = "string", operation = "string", skip = "number", times = "number", rate = "number",
  code = "string", message = "string", status = "number", body = "string", headers = "table",
  date_skew = "number", latency = "number", drip_bytes = "number", drip_seconds = "number",
  disconnect = "string", after = "number", excess = "string", continue = "boolean",
  http_1_0 = "boolean",
}

--- An empty JSON object, compressed.
local GZIPPED = "\31\139\8\0\0\0\0\0\2\3\171\174\5\0\67\191\166\163\2\0\0\0"

--- Faults by name. `times`, `rate`, `operation` and so on are the user's to add.
M.NAMED = {
  throttle = { code = "ThrottlingException" },
  internal_error = { code = "InternalServiceError" },
  unavailable = { status = 503 },
  html_502 = { status = 502, body = "<html><body><h1>502 Bad Gateway</h1></body></html>",
    headers = { ["content-type"] = "text/html" } },
  latency = { latency = 1 },
  drip = { drip_bytes = 16, drip_seconds = 0.05 },
  close = { disconnect = "close" },
  reset = { disconnect = "reset" },
  reset_in_body = { disconnect = "reset", after = 1 },
  truncated = { disconnect = "close", after = 1 },
  closed_keep_alive = { disconnect = "close", after = math.huge },
  overlong = { excess = "and so on" },
  invalid_json = { status = 200, body = '{"Arn":' },
  wrong_content_type = { headers = { ["content-type"] = "text/plain" } },
  gzip = { status = 200, body = GZIPPED, headers = { ["content-encoding"] = "gzip" } },
  redirect = { status = 307, body = "", headers = { location = "http://127.0.0.1:9/elsewhere" } },
  continue = { continue = true },
  http_1_0 = { http_1_0 = true },
  skewed_date = { date_skew = 3600 },
}

--- What a number may be, and how to say so.
local RANGES = {
  skip = { 0, math.huge, "0 or more" }, times = { 1, math.huge, "1 or more" },
  status = { 200, 599, "from 200 to 599" }, latency = { 0, math.huge, "0 or more" },
  drip_bytes = { 1, math.huge, "1 or more" }, drip_seconds = { 0, math.huge, "0 or more" },
  after = { 0, math.huge, "0 or more" }, rate = { 0, 1, "from 0 to 1" },
}

--- What is wrong with the fields of RULE by themselves, or nil.
local function wrong_field(rule)
  for name, value in pairs(rule) do
    local range = RANGES[name]
    if not FIELDS[name] then
      return ("a fault has no field %s"):format(tostring(name))
    elseif type(value) ~= FIELDS[name] then
      return ("%s of a fault must be a %s"):format(name, FIELDS[name])
    elseif range and not (value >= range[1] and value <= range[2]) then
      return ("%s must be %s"):format(name, range[3])
    end
  end
  for name, value in pairs(rule.headers or {}) do
    if type(name) ~= "string" or type(value) ~= "string" then
      return "headers must be strings by name"
    end
  end
  return nil
end

--- What is wrong with RULE as a fault, or nil.
---@param rule any
---@param operations table<string, any>  the known method names
---@return string? message
function M.check(rule, operations)
  if type(rule) ~= "table" then
    return "a fault must be a table"
  end
  local wrong = wrong_field(rule)
  if wrong then
    return wrong
  elseif rule.fault and not M.NAMED[rule.fault] then
    return ("no fault is called %s"):format(rule.fault)
  elseif rule.operation and not operations[rule.operation] then
    return ("there is no operation %s"):format(rule.operation)
  elseif rule.disconnect and rule.disconnect ~= "close" and rule.disconnect ~= "reset" then
    return "disconnect must be \"close\" or \"reset\""
  end
  return nil
end

local SWITCHES = { ["true"] = true, ["false"] = false }

--- The rule in a text like `reset:rate=0.1,operation=get_application`; nil and a text.
---@param text string
---@return appintegrations.emulator.Fault? rule
---@return string? message
function M.parse(text)
  local fault, fields = text:match("^([%w_]+):?(.*)$")
  if not fault then
    return nil, "expected NAME or NAME:FIELD=VALUE,…"
  end
  local rule = { fault = fault }
  for field in fields:gmatch("[^,]+") do
    local name, value = field:match("^([%w_]+)=(.*)$")
    if not name then
      return nil, ("%s is not of the form FIELD=VALUE"):format(field)
    elseif FIELDS[name] == "number" then
      rule[name] = tonumber(value) or value
    elseif FIELDS[name] == "boolean" then
      rule[name] = SWITCHES[value]
    else
      rule[name] = value
    end
  end
  return rule
end

local function copy_into(copy, fields)
  for name, value in pairs(fields) do
    copy[name] = value
  end
end

--- Adds a copy of RULE, which has been checked, to the end of RULES.
function M.add(rules, rule)
  local named = M.NAMED[rule.fault] or {}
  local copy = { times = rule.rate and math.huge or 1, skip = 0 }
  copy_into(copy, named)
  copy_into(copy, rule)
  copy.drip_seconds = copy.drip_seconds or 0.05
  copy.headers = {}
  copy_into(copy.headers, named.headers or {})
  copy_into(copy.headers, rule.headers or {})
  rules[#rules + 1] = copy
end

--- Whether RULE, which waits for such calls, hits this one.
local function hits(rule, random)
  if rule.skip > 0 then
    rule.skip = rule.skip - 1
    return false
  end
  return not rule.rate or random() < rule.rate
end

--- The first rule that hits a call of METHOD_NAME, spent by it; nil if there is none.
---@param rules appintegrations.emulator.Fault[]
---@param method_name string
---@param random? fun(): number
---@return appintegrations.emulator.Fault?
function M.take(rules, method_name, random)
  for position, rule in ipairs(rules) do
    if (not rule.operation or rule.operation == method_name)
      and hits(rule, random or core.random) then
      rule.times = rule.times - 1
      if rule.times <= 0 then
        table.remove(rules, position)
      end
      return rule
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
  for name, value in pairs(rule.headers) do
    response.headers[name:lower()] = value
  end
  response.fault = rule
end

return M
