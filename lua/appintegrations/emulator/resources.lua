-- SPDX-License-Identifier: MIT
--- What the handlers have in common: ARNs, new records, quotas, names, listings.
-- @module appintegrations.emulator.resources

local errors = require "appintegrations.emulator.errors"
local pagination = require "appintegrations.emulator.pagination"

local M = {}

--- How people call the kinds, and what their ARNs call them.
local LABELS = {
  applications = { "application", "application" },
  application_associations = { "application association", "application-association" },
  data_integrations = { "data integration", "data-integration" },
  data_integration_associations = { "data integration association",
    "data-integration-association" },
  event_integrations = { "event integration", "event-integration" },
  event_integration_associations = { "event integration association",
    "event-integration-association" },
}

--- `arn:aws:app-integrations:REGION:ACCOUNT:data-integration/…`
---@param path string  what follows the resource type
---@return string
function M.arn(service, kind, path)
  return ("arn:%s:app-integrations:%s:%s:%s/%s"):format(service.partition, service.region,
    service.account_id, LABELS[kind][2], path)
end

--- The members NAMES of PARAMS.
---@return table
function M.pick(params, names)
  local fields = {}
  for _, name in ipairs(names) do
    fields[name] = params[name]
  end
  return fields
end

--- Puts a new record into the store.
---@param options table  id, arn, fields, parent, tags
---@return table record
function M.create(service, kind, options)
  local now = service.clock()
  local record = { id = options.id, arn = options.arn, parent = options.parent,
    fields = options.fields, tags = options.tags or {}, created = now, modified = now }
  service.store:insert(kind, record)
  return record
end

--- Changes RECORD's fields and its time of change.
function M.update(service, kind, record, fields)
  record.modified = service.clock()
  service.store:update(kind, record, fields)
end

--- The record that IDENTIFIER names, or nil and a problem.
---@param by_name? boolean  names count too
function M.resolve(service, kind, identifier, by_name)
  local record = service.store:resolve(kind, identifier, by_name)
  if record then
    return record
  end
  return nil, errors.not_found("The %s '%s' does not exist.", LABELS[kind][1], identifier)
end

--- A problem if one more record of KIND (below PARENT) would exceed its quota.
---@return appintegrations.emulator.Problem?
function M.check_quota(service, kind, parent)
  local quota = service.quotas[kind]
  if quota and #service.store:list(kind, parent) >= quota then
    return errors.new("ResourceQuotaExceededException",
      "The quota of %d %ss is exceeded.", quota, LABELS[kind][1])
  end
  return nil
end

--- A problem with CODE if another record than EXCEPT has VALUE in the unique FIELD.
---@return appintegrations.emulator.Problem?
function M.check_unique(service, kind, field, value, code, except)
  local other = value and service.store:find(kind, field, value)
  if other and other ~= except then
    return errors.new(code, "A%s %s with the %s '%s' exists.",
      LABELS[kind][1]:find("^[ae]") and "n" or "", LABELS[kind][1], field, value)
  end
  return nil
end

--- A problem if records of CHILD_KIND belong to RECORD.
---@return appintegrations.emulator.Problem?
function M.check_childless(service, child_kind, record)
  local count = #service.store:list(child_kind, record.id)
  if count > 0 then
    return errors.invalid("The resource cannot be deleted while it has associations (%d).", count)
  end
  return nil
end

--- One page of a listing as the operation's output.
---@param listing table  kind; parent, filter (text that names the filter), accepts; result (name
---                      of the output's list), summary (record -> item)
---@return table? output
---@return appintegrations.emulator.Problem? problem
function M.list(service, params, listing)
  local page, token = pagination.page(service.store.data.secret, {
    scope = table.concat({ listing.kind, listing.parent or "", listing.filter or "" }, "\n"),
    records = service.store:list(listing.kind, listing.parent),
    accepts = listing.accepts,
    page_size = service.page_size,
  }, params)
  if not page then
    return nil, token
  end
  local items = {}
  for i, record in ipairs(page) do
    items[i] = listing.summary(record)
  end
  return { [listing.result] = items, NextToken = token }
end

return M
