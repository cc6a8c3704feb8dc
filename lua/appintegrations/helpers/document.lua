-- SPDX-License-Identifier: MIT
--- An account's integrations and applications in one region as one table, and back: `export`
-- writes what there is, `apply` makes it so. Both ways are by name, so that a document of one
-- account or region serves another one.
--
--     { EventIntegrations = { { Name = …, … } }, DataIntegrations = { … }, Applications = { … } }
--
-- Each entry has the parameters with which it would be created. Associations are not in it: the
-- service does not show all of what they were created with.
-- @module appintegrations.helpers.document

local ensure = require "appintegrations.helpers.ensure"
local errors = require "appintegrations.base.errors"
local helper = require "appintegrations.helpers.options"
local names = require "appintegrations.base.names"
local metatables = require "appintegrations.base.metatables"
local options_of = require "appintegrations.config.options"
local printing = require "appintegrations.base.printing"
local resources = require "appintegrations.helpers.resources"

local M = {}

local KINDS = resources.KINDS

-- So many resources are asked for at once on a loop: the service throttles.
local AT_ONCE = 8

local GONE = {} -- in the place of a resource that was deleted since it was listed

-- By the names of their lists in a document.
local BY_PLURAL, PLURALS = {}, {}
for i, kind in ipairs(KINDS) do
  BY_PLURAL[kind.plural], PLURALS[i] = kind, kind.plural
end

local EXPORT_OPTIONS = helper.rules { on_progress = options_of.is_a "function" }

local APPLY_OPTIONS = helper.rules {
  validate = ensure.OPTIONS.validate, ignore = ensure.OPTIONS.ignore,
  dry_run = ensure.OPTIONS.dry_run, prune = options_of.is_a "boolean",
  on_progress = options_of.is_a "function",
}

-- Made at first use: they need the model.
local document_mt, report_mt

local function document_metatable()
  if not document_mt then
    local lists = {}
    for _, kind in ipairs(KINDS) do
      lists[kind.plural] = resources.shape(kind)
    end
    document_mt = printing.new_metatable("Document", PLURALS, lists)
  end
  return document_mt
end

--- "create application desk", one a line; "nothing to do".
local function report_text(report)
  local lines = {}
  for _, step in ipairs(report) do
    if step.action ~= "none" or step.error then
      local paths = {}
      for i, change in ipairs(step.changes) do
        paths[i] = change.path
      end
      lines[#lines + 1] = ("%s %s %s%s%s"):format(step.action, step.kind:gsub("_", " "), step.name,
        #paths > 0 and ": " .. table.concat(paths, ", ") or "",
        step.error and " failed: " .. step.error.code .. ": " .. step.error.message or "")
    end
  end
  return #lines > 0 and table.concat(lines, "\n") or "nothing to do"
end

local function report_metatable()
  if not report_mt then
    report_mt = printing.new_metatable("Report", {}, {})
    report_mt.kind.is_list, report_mt.__tostring = true, report_text
  end
  return report_mt
end

-- ---- reading what there is ------------------------------------------------------------

--- Goes through the listing of KIND; calls VISIT with each summary that has a name.
---@return true? done
---@return appintegrations.Error? err
local function each_summary(client, kind, within, visit)
  local options, err = within()
  if not options then
    return nil, err
  end
  local iterator = client[kind.listing](client, nil, options)
  while true do
    local summary
    summary, err = iterator:next()
    if summary == nil then
      return err == nil or nil, err
    elseif type(summary) == "table" and type(summary.Name) == "string" then
      visit(summary)
    end
  end
end

--- What F returns for each of LIST; nil and the first error, after which no more are begun. On a
-- loop, several at once.
local function each(client, list, f)
  local results = {}
  if client.loop then
    local failure
    local outputs, problems = client.loop:map(list, function(item)
      if failure then
        return nil, failure
      end
      local output, err = f(item)
      failure = failure or err
      return output, err
    end, AT_ONCE)
    for i = 1, #list do
      if problems and problems[i] then
        return nil, problems[i]
      end
      results[i] = outputs[i]
    end
    return results
  end
  for i, item in ipairs(list) do
    local err
    results[i], err = f(item)
    if err then
      return nil, err
    end
  end
  return results
end

--- The parameters of all resources of KIND, sorted by name.
local function export_kind(client, kind, within, on_progress)
  local summaries, entries, seen = {}, {}, {}
  local done, err = each_summary(client, kind, within, function(summary)
    local identifier = summary[kind.identity] or summary
    if not seen[identifier] then -- pages move where something is created or deleted meanwhile
      seen[identifier], summaries[#summaries + 1] = true, summary
    end
  end)
  if not done then
    return nil, err
  end
  local outputs
  outputs, err = each(client, summaries, function(summary)
    local output, problem = resources.get(client, kind, summary[kind.identity], within)
    if output and on_progress then
      on_progress(kind.name, summary.Name)
    end
    return output or not problem and GONE or nil, problem
  end)
  for _, output in ipairs(outputs or {}) do
    if output ~= GONE then
      entries[#entries + 1] = metatables.mark(resources.params_of(kind, output),
        resources.shape(kind))
    end
  end
  table.sort(entries, function(a, b) return tostring(a.Name) < tostring(b.Name) end)
  return outputs and entries, err
end

--- All event integrations, data integrations and applications of the client's account and region,
-- as a document for `apply`. `appintegrations.json(document)` writes it as JSON.
---@param client appintegrations.Client
---@param options? appintegrations.ExportOptions
---@return appintegrations.Document? document
---@return appintegrations.Error? err
function M.export(client, options)
  options = helper.checked(options, EXPORT_OPTIONS, "export", helper.PROGRAM)
  local within = helper.within(client, options, options.deadline or client.config.deadline,
    "export")
  local document = setmetatable({}, document_metatable())
  for _, kind in ipairs(KINDS) do
    local entries, err = export_kind(client, kind, within, options.on_progress)
    if not entries then
      return nil, err
    end
    document[kind.plural] = entries
  end
  return document
end

-- ---- checking a document ------------------------------------------------------------------

local function add(violations, path, rule, message)
  violations[#violations + 1] = { path = path, rule = rule, message = message }
end

--- Adds what is wrong with the ENTRIES of KIND.
local function check_entries(kind, entries, mode, violations)
  local seen, count = {}, 0
  if type(entries) ~= "table" then
    return add(violations, kind.plural, "type", "expected list, got " .. type(entries))
  end
  for _ in pairs(entries) do
    count = count + 1
  end
  for i = 1, count do
    local entry, path = entries[i], ("%s[%d]"):format(kind.plural, i)
    if entry == nil then
      return add(violations, kind.plural, "type", "expected a list without holes or other keys")
    elseif type(entry) ~= "table" then
      return add(violations, path, "type", "expected table, got " .. type(entry))
    end
    local found = resources.violations(kind, entry, mode)
    for _, violation in ipairs(found) do
      local below = violation.path == "" and "" or "." .. violation.path
      add(violations, path .. below, violation.rule, violation.message)
    end
    local name = type(entry.Name) == "string" and entry.Name or nil
    if name and seen[name] then
      add(violations, path .. ".Name", "unique", ("is that of %s[%d] too"):format(kind.plural,
        seen[name]))
    elseif name then
      seen[name] = i
    end
  end
end

--- Everything that is wrong with DOCUMENT, which may come from a file: nothing here raises.
local function check_document(document, mode)
  local violations = {}
  for _, kind in ipairs(KINDS) do
    if document[kind.plural] ~= nil then
      check_entries(kind, document[kind.plural], mode, violations)
    end
  end
  local unknown = {}
  for key in pairs(document) do
    if not BY_PLURAL[key] then
      unknown[#unknown + 1] = tostring(key)
    end
  end
  table.sort(unknown)
  for _, key in ipairs(unknown) do
    add(violations, key, "unknown_member", "is no part of a document"
      .. names.hint(key, BY_PLURAL))
  end
  return violations[1] and errors.violations(violations) or nil
end

-- ---- making it so ---------------------------------------------------------------------------

--- What each name of KIND is identified by.
local function index_of(client, kind, within)
  local identifiers = {}
  local done, err = each_summary(client, kind, within, function(summary)
    identifiers[summary.Name] = summary[kind.identity]
  end)
  return done and identifiers, err
end

--- Adds STEP to the report and tells of it.
local function note(report, step, err, options)
  report[#report + 1] = step
  step.error = err
  report.failed = report.failed + (err and 1 or 0)
  report.first_error = report.first_error or err
  if options.on_progress then
    options.on_progress(step)
  end
end

local function new_step(kind, name, action)
  return { kind = kind.name, name = name, action = action, changes = {} }
end

--- ERR if it is that of a cancellation: who cancels wants nothing more to be done.
local function cancellation(err)
  return err and err.kind == "cancelled" and err or nil
end

--- Makes one entry so, where IDENTIFIER is that of the resource of its name.
local function try_entry(client, kind, entry, identifier, options, within)
  local current, err
  if identifier then
    current, err = resources.get(client, kind, identifier, within)
  end
  local step
  if not err then
    step, err = ensure.plan(kind, entry, current, options)
  end
  if step and not options.dry_run then
    local done, problem = ensure.carry_out(client, kind, entry, current, step, within)
    err = not done and problem or nil
  end
  return step or new_step(kind, entry.Name, current and "update" or "create"), err
end

--- Makes one entry so. Once more where somebody else has created or deleted it in between.
local function apply_entry(client, kind, entry, identifier, options, within)
  local step, err = try_entry(client, kind, entry, identifier, options, within)
  if err and ensure.is_outdated(step, err) then
    identifier, err = resources.identify(client, kind, entry.Name, within)
    if not err then
      step, err = try_entry(client, kind, entry, identifier, options, within)
    end
  end
  return step, err
end

--- Deletes what IDENTIFIER identifies. That it has gone already is as good: somebody else was
-- faster, or the answer to the first attempt was lost.
local function delete(client, kind, identifier, within)
  local options, err = within()
  if not options then
    return err
  end
  local done
  done, err = client[kind.delete](client, { [kind.delete_by] = identifier }, options)
  return not done and not errors.is_error(err, "ResourceNotFoundException") and err or nil
end

--- Deletes what the document has not.
---@return appintegrations.Error? cancellation
local function prune(client, kind, entries, identifiers, context)
  local wanted = {}
  for _, entry in ipairs(entries) do
    wanted[entry.Name] = true
  end
  for _, name in ipairs(names.sorted(identifiers)) do
    if not wanted[name] then
      local err = not context.options.dry_run
        and delete(client, kind, identifiers[name], context.within) or nil
      note(context.report, new_step(kind, name, "delete"), err, context.options)
      if cancellation(err) then
        return err
      end
    end
  end
end

--- Makes the ENTRIES of KIND so.
---@return appintegrations.Error? err  of the listing, or of a cancellation: it is the end
local function apply_kind(client, kind, entries, context)
  local identifiers, err = index_of(client, kind, context.within)
  if not identifiers then
    return err
  end
  for _, entry in ipairs(entries) do
    local step, problem = apply_entry(client, kind, entry, identifiers[entry.Name],
      context.options, context.within)
    note(context.report, step, problem, context.options)
    if cancellation(problem) then
      return problem
    end
  end
  if context.options.prune then
    return prune(client, kind, entries, identifiers, context)
  end
end

--- Makes the account as DOCUMENT says: creates what is not there, updates what is other, leaves
-- the rest alone, and, with `prune`, deletes what the document has not (of the lists that it has).
-- Nothing is sent if anything in the document is wrong. An entry that fails does not stop the
-- others, only a cancellation does; doing it again does what is left to do.
---@param client appintegrations.Client
---@param document appintegrations.Document
---@param options? appintegrations.ApplyOptions  `dry_run`: only say what would be done
---@return appintegrations.Report? report  one step for each entry: `kind`, `name`, `action`
---                                  ("create", "update", "none" or "delete") and `changes`
---@return appintegrations.Error? err      `Cancelled`, or the first one; its `report` has all
---                                  steps, with `error` in those that failed
function M.apply(client, document, options)
  helper.expect(document, "table", "apply: the document", helper.PROGRAM)
  options = helper.checked(options, APPLY_OPTIONS, "apply", helper.PROGRAM)
  local mode = options.validate
  if mode == nil then
    mode = client.config.validate
  end
  local err = check_document(document, mode)
  local report = setmetatable({ failed = 0 }, report_metatable())
  local context = { options = options, report = report,
    within = helper.within(client, options, options.deadline or client.config.deadline, "apply") }
  for _, kind in ipairs(KINDS) do
    if not err and document[kind.plural] then
      err = apply_kind(client, kind, document[kind.plural], context)
    end
  end
  err = cancellation(err) or report.first_error or err
  report.first_error = nil
  if err then
    err = errors.copy(err) -- the step has it too: a report within itself is no JSON
    err.operation, err.report = err.operation or "apply", report
    return nil, err
  end
  return report
end

return M
