-- SPDX-License-Identifier: MIT
--- `appintegrations export` and `appintegrations apply`: an account's integrations as a text.
-- @module appintegrations.command.documents

local appintegrations = require "appintegrations"
local advice = require "appintegrations.help.advice"
local core = require "appintegrations.core"
local diff = require "appintegrations.command.diff"
local flags = require "appintegrations.command.flags"
local progress = require "appintegrations.command.progress"

local M = {}

--- VALUE as a Lua literal; keys sorted, so that equal documents are equal texts.
local function literal(value, indent)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value):gsub("\\\n", "\\n")
      or appintegrations.json({ value }):sub(2, -2)
  end
  local keys, parts, inner = {}, {}, indent .. "  "
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for i, key in ipairs(keys) do
    local name = ""
    if type(key) == "string" then
      -- Members; a tag may be a word of Lua's own, as `end`.
      name = (key:find("^[A-Z][A-Za-z0-9]*$") and "%s = " or "[%q] = "):format(key)
    end
    parts[i] = inner .. name .. literal(value[key], inner) .. ",\n"
  end
  return #parts > 0 and "{\n" .. table.concat(parts) .. indent .. "}" or "{}"
end

--- A document's text as Lua; without any global but what a literal needs, which is none.
local function read_lua(text)
  if text:find("^\27") then
    return nil, "compiled Lua is not taken"
  end
  local chunk, message
  local setfenv = rawget(_G, "setfenv")
  if setfenv then -- 5.1
    chunk, message = loadstring(text, "=document")
    chunk = chunk and setfenv(chunk, {})
  else
    chunk, message = load(text, "=document", "t", {})
  end
  if not chunk then
    return nil, message
  end
  local ok, value = pcall(chunk)
  if not ok or type(value) ~= "table" then
    return nil, ok and "expected `return { … }`" or tostring(value)
  end
  return value
end

--- Prints the account's document.
---@param host table
---@param client appintegrations.Client
---@param arguments table
---@return boolean? done
---@return table? problem
function M.export(host, client, arguments)
  local line, count = progress.new(host), 0
  local document, err = client:export { on_progress = function(_, name)
    count = count + 1
    line:show("%d read: %s", count, name)
  end }
  line:clear()
  if not document then
    return nil, err
  elseif arguments.format == "lua" then
    host.out:write("return ", literal(document, ""), "\n")
  else
    host.out:write(appintegrations.json(document, { indent = true }), "\n")
  end
  return true
end

--- Whether TEXT is to be read as Lua: it begins with a comment or a word, which JSON does not.
local function is_lua(text)
  local word = text:match "^%s*([A-Za-z_]+)"
  return text:find "^%s*%-%-" ~= nil
    or word ~= nil and word ~= "null" and word ~= "true" and word ~= "false"
end

--- The document in the file that the arguments name.
local function read_document(host, path)
  local text, message = flags.read_file(path, host.input)
  if not text then
    return nil, { usage = message }
  end
  local document, problem = (is_lua(text) and read_lua or flags.read_json)(text)
  if type(document) == "table" and document[1] == nil and not text:find "^%s*%[" then
    return document
  elseif document ~= nil then
    problem = 'expected lists by name, as { "DataIntegrations": [ … ] }'
  end
  return nil, { usage = ("%s is no document as export prints it: %s"):format(path, problem) }
end

--- Prints STEP of an application as a diff: what is done with which resource, and for each member
-- what it was and what it becomes. Returns whether there was something to print.
local function print_step(out, step, is_dry)
  if step.action == "none" and not step.error then
    return false
  end
  local lines = {}
  local members = core.describe("create_" .. step.kind).input.members
  for _, change in ipairs(step.changes) do
    diff.add(lines, members[change.path], change.path, change.from, change.to)
  end
  out:write(is_dry and not step.error and "would " or "", step.action, " ",
    (step.kind:gsub("_", " ")), " ", step.name,
    step.error and (" failed: %s: %s"):format(step.error.code,
      advice.message_for_shell(step.error.message)) or "", "\n")
  for _, line in ipairs(lines) do
    out:write("  ", line, "\n")
  end
  out:flush()
  return true
end

--- Makes the account as the document says, and tells each step as it is done.
---@param host table
---@param client appintegrations.Client
---@param arguments table
---@return boolean? done
---@return table? problem
function M.apply(host, client, arguments)
  local document, problem = read_document(host, arguments.file)
  if not document then
    return nil, problem
  end
  local line, count, shown = progress.new(host), 0, 0
  local report, err = client:apply(document, { prune = arguments.prune,
    ignore = arguments.ignore, dry_run = arguments.dry_run, on_progress = function(step)
      count = count + 1
      line:clear()
      shown = shown + (print_step(host.out, step, arguments.dry_run) and 1 or 0)
      line:show("%d looked at", count)
    end })
  line:clear()
  if report and shown == 0 then
    host.out:write("nothing to do\n")
  end
  return report and true, err
end

return M
