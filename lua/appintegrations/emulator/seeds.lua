-- SPDX-License-Identifier: MIT
--- Resources that a test wants to be there, in the API's own shapes: for what an operation
-- creates, its input; for the associations that only other AWS services make, what the API shows.
--
--     { "Applications": [ … ],
--       "ApplicationAssociations": [ { "ApplicationId": …, "ClientId": … } ],
--       "DataIntegrations": [ … ], "DataIntegrationAssociations": [ … ],
--       "EventIntegrations": [ … ],
--       "EventIntegrationAssociations": [ { "EventIntegrationName": …, "ClientId": … } ] }
-- @module appintegrations.emulator.seeds

local applications = require "appintegrations.emulator.handlers.applications"
local event_integrations = require "appintegrations.emulator.handlers.event_integrations"
local json = require "appintegrations.emulator.json"
local names = require "appintegrations.base.names"
local validation = require "appintegrations.emulator.validation"

local M = {}

--- Plants with the operation METHOD_NAME; ARN_OF finds the ARN in its output.
local function by_operation(method_name, arn_of)
  return function(realm, params)
    local problem = validation.check(method_name, params)
    local output
    if not problem then
      output, problem = realm.handlers[method_name](realm, params)
    end
    return output and arn_of(output, realm), problem and problem.message
  end
end

--- What is wrong with PARAMS as an association with MEMBERS, the first of which says whose it is.
local function wrong_association(params, members)
  if type(params[members[1]]) ~= "string" then
    return ("an association to seed needs the string %s"):format(members[1])
  end
  for name, value in pairs(params) do
    if name ~= members[1] and type(value) ~= members[name] then
      return ("%s cannot be seeded with a %s"):format(tostring(name), type(value))
    end
    for key, text in pairs(type(value) == "table" and value or {}) do
      if type(key) ~= "string" or type(text) ~= "string" then
        return ("%s must have strings by name"):format(name)
      end
    end
  end
  return nil
end

--- Plants an association that HANDLERS makes for another service.
local function association(handlers, members)
  return function(realm, params)
    local message = wrong_association(params, members)
    if message then
      return nil, message
    end
    local record, problem = handlers.seed_association(realm, params)
    return record and record.arn, problem and problem.message
  end
end

local function arn_member(output)
  return output.Arn or output.EventIntegrationArn
end

--- In this order, so that owners are there before their associations.
local KINDS = {
  { "Applications", by_operation("create_application", arn_member) },
  { "DataIntegrations", by_operation("create_data_integration", arn_member) },
  { "EventIntegrations", by_operation("create_event_integration", arn_member) },
  { "DataIntegrationAssociations", by_operation("create_data_integration_association",
    function(output, realm)
      return realm.store:resolve("data_integration_associations",
        output.DataIntegrationAssociationId).arn
    end) },
  { "ApplicationAssociations", association(applications,
    { "ApplicationId", ClientId = "string" }) },
  { "EventIntegrationAssociations", association(event_integrations, { "EventIntegrationName",
    ClientId = "string", EventBridgeRuleName = "string", ClientAssociationMetadata = "table" }) },
}

local NAMES = {}
for _, kind in ipairs(KINDS) do
  NAMES[kind[1]] = true
end

--- What is wrong with RESOURCES as a whole, or nil.
local function wrong_seed(resources)
  for name, list in pairs(resources) do
    if not NAMES[name] then
      return ("%s cannot be seeded%s"):format(tostring(name), names.short_hint(name, NAMES))
    elseif type(list) ~= "table" then
      return ("%s must be a list"):format(name)
    end
    local count = 0
    for _ in pairs(list) do
      count = count + 1
    end
    if count ~= #list then -- with holes, or no list at all
      return ("%s must be a list"):format(name)
    end
  end
  return nil
end

--- VALUE without the members that are null, which is the same as absent.
local function without_nulls(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, member in pairs(value) do
    if member ~= json.null then
      copy[name] = without_nulls(member)
    end
  end
  return copy
end

--- Adds RESOURCES, all of them or none.
---@param realm table
---@param resources table<string, table[]>
---@param first? boolean   only where nothing has been stored so far; else this does nothing
---@return string[]? arns  in the order of the kinds above
---@return string? message
function M.plant(realm, resources, first)
  local wrong = wrong_seed(resources)
  if wrong then
    return nil, wrong
  end
  return realm.store:transaction(function()
    local arns = {}
    if first and realm.store:last_sequence() > 0 then
      return arns
    end
    for _, kind in ipairs(KINDS) do
      for i, params in ipairs(resources[kind[1]] or {}) do
        local arn, message
        if type(params) == "table" then
          arn, message = kind[2](realm, without_nulls(params))
        end
        if not arn then
          return nil, ("%s[%d]: %s"):format(kind[1], i, message or "it is no object")
        end
        arns[#arns + 1] = arn
      end
    end
    return arns
  end)
end

return M
