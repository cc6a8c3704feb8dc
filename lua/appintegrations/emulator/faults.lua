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

local text_of = require "appintegrations.base.text"
local core = require "appintegrations.core"
local errors = require "appintegrations.emulator.errors"
local names = require "appintegrations.base.names"
local router = require "appintegrations.emulator.router"

local M = {}

---@class appintegrations.emulator.Fault
---@field fault? string       one of the names below: a rule that further fields change
---@field operation? string   as `get_application` or `GetApplication`; absent: every operation
---@field skip? integer       calls to let pass first
---@field times? integer      how many calls it hits (default 1; with `rate`, no limit)
---@field rate? number        it hits with this probability, above 0 and up to 1
---@field code? string        the error's code, as `ThrottlingException`
---@field message? string     the error's message
---@field status? integer     HTTP status, where it is not the code's own; of a body alone 503
---@field body? string        the answer's body as it is: HTML, half a JSON text
---@field headers? table<string, string>  further headers of the answer
---@field date_skew? number   seconds to add to the answer's Date
---@field latency? number     seconds to wait before the answer (in one process: see `sleep` of
---                           options.lua)
---@field drip_bytes? integer the answer comes in pieces of so many bytes …
---@field drip_seconds? number  … with so many seconds in between (default 0.05)
---@field disconnect? string  "close" or "reset": end the connection
---@field after? integer      with disconnect: bytes of the body that are sent before (absent: not
---                           even a status line)
---@field excess? string      bytes behind the body that content-length does not count
---@field continue? boolean   an interim "100 Continue" before the answer
---@field http_1_0? boolean   an answer of HTTP/1.0 that ends with the connection

local LONGEST = 86400 -- seconds; nobody waits longer

--- What a fault may be made of: for each field its type, and `min`, `above`, `max` of a number,
-- `one_of` (a set), `needs` (without any of these it means nothing); `acts`: it is enough to make
-- a fault.
local FIELDS = {
  fault = { type = "string", acts = true },
  operation = { type = "string" },
  skip = { type = "integer", min = 0 },
  times = { type = "integer", min = 1 },
  rate = { type = "number", above = 0, max = 1 },
  code = { type = "string", one_of = errors.STATUS, acts = true },
  message = { type = "string", needs = { "code", "status" } },
  status = { type = "integer", min = 200, max = 599, acts = true },
  body = { type = "string", acts = true },
  headers = { type = "headers", acts = true },
  date_skew = { type = "number", min = -1e9, max = 1e9, acts = true },
  latency = { type = "number", min = 0, max = LONGEST, acts = true },
  drip_bytes = { type = "integer", min = 1, acts = true },
  drip_seconds = { type = "number", min = 0, max = LONGEST, needs = { "drip_bytes" } },
  disconnect = { type = "string", one_of = { close = true, reset = true }, acts = true },
  after = { type = "integer", min = 0, needs = { "disconnect" } },
  excess = { type = "string", acts = true },
  continue = { type = "boolean", acts = true },
  http_1_0 = { type = "boolean", acts = true },
}

--- What the server writes itself; a wrong length is made with `after` or `excess`.
local FRAMING = { ["content-length"] = true, ["transfer-encoding"] = true, connection = true,
  upgrade = true, trailer = true }

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

local function is_number(value, rule)
  return type(value) == "number" and value >= (rule.min or -math.huge)
    and value > (rule.above or -math.huge) and value <= (rule.max or 2 ^ 53)
    and (rule.type ~= "integer" or value == math.floor(value))
end

--- "an integer from 200 to 599", "a number above 0 and up to 1", "an integer of 0 or more"
local function describe_number(rule)
  local kind = rule.type == "integer" and "an integer" or "a number"
  if rule.above then
    return ("%s above %d and up to %d"):format(kind, rule.above, rule.max)
  elseif rule.max then
    return ("%s from %d to %d"):format(kind, rule.min, rule.max)
  end
  return ("%s of %d or more"):format(kind, rule.min)
end

--- The names of a set, sorted, as `"a", "b"`.
local function listed(set)
  return '"' .. table.concat(names.sorted(set), '", "') .. '"'
end

--- What is wrong with VALUE as headers, or nil.
local function wrong_headers(value)
  for name, text in pairs(value) do
    if type(name) ~= "string" or type(text) ~= "string" then
      return "headers of a fault must be strings by name"
    elseif not name:find("^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$") then
      return ("headers of a fault: %q is no name"):format(name)
    elseif text == "" or text:find("[%z\1-\8\10-\31\127]") or text:find("^%s")
      or text:find("%s$") then
      return ("headers of a fault: the value of %s cannot be sent"):format(name)
    elseif FRAMING[text_of.lower(name)] then
      return ("the header %s is the server's own; see after, excess and http_1_0"):format(name)
    end
  end
  return nil
end

--- What is wrong with VALUE as the field NAME, or nil.
local function wrong_value(name, value)
  local rule = FIELDS[name]
  if not rule then
    return ("a fault has no field %s%s"):format(tostring(name), names.hint(name, FIELDS))
  elseif rule.type == "headers" and type(value) == "table" then
    return wrong_headers(value)
  elseif rule.type == "integer" or rule.type == "number" then
    return not is_number(value, rule) and ("%s of a fault must be %s"):format(name,
      describe_number(rule)) or nil
  elseif type(value) ~= rule.type then
    return ("%s of a fault must be %s"):format(name,
      rule.type == "headers" and "a table of headers" or "a " .. rule.type)
  elseif rule.one_of and not rule.one_of[value] then
    return ("%s cannot be %q%s"):format(name, value,
      names.meant(value, names.sorted(rule.one_of)) or "; it may be " .. listed(rule.one_of))
  end
  return nil
end

--- What is wrong with RULE as a whole, or nil.
local function wrong_combination(rule)
  local acts, named = false, M.NAMED[rule.fault] or {}
  for name in pairs(rule) do
    local met = not FIELDS[name].needs
    for _, needed in ipairs(FIELDS[name].needs or {}) do
      met = met or rule[needed] ~= nil or named[needed] ~= nil
    end
    if not met then
      return ("%s of a fault means nothing without %s"):format(name,
        table.concat(FIELDS[name].needs, " or "))
    end
    acts = acts or (FIELDS[name].acts and rule[name] ~= false
      and (name ~= "headers" or next(rule.headers) ~= nil))
  end
  return not acts and "a fault must say what is to happen: fault, code, status, body, …" or nil
end

--- What is wrong with RULE as a fault, or nil.
---@param rule any
---@param operations table<string, any>  the known method names
---@return string? message
function M.check(rule, operations)
  if type(rule) ~= "table" then
    return "a fault must be a table"
  end
  for name, value in pairs(rule) do
    local wrong = wrong_value(name, value)
    if wrong then
      return wrong
    end
  end
  if rule.fault and not M.NAMED[rule.fault] then
    return ("no fault is called %s%s"):format(rule.fault, names.hint(rule.fault, M.NAMED))
  end
  return rule.operation and router.wrong_operation(rule.operation, operations)
    or wrong_combination(rule)
end

local SWITCHES = { ["true"] = true, ["false"] = false }

--- The rule in a text like `reset:rate=0.1,operation=get_application`; nil and a text.
---@param text string
---@return appintegrations.emulator.Fault? rule
---@return string? message
function M.parse(text)
  local fault, fields = text:match("^([A-Za-z0-9_]+):?(.*)$")
  if not fault then
    return nil, "expected NAME or NAME:FIELD=VALUE,…"
  end
  local rule = { fault = fault }
  for field in fields:gmatch("[^,]+") do
    local name, value = field:match("^([A-Za-z0-9_]+)=(.*)$")
    if not name then
      return nil, ("%s is not of the form FIELD=VALUE"):format(field)
    end
    local kind = FIELDS[name] and FIELDS[name].type
    if kind == "number" or kind == "integer" then
      rule[name] = text_of.number(value) or value
    elseif kind == "boolean" and SWITCHES[value] ~= nil then
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
  copy.operation = rule.operation and router.method_name(rule.operation)
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

--- The code that is answered with a status alone; with any other, that the service is unavailable.
local CODES = { [400] = "InvalidRequestException", [403] = "AccessDeniedException",
  [404] = "ResourceNotFoundException", [409] = "DuplicateResourceException",
  [429] = "ThrottlingException", [500] = "InternalServiceError" }

--- The answer that RULE puts in the service's place, or nil if the service may answer.
function M.answer(rule)
  if not (rule.code or rule.status or rule.body) then
    return nil
  end
  local problem = errors.new(rule.code or CODES[rule.status] or "ServiceUnavailableException",
    rule.message)
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
    response.headers[text_of.lower(name)] = value
  end
  response.fault = rule
end

--- RULES as they could be set again: what is left of each. `after` is absent where all of the body
-- is sent first.
---@param rules appintegrations.emulator.Fault[]
---@return appintegrations.emulator.Fault[]
function M.list(rules)
  local list = {}
  for i, rule in ipairs(rules) do
    local copy = {}
    copy_into(copy, rule)
    copy.times = rule.times ~= math.huge and rule.times or nil
    copy.after = rule.after ~= math.huge and rule.after or nil
    copy.skip = rule.skip > 0 and rule.skip or nil
    copy.drip_seconds = rule.drip_bytes and rule.drip_seconds or nil
    copy.headers = next(rule.headers) and rule.headers or nil
    list[i] = copy
  end
  return list
end

return M
