-- SPDX-License-Identifier: MIT
--- Data integrations and their associations. An identifier is a name, an id or an ARN. A note in
-- the service's reference says that a data integration which has been associated cannot be
-- associated again, while the API lists its associations in pages; the emulator allows many.
-- @module appintegrations.emulator.handlers.data_integrations

local errors = require "appintegrations.emulator.errors"
local execution = require "appintegrations.emulator.execution"
local integrations = require "appintegrations.emulator.handlers.integrations"
local resources = require "appintegrations.emulator.resources"

local FIELDS = { "Name", "Description", "KmsKey", "SourceURI", "ScheduleConfiguration",
  "FileConfiguration", "ObjectConfiguration" }
local ASSOCIATION_FIELDS = { "ClientId", "ObjectConfiguration", "DestinationURI",
  "ClientAssociationMetadata", "ExecutionConfiguration" }

local function resolve(realm, identifier)
  return resources.resolve(realm, "data_integrations", identifier, true)
end

local function describe(record)
  local output = resources.pick(record.fields, FIELDS)
  output.Arn, output.Id, output.Tags = record.arn, record.id, record.tags
  return output
end

local M = integrations.handlers {
  noun = "data_integration", kind = "data_integrations", result = "DataIntegrations",
  children = "data_integration_associations", fields = FIELDS,
  changeable = { "Name", "Description" },
  identifiers = { get = "Identifier", update = "Identifier",
    delete = "DataIntegrationIdentifier" },
  resolve = resolve, describe = describe,
  summary = function(record)
    return { Arn = record.arn, Name = record.fields.Name, SourceURI = record.fields.SourceURI }
  end,
  prepare = function(params)
    local fields = resources.pick(params, FIELDS)
    fields.ScheduleConfiguration = params.ScheduleConfig -- the two names are the service's
    return fields
  end,
  created = function(record, params)
    local output = describe(record)
    output.ClientToken = params.ClientToken
    return output
  end,
}

function M.create_data_integration_association(realm, params)
  local integration, problem = resolve(realm, params.DataIntegrationIdentifier)
  problem = problem
    or resources.check_quota(realm, "data_integration_associations", integration.id)
  if problem then
    return nil, problem
  end
  local record = resources.create(realm, "data_integration_associations", {
    parent = integration.id, owner = integration.id,
    fields = resources.pick(params, ASSOCIATION_FIELDS),
    execution = execution.start(params.ExecutionConfiguration, realm.clock()),
  })
  return { DataIntegrationAssociationId = record.id, DataIntegrationArn = integration.arn }
end

--- Changing the configuration runs the job again, as the reference says.
function M.update_data_integration_association(realm, params)
  local integration, problem = resolve(realm, params.DataIntegrationIdentifier)
  local record
  if integration then
    record, problem = resources.resolve(realm, "data_integration_associations",
      params.DataIntegrationAssociationIdentifier)
  end
  if record and record.parent ~= integration.id then
    problem = errors.not_found("The data integration association '%s' belongs to another data "
      .. "integration.", params.DataIntegrationAssociationIdentifier)
  end
  if problem then
    return nil, problem
  end
  record.execution = execution.start(params.ExecutionConfiguration, realm.clock())
  resources.update(realm, record, resources.pick(params, { "ExecutionConfiguration" }))
  return {}
end

function M.list_data_integration_associations(realm, params)
  local integration, problem = resolve(realm, params.DataIntegrationIdentifier)
  if not integration then
    return nil, problem
  end
  local now = realm.clock()
  return resources.list(realm, params, {
    kind = "data_integration_associations", filter = { parent = integration.id },
    result = "DataIntegrationAssociations",
    summary = function(record)
      local item = resources.pick(record.fields,
        { "ClientId", "DestinationURI", "ExecutionConfiguration" })
      item.DataIntegrationAssociationArn, item.DataIntegrationArn = record.arn, integration.arn
      item.LastExecutionStatus = execution.status(record.execution, now, realm.execution_seconds)
      return item
    end,
  })
end

return M
