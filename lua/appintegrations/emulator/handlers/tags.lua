-- SPDX-License-Identifier: MIT
--- Tags of any resource, by ARN: the same tags that creating sets and describing shows.
-- @module appintegrations.emulator.handlers.tags

local errors = require "appintegrations.emulator.errors"

local M = {}

local MAX_TAGS = 200

local function resolve(realm, arn)
  local record = realm.store:by_resource_arn(arn)
  if record then
    return record
  end
  return nil, errors.not_found("The resource '%s' does not exist.", arn)
end

function M.list_tags_for_resource(realm, params)
  local record, problem = resolve(realm, params.resourceArn)
  if not record then
    return nil, problem
  end
  return { tags = record.tags }
end

--- All of the tags or none: the number is checked before anything changes.
function M.tag_resource(realm, params)
  local record, problem = resolve(realm, params.resourceArn)
  if not record then
    return nil, problem
  end
  local merged, count = {}, 0
  for _, tags in ipairs { record.tags, params.tags } do
    for key, value in pairs(tags) do
      count = count + (merged[key] == nil and 1 or 0)
      merged[key] = value
    end
  end
  if count > MAX_TAGS then
    return nil, errors.invalid("A resource can have at most %d tags, not %d.", MAX_TAGS, count)
  end
  record.tags = merged
  realm.store:save(record)
  return {}
end

--- Keys that the resource does not have are ignored.
function M.untag_resource(realm, params)
  local record, problem = resolve(realm, params.resourceArn)
  if not record then
    return nil, problem
  end
  for _, key in ipairs(params.tagKeys) do
    record.tags[key] = nil
  end
  realm.store:save(record)
  return {}
end

return M
