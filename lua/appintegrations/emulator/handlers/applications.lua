-- SPDX-License-Identifier: MIT
--- Applications and their associations. An ApplicationIdentifier is an id or an ARN, either with
-- or without a version behind a colon (`:$LATEST`), which the emulator does not keep apart.
-- UnsupportedOperationException: IsService contradicts ApplicationType, or an update asks for
-- another type. ConflictException: an update asks for a name that another application has.
-- @module appintegrations.emulator.handlers.applications

local errors = require "appintegrations.emulator.errors"
local resources = require "appintegrations.emulator.resources"

local M = {}

--- What is kept as it was given; an update may change all of it but the namespace.
local FIELDS = { "Name", "Namespace", "Description", "ApplicationSourceConfig", "Subscriptions",
  "Publications", "Permissions", "InitializationTimeout", "ApplicationConfig", "IframeConfig",
  "AuthConfig" }

--- The application that IDENTIFIER names, or nil and a problem.
local function resolve(realm, identifier)
  local record, problem = resources.resolve(realm, "applications", identifier)
  if not record then
    local bare = identifier:gsub(":[A-Za-z0-9_$]+$", "")
    record = resources.resolve(realm, "applications", bare)
  end
  return record, not record and problem or nil
end

--- ApplicationType of PARAMS, where CURRENT is what it is (an update) or will be without a
-- word; nil and a problem if that cannot be.
local function application_type(params, current)
  local service_like = params.IsService
  local wanted = params.ApplicationType or (service_like and "SERVICE") or current or "STANDARD"
  if service_like ~= nil and service_like ~= (wanted == "SERVICE") then
    return nil, errors.new("UnsupportedOperationException",
      "IsService %s contradicts the ApplicationType %s.", tostring(service_like), wanted)
  elseif current and wanted ~= current then
    return nil, errors.new("UnsupportedOperationException",
      "The ApplicationType cannot be changed from %s to %s.", current, wanted)
  end
  return wanted
end

function M.create_application(realm, params)
  local kind, problem = application_type(params)
  problem = problem
    or resources.check_unique(realm, "applications", "Name", params.Name,
      "DuplicateResourceException")
    or resources.check_unique(realm, "applications", "Namespace", params.Namespace,
      "DuplicateResourceException")
    or resources.check_quota(realm, "applications")
  if problem then
    return nil, problem
  end
  local fields = resources.pick(params, FIELDS)
  fields.ApplicationType = kind
  local record = resources.create(realm, "applications",
    { fields = fields, tags = params.Tags })
  return { Arn = record.arn, Id = record.id }
end

function M.get_application(realm, params)
  local record, problem = resolve(realm, params.Arn)
  if not record then
    return nil, problem
  end
  local output = resources.pick(record.fields, FIELDS)
  output.Arn, output.Id, output.Tags = record.arn, record.id, record.tags
  output.CreatedTime, output.LastModifiedTime = record.created, record.modified
  output.ApplicationType = record.fields.ApplicationType
  output.IsService = record.fields.ApplicationType == "SERVICE"
  return output
end

function M.update_application(realm, params)
  local record, problem = resolve(realm, params.Arn)
  if not record then
    return nil, problem
  end
  local kind
  kind, problem = application_type(params, record.fields.ApplicationType)
  problem = problem or resources.check_unique(realm, "applications", "Name", params.Name,
    "ConflictException", record)
  if not kind or problem then
    return nil, problem
  end
  resources.update(realm, record, resources.pick(params, FIELDS))
  return {}
end

function M.delete_application(realm, params)
  local record, problem = resolve(realm, params.Arn)
  if record and not params.Force then
    problem = resources.check_childless(realm, "application_associations", record)
  end
  if problem then
    return nil, problem
  end
  realm.store:remove_children("application_associations", record.id)
  realm.store:remove(record)
  return {}
end

local function summary(record)
  return {
    Arn = record.arn, Id = record.id, Name = record.fields.Name,
    Namespace = record.fields.Namespace, CreatedTime = record.created,
    LastModifiedTime = record.modified, ApplicationType = record.fields.ApplicationType,
    IsService = record.fields.ApplicationType == "SERVICE",
  }
end

function M.list_applications(realm, params)
  return resources.list(realm, params, {
    kind = "applications", result = "Applications", summary = summary,
    filter = { type = params.ApplicationType },
  })
end

function M.list_application_associations(realm, params)
  local application, problem = resolve(realm, params.ApplicationId)
  if not application then
    return nil, problem
  end
  return resources.list(realm, params, {
    kind = "application_associations", filter = { parent = application.id },
    result = "ApplicationAssociations",
    summary = function(record)
      return { ApplicationAssociationArn = record.arn, ApplicationArn = application.arn,
        ClientId = record.fields.ClientId }
    end,
  })
end

--- Other AWS services make these associations; no operation does.
---@param params table  ApplicationId, ClientId
---@return table? record
---@return appintegrations.emulator.Problem? problem
function M.seed_association(realm, params)
  local application, problem = resolve(realm, params.ApplicationId)
  if not application then
    return nil, problem
  end
  return resources.create(realm, "application_associations", {
    parent = application.id, owner = application.id,
    fields = resources.pick(params, { "ClientId" }),
  })
end

return M
