-- SPDX-License-Identifier: MIT
--- Waiting for a job: the execution of a data integration association.
-- @module appintegrations.helpers.execution

local errors = require "appintegrations.base.errors"
local helper = require "appintegrations.helpers.options"
local metatables = require "appintegrations.base.metatables"
local names = require "appintegrations.base.names"
local options_of = require "appintegrations.config.options"
local seconds_text = require("appintegrations.base.text").seconds
local waiting = require "appintegrations.call.waiting"

local M = {}

local NOTHING = {}

local EXECUTION_OPTIONS = helper.rules {
  interval = options_of.CALL.timeout,
  on_progress = options_of.is_a "function",
}

local DEFAULT_WAIT, DEFAULT_INTERVAL = 3600, 5 -- seconds

--- Whether IDENTIFIER, an id or an ARN, is that of ASSOCIATION. The ARN ends in the id.
local function identifies(identifier, association)
  local arn = type(association) == "table" and association.DataIntegrationAssociationArn
  return type(arn) == "string" and (arn == identifier or arn:match("[^/]*$") == identifier)
end

local function no_association(wait)
  return errors.new {
    kind = "service", code = "ResourceNotFoundException", operation = "wait_for_execution",
    message = ("the data integration %s has no association %s"):format(wait.integration,
      wait.association),
  }
end

--- Looks for the association on the pages from TOKEN on; remembers in WAIT where it was.
---@return table? association
---@return appintegrations.Error? err  nil where the listing does not have it
local function look(client, wait, token)
  local options, err = wait.options()
  if not options then
    return nil, err
  end
  local iterator = client:each_data_integration_association({
    DataIntegrationIdentifier = wait.integration, NextToken = token,
  }, options)
  while true do
    local page_token = iterator.next_token
    local association, problem = iterator:next()
    if association == nil then
      return nil, problem
    elseif identifies(wait.association, association) then
      wait.token, wait.meta = page_token, iterator.meta
      return association
    end
  end
end

--- The association as it is now. A page that showed it is asked for first; from the beginning
-- if that page has become another or its token has become invalid.
local function current(client, wait)
  local association, err = look(client, wait, wait.token)
  if not association and wait.token
    and (err == nil or errors.is_error(err, "InvalidRequestException")) then
    association, err = look(client, wait, nil)
  end
  return association, not association and (err or no_association(wait)) or nil
end

local function execution_failed(wait, association)
  local message = association.LastExecutionStatus.StatusMessage
  return errors.new {
    kind = "service", code = "ExecutionFailed", operation = "wait_for_execution",
    message = type(message) == "string" and message ~= "" and message
      or "the execution has failed; the service does not say why",
    request_id = wait.meta and wait.meta.request_id, association = association,
  }
end

local function waited_too_long(wait, status, elapsed)
  return errors.new {
    kind = "timeout", code = "DeadlineExceeded", operation = "wait_for_execution",
    message = ("the execution is %s after %s s; the next look, in %s s, would be past the "
      .. "deadline of %s s"):format(status or "without a status", seconds_text(elapsed),
      seconds_text(wait.interval), seconds_text(wait.limit)),
  }
end

--- Meta of the last call, with what the whole wait took.
local function meta_of(wait, elapsed)
  local meta = setmetatable({}, metatables.META)
  for name, value in pairs(wait.meta or NOTHING) do
    meta[name] = value
  end
  meta.elapsed, meta.polls = elapsed, wait.polls
  return meta
end

--- Looks until the execution has ended.
local function watch(client, wait)
  local started = client.clock()
  while true do
    local association, err = current(client, wait)
    if not association then
      return nil, err
    end
    wait.polls = wait.polls + 1
    local execution = association.LastExecutionStatus
    local status = type(execution) == "table" and execution.ExecutionStatus
    status = type(status) == "string" and status or nil
    if wait.on_progress then
      wait.on_progress(status, association)
    end
    local elapsed = client.clock() - started
    if status == "COMPLETED" then
      return association, meta_of(wait, elapsed)
    elseif status == "FAILED" then
      return nil, execution_failed(wait, association)
    elseif elapsed + wait.interval >= wait.limit then
      return nil, waited_too_long(wait, status, elapsed)
    end
    err = waiting.pause(client, wait.interval)
    if err then
      return nil, err
    end
  end
end

local EXECUTION_PARAMS = {
  DataIntegrationIdentifier = true, DataIntegrationAssociationIdentifier = true,
}

--- Waits until the last execution of a data integration association has ended.
--
-- COMPLETED is the result. FAILED is the error `ExecutionFailed` (kind "service") with the
-- service's StatusMessage as its message and the association as its `association`. If the
-- deadline would pass before the next look: `DeadlineExceeded`. An association that is not
-- listed: `ResourceNotFoundException`.
---@param client appintegrations.Client
---@param params { DataIntegrationIdentifier: string, DataIntegrationAssociationIdentifier: string }
---@param options? appintegrations.ExecutionOptions
---@return appintegrations.DataIntegrationAssociationSummary? association
---@return appintegrations.Meta|appintegrations.Error meta_or_err  meta has `polls` too
function M.wait_for_execution(client, params, options)
  helper.expect(params, "table", "wait_for_execution", helper.PROGRAM)
  for name in pairs(params) do
    if not EXECUTION_PARAMS[name] then
      error(('wait_for_execution: unknown parameter "%s"%s'):format(tostring(name),
        names.hint(name, EXECUTION_PARAMS)), helper.PROGRAM)
    end
  end
  for name in pairs(EXECUTION_PARAMS) do
    helper.expect(params[name], "string", "wait_for_execution: " .. name, helper.PROGRAM)
  end
  options = helper.checked(options, EXECUTION_OPTIONS, "wait_for_execution", helper.PROGRAM)
  local limit = options.deadline or DEFAULT_WAIT
  local association, meta_or_err = watch(client, {
    integration = params.DataIntegrationIdentifier,
    association = params.DataIntegrationAssociationIdentifier,
    options = helper.within(client, options, limit, "wait_for_execution"),
    limit = limit, interval = options.interval or DEFAULT_INTERVAL,
    on_progress = options.on_progress, polls = 0,
  })
  return association, meta_or_err
end

return M
