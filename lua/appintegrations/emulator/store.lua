-- SPDX-License-Identifier: MIT
--- What the service remembers, in SQLite: in a file, or in memory, by the same code. Every change
-- is part of a transaction that is committed before the request is answered.
--
-- For whoever looks into the file with the command `sqlite3`:
--
--     resources  one row for each; `sequence` in order of creation, `scope` is ACCOUNT/REGION,
--                `kind` as `data_integrations`, `parent` the id of what an association belongs to,
--                `tags` and `fields` (members by the service's names) JSON, times epoch seconds
--     tokens     the answers to ClientTokens until they expire
--     settings   `secret`: what page tokens are sealed with
--
-- A record is a row with `tags`, `fields` and `execution` read. What SQLite refuses is raised as
-- a text that begins with `sqlite: `.
-- @module appintegrations.emulator.store

local json = require "appintegrations.base.json"

local M = {}

local APPLICATION_ID, FORMAT = 0x41494d55, 2 -- "AIMU"; PRAGMA application_id and user_version
local PATIENCE = 400 -- milliseconds to wait for another process that writes
local SMALL = 256 -- pages; up to here a file is checked as a whole when it is opened

--- The six kinds.
M.KINDS = { applications = true, application_associations = true, data_integrations = true,
  data_integration_associations = true, event_integrations = true,
  event_integration_associations = true }

local SCHEMA = [[
CREATE TABLE resources (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, kind TEXT NOT NULL,
  id TEXT NOT NULL, arn TEXT NOT NULL, name TEXT, namespace TEXT, type TEXT, parent TEXT,
  created REAL NOT NULL, modified REAL NOT NULL,
  tags TEXT NOT NULL, fields TEXT NOT NULL, execution TEXT);
CREATE UNIQUE INDEX resources_by_id ON resources (scope, kind, id);
CREATE UNIQUE INDEX resources_by_name ON resources (scope, kind, name) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX resources_by_namespace ON resources (scope, kind, namespace)
  WHERE namespace IS NOT NULL;
CREATE INDEX resources_by_kind ON resources (scope, kind);
CREATE INDEX resources_by_type ON resources (scope, kind, type) WHERE type IS NOT NULL;
CREATE INDEX resources_by_parent ON resources (parent, kind) WHERE parent IS NOT NULL;
CREATE TABLE tokens (
  scope TEXT NOT NULL, operation TEXT NOT NULL, token TEXT NOT NULL, input TEXT NOT NULL,
  body TEXT NOT NULL, expires REAL NOT NULL, PRIMARY KEY (scope, operation, token)) WITHOUT ROWID;
CREATE INDEX tokens_by_expiry ON tokens (expires);
CREATE TABLE settings (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
]]

local COLUMNS = "SELECT sequence, scope, kind, id, arn, name, namespace, type, parent, created, "
  .. "modified, tags, fields, execution FROM resources WHERE "

local STATEMENTS = {
  begin = "BEGIN IMMEDIATE", commit = "COMMIT", rollback = "ROLLBACK",
  insert = "INSERT INTO resources (scope, kind, id, arn, name, namespace, type, parent, created, "
    .. "modified, tags, fields, execution, sequence) "
    .. "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
  save = "UPDATE resources SET modified = ?2, tags = ?3, fields = ?4, execution = ?5 "
    .. "WHERE sequence = ?1",
  rename = "UPDATE resources SET name = ?2 WHERE sequence = ?1",
  remove = "DELETE FROM resources WHERE sequence = ?1",
  remove_children = "DELETE FROM resources WHERE parent = ?1 AND kind = ?2",
  by_id = COLUMNS .. "scope = ?1 AND kind = ?2 AND id = ?3",
  by_name = COLUMNS .. "scope = ?1 AND kind = ?2 AND name = ?3",
  by_namespace = COLUMNS .. "scope = ?1 AND kind = ?2 AND namespace = ?3",
  page = COLUMNS .. "scope = ?1 AND kind = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4",
  page_of_type = COLUMNS
    .. "scope = ?1 AND kind = ?2 AND sequence > ?3 AND type = ?5 ORDER BY sequence LIMIT ?4",
  page_of_parent = COLUMNS
    .. "scope = ?1 AND kind = ?2 AND sequence > ?3 AND parent = ?5 ORDER BY sequence LIMIT ?4",
  page_of_all = COLUMNS .. "sequence > ?1 ORDER BY sequence LIMIT ?2",
  count = "SELECT count(*) AS n FROM (SELECT 1 FROM resources WHERE scope = ?1 AND kind = ?2 "
    .. "LIMIT ?3)",
  count_of_parent = "SELECT count(*) AS n FROM (SELECT 1 FROM resources WHERE parent = ?1 "
    .. "AND kind = ?2 LIMIT ?3)",
  counts = "SELECT kind, count(*) AS n FROM resources GROUP BY kind",
  last = "SELECT seq FROM sqlite_sequence WHERE name = 'resources'",
  recall = "SELECT input, body FROM tokens WHERE scope = ?1 AND operation = ?2 AND token = ?3 "
    .. "AND expires > ?4",
  remember = "INSERT OR REPLACE INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
  -- A few with each new one: never a long pause, and never more than there are.
  forget = "DELETE FROM tokens WHERE (scope, operation, token) IN (SELECT scope, operation, token "
    .. "FROM tokens WHERE expires <= ?1 ORDER BY expires LIMIT 8)",
  set = "INSERT OR REPLACE INTO settings VALUES (?1, ?2)",
  get = "SELECT value FROM settings WHERE name = ?1",
}

local Store = {}
Store.__index = Store

-- ---- rows and records --------------------------------------------------------------------------

local function decode(row, column)
  local value = json.decode_object(row[column])
  if not value then
    error(("sqlite: %s of the resource %s are no JSON object"):format(column, row.arn), 0)
  end
  row[column] = value
end

local function record_of(row)
  if row then
    decode(row, "tags")
    decode(row, "fields")
    if row.execution then
      decode(row, "execution")
    end
  end
  return row
end

local function records_of(rows)
  for _, row in ipairs(rows) do
    record_of(row)
  end
  return rows
end

local function execution_text(record)
  return record.execution and json.encode(record.execution) or nil
end

-- ---- changing ----------------------------------------------------------------------------------

--- Runs CHANGE, and commits what it has done before this returns; unless it raises, or its first
-- result is nil: then nothing is done. Returns its results.
---@param change fun(): any, any
function Store:transaction(change)
  local statements = self.statements
  if self.database:moved() then
    error("sqlite: the file is no longer at its place", 0)
  end
  statements.begin:run()
  local done, result, problem = pcall(function()
    local result, problem = change()
    if result ~= nil then
      statements.commit:run()
    end
    return result, problem
  end)
  if not done or result == nil then
    pcall(statements.rollback.run, statements.rollback) -- SQLite may have done so itself
  end
  if not done then
    error(result, 0)
  end
  return result, problem
end

--- Adds RECORD; without a `sequence` it gets the next one.
---@param kind string
---@param record table
function Store:insert(kind, record)
  self.statements.insert:run(record.scope or self.scope, kind, record.id, record.arn,
    record.fields.Name, record.fields.Namespace, record.fields.ApplicationType, record.parent,
    record.created, record.modified, json.encode(record.tags), json.encode(record.fields),
    execution_text(record), record.sequence)
end

--- Writes RECORD as it has become; its name, if it has another one, too.
function Store:save(record)
  self.statements.save:run(record.sequence, record.modified, json.encode(record.tags),
    json.encode(record.fields), execution_text(record))
  if record.fields.Name ~= record.name then
    self.statements.rename:run(record.sequence, record.fields.Name)
  end
end

function Store:remove(record)
  self.statements.remove:run(record.sequence)
end

--- Removes all records of KIND that belong to PARENT.
function Store:remove_children(kind, parent)
  self.statements.remove_children:run(parent, kind)
end

--- Forgets everything; what comes next is numbered from 1 and seals its page tokens anew.
---@param secret string
function Store:clear(secret)
  self.database:exec("DELETE FROM resources; DELETE FROM tokens; DELETE FROM sqlite_sequence")
  self.statements.set:run("secret", secret)
end

-- ---- finding -----------------------------------------------------------------------------------

local UNIQUE = { Name = "by_name", Namespace = "by_namespace" }

--- The record of KIND whose unique FIELD is VALUE.
function Store:find(kind, field, value)
  return record_of(self.statements[UNIQUE[field]]:rows(self.scope, kind, value)[1])
end

--- The record with this ARN, of whatever kind. It is found by the id in it, or the name: an index
-- of ARNs, random as ids are, would make adding slower the more there are.
function Store:by_resource_arn(arn)
  local kind, path = arn:match("^arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+)/(.+)$")
  kind = kind and kind:gsub("-", "_") .. "s"
  local record
  if kind == "event_integrations" then
    record = self:find(kind, "Name", path)
  elseif kind then
    record = record_of(self.statements.by_id:rows(self.scope, kind, path:match("[^/]*$"))[1])
  end
  return record and record.arn == arn and record or nil
end

--- The record of KIND that IDENTIFIER names by id, ARN or, where the kind has names, name.
---@param kind string
---@param identifier string
---@param by_name? boolean  names count too
function Store:resolve(kind, identifier, by_name)
  if identifier:find("^arn:") then
    local record = self:by_resource_arn(identifier)
    return record and record.kind == kind and record or nil
  end
  return record_of(self.statements.by_id:rows(self.scope, kind, identifier)[1])
    or (by_name and self:find(kind, "Name", identifier)) or nil
end

--- At most LIMIT records of KIND behind AFTER, in order of creation.
---@param kind string
---@param after integer  a sequence number
---@param limit integer
---@param filter? table  `parent` (an id) or `type`
---@return table[]
function Store:page(kind, after, limit, filter)
  local statements, filtered = self.statements, filter or {}
  local statement = filtered.parent and statements.page_of_parent
    or filtered.type and statements.page_of_type or statements.page
  return records_of(statement:rows(self.scope, kind, after, limit,
    filtered.parent or filtered.type))
end

--- The same over all scopes and kinds.
function Store:page_of_all(after, limit)
  return records_of(self.statements.page_of_all:rows(after, limit))
end

--- How many records of KIND (below PARENT) there are, counted up to LIMIT.
---@return integer
function Store:count(kind, parent, limit)
  local statement = parent and self.statements.count_of_parent or self.statements.count
  return statement:rows(parent or self.scope, kind, limit)[1].n
end

--- How many records there are, by kind.
---@return table<string, integer>
function Store:counts()
  local result = {}
  for kind in pairs(M.KINDS) do
    result[kind] = 0
  end
  for _, row in ipairs(self.statements.counts:rows()) do
    result[row.kind] = row.n
  end
  return result
end

--- The sequence number of the last record that was added.
---@return integer
function Store:last_sequence()
  local row = self.statements.last:rows()[1]
  return row and row.seq or 0
end

-- ---- tokens and settings -----------------------------------------------------------------------

--- What was remembered for TOKEN of OPERATION and has not expired at NOW: `input`, `body`.
function Store:recall(operation, token, now)
  return self.statements.recall:rows(self.scope, operation, token, now)[1]
end

--- Remembers ENTRY (`input`, `body`, `expires`), and forgets some that have expired at NOW.
function Store:remember(operation, token, entry, now)
  self.statements.remember:run(self.scope, operation, token, entry.input, entry.body,
    entry.expires)
  self.statements.forget:run(now)
end

--- What page tokens are sealed with. Read each time: another process may have forgotten all.
---@return string
function Store:secret()
  return self.statements.get:rows("secret")[1].value
end

--- The same store for the resources of SCOPE.
---@param scope string
function Store:in_scope(scope)
  return setmetatable({ scope = scope }, { __index = self })
end

--- Closes the file, and makes it one file again.
function Store:close()
  for _, statement in pairs(self.statements) do
    statement:close()
  end
  self.database:close()
end

-- ---- opening -----------------------------------------------------------------------------------

--- The first row of what SQL selects; the statement ends with it.
local function first_row(database, sql)
  local statement = database:prepare(sql)
  local row = statement:rows()[1]
  statement:close()
  return row
end

local function pragma(database, name)
  return first_row(database, "SELECT * FROM pragma_" .. name)[name]
end

--- Two processes that open a new file at once: one of them finds it locked.
local function set_journal_mode(database)
  for _ = 1, 20 do
    if pcall(database.exec, database, "PRAGMA journal_mode = WAL") then
      return
    end
    pcall(database.exec, database, "BEGIN IMMEDIATE; COMMIT") -- waits
  end
  error("sqlite: the file is locked", 0)
end

--- Makes the tables, unless they are there.
local function set_up(database, secret)
  database:exec("BEGIN IMMEDIATE")
  if pragma(database, "user_version") == 0
    and not first_row(database, "SELECT 1 FROM sqlite_schema LIMIT 1") then
    database:exec(SCHEMA)
    database:exec(("INSERT INTO settings VALUES ('secret', '%s'); PRAGMA application_id = %d; "
      .. "PRAGMA user_version = %d"):format(secret, APPLICATION_ID, FORMAT))
  end
  database:exec("COMMIT")
end

--- Raises unless DATABASE is one of ours and whole.
local function check(database)
  if pragma(database, "application_id") ~= APPLICATION_ID then
    error("it is the database of another program", 0)
  elseif pragma(database, "user_version") ~= FORMAT then
    error("its format is not " .. FORMAT, 0)
  elseif pragma(database, "page_count") <= SMALL then
    local found = first_row(database, "PRAGMA quick_check(1)").quick_check
    if found ~= "ok" then
      error("it is damaged: " .. found, 0)
    end
  end
end

local function statements_of(database)
  local statements = {}
  for name, sql in pairs(STATEMENTS) do
    statements[name] = database:prepare(sql)
  end
  return statements
end

--- A store in the file PATH, or in memory; nil and a text.
---@param path? string
---@param secret string  for a new store: what page tokens are sealed with
---@return table? store
---@return string? message
function M.open(path, secret)
  local loaded, sqlite = pcall(require, "appintegrations.sqlite")
  if not loaded then
    return nil, "this build has no store for the emulator: install the headers of SQLite (Debian: "
      .. "libsqlite3-dev), then build again"
  end
  local database, message = sqlite.open(path or ":memory:", PATIENCE)
  if not database then
    return nil, message
  end
  local done, result = pcall(function()
    -- What is committed survives the process, however it ends. A power cut costs what was
    -- committed since the last checkpoint at most, never the file: the disk is waited for at
    -- checkpoints alone. (FULL would wait with every change.)
    database:exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; "
      .. "PRAGMA temp_store = MEMORY")
    if path then
      set_journal_mode(database)
    end
    set_up(database, secret)
    check(database)
    local store = setmetatable({ database = database, statements = statements_of(database) }, Store)
    store:secret()
    return store
  end)
  if not done then
    database:close()
    return nil, (tostring(result):gsub("^sqlite: ", ""))
  end
  return result
end

return M
