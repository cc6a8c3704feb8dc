-- SPDX-License-Identifier: MIT
--- The state as JSON: what `export` writes, `import` reads, and the state files of earlier versions
-- were; and how such a file becomes a database in its place.
--
--     { "format": 1, "records": { "applications": [ { "sequence": 1, "id": …, "arn": …,
--         "parent": …, "created": …, "modified": …, "tags": {…}, "fields": {…},
--         "execution": {…} }, … ], … } }
--
-- Account and region of a record stand in its ARN. Answers to ClientTokens are not part of it.
-- @module appintegrations.emulator.state

local clock = require "appintegrations.emulator.clock"
local json = require "appintegrations.emulator.json"
local shapes = require "appintegrations.base.shape"
local store = require "appintegrations.emulator.store"

local M = {}

local FORMAT = 1
local PAGE = 500 -- records that an export reads at once

-- ---- what a state may be -----------------------------------------------------------------------

--- The members of a record: type, and whether it must be there.
local MEMBERS = {
  sequence = { "number", true }, id = { "string", true }, arn = { "string", true },
  created = { "number", true }, modified = { "number", true }, tags = { "table", true },
  fields = { "table", true }, parent = { "string" }, execution = { "table" },
}

--- The kinds whose records have names, and those that belong to another one.
local NAMED = { applications = true, data_integrations = true, event_integrations = true }

--- ACCOUNT/REGION of the ARN of a record of KIND, or nil.
local function scope_of(arn, kind)
  local region, account, noun =
    arn:match("^arn:[a-z0-9-]+:app%-integrations:([a-z0-9-]+):(%d+):([a-z-]+)/.")
  return region and noun:gsub("-", "_") .. "s" == kind and account .. "/" .. region or nil
end

--- The members that an answer about a record of KIND may have, by name.
local function members_of(kind)
  if NAMED[kind] then
    return shapes.describe("get_" .. kind:sub(1, -2)).output.members
  end
  for _, member in pairs(shapes.describe("list_" .. kind).output.members) do
    if member.type == "list" then
      return member.member.members
    end
  end
end

--- What is wrong with FIELDS of a record of KIND, or nil. What is no part of an answer is not seen.
local function wrong_fields(kind, fields)
  local members = members_of(kind)
  for name, value in pairs(fields) do
    local problem = members[name] and shapes.problem(members[name], value)
    if problem then
      return ("fields.%s: %s"):format(name, problem)
    end
  end
  return nil
end

local function wrong_time(time)
  return not (time >= clock.FIRST and time <= clock.LAST)
end

--- What is wrong with EXECUTION (execution.lua), or nil.
local function wrong_execution(execution)
  if type(execution.started) ~= "number" or wrong_time(execution.started) then
    return "execution.started must be epoch seconds"
  elseif execution.failure ~= nil and type(execution.failure) ~= "string" then
    return "execution.failure must be a string"
  end
  return nil
end

--- What is wrong with RECORD as one of KIND, or nil.
local function wrong_record(kind, record, arrays)
  if type(record) ~= "table" or arrays[record] then
    return "it is no object"
  end
  for name, rule in pairs(MEMBERS) do
    local value = record[name]
    if value == nil and rule[2] or value ~= nil and type(value) ~= rule[1]
      or value == json.null or arrays[value] then
      return ("%s must be %s"):format(name, rule[1] == "table" and "an object" or "a " .. rule[1])
    end
  end
  if record.sequence < 1 or record.sequence % 1 ~= 0 or record.sequence > 2 ^ 53 then
    return "sequence must be a whole number from 1"
  elseif wrong_time(record.created) or wrong_time(record.modified) then
    return "created and modified must be epoch seconds"
  elseif not scope_of(record.arn, kind) then
    return "arn is no ARN of such a resource"
  elseif NAMED[kind] and type(record.fields.Name) ~= "string" then
    return "fields.Name must be a string"
  elseif not NAMED[kind] and not record.parent then
    return "parent must be a string"
  end
  for _, value in pairs(record.tags) do
    if type(value) ~= "string" then
      return "tags must be strings"
    end
  end
  return wrong_fields(kind, record.fields)
    or record.execution and wrong_execution(record.execution) or nil
end

--- What is wrong with DATA as a state, or nil. ARRAYS tells arrays from objects.
local function wrong_state(data, arrays)
  if type(data) ~= "table" or data.format ~= FORMAT then
    return "it has not the format " .. FORMAT
  elseif type(data.records) ~= "table" or data.records == json.null then
    return "records must be an object"
  end
  for kind, records in pairs(data.records) do
    if not store.KINDS[kind] then
      return ("there is no kind %s"):format(tostring(kind))
    elseif type(records) ~= "table" or records == json.null
      or not (arrays[records] or next(records) == nil) then -- an empty list may stand as {}
      return kind .. " must be an array"
    end
    for i, record in ipairs(records) do
      local wrong = wrong_record(kind, record, arrays)
      if wrong then
        return ("%s[%d]: %s"):format(kind, i, wrong)
      end
    end
  end
  return nil
end

-- ---- reading and writing -----------------------------------------------------------------------

--- The state in TEXT; nil and a text.
---@param text string
---@return table? data
---@return string? message
function M.decode(text)
  local data, arrays = json.decode(text)
  if data == nil then
    return nil, arrays
  end
  local wrong = wrong_state(data, arrays)
  if wrong then
    return nil, wrong
  end
  return data
end

--- The records of DATA in order of creation, each with its kind and scope.
local function in_order(data)
  local list = {}
  for kind, records in pairs(data.records) do
    for _, record in ipairs(records) do
      record.kind, record.scope = kind, scope_of(record.arn, kind)
      list[#list + 1] = record
    end
  end
  table.sort(list, function(a, b) return a.sequence < b.sequence end)
  return list
end

--- Puts DATA, as M.decode gives it, in place of all that RECORDS has; nil and a text where records
-- contradict one another.
---@param records table  a store
---@param data table
---@param secret string
---@return boolean? done
---@return string? message
function M.import(records, data, secret)
  local done, problem = pcall(records.transaction, records, function()
    records:clear(secret)
    for _, record in ipairs(in_order(data)) do
      records:insert(record.kind, record)
    end
    return true
  end)
  local column = not done and tostring(problem):match("^sqlite: UNIQUE .*%.([A-Za-z]+)$")
  if column then
    return nil, "two records have the same " .. column
  elseif not done then
    error(problem, 0)
  end
  return true
end

local function exported(row)
  return { sequence = row.sequence, id = row.id, arn = row.arn, parent = row.parent,
    created = row.created, modified = row.modified, tags = row.tags, fields = row.fields,
    execution = row.execution }
end

--- All that RECORDS has, as JSON.
---@param records table  a store
---@return string
function M.export(records)
  local data, after = { format = FORMAT, records = {} }, 0
  for kind in pairs(store.KINDS) do
    data.records[kind] = json.list {}
  end
  records:transaction(function() -- what others change meanwhile is not mixed in
    repeat
      local page = records:page_of_all(after, PAGE)
      for _, row in ipairs(page) do
        table.insert(data.records[row.kind], exported(row))
        after = row.sequence
      end
    until #page < PAGE
    return true
  end)
  return json.encode(data) .. "\n"
end

-- ---- the file of an earlier version ------------------------------------------------------------

local SQLITE = "SQLite format 3\0"

--- All of the file PATH, or its first COUNT bytes; nil if it cannot be read.
local function read(path, count)
  local file = io.open(path, "rb")
  local text = file and (file:read(count or "*a") or "") or nil
  if file then
    file:close()
  end
  return text
end

--- Writes TEXT to PATH, whose mode and links stay as they are.
local function write(path, text)
  local file, reason = io.open(path, "wb")
  if not file then
    return nil, reason
  end
  local written, problem = file:write(text)
  local closed, closing_problem = file:close()
  return written and closed, problem or closing_problem
end

--- The JSON in the file PATH that must be imported, as a text, after it has been put aside as
-- PATH.old and the file emptied; nil if there is none; nil and a text. An empty file beside a
-- PATH.old is one whose import was cut short.
local function take_json(path)
  local head = read(path, #SQLITE)
  if not head or head == SQLITE then
    return nil
  elseif head == "" then
    return read(path .. ".old")
  end
  local text = read(path)
  local data, wrong = M.decode(text)
  if not data then
    return nil, ("%s is no state file: %s"):format(path, wrong)
  end
  local done, reason = write(path .. ".old", text)
  if done then
    done, reason = write(path, "")
  end
  return done and text, reason
end

--- Imports TEXT, JSON that was in the file PATH, into RECORDS, which have that file now; where
-- that cannot be, the file becomes what it was.
local function import_file(path, records, text, secret)
  local data, wrong = M.decode(text)
  if data then
    local done, imported, message = pcall(M.import, records, data, secret)
    if done and imported then
      return records
    end
    wrong = message or imported
  end
  records:close()
  if write(path, text) then
    os.remove(path .. ".old")
  end
  return nil, ("%s cannot be imported: %s"):format(path, wrong)
end

--- The store in the file PATH, or in memory. A file of an earlier version, JSON, is imported.
---@param path? string
---@param secret string
---@return table? records
---@return string? message
function M.open(path, secret)
  local text, wrong
  if path then
    text, wrong = take_json(path)
    if wrong then
      return nil, wrong
    end
  end
  local records, message = store.open(path, secret)
  if not records then
    return nil, path and ("%s cannot be used for the state: %s"):format(path, message) or message
  elseif text then
    return import_file(path, records, text, secret)
  end
  return records
end

return M
