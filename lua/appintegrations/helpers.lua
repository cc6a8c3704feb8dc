-- SPDX-License-Identifier: MIT
--- What programs do with this service again and again, in terms of its operations: finding by
-- name, waiting for a job, bringing tags into line. They are methods of the client, which loads
-- this file when one of them is called.
--
-- Like operations they return nil and an error for what can fail at run time, raise for misuse,
-- and may yield inside a task: nothing here stands under pcall.
-- @module appintegrations.helpers

local call = require "appintegrations.call"
local errors = require "appintegrations.errors"
local math = require("appintegrations.compat").math
local options_of = require "appintegrations.options"

local M = {}

local NOTHING = {}

-- Where misuse is raised, seen from a helper: in the program. In between stands the client's
-- method, which loads this file.
local PROGRAM = 3

--- A copy of RULES with MORE, for options_of.check.
local function rules_with(rules, more)
  local result = {}
  for _, set in ipairs { rules, more } do
    for name, rule in pairs(set) do
      result[name] = rule
    end
  end
  return result
end

local CALL = options_of.CALL
local EXECUTION_OPTIONS = rules_with(
  { timeout = CALL.timeout, max_attempts = CALL.max_attempts, headers = CALL.headers,
    deadline = CALL.deadline },
  { interval = CALL.timeout,
    on_progress = function(value) return type(value) == "function", "a function" end })
local TAG_OPTIONS = rules_with(
  { timeout = CALL.timeout, max_attempts = CALL.max_attempts, headers = CALL.headers,
    deadline = CALL.deadline, validate = CALL.validate }, {})

--- OPTIONS, checked; misuse is raised at LEVEL, seen from the caller.
local function checked(options, rules, what, level)
  if options == nil then
    return NOTHING
  end
  options_of.check(options, rules, what, level + 1)
  if options.headers then
    options_of.headers(options.headers, level + 1)
  end
  return options
end

local function expect(value, expected, what, level)
  if type(value) ~= expected then
    error(("%s: expected a %s, got %s"):format(what, expected, type(value)), level + 1)
  end
end

--- A function that makes the options of single calls from OPTIONS, so that all of them together
-- keep the LIMIT in seconds, if there is one; nil and an error once it has passed.
local function options_within(client, options, limit, what)
  local deadline = limit and client.clock() + limit
  return function()
    local left = deadline and deadline - client.clock()
    if left and left <= 0 then
      return nil, errors.new {
        kind = "timeout", code = "DeadlineExceeded", operation = what,
        message = ("the deadline of %g s has passed between two calls"):format(limit),
      }
    end
    return { timeout = options.timeout, max_attempts = options.max_attempts,
      headers = options.headers, validate = options.validate, deadline = left }
  end
end

-- ---- by name -----------------------------------------------------------------------

--- A method that looks for a name in the listing that the iterator LISTING goes through: the
-- summary, or nil where there is none. The listing ends at the first hit; names are unique.
local function finder(name_of_method, listing)
  return function(client, name, options)
    expect(name, "string", name_of_method, PROGRAM)
    options = checked(options, options_of.CALL, name_of_method, PROGRAM)
    local iterator = client[listing](client, nil, options)
    while true do
      local summary, err = iterator:next()
      if summary == nil then
        return nil, err
      elseif type(summary) == "table" and summary.Name == name then
        return summary
      end
    end
  end
end

M.find_data_integration = finder("find_data_integration", "each_data_integration")
M.find_event_integration = finder("find_event_integration", "each_event_integration")
M.find_application = finder("find_application", "each_application")

-- ---- waiting for a job ---------------------------------------------------------------

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
    message = ("the execution is %s after %.1f s; the next look, in %g s, would be past the "
      .. "deadline of %g s"):format(status or "without a status", elapsed, wait.interval,
      wait.limit),
  }
end

--- Meta of the last call, with what the whole wait took.
local function meta_of(wait, elapsed)
  local meta = {}
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
    local status = type(execution) == "table" and execution.ExecutionStatus or nil
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
    err = call.pause(client, wait.interval)
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
  expect(params, "table", "wait_for_execution", PROGRAM)
  for name in pairs(params) do
    if not EXECUTION_PARAMS[name] then
      error(("wait_for_execution: unknown parameter %s"):format(tostring(name)), PROGRAM)
    end
  end
  for name in pairs(EXECUTION_PARAMS) do
    expect(params[name], "string", "wait_for_execution: " .. name, PROGRAM)
  end
  options = checked(options, EXECUTION_OPTIONS, "wait_for_execution", PROGRAM)
  local limit = options.deadline or DEFAULT_WAIT
  local association, meta_or_err = watch(client, {
    integration = params.DataIntegrationIdentifier,
    association = params.DataIntegrationAssociationIdentifier,
    options = options_within(client, options, limit, "wait_for_execution"),
    limit = limit, interval = options.interval or DEFAULT_INTERVAL,
    on_progress = options.on_progress, polls = 0,
  })
  return association, meta_or_err
end

-- ---- tags -----------------------------------------------------------------------------

-- So many tags a resource, a TagResource and an UntagResource can have.
local MAX_TAGS = 200

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- What has to be done to make CURRENT equal to WANTED: tags to set, keys to remove. Tags that
-- begin with "aws:" are AWS's own: nobody else can remove them.
local function tag_changes(current_tags, wanted)
  local added, removed = {}, {}
  for key, value in pairs(wanted) do
    if current_tags[key] ~= value then
      added[key] = value
    end
  end
  for _, key in ipairs(sorted_keys(current_tags)) do
    if wanted[key] == nil and not key:find("^aws:") then
      removed[#removed + 1] = key
    end
  end
  return added, removed
end

--- Calls OPERATION for each slice of KEYS that one call can take; PARAMS_OF makes its parameters.
local function in_slices(client, operation, keys, params_of, within)
  for first = 1, #keys, MAX_TAGS do
    local slice = {}
    for i = first, math.min(first + MAX_TAGS - 1, #keys) do
      slice[#slice + 1] = keys[i]
    end
    local options, err = within()
    local done
    if options then
      done, err = client[operation](client, params_of(slice), options)
    end
    if not done then
      return nil, err
    end
  end
  return true
end

local function add_tags(client, arn, added, within)
  return in_slices(client, "tag_resource", sorted_keys(added), function(keys)
    local tags = {}
    for _, key in ipairs(keys) do
      tags[key] = added[key]
    end
    return { resourceArn = arn, tags = tags }
  end, within)
end

local function remove_tags(client, arn, removed, within)
  return in_slices(client, "untag_resource", removed, function(keys)
    return { resourceArn = arn, tagKeys = keys }
  end, within)
end

--- Whether TAGS are what a program may pass; raises at LEVEL otherwise.
local function check_tags(tags, level)
  expect(tags, "table", "sync_tags: the tags", level + 1)
  for key, value in pairs(tags) do
    expect(key, "string", "sync_tags: a tag's key", level + 1)
    expect(value, "string", "sync_tags: " .. key, level + 1)
  end
end

--- Makes the tags of the resource ARN equal to TAGS, with one call to read and at most one each
-- to set and to remove. Sets before it removes, so that no tag is missing in between, unless the
-- resource cannot hold them all at once. Tags that begin with "aws:" stay.
-- After an error the work may be half done; doing it again completes it.
---@param client appintegrations.Client
---@param arn string
---@param tags table<string, string>
---@param options? appintegrations.CallOptions  without extra; the deadline is that of the whole
---@return { added: table<string, string>, removed: string[] }? changes  `added`: new or with
---                                           another value; `removed`: keys, sorted
---@return appintegrations.Error? err
function M.sync_tags(client, arn, tags, options)
  expect(arn, "string", "sync_tags: the ARN", PROGRAM)
  check_tags(tags, PROGRAM)
  options = checked(options, TAG_OPTIONS, "sync_tags", PROGRAM)
  local within = options_within(client, options, options.deadline or client.config.deadline,
    "sync_tags")
  local output, err = client:list_tags_for_resource({ resourceArn = arn }, within())
  if not output then
    return nil, err
  end
  local current_tags = output.tags or NOTHING
  local added, removed = tag_changes(current_tags, tags)
  local steps = { { add_tags, added }, { remove_tags, removed } }
  if #sorted_keys(tags) + #removed > MAX_TAGS then
    steps = { steps[2], steps[1] }
  end
  for _, step in ipairs(steps) do
    local done
    done, err = step[1](client, arn, step[2], within)
    if not done then
      return nil, err
    end
  end
  return { added = added, removed = removed }
end

return M
