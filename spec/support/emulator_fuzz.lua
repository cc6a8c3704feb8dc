--- Random fault rules and random control requests for an emulator in a process of its own. What
-- it is told may be nonsense; it must not end, nor answer that it has failed.
--
--     local result = fuzz.faults(500)     -- taken, refused, calls, errors (texts)
--     local result = fuzz.control(500)    -- done, refused, errors

local core = require "appintegrations.core"
local emulators = require "spec.support.emulator"
local faults = require "appintegrations.emulator.faults"
local json = require "appintegrations.emulator.json"
local keep_alive = require "spec.support.keep_alive"
local socket = require "socket"

local M = {}

local function pick(list)
  return list[math.floor(core.random() * #list) + 1]
end

--- Bytes of whatever kind.
local function junk()
  local bytes = {}
  for i = 1, math.floor(core.random() * 30) do
    bytes[i] = string.char(math.floor(core.random() * 256))
  end
  return table.concat(bytes)
end

-- ---- rules ------------------------------------------------------------------------------

local NAMES = {}
for name in pairs(faults.NAMED) do
  NAMES[#NAMES + 1] = name
end

--- Nothing here makes an answer wait for long.
local VALUES = {
  fault = NAMES, operation = { "list_applications", "get_application", "none" },
  skip = { 0, 1, 0.5, -1 }, times = { 1, 2, 0, 1.5, 1e300 }, rate = { 1, 0.5, 0, 2, -1 },
  code = { "ThrottlingException", "InternalServiceError", "Nothing", "a\r\nb: c", "" },
  message = { "x", "", "a\r\nb", "\255", "{" },
  status = { 200, 204, 304, 404, 503, 599, 200.5, 99 },
  body = { "", "{", "<html>", ("x"):rep(100000), "\0\255" },
  headers = { {}, { a = "b" }, { ["content-length"] = "5" }, { [""] = "x" }, { a = "x\r\ny: z" },
    { Date = "never" }, { ["content-type"] = "" }, { ["transfer-encoding"] = "chunked" },
    { connection = "close" }, { a = 5 }, { ["a b"] = "c" }, { ["set-cookie"] = "\255" } },
  date_skew = { 3600, -1e9, 1e300, 0.5 }, latency = { 0, 0.001, -1, 1e300 },
  drip_bytes = { 1000, 5, 1.5, 0 }, drip_seconds = { 0, 0.001, -1 },
  disconnect = { "close", "reset", "later" }, after = { 0, 1, 1000000, 0.5, -1 },
  excess = { "x", "", "HTTP/1.1 200 OK\r\n\r\n" }, continue = { true, false },
  http_1_0 = { true, false }, stauts = { 200 },
}
local FIELDS = {}
for name in pairs(VALUES) do
  FIELDS[#FIELDS + 1] = name
end
local ANYTHING = { 1, -1, 0.5, "x", true, {}, { 1 }, json.null }

local function random_rule()
  local rule = {}
  for _ = 1, math.floor(core.random() * 4) do
    local name = pick(FIELDS)
    rule[name] = core.random() < 0.1 and pick(ANYTHING) or pick(VALUES[name])
  end
  if rule.fault == "latency" and not rule.latency then
    rule.latency = 0
  elseif rule.fault == "drip" then
    rule.drip_seconds = rule.drip_seconds or 0
  end
  return rule
end

--- Makes one call on a connection of its own and takes what comes, for a moment.
local function call_once(child)
  local connection = keep_alive.connect(child)
  connection.socket:settimeout(0.02)
  connection.socket:send("GET /applications HTTP/1.1\r\nHost: a\r\n\r\n")
  connection.socket:receive("*l")
  connection:close()
end

--- Whether the child still answers; on a new connection, as an old one may have been cut.
local function is_alive(child)
  local connected, connection = pcall(keep_alive.connect, child)
  local status = connected and connection:call("GET", "/_emulator/health")
  if connected then
    connection:close()
  end
  return status == 200
end

--- What the child has said on stderr, or that it is gone.
local function add_errors(child, errors)
  local output = child:output()
  if output ~= "" then
    errors[#errors + 1] = output
  end
  if not is_alive(child) then
    errors[#errors + 1] = "it does not answer any more"
  end
end

---@param count integer
---@return table
function M.faults(count)
  local child = emulators.start { "--no-verify", "--quiet" }
  local connection = keep_alive.connect(child)
  local result = { taken = 0, refused = 0, calls = 0, errors = {} }
  for _ = 1, count do
    local rule = random_rule()
    local text = json.encode(rule)
    local status, answer = connection:call("POST", "/_emulator/faults", text)
    if status == 200 then
      result.taken = result.taken + 1
      local deadline = socket.gettime() + 1
      for _ = 1, rule.operation and 1 or 2 do
        call_once(child)
        result.calls = result.calls + 1
      end
      if socket.gettime() > deadline or connection:call("DELETE", "/_emulator/faults") ~= 200 then
        result.errors[#result.errors + 1] = "after " .. text
      end
    elseif status == 400 then
      result.refused = result.refused + 1
    else
      result.errors[#result.errors + 1] = ("%s: %s %s"):format(text, tostring(status),
        tostring(answer))
    end
  end
  add_errors(child, result.errors)
  connection:close()
  child:stop()
  return result
end

-- ---- control requests ---------------------------------------------------------------------

local METHODS = { "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH" }
local PATHS = { "health", "reset", "seed", "requests", "faults", "clock", "ids", "state", "", "x",
  "health/", "../applications", "%00", "%zz" }
local QUERIES = { "", "?", "?limit=1", "?limit=-1", "?limit=x", "?limit=99999999999999999999",
  "?operation=%zz", "?account=1&region=nowhere%20", "?account=210987654321&region=eu-west-1",
  "?&&=",
  "?region=" .. ("a"):rep(300) }
local BODIES = { "", "{}", "[]", "null", "5", '"x"', "{", '{"a":', ("["):rep(1000),
  '{"fixed":1000}', '{"fixed":253402300799}', '{"fixed":1e400}', '{"offset":-1e9}',
  '{"advance":5e8}', '{"running":true}', '{"fixed":null}', '{"seed":"x"}', '{"seed":null}',
  '{"seed":{}}', '{"fault":"throttle"}', '[{"fault":"reset","rate":0.5},{"status":503}]', "[null]",
  '{"Applications":[]}', '{"Applications":[null]}', '{"Applications":[{"Name":[]}]}',
  '{"DataIntegrations":[{"Name":"d","KmsKey":"k","Tags":{"a":"b"}}]}',
  '{"DataIntegrations":{"1":{}}}',
  '{"DataIntegrationAssociations":[{"DataIntegrationIdentifier":"d",'
  .. '"ExecutionConfiguration":{"ExecutionMode":"ON_DEMAND"}}]}',
  '{"EventIntegrations":[{"Name":"e","EventBridgeBus":"b","EventFilter":{"Source":"aws.cases"}}]}',
  '{"EventIntegrationAssociations":[{"EventIntegrationName":"e","ClientAssociationMetadata":{}}]}',
  '{"ApplicationAssociations":[{"ApplicationId":5}]}', '{"format":1,"records":{}}',
  '{"format":1,"records":{"applications":[{}]}}', '{"format":1,"records":{"applications":null}}',
  '{"format":1,"records":{"event_integrations":[{"sequence":1,"id":"i","arn":'
  .. '"arn:aws:app-integrations:us-east-1:123456789012:event-integration/e","created":1,'
  .. '"modified":1,"tags":{},"fields":{"Name":"e"}}]}}',
  '{"format":1,"records":{"event_integrations":[{"sequence":1e300,"id":"i","arn":"x"}]}}' }

--- A body as it should be, with a byte changed, or junk.
local function random_body()
  local body, chance = pick(BODIES), core.random()
  if chance < 0.2 and body ~= "" then
    local at = math.floor(core.random() * #body) + 1
    return body:sub(1, at - 1) .. string.char(math.floor(core.random() * 256)) .. body:sub(at + 1)
  end
  return chance < 0.9 and body or junk()
end

---@param count integer
---@return table
function M.control(count)
  local child = emulators.start { "--no-verify", "--quiet" }
  local connection = keep_alive.connect(child)
  local result = { done = 0, refused = 0, errors = {} }
  for number = 1, count do
    local method, target = pick(METHODS), "/_emulator/" .. pick(PATHS) .. pick(QUERIES)
    local body = random_body()
    if number % 10 == 0 then -- what has been set must not spoil the service either
      connection:call("DELETE", "/_emulator/faults")
      method, target, body = "GET", pick { "/", "/applications", "/dataIntegrations/d" }, ""
    end
    local status, answer = connection:call(method, target, body)
    if status and status < 400 then
      result.done = result.done + 1
    elseif status and status < 500 then
      result.refused = result.refused + 1
    else
      result.errors[#result.errors + 1] = ("%s %s %q: %s %s"):format(method, target, body,
        tostring(status), tostring(answer))
      connection:close()
      connection = keep_alive.connect(child)
    end
  end
  add_errors(child, result.errors)
  connection:close()
  child:stop()
  return result
end

return M
