-- SPDX-License-Identifier: MIT
--- What the service remembers: six kinds of resources, in order of creation, and the answers to
-- ClientTokens. All of it stands in one plain table, `data`, which the state file holds; indexes
-- are built beside it. A record is
-- `{ sequence, id, arn, parent = id of the owner, created, modified, tags, fields = { … } }`;
-- `fields` has the service's member names.
-- @module appintegrations.emulator.store

local M = {}

local Store = {}
Store.__index = Store

local FORMAT = 1 -- of the state file

--- For each kind: the fields in which no two records may agree.
local KINDS = {
  applications = { "Name", "Namespace" },
  application_associations = {},
  data_integrations = { "Name" },
  data_integration_associations = {},
  event_integrations = { "Name" },
  event_integration_associations = {},
}

local function add_to_indexes(self, kind, record)
  local index = self.indexes[kind]
  index.by_id[record.id] = record
  self.by_arn[record.arn] = { kind = kind, record = record }
  for _, field in ipairs(KINDS[kind]) do
    index.unique[field][record.fields[field]] = record
  end
  if record.parent then
    local siblings = index.by_parent[record.parent] or {}
    index.by_parent[record.parent] = siblings
    siblings[#siblings + 1] = record
  end
end

local function new_index(kind)
  local index = { by_id = {}, by_parent = {}, unique = {} }
  for _, field in ipairs(KINDS[kind]) do
    index.unique[field] = {}
  end
  return index
end

--- Says that something has changed; `revision` tells the owner whether to save.
function Store:touch()
  self.revision = self.revision + 1
end

--- Adds RECORD, which gets the next sequence number.
---@param kind string
---@param record table
function Store:insert(kind, record)
  self.data.sequence = self.data.sequence + 1
  record.sequence = self.data.sequence
  local list = self.data.records[kind]
  list[#list + 1] = record
  add_to_indexes(self, kind, record)
  self:touch()
end

--- Where a listing goes on that has shown everything up to SEQUENCE: the position of the first
-- record of LIST behind it. Lists are in order of creation, so a binary search finds it.
---@param list table[]
---@param sequence integer
---@return integer position
function M.position_after(list, sequence)
  local low, high = 1, #list + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if list[middle].sequence > sequence then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local function remove_from(list, record)
  table.remove(list, M.position_after(list, record.sequence - 1))
end

---@param kind string
---@param record table
function Store:remove(kind, record)
  local index = self.indexes[kind]
  remove_from(self.data.records[kind], record)
  index.by_id[record.id] = nil
  self.by_arn[record.arn] = nil
  for _, field in ipairs(KINDS[kind]) do
    index.unique[field][record.fields[field]] = nil
  end
  if record.parent then
    remove_from(index.by_parent[record.parent], record)
  end
  self:touch()
end

--- Removes all records of KIND that belong to PARENT.
function Store:remove_children(kind, parent)
  local children = self:list(kind, parent)
  for i = #children, 1, -1 do
    self:remove(kind, children[i])
  end
end

--- Sets members of RECORD's fields; unique ones must have been checked with `find`.
function Store:update(kind, record, fields)
  for name, value in pairs(fields) do
    local unique = self.indexes[kind].unique[name]
    if unique then
      unique[record.fields[name]] = nil
      unique[value] = record
    end
    record.fields[name] = value
  end
  self:touch()
end

--- The record of KIND whose unique FIELD is VALUE.
function Store:find(kind, field, value)
  return self.indexes[kind].unique[field][value]
end

--- The record of KIND that IDENTIFIER names by id, ARN or, where the kind has names, name.
---@param kind string
---@param identifier string
---@param by_name? boolean  names count too
function Store:resolve(kind, identifier, by_name)
  local index = self.indexes[kind]
  local entry = self.by_arn[identifier]
  return index.by_id[identifier] or (entry and entry.kind == kind and entry.record)
    or (by_name and index.unique.Name[identifier]) or nil
end

--- The record with this ARN, of whatever kind.
function Store:by_resource_arn(arn)
  local entry = self.by_arn[arn]
  return entry and entry.record
end

--- All records of KIND, or those that belong to PARENT, in order of creation. Not a copy.
---@param kind string
---@param parent? string  an id
---@return table[]
function Store:list(kind, parent)
  if parent then
    return self.indexes[kind].by_parent[parent] or {}
  end
  return self.data.records[kind]
end

local function empty_data(secret)
  local data = { format = FORMAT, secret = secret, sequence = 0, records = {}, tokens = {} }
  for kind in pairs(KINDS) do
    data.records[kind] = {}
  end
  return data
end

--- A store over DATA, or an empty one; nil and a text if DATA is not such a table.
---@param secret string  for a new store: what pagination tokens are sealed with
---@param data? table    as `store.data` was; taken over
---@return table? store
---@return string? message
function M.new(secret, data)
  if data and (type(data) ~= "table" or data.format ~= FORMAT or type(data.records) ~= "table") then
    return nil, "not a state of format " .. FORMAT
  end
  local self = setmetatable({ data = data or empty_data(secret), indexes = {}, by_arn = {},
    revision = 0 }, Store)
  for kind in pairs(KINDS) do
    self.indexes[kind] = new_index(kind)
    self.data.records[kind] = self.data.records[kind] or {}
    for _, record in ipairs(self.data.records[kind]) do
      add_to_indexes(self, kind, record)
    end
  end
  return self
end

return M
