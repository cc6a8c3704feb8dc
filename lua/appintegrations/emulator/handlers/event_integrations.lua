-- SPDX-License-Identifier: MIT
--- Event integrations and their associations. The name is the only identifier: the model's
-- pattern for it admits no ARN.
-- @module appintegrations.emulator.handlers.event_integrations

local errors = require "appintegrations.emulator.errors"
local resources = require "appintegrations.emulator.resources"

local M = {}

local FIELDS = { "Name", "Description", "EventFilter", "EventBridgeBus" }
local ASSOCIATION_FIELDS = { "ClientId", "EventBridgeRuleName", "ClientAssociationMetadata" }

local function resolve(service, name)
  local record = service.store:find("event_integrations", "Name", name)
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

function M.create_event_integration(service, params)
  local problem = resources.check_unique(service, "event_integrations", "Name", params.Name,
    "DuplicateResourceException") or resources.check_quota(service, "event_integrations")
  if problem then
    return nil, problem
  end
  local record = resources.create(service, "event_integrations", {
    id = service:uuid(), arn = resources.arn(service, "event_integrations", params.Name),
    fields = resources.pick(params, FIELDS), tags = params.Tags,
  })
  return { EventIntegrationArn = record.arn }
end

function M.get_event_integration(service, params)
  local record, problem = resolve(service, params.Name)
  if not record then
    return nil, problem
  end
  return describe(record)
end

function M.update_event_integration(service, params)
  local record, problem = resolve(service, params.Name)
  if not record then
    return nil, problem
  end
  resources.update(service, "event_integrations", record,
    resources.pick(params, { "Description" }))
  return {}
end

function M.delete_event_integration(service, params)
  local record, problem = resolve(service, params.Name)
  problem = problem or resources.check_childless(service, "event_integration_associations", record)
  if problem then
    return nil, problem
  end
  service.store:remove("event_integrations", record)
  return {}
end

function M.list_event_integrations(service, params)
  return resources.list(service, params, {
    kind = "event_integrations", result = "EventIntegrations", summary = describe,
  })
end

function M.list_event_integration_associations(service, params)
  local integration, problem = resolve(service, params.EventIntegrationName)
  if not integration then
    return nil, problem
  end
  return resources.list(service, params, {
    kind = "event_integration_associations", parent = integration.id,
    result = "EventIntegrationAssociations",
    summary = function(record)
      local item = resources.pick(record.fields, ASSOCIATION_FIELDS)
      item.EventIntegrationAssociationArn = record.arn
      item.EventIntegrationAssociationId = record.id
      item.EventIntegrationName = integration.fields.Name
      return item
    end,
  })
end

--- Other AWS services make these associations; no operation does.
---@param params table  EventIntegrationName, ClientId, EventBridgeRuleName,
---                     ClientAssociationMetadata
---@return string? arn
---@return appintegrations.emulator.Problem? problem
function M.seed_association(service, params)
  local integration, problem = resolve(service, params.EventIntegrationName)
  if not integration then
    return nil, problem
  end
  local id = service:uuid()
  return resources.create(service, "event_integration_associations", {
    id = id, parent = integration.id, fields = resources.pick(params, ASSOCIATION_FIELDS),
    arn = resources.arn(service, "event_integration_associations",
      integration.fields.Name .. "/" .. id),
  }).arn
end

return M
