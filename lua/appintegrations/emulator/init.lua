-- SPDX-License-Identifier: MIT
--- The service itself as a Lua object: what Amazon AppIntegrations does with requests, over state
-- in memory and, on request, in a file. `service:handle(request)` takes a request as it was
-- received and returns the answer; `service:transport()` puts it behind a client without a
-- socket; the command appintegrations-emulator puts it behind HTTP on loopback.
--
-- It verifies signatures, validates strictly by the model, keeps names unique, honours
-- ClientToken, paginates with sealed tokens, and fails on request. Where the public documents
-- are silent, a comment at the handler says what was chosen.
-- @module appintegrations.emulator

local auth = require "appintegrations.emulator.auth"
local calendar = require "appintegrations.emulator.calendar"
local control = require "appintegrations.emulator.control"
local core = require "appintegrations.core"
local errors = require "appintegrations.emulator.errors"
local faults = require "appintegrations.emulator.faults"
local idempotency = require "appintegrations.emulator.idempotency"
local input = require "appintegrations.emulator.input"
local json = require "appintegrations.emulator.json"
local module_errors = require "appintegrations.errors"
local router = require "appintegrations.emulator.router"
local state = require "appintegrations.emulator.state"
local store = require "appintegrations.emulator.store"
local transport = require "appintegrations.emulator.transport"
local uri = require "appintegrations.emulator.uri"
local validation = require "appintegrations.emulator.validation"

local applications = require "appintegrations.emulator.handlers.applications"
local data_integrations = require "appintegrations.emulator.handlers.data_integrations"
local event_integrations = require "appintegrations.emulator.handlers.event_integrations"
local tags = require "appintegrations.emulator.handlers.tags"

local M = {}

--- The credentials that are valid unless others are given: the example pair of AWS's own
-- documents, which no account has.
M.ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
M.SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

---@class appintegrations.emulator.Options
---@field region? string             default "us-east-1"
---@field account_id? string         default "123456789012"
---@field credentials? table<string, string|appintegrations.emulator.Credential>
---                                  by access key id: the secret, or a table
---@field verify_signatures? boolean default true
---@field clock? fun(): number       epoch seconds; default: the system's
---@field random? fun(): number      a number in [0, 1), for ids; default: the system's random bytes
---@field quotas? table<string, integer>  how many "applications", "data_integrations",
---                                  "event_integrations" there may be, and
---                                  "data_integration_associations" of one data integration;
---                                  what is not named is not limited
---@field page_size? integer         items of a page without MaxResults, default 50
---@field execution_seconds? number  how long a job is IN_PROGRESS, default 2
---@field clock_skew_seconds? number how far a signature's time may be off, default 900
---@field faults? appintegrations.emulator.Fault[]  what is to fail from the start
---@field state? string              path of the state file, read at once and written after every
---                                  change (unless `autosave` is set to false on the service)

local OPTIONS = {
  region = "string", account_id = "string", credentials = "table", verify_signatures = "boolean",
  clock = "function", random = "function", quotas = "table", page_size = "number",
  execution_seconds = "number", clock_skew_seconds = "number", state = "string",
  faults = "table",
}

--- What `quotas` may name.
M.QUOTAS = { applications = true, data_integrations = true, event_integrations = true,
  data_integration_associations = true }

local Service = {}
Service.__index = Service
Service.__name = "appintegrations.emulator"

-- ---- one request -------------------------------------------------------------------------------

local function denies(credential, method_name)
  local deny = credential and credential.deny
  if type(deny) ~= "table" then
    return deny == "*" or (deny ~= nil and deny == method_name)
  end
  for _, name in ipairs(deny) do
    if name == "*" or name == method_name then
      return true
    end
  end
  return false
end

--- The access key id that REQUEST is signed with, or nil and a problem.
local function authorize(self, request, operation)
  local credential, problem, key
  if self.verify_signatures then
    credential, problem, key = self.verifier:verify(request)
  else
    credential, key = self.verifier:named(request)
  end
  if not problem and denies(credential, operation.method_name) then
    problem = errors.new("AccessDeniedException", "User: arn:%s:iam::%s:user/%s is not authorized "
      .. "to perform: app-integrations:%s", self.partition, self.account_id, key, operation.name)
  end
  return not problem, problem, key
end

--- The body of the answer to a request that may be carried out, or nil and a problem.
local function carry_out(self, operation, params)
  local method_name = operation.method_name
  local body, problem = idempotency.recall(self.store, method_name, params)
  if body or problem then
    return body, problem
  end
  local output
  output, problem = self.handlers[method_name](self, params)
  if not output then
    return nil, problem
  end
  body = json.encode_shape(operation.output, output)
  idempotency.remember(self.store, method_name, params, body)
  return body
end

--- What the service itself answers to a request for OPERATION.
local function serve(self, operation, labels, request)
  local _, query = uri.split(request.target)
  local params, problem = input.read(operation, labels, query, request.body or "")
  problem = problem or validation.check(operation.method_name, params)
  local body
  if not problem then
    body, problem = carry_out(self, operation, params)
  end
  if not body then
    return errors.response(problem)
  end
  return { status = 200, headers = { ["content-type"] = "application/json" }, body = body }
end

--- The answer to REQUEST, faults included.
local function answer(self, request)
  local operation, labels = self.router:match(request.method, (uri.split(request.target)))
  if not operation then
    return errors.response(errors.new("UnknownOperationException",
      "No operation of the service has this method and path."))
  end
  local allowed, problem, key = authorize(self, request, operation)
  local response
  if not allowed then
    response = errors.response(problem)
  else
    local rule = faults.take(self.faults, operation.method_name, self.random)
    response = rule and faults.answer(rule) or serve(self, operation, labels, request)
    if rule then
      faults.apply(rule, response)
    end
  end
  response.operation, response.access_key_id = operation.name, key
  return response
end

--- Saves a changed state, where that is this object's business.
local function keep(self)
  if self.autosave and self.state and self.store.revision ~= self.saved_revision then
    return self:save()
  end
  return true
end

local function has_prefix(text, prefix)
  return text:sub(1, #prefix) == prefix
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
---@field code? string           of the error that was answered
---@field access_key_id? string
---@field fault? appintegrations.emulator.Fault  what a server has to do to this answer

--- Answers one request.
---@param request appintegrations.emulator.Request
---@return appintegrations.emulator.Response
function Service:handle(request)
  local response
  if has_prefix(request.target, control.PREFIX) then
    response = control.handle(self, request)
  else
    response = answer(self, request)
  end
  local saved, message = keep(self)
  if not saved then
    response = errors.response(errors.new("InternalServiceError", "The state cannot be saved: %s",
      message))
  end
  local skew = response.fault and response.fault.date_skew or 0
  response.headers["date"] = response.headers["date"] or calendar.http(self.clock() + skew)
  response.headers["x-amzn-requestid"] = self:uuid()
  return response
end

-- ---- what the service is asked from outside ----------------------------------------------------

--- A transport for clients: `appintegrations.client{ transport = service:transport() }`.
---@return table transport
function Service:transport()
  return transport.new(self)
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

--- Forgets the faults that have not come up.
function Service:clear_faults()
  self.faults = {}
end

--- What may be said of a seeded association; the first member says whose it is.
local APPLICATION_SEED = { "ApplicationId", ClientId = "string" }
local EVENT_SEED = { "EventIntegrationName", ClientId = "string",
  EventBridgeRuleName = "string", ClientAssociationMetadata = "table" }

--- What is wrong with PARAMS as a seed, or nil.
local function check_seed(params, members)
  if type(params) ~= "table" or type(params[members[1]]) ~= "string" then
    return ("an association to seed needs the string %s"):format(members[1])
  end
  for name, value in pairs(params) do
    if name ~= members[1] and type(value) ~= members[name] then
      return ("%s cannot be seeded with a %s"):format(tostring(name), type(value))
    end
  end
  return nil
end

local function seed(self, handlers, params, members)
  local message = check_seed(params, members)
  if message then
    return nil, message
  end
  local arn, problem = handlers.seed_association(self, params)
  if not arn then
    return nil, problem.message
  end
  local saved
  saved, message = keep(self)
  return saved and arn, message
end

--- Adds an association of an application, which no operation can.
---@param params table  ApplicationId (id or ARN), ClientId
---@return string? arn
---@return string? message
function Service:seed_application_association(params)
  return seed(self, applications, params, APPLICATION_SEED)
end

--- Adds an association of an event integration, which no operation can.
---@param params table  EventIntegrationName, ClientId, EventBridgeRuleName,
---                     ClientAssociationMetadata
---@return string? arn
---@return string? message
function Service:seed_event_integration_association(params)
  return seed(self, event_integrations, params, EVENT_SEED)
end

--- Writes the state file.
---@return boolean? done
---@return string? message
function Service:save()
  local revision = self.store.revision
  local done, message = state.save(self.state, self.store.data)
  if done then
    self.saved_revision = revision
  end
  return done, message
end

--- A version 4 UUID.
---@return string
function Service:uuid()
  if not self.random then
    return core.uuid()
  end
  return (("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"):gsub("[xy]", function(place)
    local digit = math.floor(self.random() * (place == "x" and 16 or 4))
    return ("%x"):format(place == "x" and digit or digit + 8)
  end))
end

-- ---- making one --------------------------------------------------------------------------------

local function check_options(options)
  for name, value in pairs(options) do
    if not OPTIONS[name] then
      return ("unknown option %s"):format(tostring(name))
    elseif type(value) ~= OPTIONS[name] then
      return ("option %s must be a %s, not a %s"):format(name, OPTIONS[name], type(value))
    end
  end
  for name, value in pairs(options.quotas or {}) do
    if not M.QUOTAS[name] or type(value) ~= "number" then
      return ("quotas has no number %s"):format(tostring(name))
    end
  end
  for key, value in pairs(options.credentials or {}) do
    if type(value) ~= "string" and (type(value) ~= "table" or type(value.secret) ~= "string") then
      return ("credentials of %s must be a secret, or a table with one"):format(tostring(key))
    end
  end
  return nil
end

local function credential_tables(given)
  local result = {}
  for key, value in pairs(given or { [M.ACCESS_KEY_ID] = M.SECRET_ACCESS_KEY }) do
    result[key] = type(value) == "table" and value or { secret = value }
  end
  return result
end

local function all_handlers()
  local result = {}
  for _, group in ipairs { applications, data_integrations, event_integrations, tags } do
    for name, handler in pairs(group) do
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

local function config_error(message)
  return module_errors.new { kind = "config", code = "InvalidConfig", message = message }
end

--- The store that the options ask for; nil and a text if there is none.
local function open_store(options)
  local data, message
  if options.state then
    data, message = state.load(options.state)
    if message then
      return nil, message
    end
  end
  return store.new(core.uuid() .. core.uuid(), data)
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

--- A service of its own, with its own state. Wrong options raise at the caller's line.
---@param options? appintegrations.emulator.Options
---@return table? service
---@return appintegrations.Error? err  no such region, unreadable state file
function M.new(options)
  options = options or {}
  local wrong = check_options(options)
  if wrong then
    error(wrong, 2)
  end
  local region = options.region or "us-east-1"
  local hostname, partition = core.endpoint(region, false, false)
  if not hostname then
    return nil, config_error(partition)
  end
  local records, message = open_store(options)
  if not records then
    return nil, config_error(message)
  end
  local clock, handlers = options.clock or core.now, all_handlers()
  local rules
  rules, wrong = fault_rules(options.faults or {}, handlers)
  if not rules then
    error(wrong, 2)
  end
  return setmetatable({
    region = region, partition = partition, account_id = options.account_id or "123456789012",
    clock = clock, random = options.random,
    verify_signatures = options.verify_signatures ~= false,
    verifier = auth.new { credentials = credential_tables(options.credentials), region = region,
      clock = clock, skew = options.clock_skew_seconds or 900 },
    quotas = options.quotas or {}, page_size = options.page_size or 50,
    execution_seconds = options.execution_seconds or 2,
    router = router.new(all_operations()), handlers = handlers, faults = rules,
    store = records, state = options.state, autosave = true, saved_revision = records.revision,
  }, Service)
end

return M
