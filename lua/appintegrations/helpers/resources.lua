-- SPDX-License-Identifier: MIT
--- The three kinds of resources that have a name, as ensure, export and apply see them: which
-- operations they have, what a caller may set and what can be changed afterwards. The members are
-- those of the model.
-- @module appintegrations.helpers.resources

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local shape = require "appintegrations.base.shape"

local M = {}

--- A kind of resources.
---@class appintegrations.ResourceKind
---@field name string       as "data_integration"
---@field plural string     its list in a document
---@field listing string    the iterator
---@field get string        operations, and what they call the identifier
---@field get_by string
---@field update string
---@field update_by string
---@field delete string
---@field delete_by string
---@field identity string   the member of a summary that identifies it
---@field arn string        the member that has its ARN
---@field renamed table<string, string>  members that outputs call otherwise
---@field kept table<string, string>     deprecated members, and what stands in their place

M.KINDS = {
  {
    name = "event_integration", plural = "EventIntegrations", listing = "each_event_integration",
    get = "get_event_integration", get_by = "Name",
    create = "create_event_integration",
    update = "update_event_integration", update_by = "Name",
    delete = "delete_event_integration", delete_by = "Name",
    identity = "Name", arn = "EventIntegrationArn", renamed = {}, kept = {},
  },
  {
    name = "data_integration", plural = "DataIntegrations", listing = "each_data_integration",
    get = "get_data_integration", get_by = "Identifier",
    create = "create_data_integration",
    update = "update_data_integration", update_by = "Identifier",
    delete = "delete_data_integration", delete_by = "DataIntegrationIdentifier",
    identity = "Arn", arn = "Arn", renamed = { ScheduleConfig = "ScheduleConfiguration" },
    kept = {},
  },
  {
    name = "application", plural = "Applications", listing = "each_application",
    get = "get_application", get_by = "Arn",
    create = "create_application",
    update = "update_application", update_by = "Arn",
    delete = "delete_application", delete_by = "Arn",
    identity = "Arn", arn = "Arn", renamed = {},
    kept = { IsService = "ApplicationType", Subscriptions = "Permissions",
      Publications = "Permissions" },
  },
}

M.BY_NAME = {}
for _, kind in ipairs(M.KINDS) do
  M.BY_NAME[kind.name] = kind
end

--- The shape of what a caller sets of a KIND: the input of its creation.
---@param kind appintegrations.ResourceKind
---@return table
function M.shape(kind)
  return shape.describe(kind.create).input
end

--- Whether MEMBER of KIND can be changed after the creation; tags have operations of their own.
---@param kind appintegrations.ResourceKind
---@param member string
---@return boolean
function M.is_mutable(kind, member)
  return member == "Tags"
    or (shape.describe(kind.update).input.members[member] ~= nil and member ~= kind.update_by)
end

--- Tags but those that are AWS's own and not WANTED: nobody else can set them; nil where there are
-- none.
local function own_tags(tags, wanted)
  local own
  for key, value in pairs(tags) do
    if type(key) ~= "string" or not key:find "^aws:" or wanted and wanted[key] ~= nil then
      own = own or {}
      own[key] = value
    end
  end
  return own
end

--- What a caller would pass to create what OUTPUT (of the operation to get it) shows. Of deprecated
-- members and of AWS's own tags only what is in WANTED, or what nothing stands in the place of.
---@param kind appintegrations.ResourceKind
---@param output table
---@param wanted? table
---@return table params
---@nodiscard
function M.params_of(kind, output, wanted)
  local params = {}
  for _, name in ipairs(M.shape(kind).order) do
    local value = output[kind.renamed[name] or name]
    local heir = not (wanted and wanted[name] ~= nil) and kind.kept[name]
    if name == "Tags" and type(value) == "table" then
      value = own_tags(value, wanted and wanted.Tags)
    elseif name == "ClientToken" or (heir and output[heir] ~= nil) then
      value = nil
    end
    params[name] = value
  end
  return params
end

--- The resource as it is now; nil alone where SUMMARY is nil or it has gone meanwhile.
---@param client appintegrations.Client
---@param kind appintegrations.ResourceKind
---@param identifier? string
---@param within fun(): table?, appintegrations.Error?  the options of one call
---@return table? output
---@return appintegrations.Error? err
function M.get(client, kind, identifier, within)
  local options, err = within()
  local output
  if options then
    output, err = client[kind.get](client, { [kind.get_by] = identifier }, options)
  end
  if not output and errors.is_error(err, "ResourceNotFoundException") then
    err = nil
  end
  return output, not output and err or nil
end

--- What identifies the resource called NAME; nil alone where there is none.
---@param client appintegrations.Client
---@param kind appintegrations.ResourceKind
---@param name string
---@param within fun(): table?, appintegrations.Error?
---@return string? identifier
---@return appintegrations.Error? err
function M.identify(client, kind, name, within)
  if kind.identity == "Name" then
    return name
  end
  local options, err = within()
  if not options then
    return nil, err
  end
  local summary
  summary, err = client["find_" .. kind.name](client, name, options)
  return summary and summary[kind.identity], err
end

--- What the helpers themselves need of PARAMS, without validation too.
local function unusable(params)
  local violations = {}
  if type(params.Name) ~= "string" then
    violations[1] = { path = "Name", rule = "required", message = "is required" }
  end
  if params.Tags ~= nil and type(params.Tags) ~= "table" then
    violations[#violations + 1] = { path = "Tags", rule = "type",
      message = "expected map, got " .. type(params.Tags) }
  end
  return violations
end

--- The violations of PARAMS as those of the creation of a KIND. None leads to an option of calls
-- that these helpers have not.
---@param kind appintegrations.ResourceKind
---@param params table
---@param mode "standard"|"strict"|false
---@return appintegrations.Violation[]
function M.violations(kind, params, mode)
  local method, violations = core.build(kind.create, params, mode)
  if method then
    return unusable(params)
  end
  for _, violation in ipairs(violations) do
    violation.message = violation.message:gsub(" %(options%.extra .*%)$", "")
  end
  return violations
end

return M
