-- SPDX-License-Identifier: MIT
--- What the handlers have in common: ARNs, new records, quotas, names, listings. A realm is what
-- one account has in one region: the service, seen from there.
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

--- The members NAMES of PARAMS.
---@return table
function M.pick(params, names)
  local fields = {}
  for _, name in ipairs(names) do
    fields[name] = params[name]
  end
  return fields
end

--- Puts a new record into the store. Its ARN ends with its id, behind `owner` if there is one; or
-- with `arn_path`.
---@param options table  fields; tags, execution, arn_path; parent (an id) and owner (a text)
---@return table record
function M.create(realm, kind, options)
  local now, id = realm.clock(), realm:resource_id()
  local path = options.arn_path or (options.owner and options.owner .. "/" .. id) or id
  local record = { id = id, parent = options.parent, fields = options.fields,
    arn = ("arn:%s:app-integrations:%s:%s:%s/%s"):format(realm.partition, realm.region,
      realm.account_id, LABELS[kind][2], path),
    tags = options.tags or {}, execution = options.execution, created = now, modified = now }
  realm.store:insert(kind, record)
  return record
end

--- Changes RECORD's fields and its time of change.
function M.update(realm, record, fields)
  record.modified = realm.clock()
  for name, value in pairs(fields) do
    record.fields[name] = value
  end
  realm.store:save(record)
end

--- The record that IDENTIFIER names, or nil and a problem.
---@param by_name? boolean  names count too
function M.resolve(realm, kind, identifier, by_name)
  local record = realm.store:resolve(kind, identifier, by_name)
  if record then
    return record
  end
  return nil, errors.not_found("The %s '%s' does not exist.", LABELS[kind][1], identifier)
end

--- A problem if one more record of KIND (below PARENT) would exceed its quota.
---@return appintegrations.emulator.Problem?
function M.check_quota(realm, kind, parent)
  local quota = realm.quotas[kind]
  if quota and realm.store:count(kind, parent, quota) >= quota then
    return errors.new("ResourceQuotaExceededException",
      "The quota of %d %ss is exceeded.", quota, LABELS[kind][1])
  end
  return nil
end

--- A problem with CODE if another record than EXCEPT has VALUE in the unique FIELD.
---@return appintegrations.emulator.Problem?
function M.check_unique(realm, kind, field, value, code, except)
  local other = value and realm.store:find(kind, field, value)
  if other and not (except and other.sequence == except.sequence) then
    return errors.new(code, "A%s %s with the %s '%s' exists.",
      LABELS[kind][1]:find("^[ae]") and "n" or "", LABELS[kind][1], field, value)
  end
  return nil
end

local COUNTED = 1000 -- associations; more are not told one by one

--- A problem if records of CHILD_KIND belong to RECORD.
---@return appintegrations.emulator.Problem?
function M.check_childless(realm, child_kind, record)
  local count = realm.store:count(child_kind, record.id, COUNTED)
  if count > 0 then
    return errors.invalid("The resource cannot be deleted while it has associations (%d).", count)
  end
  return nil
end

--- One page of a listing as the operation's output.
---@param listing table  kind; filter (`parent` or `type`); result (name of the output's list),
---                      summary (record -> item)
---@return table? output
---@return appintegrations.emulator.Problem? problem
function M.list(realm, params, listing)
  local page, token = pagination.page(realm, listing.kind, listing.filter or {}, params)
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
