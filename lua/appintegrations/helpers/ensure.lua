-- SPDX-License-Identifier: MIT
--- Resources as they should be: created where they are not there, updated where they are other,
-- and left alone where nothing is to be done. Names identify them.
-- @module appintegrations.helpers.ensure

local difference = require "appintegrations.helpers.difference"
local errors = require "appintegrations.base.errors"
local helper = require "appintegrations.helpers.options"
local options_of = require "appintegrations.config.options"
local printing = require "appintegrations.base.printing"
local resources = require "appintegrations.helpers.resources"
local tags = require "appintegrations.helpers.tags"

local M = {}

local function is_list_of_names(value)
  local ok = type(value) == "table"
  for _, name in pairs(ok and value or {}) do
    ok = ok and type(name) == "string"
  end
  return ok, "a list of members' names"
end

M.OPTIONS = {
  validate = options_of.CALL.validate,
  dry_run = options_of.is_a "boolean",
  ignore = is_list_of_names,
}

local RULES = helper.rules(M.OPTIONS)

-- What a dry run, and the second result of ensure, show.
local OUTCOME = printing.new_metatable("Outcome",
  { "action", "kind", "name", "changes", "error" }, { changes = true })

--- How a service says that a resource is no longer as it was when it was looked for, by what was to
-- be done.
local OUTDATED = {
  create = { DuplicateResourceException = true, ConflictException = true },
  update = { ResourceNotFoundException = true, ConflictException = true },
}

local function immutable(kind, name, changes)
  local details = {}
  for _, change in ipairs(changes) do
    if not resources.is_mutable(kind, change.path) then
      details[#details + 1] = {
        path = change.path, rule = "immutable",
        message = "is other in the service and cannot be changed there; delete and create it "
          .. "anew, or name the member in the option ignore",
      }
    end
  end
  if #details > 0 then
    return errors.new {
      kind = "validation", code = "ImmutableMember",
      message = ("%s of the %s %s %s"):format(details[1].path, (kind.name:gsub("_", " ")), name,
        details[1].message), details = details,
    }
  end
end

--- What has to be done for what is WANTED, as an outcome; nil and an error where it cannot be.
---@param kind appintegrations.ResourceKind
---@param wanted table      parameters of its creation
---@param current? table    the output of get, where there is one
---@param options table     `ignore`
---@return table? outcome   with `action` "create", "update" or "none"
---@return appintegrations.Error? err
function M.plan(kind, wanted, current, options)
  local outcome = setmetatable({ kind = kind.name, name = wanted.Name, changes = {} }, OUTCOME)
  if not current then
    outcome.action = "create"
    return outcome
  end
  local ignored = {}
  for _, name in pairs(options.ignore or {}) do
    ignored[name] = true
  end
  outcome.changes = difference.of(resources.shape(kind), wanted,
    resources.params_of(kind, current, wanted), ignored)
  outcome.action = #outcome.changes > 0 and "update" or "none"
  local err = immutable(kind, wanted.Name, outcome.changes)
  if err then
    return nil, err
  end
  return outcome
end

--- Calls OPERATION with the options of WITHIN.
local function call(client, operation, params, within)
  local options, err = within()
  if not options then
    return nil, err
  end
  return client[operation](client, params, options)
end

local function update(client, kind, current, outcome, within)
  local params, new_tags, count = {}, nil, 0
  for _, change in ipairs(outcome.changes) do
    if change.path == "Tags" then
      new_tags = change.to
    else
      params[change.path], count = change.to, count + 1
    end
  end
  local done, err = true, nil
  if count > 0 then
    params[kind.update_by] = current[kind.identity]
    done, err = call(client, kind.update, params, within)
  end
  if done and new_tags then
    done, err = tags.bring_into_line(client, current[kind.arn],
      type(current.Tags) == "table" and current.Tags or {}, new_tags, within)
  end
  return done, err
end

--- Does what OUTCOME says.
---@param client appintegrations.Client
---@param kind appintegrations.ResourceKind
---@param wanted table
---@param current? table
---@param outcome table
---@param within fun(): table?, appintegrations.Error?
---@return true? done
---@return table|appintegrations.Error|nil created_or_err  the output of its creation
function M.carry_out(client, kind, wanted, current, outcome, within)
  local done, err = true, nil
  if outcome.action == "create" then
    done, err = call(client, kind.create, wanted, within)
    if done then
      return true, done
    end
  elseif outcome.action == "update" then
    done, err = update(client, kind, current, outcome, within)
  end
  if not done then
    return nil, err
  end
  return true
end

--- Whether ERR is because somebody else has created, changed or deleted the resource since OUTCOME
-- was planned.
---@param outcome table
---@param err appintegrations.Error
---@return boolean
function M.is_outdated(outcome, err)
  local codes = OUTDATED[outcome.action]
  return codes ~= nil and codes[err.code] == true
end

--- The resource called NAME; nil alone where there is none.
local function look(client, kind, name, within)
  local identifier, err = resources.identify(client, kind, name, within)
  if not identifier then
    return nil, err
  end
  return resources.get(client, kind, identifier, within)
end

--- The resource after it was CREATED, or was changed from what is CURRENT. That it is not there
-- any more, or not yet, is an error.
local function look_again(client, kind, name, current, created, within)
  local identifier = kind.identity == "Name" and name or (current or created)[kind.identity]
  local result, err
  if type(identifier) ~= "string" then
    result, err = look(client, kind, name, within)
  else
    result, err = resources.get(client, kind, identifier, within)
  end
  if not (result or err) then
    err = errors.new {
      kind = "service", code = "ResourceNotFoundException",
      message = ("the %s %s was %s, but is not there when it is asked for"):format(
        (kind.name:gsub("_", " ")), name, current and "updated" or "created"),
    }
  end
  return result, err
end

--- Looks, plans and does it. Once more, from the beginning, where somebody else has created or
-- deleted a resource of the same name in between, or is changing it.
local function ensure(client, kind, wanted, options, within)
  for try = 1, 2 do
    local current, err = look(client, kind, wanted.Name, within)
    local outcome, done, more
    if not err then
      outcome, err = M.plan(kind, wanted, current, options)
    end
    if outcome and (options.dry_run or outcome.action == "none") then
      return current, outcome
    elseif outcome then
      done, more = M.carry_out(client, kind, wanted, current, outcome, within)
      err = not done and more or nil
    end
    if done then
      current, err = look_again(client, kind, wanted.Name, current, more, within)
      return current, err or outcome
    elseif try == 2 or not (outcome and M.is_outdated(outcome, err)) then
      return nil, err
    end
  end
end

--- A method that ensures a resource of the kind called NAME.
local function ensurer(name)
  local kind, method = resources.BY_NAME[name], "ensure_" .. name
  return function(client, params, options)
    helper.expect(params, "table", method, helper.PROGRAM)
    options = helper.checked(options, RULES, method, helper.PROGRAM)
    local mode = options.validate
    if mode == nil then
      mode = client.config.validate
    end
    local violations = resources.violations(kind, params, mode)
    if violations[1] then
      local err = errors.violations(violations)
      err.operation = method
      return nil, err
    end
    local within = helper.within(client, options, options.deadline or client.config.deadline,
      method)
    local result, more = ensure(client, kind, params, options, within)
    if errors.is_error(more) then
      more.operation = more.operation or method
      return nil, more
    end
    return result or false, more
  end
end

--- Creates the data integration called params.Name, updates it, or leaves it alone. What is absent
-- in PARAMS is left as it is. A member that cannot be changed is an error `ImmutableMember` (kind
-- "validation"), and nothing is done; `options.ignore` lists members that are not compared.
---@param client appintegrations.Client
---@param params appintegrations.CreateDataIntegrationRequest
---@param options? appintegrations.EnsureOptions
---@return appintegrations.GetDataIntegrationResponse|false|nil integration  as it is now; false:
---                                        not there, in a dry run
---@return appintegrations.Outcome|appintegrations.Error outcome_or_err  `action` "create", "update"
---                                        or "none", and `changes`
M.ensure_data_integration = ensurer "data_integration"

--- The same for an event integration.
---@param client appintegrations.Client
---@param params appintegrations.CreateEventIntegrationRequest
---@param options? appintegrations.EnsureOptions
---@return appintegrations.GetEventIntegrationResponse|false|nil integration
---@return appintegrations.Outcome|appintegrations.Error outcome_or_err
M.ensure_event_integration = ensurer "event_integration"

--- The same for an application.
---@param client appintegrations.Client
---@param params appintegrations.CreateApplicationRequest
---@param options? appintegrations.EnsureOptions
---@return appintegrations.GetApplicationResponse|false|nil application
---@return appintegrations.Outcome|appintegrations.Error outcome_or_err
M.ensure_application = ensurer "application"

return M
