-- SPDX-License-Identifier: MIT
--- The service itself as a Lua object: what Amazon AppIntegrations does with requests, over state
-- in SQLite, in memory or in a file. `service:handle(request)` takes a request as it was received
-- and returns the answer; `service:transport()` puts it behind a client without a socket; the
-- command appintegrations-emulator puts it behind HTTP. What control.lua offers over HTTP, the
-- object has as methods.
--
-- It verifies signatures, validates strictly by the model, keeps names unique, honours
-- ClientToken, paginates with sealed tokens, and fails on request. Where the public documents
-- are silent, a comment at the handler says what was chosen.
-- @module appintegrations.emulator

local auth = require "appintegrations.emulator.auth"
local calendar = require "appintegrations.emulator.calendar"
local clocks = require "appintegrations.emulator.clock"
local control = require "appintegrations.emulator.control"
local core = require "appintegrations.core"
local errors = require "appintegrations.emulator.errors"
local faults = require "appintegrations.emulator.faults"
local idempotency = require "appintegrations.emulator.idempotency"
local input = require "appintegrations.emulator.input"
local json = require "appintegrations.emulator.json"
local module_errors = require "appintegrations.base.errors"
local names = require "appintegrations.base.names"
local options_of = require "appintegrations.emulator.options"
local requests = require "appintegrations.emulator.requests"
local router = require "appintegrations.emulator.router"
local seeds = require "appintegrations.emulator.seeds"
local signing = require "appintegrations.signing"
local state = require "appintegrations.emulator.state"
local transport = require "appintegrations.emulator.transport"
local uri = require "appintegrations.emulator.uri"
local validation = require "appintegrations.emulator.validation"

local M = {}

--- The credentials that are valid unless others are given: the example pair of AWS's own
-- documents, which no account has.
M.ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
M.SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

--- What `quotas` may name.
M.QUOTAS = options_of.QUOTAS

local Service = {}
Service.__index = Service
Service.__name = "appintegrations.emulator"

-- ---- accounts and regions ----------------------------------------------------------------------

local MOST_REALMS = 100 -- of which the objects are kept

--- The service as ACCOUNT_ID sees it in REGION; nil and a text if there is no such region.
local function realm_of(self, account_id, region)
  local scope = account_id .. "/" .. region
  local realm = self.realms[scope]
  if not realm then
    local hostname, partition = core.endpoint(region, false, false)
    if not hostname then
      return nil, partition
    end
    realm = setmetatable({ account_id = account_id, region = region, partition = partition,
      store = self.store:in_scope(scope) }, { __index = self })
    if self.realm_count == MOST_REALMS then
      self.realms, self.realm_count = {}, 0
    end
    self.realms[scope], self.realm_count = realm, self.realm_count + 1
  end
  return realm
end

local function denies(credential, method_name)
  local deny = credential and credential.deny
  if type(deny) ~= "table" then
    return deny == "*" or (deny ~= nil and router.method_name(deny) == method_name)
  end
  for _, name in ipairs(deny) do
    if name == "*" or router.method_name(name) == method_name then
      return true
    end
  end
  return false
end

--- The realm that REQUEST is for, a problem if it is not allowed, and the access key id.
local function authorize(self, request, operation)
  local credential, problem, key, region
  if self.verify_signatures then
    credential, problem, key, region = self.verifier:verify(request)
  else
    credential, key, region = self.verifier:named(request)
  end
  local account_id = credential and credential.account_id or self.account_id
  local realm = not problem and (realm_of(self, account_id, region or self.region)
    or realm_of(self, account_id, self.region)) or nil
  if realm and denies(credential, operation.method_name) then
    problem = errors.new("AccessDeniedException", "User: arn:%s:iam::%s:user/%s is not authorized "
      .. "to perform: app-integrations:%s", realm.partition, account_id, key, operation.name)
  end
  return realm, problem, key
end

-- ---- one request -------------------------------------------------------------------------------

--- The body of the answer to a request that may be carried out, or nil and a problem.
local function carry_out(realm, operation, params)
  local method_name = operation.method_name
  local body, problem = idempotency.recall(realm, method_name, params)
  if body or problem then
    return body, problem
  end
  local output
  output, problem = realm.handlers[method_name](realm, params)
  if not output then
    return nil, problem
  end
  body = json.encode_shape(operation.output, output)
  idempotency.remember(realm, method_name, params, body)
  return body
end

--- What the service itself answers to a request for OPERATION.
local function serve(realm, operation, labels, request)
  local _, query = uri.split(request.target)
  local params, problem = input.read(operation, labels, query, request.body or "")
  problem = problem or validation.check(operation.method_name, params)
  local body
  if not problem and operation.method == "GET" then
    body, problem = carry_out(realm, operation, params)
  elseif not problem then
    body, problem = realm.store:transaction(function()
      return carry_out(realm, operation, params)
    end)
  end
  local response = not body and errors.response(problem) or { status = 200,
    headers = { ["content-type"] = "application/json" }, body = body }
  response.parameters = params
  return response
end

--- The answer to REQUEST for OPERATION, faults included.
local function answer(self, request, operation, labels)
  local realm, problem, key = authorize(self, request, operation)
  if problem then
    return errors.response(problem), realm, key
  end
  local rule = faults.take(self.faults, operation.method_name, self.random)
  local response = rule and faults.answer(rule) or serve(realm, operation, labels, request)
  if rule then
    faults.apply(rule, response)
  end
  return response, realm, key
end

--- Keeps REQUEST and RESPONSE for those who ask later.
local function record(self, request, response, realm)
  local body = request.body or ""
  self.received:add({
    time = self.clock(), method = request.method,
    path = requests.shown((uri.split(request.target))),
    operation = response.operation, parameters = response.parameters,
    body = not response.parameters and body ~= "" and requests.shown(body) or nil,
    status = response.status, code = response.code, answer = requests.shown(response.body),
    request_id = response.headers["x-amzn-requestid"], access_key_id = response.access_key_id,
    region = realm and realm.region, account_id = realm and realm.account_id,
  }, #request.target + 2 * #body + #response.body + 500)
end

local function answer_to_service(self, request)
  local operation, labels = self.router:match(request.method, (uri.split(request.target)))
  if not operation then
    return errors.response(errors.new("UnknownOperationException",
      "No operation of the service has this method and path."))
  end
  local response, realm, key = answer(self, request, operation, labels)
  response.operation, response.access_key_id = operation.name, key
  return response, realm
end

--- What goes wrong in here, for the operator; SQLite's words need no traceback.
local function explain(problem)
  if type(problem) == "string" and problem:find("^sqlite: ") then
    return "The state cannot be read or written: " .. problem:sub(9)
  end
  return debug.traceback(problem)
end

--- The answer to REQUEST: ANSWER_TO(self, request), or an InternalServiceError if that raises.
local function answer_safely(self, request, answer_to)
  local realm
  local done, response = xpcall(function()
    local response
    response, realm = answer_to(self, request)
    return response
  end, explain)
  if done then
    return response, realm
  end
  self.on_error(response)
  return errors.response(errors.new("InternalServiceError",
    response:find("^The state") and response or nil))
end

---@class appintegrations.emulator.Request
---@field method string
---@field target string   raw, as on the request line
---@field headers { [1]: string, [2]: string }[]  in order of arrival
---@field body? string

---@class appintegrations.emulator.Response
---@field status integer
---@field headers table<string, string>  by lower-case name
---@field body string
---@field operation? string      as `GetApplication`, where the request was for one
---@field parameters? table      by member name, where they could be read
---@field code? string           of the error that was answered
---@field access_key_id? string
---@field fault? appintegrations.emulator.Fault  what a server has to do to this answer

--- Answers one request. Nothing that goes wrong in here ends the caller: it becomes an
-- InternalServiceError, and `service.on_error` gets the text.
---@param request appintegrations.emulator.Request
---@return appintegrations.emulator.Response
function Service:handle(request)
  local is_control = control.is_for(self, request)
  local response, realm = answer_safely(self, request,
    is_control and control.handle or answer_to_service)
  local skew = response.fault and response.fault.date_skew or 0
  response.headers["date"] = response.headers["date"] or calendar.http(self.clock() + skew)
  response.headers["x-amzn-requestid"] = self:uuid()
  control.allow_origin(self, response)
  if not is_control then
    record(self, request, response, realm)
  end
  return response
end

-- ---- what the service is asked from outside ----------------------------------------------------

--- A transport for clients: `appintegrations.client{ transport = service:transport() }`.
---@return table transport
function Service:transport()
  return transport.new(self)
end

--- Raises at the line of the caller's caller unless VALUE, which WHAT names, is of type KIND.
local function expect(value, kind, what)
  if type(value) ~= kind then
    error(("%s must be a %s, not a %s"):format(what, kind, type(value)), 3)
  end
end

--- Makes calls to come fail: see appintegrations.emulator.Fault.
---@param rule appintegrations.emulator.Fault
function Service:inject(rule)
  local message = faults.check(rule, self.handlers)
  if message then
    error(message, 2)
  end
  faults.add(self.faults, rule)
end

--- The same by another name.
Service.fail_next = Service.inject

--- The faults that have not come up, with what is left of them.
---@return appintegrations.emulator.Fault[]
function Service:pending_faults()
  return faults.list(self.faults)
end

--- Forgets the faults that have not come up.
function Service:clear_faults()
  self.faults = {}
end

--- How the service is, and how much it has stored.
---@return table
function Service:health()
  return { status = "ok", version = require "appintegrations.base.version", region = self.region,
    account_id = self.account_id, resources = self.store:counts(), pending_faults = #self.faults }
end

local FILTER = { limit = true, operation = true }

--- The last requests that were received, the oldest first.
---@param filter? table  limit (the last so many), operation (as `GetApplication`)
---@return appintegrations.emulator.Received[]
function Service:requests(filter)
  filter = filter or {}
  expect(filter, "table", "the filter")
  for name in pairs(filter) do
    if not FILTER[name] then
      error(("the filter has no %s%s"):format(tostring(name), names.hint(name, FILTER)), 2)
    end
  end
  expect(filter.limit or 0, "number", "limit")
  local wrong = filter.operation ~= nil
    and router.wrong_operation(filter.operation, self.handlers)
  if wrong then
    error(wrong, 2)
  end
  return self.received:list(filter)
end

--- Forgets the requests that were received.
function Service:clear_requests()
  self.received:clear()
end

--- Stops, moves or starts the clock: `{ fixed = epoch }`, `{ offset = seconds }`,
-- `{ advance = seconds }` or `{ running = true }`.
---@param change table
---@return boolean? done
---@return string? message
function Service:set_clock(change)
  expect(change, "table", "the change")
  return self.time:set(change)
end

--- Makes ids predictable from now on, or, with nil, random.
---@param ids? string
function Service:set_ids(ids)
  expect(ids or "", "string", "ids")
  self.ids = ids
end

--- Forgets what is stored, faults and requests, and lets the clock run as at the start.
function Service:reset()
  self.store:transaction(function()
    self.store:clear(core.uuid() .. core.uuid())
    return true
  end)
  self:clear_faults()
  self:clear_requests()
  self.time.fixed, self.time.offset = nil, 0
end

--- Adds resources of every kind, all of them or none.
---@param resources table  by kind, as `DataIntegrations`: a list of what creates one
---@param realm? table     `region` and `account_id`; default: the service's
---@return string[]? arns
---@return string? message
function Service:seed(resources, realm)
  expect(resources, "table", "resources")
  expect(realm or {}, "table", "the realm")
  local region, account_id, message = self.region, self.account_id, nil
  for name, value in pairs(realm or {}) do
    message = message or options_of.wrong_realm(name, value)
    region = name == "region" and value or region
    account_id = name == "account_id" and value or account_id
  end
  local whose
  if not message then
    whose, message = realm_of(self, account_id, region)
  end
  if not whose then
    return nil, message
  end
  return seeds.plant(whose, resources)
end

local function seed_one(self, kind, params)
  local arns, message = self:seed { [kind] = { params } }
  return arns and arns[1], message
end

--- Adds an association of an application, which no operation can.
---@param params table  ApplicationId (id or ARN), ClientId
---@return string? arn
---@return string? message
function Service:seed_application_association(params)
  return seed_one(self, "ApplicationAssociations", params)
end

--- Adds an association of an event integration, which no operation can.
---@param params table  EventIntegrationName, ClientId, EventBridgeRuleName,
---                     ClientAssociationMetadata
---@return string? arn
---@return string? message
function Service:seed_event_integration_association(params)
  return seed_one(self, "EventIntegrationAssociations", params)
end

--- All that is stored, as JSON: see state.lua.
---@return string
function Service:export()
  return state.export(self.store)
end

--- Puts TEXT, as `export` has written it, in place of all that is stored.
---@param text string
---@return boolean? done
---@return string? message
function Service:import(text)
  expect(text, "string", "the state")
  local data, message = state.decode(text)
  if not data then
    return nil, message
  end
  return state.import(self.store, data, core.uuid() .. core.uuid())
end

--- Closes the state file.
function Service:close()
  self.realms = {}
  self.store:close()
end

-- ---- ids ---------------------------------------------------------------------------------------

--- A version 4 UUID of the hexadecimal digits that DIGIT gives.
local function uuid_of(digit)
  return (("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"):gsub("[xy]", function(place)
    local value = digit()
    return ("%x"):format(place == "x" and value or value % 4 + 8)
  end))
end

--- A version 4 UUID.
---@return string
function Service:uuid()
  if not self.random then
    return core.uuid()
  end
  return uuid_of(function()
    return math.floor(self.random() * 16)
  end)
end

--- A version 4 UUID that begins with the time: an index of such ids grows at its end, so that
-- adding one costs the same however many there are.
local function uuid_in_order()
  local milliseconds = math.floor(core.now() * 1000)
  return ("%08x-%04x%s"):format(math.floor(milliseconds / 65536), milliseconds % 65536,
    core.uuid():sub(14))
end

--- The id of the resource that is created next.
---@return string
function Service:resource_id()
  if not self.ids then
    return self.random and self:uuid() or uuid_in_order()
  end
  local hash, position = signing.hex(signing.sha256(("%s\n%d"):format(self.ids,
    self.store:last_sequence() + 1))), 0
  return uuid_of(function()
    position = position + 1
    return tonumber(hash:sub(position, position), 16)
  end)
end

-- ---- making one --------------------------------------------------------------------------------

local function credential_tables(given)
  local result = {}
  for key, value in pairs(given or { [M.ACCESS_KEY_ID] = M.SECRET_ACCESS_KEY }) do
    result[key] = type(value) == "table" and value or { secret = value }
  end
  return result
end

local function all_handlers()
  local result = {}
  for _, group in ipairs { "applications", "data_integrations", "event_integrations", "tags" } do
    for name, handler in pairs(require("appintegrations.emulator.handlers." .. group)) do
      result[name] = handler
    end
  end
  result.seed_association = nil
  return result
end

local function all_operations()
  local list = {}
  for i, method_name in ipairs(core.operations()) do
    list[i] = core.describe(method_name)
    list[i].method_name = method_name
  end
  return list
end

--- The rules of the option `faults`; nil and a text if one is none.
local function fault_rules(given, handlers)
  local rules = {}
  for _, rule in ipairs(given) do
    local wrong = faults.check(rule, handlers)
    if wrong then
      return nil, wrong
    end
    faults.add(rules, rule)
  end
  return rules
end

--- The regions that requests may be signed for, as a set; nil and a text.
local function region_set(region, more)
  local set = { [region] = true }
  for _, name in ipairs(more or {}) do
    set[name] = true
  end
  for name in pairs(set) do
    local hostname, message = core.endpoint(tostring(name), false, false)
    if not hostname then
      return nil, message
    end
  end
  return set
end

--- The service of OPTIONS but for what it stores.
local function new_service(options, rules, handlers, regions)
  local time = clocks.new(options.clock or core.now)
  local function clock()
    return time:now()
  end
  local region = options.region or "us-east-1"
  return setmetatable({
    region = region, account_id = options.account_id or "123456789012",
    time = time, clock = clock, sleep = options.sleep, random = options.random, ids = options.ids,
    verify_signatures = options.verify_signatures ~= false,
    verifier = auth.new { credentials = credential_tables(options.credentials),
      regions = regions, clock = clock, skew = options.clock_skew_seconds or 900 },
    quotas = options.quotas or {}, page_size = options.page_size or 50,
    execution_seconds = options.execution_seconds or 2, cors = options.cors,
    token_seconds = options.token_seconds or idempotency.LIFETIME,
    router = router.new(all_operations()), handlers = handlers, faults = rules,
    received = requests.new(), realms = {}, realm_count = 0,
    on_error = function(text) io.stderr:write("appintegrations.emulator: ", text, "\n") end,
  }, Service)
end

--- A service of its own, with its own state. Wrong options raise at the caller's line.
---@param options? appintegrations.emulator.Options
---@return table? service
---@return appintegrations.Error? err  no such region, unreadable state file, no libsqlite3
function M.new(options)
  options = options or {}
  expect(options, "table", "options")
  local wrong = options_of.check(options)
  local handlers, rules = all_handlers(), nil
  if not wrong then
    rules, wrong = fault_rules(options.faults or {}, handlers)
  end
  if wrong then
    error(wrong, 2)
  end
  local regions, message = region_set(options.region or "us-east-1", options.regions)
  if not regions then
    return nil, module_errors.invalid_config(message)
  end
  local self = new_service(options, rules, handlers, regions)
  self.store, message = state.open(options.state, core.uuid() .. core.uuid())
  local done = self.store
  if done and options.seed then
    local realm = realm_of(self, self.account_id, self.region)
    done, message = seeds.plant(realm, options.seed, true)
    self.seeded = done and #done > 0
  end
  if not done then
    return nil, module_errors.invalid_config(message)
  end
  return self
end

return M
