-- SPDX-License-Identifier: MIT
--- Data integrations and their associations. An identifier is a name, an id or an ARN. A note in
-- the service's reference says that a data integration which has been associated cannot be
-- associated again, while the API lists its associations in pages; the emulator allows many.
-- @module appintegrations.emulator.handlers.data_integrations

local errors = require "appintegrations.emulator.errors"
local execution = require "appintegrations.emulator.execution"
local resources = require "appintegrations.emulator.resources"

local M = {}

local FIELDS = { "Name", "Description", "KmsKey", "SourceURI", "ScheduleConfiguration",
  "FileConfiguration", "ObjectConfiguration" }
local ASSOCIATION_FIELDS = { "ClientId", "ObjectConfiguration", "DestinationURI",
  "ClientAssociationMetadata", "ExecutionConfiguration" }

local function resolve(service, identifier)
  return resources.resolve(service, "data_integrations", identifier, true)
end

local function describe(record)
  local output = resources.pick(record.fields, FIELDS)
  output.Arn, output.Id, output.Tags = record.arn, record.id, record.tags
  return output
end

function M.create_data_integration(service, params)
  local problem = resources.check_unique(service, "data_integrations", "Name", params.Name,
    "DuplicateResourceException") or resources.check_quota(service, "data_integrations")
  if problem then
    return nil, problem
  end
  local id = service:uuid()
  local fields = resources.pick(params, FIELDS)
  fields.ScheduleConfiguration = params.ScheduleConfig -- the two names are the service's
  local output = describe(resources.create(service, "data_integrations", {
    id = id, arn = resources.arn(service, "data_integrations", id), fields = fields,
    tags = params.Tags,
  }))
  output.ClientToken = params.ClientToken
  return output
end

function M.get_data_integration(service, params)
  local record, problem = resolve(service, params.Identifier)
  if not record then
    return nil, problem
  end
  return describe(record)
end

function M.update_data_integration(service, params)
  local record, problem = resolve(service, params.Identifier)
  -- The model gives this operation no DuplicateResourceException.
  problem = problem or resources.check_unique(service, "data_integrations", "Name", params.Name,
    "InvalidRequestException", record)
  if problem then
    return nil, problem
  end
  resources.update(service, "data_integrations", record,
    resources.pick(params, { "Name", "Description" }))
  return {}
end

function M.delete_data_integration(service, params)
  local record, problem = resolve(service, params.DataIntegrationIdentifier)
  problem = problem or resources.check_childless(service, "data_integration_associations", record)
  if problem then
    return nil, problem
  end
  service.store:remove("data_integrations", record)
  return {}
end

function M.list_data_integrations(service, params)
  return resources.list(service, params, {
    kind = "data_integrations", result = "DataIntegrations",
    summary = function(record)
      return { Arn = record.arn, Name = record.fields.Name, SourceURI = record.fields.SourceURI }
    end,
  })
end

function M.create_data_integration_association(service, params)
  local integration, problem = resolve(service, params.DataIntegrationIdentifier)
  problem = problem
    or resources.check_quota(service, "data_integration_associations", integration.id)
  if problem then
    return nil, problem
  end
  local id = service:uuid()
  local record = resources.create(service, "data_integration_associations", {
    id = id, parent = integration.id, fields = resources.pick(params, ASSOCIATION_FIELDS),
    arn = resources.arn(service, "data_integration_associations", integration.id .. "/" .. id),
  })
  record.execution = execution.start(params.ExecutionConfiguration, record.created)
  return { DataIntegrationAssociationId = id, DataIntegrationArn = integration.arn }
end

--- Changing the configuration runs the job again, as the reference says.
function M.update_data_integration_association(service, params)
  local integration, problem = resolve(service, params.DataIntegrationIdentifier)
  local record
  if integration then
    record, problem = resources.resolve(service, "data_integration_associations",
      params.DataIntegrationAssociationIdentifier)
  end
  if record and record.parent ~= integration.id then
    problem = errors.not_found("The data integration association '%s' belongs to another data "
      .. "integration.", params.DataIntegrationAssociationIdentifier)
  end
  if problem then
    return nil, problem
  end
  resources.update(service, "data_integration_associations", record,
    resources.pick(params, { "ExecutionConfiguration" }))
  record.execution = execution.start(params.ExecutionConfiguration, record.modified)
  return {}
end

function M.list_data_integration_associations(service, params)
  local integration, problem = resolve(service, params.DataIntegrationIdentifier)
  if not integration then
    return nil, problem
  end
  local now = service.clock()
  return resources.list(service, params, {
    kind = "data_integration_associations", parent = integration.id,
    result = "DataIntegrationAssociations",
    summary = function(record)
      local item = resources.pick(record.fields,
        { "ClientId", "DestinationURI", "ExecutionConfiguration" })
      item.DataIntegrationAssociationArn, item.DataIntegrationArn = record.arn, integration.arn
      item.LastExecutionStatus = execution.status(record.execution, now,
        service.execution_seconds)
      return item
    end,
  })
end

return M
