-- SPDX-License-Identifier: MIT
--- Event integrations and their associations. The name is the only identifier: the model's
-- pattern for it admits no ARN.
-- @module appintegrations.emulator.handlers.event_integrations

local errors = require "appintegrations.emulator.errors"
local integrations = require "appintegrations.emulator.handlers.integrations"
local resources = require "appintegrations.emulator.resources"

local FIELDS = { "Name", "Description", "EventFilter", "EventBridgeBus" }
local ASSOCIATION_FIELDS = { "ClientId", "EventBridgeRuleName", "ClientAssociationMetadata" }

local function resolve(realm, name)
  local record = realm.store:find("event_integrations", "Name", name)
  if record then
    return record
  end
  return nil, errors.not_found("The event integration '%s' does not exist.", name)
end

local function describe(record)
  local output = resources.pick(record.fields, FIELDS)
  output.EventIntegrationArn, output.Tags = record.arn, record.tags
  return output
end

local M = integrations.handlers {
  noun = "event_integration", kind = "event_integrations", result = "EventIntegrations",
  children = "event_integration_associations", changeable = { "Description" },
  identifiers = { get = "Name", update = "Name", delete = "Name" }, resolve = resolve,
  describe = describe, summary = describe,
  prepare = function(params)
    return resources.pick(params, FIELDS), params.Name
  end,
  created = function(record)
    return { EventIntegrationArn = record.arn }
  end,
}

function M.list_event_integration_associations(realm, params)
  local integration, problem = resolve(realm, params.EventIntegrationName)
  if not integration then
    return nil, problem
  end
  return resources.list(realm, params, {
    kind = "event_integration_associations", filter = { parent = integration.id },
    result = "EventIntegrationAssociations",
    summary = function(record)
      local item = resources.pick(record.fields, ASSOCIATION_FIELDS)
      item.EventIntegrationAssociationArn = record.arn
      item.EventIntegrationAssociationId = record.id
      item.EventIntegrationName = integration.name
      return item
    end,
  })
end

--- Other AWS services make these associations; no operation does.
---@param params table  EventIntegrationName, ClientId, EventBridgeRuleName,
---                     ClientAssociationMetadata
---@return table? record
---@return appintegrations.emulator.Problem? problem
function M.seed_association(realm, params)
  local integration, problem = resolve(realm, params.EventIntegrationName)
  if not integration then
    return nil, problem
  end
  return resources.create(realm, "event_integration_associations", {
    parent = integration.id, owner = integration.name,
    fields = resources.pick(params, ASSOCIATION_FIELDS),
  })
end

return M
