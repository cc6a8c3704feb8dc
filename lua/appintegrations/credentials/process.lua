-- SPDX-License-Identifier: MIT
--- Credentials from the program that the profile's credential_process names.
-- It is run without a shell, and what it prints is never shown; the end of what
-- it writes to its error output is. Sources: "Sourcing credentials with an
-- external process" (AWS SDKs and Tools Reference Guide), botocore.
-- @module appintegrations.credentials.process

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"
local json = require "appintegrations.json"
local redact = require "appintegrations.redact"
local static = require "appintegrations.credentials.static"
local words = require "appintegrations.credentials.words"

local M = {}

M.reads = { keys = { "credential_process" } }

-- So long at most no Lua code runs: debug hooks of the host have their turn.
local LONGEST_STEP = 1

--- An error about PROGRAM, with what it wrote to its error output.
local function failure(program, problem, stderr)
  local said = stderr and redact.text(stderr) or ""
  return nil, errors.new {
    kind = "credentials", code = "CredentialsProviderError",
    message = ("credential_process %s %s%s"):format(program, problem,
      said ~= "" and "; it said: " .. said or ""),
  }
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
    list[#list + 1] = name .. "=" .. tostring(value)
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
local function read_output(program, output, stderr)
  local answer = json.decode_object(output)
  if not answer then
    return failure(program, "did not print a JSON object", stderr)
  elseif answer.Version ~= 1 then
    return failure(program, 'did not print "Version": 1, the only one known', stderr)
  end
  local expiration
  if type(answer.Expiration) == "string" then
    expiration = core.parse_time(answer.Expiration)
    if not expiration then
      return failure(program, "printed an Expiration that is no time", stderr)
    end
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
    return failure(program, "printed unusable credentials: " .. problem, stderr)
  end
  return credentials
end

--- Runs ARGV and reads what it prints, within TIMEOUT seconds.
local function run(context, argv, timeout)
  local program = argv[1]
  local process, problem = core.spawn(argv, environment(context.options.env))
  if not process then
    return failure(program, "cannot be started: " .. problem)
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
    return failure(program, ("has not ended within %g seconds and was stopped"):format(timeout))
  elseif how == "overflow" or how ~= "unknown" and number ~= 0 then
    return failure(program, HOW[how]:format(number), stderr)
  end
  -- "unknown": the host reaps children itself; the output tells.
  return read_output(program, output, stderr)
end

local function deadline_exceeded()
  return nil, errors.new {
    kind = "timeout", code = "DeadlineExceeded",
    message = "the deadline of the call has passed before the credential process was started",
  }
end

--- Seconds that the process may take, given the DEADLINE of the call.
local function time_allowed(context, deadline)
  local timeout = context.setting "process_timeout"
  if deadline then
    local left = deadline - context.clock()
    timeout = left < timeout and left or timeout
  end
  return timeout
end

--- A provider for the profile of CONTEXT.
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
      return nil, errors.new {
        kind = "config", code = "InvalidConfig",
        message = ('credential_process of profile "%s" %s'):format(context.profile_name, problem),
      }
    end
    local timeout = time_allowed(context, deadline)
    if timeout <= 0 then
      return deadline_exceeded()
    end
    provider.detail = ('profile "%s" runs %s'):format(context.profile_name, argv[1])
    return run(context, argv, timeout)
  end

  return provider
end

return M
