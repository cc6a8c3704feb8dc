-- SPDX-License-Identifier: MIT
--- Credentials from the program that the profile's credential_process names.
-- It is run without a shell, and what it prints is never shown; the end of what
-- it writes to its error output is. Sources: "Sourcing credentials with an
-- external process" (AWS SDKs and Tools Reference Guide), botocore.
-- @module appintegrations.credentials.process

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local exchange = require "appintegrations.credentials.exchange"
local json = require "appintegrations.base.json"
local redact = require "appintegrations.call.redact"
local seconds_text = require("appintegrations.base.text").seconds
local static = require "appintegrations.credentials.static"
local words = require "appintegrations.credentials.words"

local M = {}

M.reads = { keys = { "credential_process" } }

-- So long at most no Lua code runs: debug hooks of the host have their turn.
local LONGEST_STEP = 1

-- What a shell would take for an operator, where it stands in a word.
local OPERATORS = { "^[|<>&;]+$", "^[12]?>+&?", "^%$[({]?", ";$" }
local OPERATOR_IN_PROGRAM = "[|;&]"

--- What to tell of ARGV when it fails: who writes for a shell waits for one in vain. The operator
-- alone is shown: the rest of a word may be secret.
local function shell_hint(argv)
  local operator = argv[1]:match(OPERATOR_IN_PROGRAM)
  for i = 2, #argv do
    for _, pattern in ipairs(OPERATORS) do
      operator = operator or argv[i]:match(pattern)
    end
  end
  return operator and ("; no shell is used: %s is handed to the program as it is (sh -c '…' starts "
    .. "one)"):format(operator) or ""
end

--- An error about the program in ARGV, with what it wrote to its error output.
local function failure(argv, problem, stderr)
  local said = stderr and redact.text(stderr) or ""
  return nil, errors.provider_failed(("credential_process %s %s%s%s"):format(argv[1], problem,
    said ~= "" and "; it said: " .. said or "", shell_hint(argv)))
end

--- The words of COMMAND, which a program can start with.
local function arguments(command, context)
  if type(command) ~= "string" then
    return nil, "is not a command"
  end
  local argv, problem = words.split(command)
  if not argv then
    return nil, "has " .. problem
  elseif not argv[1] then
    return nil, "is empty"
  end
  argv[1] = context.expand(argv[1])
  return argv
end

--- The injected environment as the child gets it, or nil for this process's own.
local function environment(env)
  if not env then
    return nil
  end
  local list = {}
  for name, value in pairs(env) do
    list[#list + 1] = value and name .. "=" .. value or nil
  end
  return list
end

--- Waits for PROCESS until LIMIT (by the monotonic clock). In a task of a loop
-- the wait yields; elsewhere it blocks. True if it has ended; false and an error
-- where the wait was cut short.
local function await(context, process, limit)
  while not process:step(0) do
    local left = limit - core.monotonic()
    if left <= 0 then
      return false
    end
    local err = context.wait(process, left < LONGEST_STEP and left or LONGEST_STEP)
    if err then
      return false, err
    end
  end
  return true
end

local HOW = {
  exited = "ended with exit code %d",
  signalled = "was ended by signal %d",
  overflow = "wrote more than any credentials need",
}

--- What the process printed as credentials.
local function read_output(argv, output, stderr)
  local answer = json.decode_object(output)
  if not answer then
    return failure(argv, "did not print a JSON object", stderr)
  elseif answer.Version ~= 1 then
    return failure(argv, 'did not print "Version": 1, the only one known', stderr)
  end
  local expiration = exchange.time(answer.Expiration)
  if not expiration and answer.Expiration ~= nil and type(answer.Expiration) ~= "userdata" then
    return failure(argv, "printed an Expiration that is no time", stderr)
  end
  local function text(name)
    local value = answer[name]
    return type(value) == "string" and value ~= "" and value or nil
  end
  local credentials = {
    access_key_id = text "AccessKeyId", secret_access_key = text "SecretAccessKey",
    session_token = text "SessionToken", account_id = text "AccountId",
    expiration = expiration,
  }
  local problem = static.problem(credentials)
  if problem then
    return failure(argv, "printed unusable credentials: " .. problem, stderr)
  end
  return credentials
end

--- The error for the program in ARGV, which was stopped after TIMEOUT seconds: its own; or the
--- call's, whose deadline has CUT them, and which concerns no other call that waits.
local function stopped(argv, timeout, cut)
  if cut then
    return nil, errors.deadline_exceeded(("the deadline of the call has passed, and "
      .. "credential_process %s was stopped after %s s"):format(argv[1], seconds_text(timeout)))
  end
  return failure(argv, ("has not ended within %s seconds and was stopped")
    :format(seconds_text(timeout)))
end

--- Runs ARGV and reads what it prints, within TIMEOUT seconds.
local function run(context, argv, timeout, cut)
  local process, problem = core.spawn(argv, environment(context.options.env))
  if not process then
    return failure(argv, "cannot be started: " .. problem)
  end
  local ended, err = await(context, process, core.monotonic() + timeout)
  local how, number, output, stderr
  if ended then
    how, number, output, stderr = process:result()
  end
  process:close()
  if err then
    return nil, err
  elseif not ended then
    return stopped(argv, timeout, cut)
  elseif how == "overflow" or how ~= "unknown" and number ~= 0 then
    return failure(argv, HOW[how]:format(number), stderr)
  end
  -- "unknown": the host reaps children itself; the output tells.
  return read_output(argv, output, stderr)
end

--- Seconds that the process may take, and whether the DEADLINE of the call has cut them.
local function time_allowed(context, deadline)
  local timeout = context.setting "process_timeout"
  local left = deadline and deadline - context.clock()
  if left and left < timeout then
    return left, true
  end
  return timeout, false
end

--- A provider for the profile of CONTEXT.
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider
---@nodiscard
function M.new(context)
  local provider = { name = "process" }

  function provider.retrieve(deadline)
    local command = context.profile and context.profile.credential_process
    if not command or command == "" then
      return nil, ('profile "%s" has no credential_process'):format(context.profile_name)
    elseif context.options.process == false then
      return nil, "starting processes is switched off (option process = false)"
    end
    local argv, problem = arguments(command, context)
    if not argv then
      return nil, errors.invalid_config(('credential_process of profile "%s" %s'):format(
        context.profile_name, problem))
    end
    local timeout, cut = time_allowed(context, deadline)
    if timeout <= 0 then
      return nil, errors.deadline_exceeded(
        "the deadline of the call has passed before the credential process was started")
    end
    provider.detail = ('profile "%s" runs %s'):format(context.profile_name, argv[1])
    local credentials, err = run(context, argv, timeout, cut)
    local account = context.profile.aws_account_id
    if credentials and type(account) == "string" and account ~= "" then -- as botocore does
      credentials.account_id = credentials.account_id or account
    end
    return credentials, err
  end

  return provider
end

return M
