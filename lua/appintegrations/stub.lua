-- SPDX-License-Identifier: MIT
--- A stand-in for the service in tests of a script: a client that is stubbed answers with what
-- the test has queued. Parameters are checked as always, answers are checked against the model,
-- iterators page as always; nothing is sent, signed or waited for.
--
--     local client = assert(appintegrations.client { region = "us-east-1", env = {} })
--     local stub = appintegrations.stub(client)
--     stub:respond("get_data_integration", { Name = "crm" }, { Identifier = "crm" })
--     stub:fail("get_data_integration", "ResourceNotFoundException")
--     … what is to be tested …
--     stub:assert_done()
--
-- The stub stands behind the retries: an error that it gives is the last one of a call. Waiting
-- (client:wait_for_execution) takes no time: the client's clock is put forward instead.
-- @module appintegrations.stub

local compat = require "appintegrations.base.compat"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local metatables = require "appintegrations.base.metatables"
local names = require "appintegrations.base.names"
local retry = require "appintegrations.call.retry"
local shape = require "appintegrations.base.shape"

local M = {}

local NOTHING = {}

---@class appintegrations.Stub
---@field calls { operation: string, params: table }[]  what was called, in order
---@field private client? appintegrations.Client
---@field private queues table<string, table[]>   answers that wait, by operation
---@field private functions table<string, function>
---@field private problems string[]  what was raised in calls
---@field private saved table        what the client had before
local methods = {}
local mt = { __name = "appintegrations.Stub", __index = methods }

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, item in pairs(value) do
    result[key] = copy(item)
  end
  return result
end

-- ---- comparing parameters --------------------------------------------------------

local function show(value)
  return type(value) == "string" and ('"%s"'):format(value) or type(value) == "table" and "a table"
    or value == nil and "nothing" or tostring(value)
end

--- Where ACTUAL is not what was EXPECTED, as a text; nil if they are equal.
local function difference(expected, actual, path)
  if type(expected) ~= "table" or type(actual) ~= "table" then
    return expected ~= actual
      and ("%s: expected %s, got %s"):format(path, show(expected), show(actual)) or nil
  end
  local keys = {}
  for _, values in ipairs { expected, actual } do
    for key in pairs(values) do
      keys[key] = true
    end
  end
  for key in pairs(keys) do
    local found = difference(expected[key], actual[key],
      (path == "" and "" or path .. ".") .. tostring(key))
    if found then
      return found
    end
  end
end

-- ---- errors to answer with -------------------------------------------------------

-- What does not come from the service, by code.
local KINDS = {
  ConnectionError = "transport", DNSError = "transport", TLSError = "transport",
  ProxyError = "transport",
  ConnectTimeout = "timeout", AttemptTimeout = "timeout", DeadlineExceeded = "timeout",
  InvalidResponse = "response", ResponseTooLarge = "response",
  NoCredentials = "credentials", CredentialsExpired = "credentials",
  CredentialsProviderError = "credentials",
  Cancelled = "cancelled",
}

--- Whether the model has the error CODE for OPERATION.
local function has_error(operation, code)
  for _, modelled in ipairs(shape.describe(operation).errors) do
    if modelled.name == code then
      return true
    end
  end
  return false
end

--- What CODE says where it is the HTTP status of an answer that says no more, as of a gateway.
local function bare_status(code)
  local status = type(code) == "string" and code:find "^[345]%d%d$" and tonumber(code)
  return status and { status = status,
    message = ("HTTP status %d without a message"):format(status) } or nil
end

--- Whether OPERATION can fail with the service's CODE: the model has it, or every AWS service
-- does. (IAM may refuse any operation, whatever the model says of it.)
local function is_possible(operation, code)
  if has_error(operation, code) or code == "AccessDeniedException" then
    return true
  end
  for _, other in ipairs(core.operations()) do
    if has_error(other, code) then
      return false
    end
  end
  return require("appintegrations.emulator.errors").status(code) ~= nil
end

--- The code that was meant, or all that the model has.
local function suggested_code(operation, code)
  local codes = {}
  for i, modelled in ipairs(shape.describe(operation).errors) do
    codes[i] = modelled.name
  end
  local listed = "the model has " .. table.concat(codes, ", ")
  for own in pairs(KINDS) do
    codes[#codes + 1] = own
  end
  table.sort(codes)
  local nearest = type(code) == "string" and core.nearest(code, codes)
  return nearest and ('did you mean "%s"?'):format(nearest) or listed
end

--- A function that makes the error CODE of OPERATION; nil and a text for a code that a call
-- cannot end with.
local function error_maker(operation, code, message)
  local kind, problem = KINDS[code], bare_status(code)
  if not (kind or problem or is_possible(operation, code)) then
    return nil, ("%s cannot fail with %s; %s"):format(operation,
      type(code) == "string" and code or show(code), suggested_code(operation, code))
  end
  problem = problem or kind and NOTHING or require("appintegrations.emulator.errors").new(code)
  return function(request_id)
    local err = errors.new {
      kind = kind or "service", code = code, status = problem.status,
      message = message or problem.message or "the stub was told so",
      request_id = not kind and request_id or nil,
    }
    retry.classify(err)
    return err
  end
end

-- ---- answering -------------------------------------------------------------------

--- The output that FUNCTION gives for PARAMS; or nil and an error object; or nil, nil and a
-- text for what is a mistake in the test.
local function ask(operation, respond, params, request_id)
  local output, err = respond(params)
  if output ~= nil then
    local problem = shape.problem(shape.describe(operation).output, output)
    if problem then
      return nil, nil, ("the function for %s answers %s"):format(operation, problem)
    end
    return metatables.mark(copy(output), shape.describe(operation).output)
  elseif errors.is_error(err) then
    return nil, err
  elseif type(err) == "string" then
    local make, problem = error_maker(operation, err)
    return nil, make and make(request_id), problem
  end
  return nil, nil, ("the function for %s returned neither an output nor nil and an error")
    :format(operation)
end

--- The next answer to OPERATION, as for `ask`.
local function next_answer(stub, operation, params, request_id)
  local queue = stub.queues[operation]
  local entry = queue and table.remove(queue, 1)
  if entry and entry.expected then
    local found = difference(entry.expected, params, "")
    if found then
      return nil, nil, ("%s was called with other parameters: %s"):format(operation, found)
    end
  end
  if entry and entry.make_error then
    return nil, entry.make_error(request_id)
  elseif entry then
    return entry.output
  elseif stub.functions[operation] then
    return ask(operation, stub.functions[operation], params, request_id)
  end
  return nil, nil, ("%s was called, but no answer is left for it"):format(operation)
end

--- Stands in the place of a call's attempts. Mistakes are raised where the call was made, and
-- again by assert_done, as the script under test may catch errors.
local function answerer_of(stub)
  return function(call, params)
    call.attempts = 1
    stub.calls[#stub.calls + 1] = { operation = call.operation, params = copy(params) }
    local request_id = "stub-" .. #stub.calls
    local output, err, mistake = next_answer(stub, call.operation, params, request_id)
    if mistake then
      stub.problems[#stub.problems + 1] = mistake
      local where = compat.caller() -- a helper or an iterator may stand between
      error((where and where .. ": " or "") .. "stub: " .. mistake, 0)
    elseif not output then
      return nil, err
    end
    return output, { status = 200, headers = { ["x-amzn-requestid"] = request_id } }
  end
end

-- ---- the object ------------------------------------------------------------------

--- Raises at the caller's line of the method NAME unless SELF is a stub.
local function check_self(self, name)
  if type(self) ~= "table" or getmetatable(self) ~= mt then
    error(("stub: call it with a colon, as in stub:%s(…)"):format(name), 3)
  end
end

--- What was meant by NAME, which is no operation: the listing that an iterator or find_… calls, or
-- a name like it.
local function suggested_operation(name)
  local noun = name:match "^each_(.*)$" or name:match "^find_(.*)$"
  local listing = noun and "list_" .. noun .. "s"
  if listing and shape.describe(listing) then
    return ('; what it calls is "%s"'):format(listing)
  end
  return names.meant(name, core.operations())
end

--- Raises at the caller's line of a method unless OPERATION is one.
local function check_operation(operation)
  if type(operation) ~= "string" or not shape.describe(operation) then
    error(("stub: there is no operation %s%s"):format(show(operation),
      type(operation) == "string" and suggested_operation(operation)
      or " (appintegrations.operations() lists them)"), 3)
  end
end

--- Raises at the caller's line of a method unless VALUE is nil or of the type EXPECTED.
local function check_optional(value, expected, what)
  if value ~= nil and type(value) ~= expected then
    error(("stub: %s must be a %s, not a %s"):format(what, expected, type(value)), 3)
  end
end

local function enqueue(stub, operation, entry)
  local queue = stub.queues[operation] or {}
  stub.queues[operation] = queue
  queue[#queue + 1] = entry
  return stub
end

--- Queues OUTPUT as the answer to a call of OPERATION. With EXPECTED, the call must have exactly
-- these parameters. Members, types and enumerations that the model does not know raise.
---@param operation string  as `get_data_integration`
---@param output table      by the service's member names; it need not be complete
---@param expected? table
---@return appintegrations.Stub self
function methods:respond(operation, output, expected)
  check_self(self, "respond")
  check_operation(operation)
  local problem = shape.problem(shape.describe(operation).output, output)
  if problem then
    error(("stub: the answer to %s: %s"):format(operation, problem), 2)
  end
  check_optional(expected, "table", "expected parameters")
  return enqueue(self, operation, {
    output = metatables.mark(copy(output), shape.describe(operation).output),
    expected = copy(expected),
  })
end

--- Queues an error as the answer to a call of OPERATION.
---@param operation string
---@param code string  one that the model has for it or that every AWS service has; or one of the
---                    client's own, as `ConnectionError`
---@param message? string
---@param expected? table  as for respond
---@return appintegrations.Stub self
function methods:fail(operation, code, message, expected)
  check_self(self, "fail")
  check_operation(operation)
  check_optional(message, "string", "the error's message")
  check_optional(expected, "table", "expected parameters")
  local make_error, problem = error_maker(operation, code, message)
  if not make_error then
    error("stub: " .. problem, 2)
  end
  return enqueue(self, operation, { make_error = make_error, expected = copy(expected) })
end

--- Lets RESPOND answer every call of OPERATION for which nothing is queued. It gets the
-- parameters and returns an output; or nil and an error's code or an error object.
---@param operation string
---@param respond fun(params: table): table?, string|appintegrations.Error|nil
---@return appintegrations.Stub self
function methods:answer(operation, respond)
  check_self(self, "answer")
  check_operation(operation)
  if type(respond) ~= "function" then
    error("stub: expected a function, got a " .. type(respond), 2)
  end
  self.functions[operation] = respond
  return self
end

--- Raises if answers are left that no call has taken, or if a call went wrong because of them.
function methods:assert_done()
  check_self(self, "assert_done")
  local lines = {}
  for _, mistake in ipairs(self.problems) do
    lines[#lines + 1] = mistake
  end
  for _, operation in ipairs(core.operations()) do
    local count = #(self.queues[operation] or {})
    if count > 0 then
      lines[#lines + 1] = ("%s: %d answer%s left"):format(operation, count, count > 1 and "s" or "")
    end
  end
  if #lines > 0 then
    error("stub: " .. table.concat(lines, "\n  "), 2)
  end
end

--- Makes the client what it was before.
function methods:restore()
  check_self(self, "restore")
  local client = self.client
  if client then
    self.client = nil
    client.answerer, client.clock, client.sleep = false, self.saved.clock, self.saved.sleep
  end
end

--- Waiting puts the clock forward.
local function replace_time(client, saved)
  local offset = 0
  function client.clock()
    return saved.clock() + offset
  end
  function client.sleep(seconds)
    offset = offset + seconds
  end
end

--- Stubs CLIENT until stub:restore().
---@param client appintegrations.Client
---@param level integer  as for `error`, seen from the caller of this function
---@return appintegrations.Stub
---@nodiscard
function M.new(client, level)
  local known = type(client) == "table" and getmetatable(client)
  if not known or known.__name ~= "appintegrations.Client" then
    error("appintegrations.stub: expected a client, got " .. type(client), level + 1)
  end
  if client.answerer then
    error("appintegrations.stub: the client is stubbed already", level + 1)
  end
  local saved = { clock = client.clock, sleep = client.sleep }
  local stub = setmetatable({
    calls = {}, client = client, queues = {}, functions = {}, problems = {}, saved = saved,
  }, mt)
  client.answerer = answerer_of(stub)
  replace_time(client, saved)
  return stub
end

return M
