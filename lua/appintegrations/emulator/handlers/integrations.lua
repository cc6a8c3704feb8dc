-- SPDX-License-Identifier: MIT
--- What data and event integrations have in common: the five operations on themselves.
-- @module appintegrations.emulator.handlers.integrations

local resources = require "appintegrations.emulator.resources"

local M = {}

---@class appintegrations.emulator.Integrations
---@field noun string                as in the operations' names
---@field kind string
---@field children string            the kind of its associations
---@field result string              the list in the listing's output
---@field changeable string[]        what an update may change
---@field identifiers table<string, string>  by verb: the member that names it
---@field resolve fun(realm, identifier): table?, appintegrations.emulator.Problem?
---@field prepare fun(params): table, string?   the fields of a new one, and its ARN's end
---@field created fun(record, params): table    the output of a creation
---@field describe fun(record): table
---@field summary fun(record): table

local function add_creation(handlers, it)
  handlers["create_" .. it.noun] = function(realm, params)
    local problem = resources.check_unique(realm, it.kind, "Name", params.Name,
      "DuplicateResourceException") or resources.check_quota(realm, it.kind)
    if problem then
      return nil, problem
    end
    local fields, arn_path = it.prepare(params)
    return it.created(resources.create(realm, it.kind,
      { fields = fields, arn_path = arn_path, tags = params.Tags }), params)
  end
end

--- Adds `verb_noun`, which ACT carries out on the record that its input names.
local function add_action(handlers, it, verb, act)
  handlers[verb .. "_" .. it.noun] = function(realm, params)
    local record, problem = it.resolve(realm, params[it.identifiers[verb]])
    if not record then
      return nil, problem
    end
    return act(realm, record, params)
  end
end

--- The handlers of create, get, update, delete and list.
---@param it appintegrations.emulator.Integrations
---@return table<string, fun(realm, params): table?, appintegrations.emulator.Problem?>
function M.handlers(it)
  local handlers = {}
  add_creation(handlers, it)
  add_action(handlers, it, "get", function(_, record)
    return it.describe(record)
  end)
  add_action(handlers, it, "update", function(realm, record, params)
    -- The model gives these operations no DuplicateResourceException.
    local fields = resources.pick(params, it.changeable)
    local problem = resources.check_unique(realm, it.kind, "Name", fields.Name,
      "InvalidRequestException", record)
    if problem then
      return nil, problem
    end
    resources.update(realm, record, fields)
    return {}
  end)
  add_action(handlers, it, "delete", function(realm, record)
    local problem = resources.check_childless(realm, it.children, record)
    if problem then
      return nil, problem
    end
    realm.store:remove(record)
    return {}
  end)
  handlers["list_" .. it.noun .. "s"] = function(realm, params)
    return resources.list(realm, params, { kind = it.kind, result = it.result,
      summary = it.summary })
  end
  return handlers
end

return M
