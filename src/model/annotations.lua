-- SPDX-License-Identifier: MIT
--- Reads LuaCATS annotations in the form that this project writes them: classes with fields,
-- aliases of texts, functions with parameters and results. Between a type and its words stand
-- two spaces; lines that begin with more than one space go on with the words of the line before.
-- @module model.annotations

local M = {}

---@class annotations.Item  a field, a parameter or a result
---@field name string
---@field optional boolean
---@field type string
---@field about? string

---@class annotations.Class
---@field name string
---@field parent? string
---@field about? string
---@field fields annotations.Item[]

---@class annotations.Function
---@field owner string       "Client" of `function Client:close() end`
---@field name string
---@field about? string
---@field params annotations.Item[]
---@field returns annotations.Item[]

---@class annotations.Found
---@field classes table<string, annotations.Class>
---@field aliases table<string, table>  name, about, values: a list of { name, about }
---@field functions annotations.Function[]

--- "TYPE  WORDS" -> TYPE, WORDS
local function split(text)
  local kind, about = text:match("^(.-)%s%s+(.*)$")
  return kind or text, about
end

local function field(text)
  local name, optional, rest = text:match("^([%w_]+)(%??)%s+(.*)$")
  if not name then
    return nil
  end
  local kind, about = split(rest)
  return { name = name, optional = optional == "?", type = kind, about = about }
end

local function result(text)
  local rest, about = split(text)
  local kind, name = rest:match("^(.*)%s+([%w_]+)$")
  return { name = name or "", optional = false, type = kind or rest, about = about }
end

local function join(item, key, text)
  item[key] = item[key] and item[key] .. " " .. text or text
end

local TAGS = {}

function TAGS.class(reader, text)
  local name, parent = split(text):match("^([%w._]+)%s*:?%s*([%w._]*)")
  local class = { name = name, parent = parent ~= "" and parent or nil, fields = {},
    about = reader.about }
  reader.found.classes[name] = reader.found.classes[name] or class
  reader.class, reader.item = reader.found.classes[name], class
end

function TAGS.field(reader, text)
  local item = reader.class and field(text)
  if item then
    table.insert(reader.class.fields, item)
    reader.item = item
  end
end

function TAGS.alias(reader, text)
  local alias = { name = text:match("^%S+"), about = reader.about, values = {} }
  reader.found.aliases[alias.name] = alias
  reader.alias = alias
end

function TAGS.param(reader, text)
  reader.item = field(text)
  table.insert(reader.params, reader.item)
end

TAGS["return"] = function(reader, text)
  reader.item = result(text)
  table.insert(reader.returns, reader.item)
end

--- What stands above the next declaration begins anew.
local function reset(reader)
  reader.about, reader.class, reader.alias, reader.item = nil, nil, nil, nil
  reader.params, reader.returns = {}, {}
end

local function read_comment(reader, line)
  local tag, text = line:match("^%-%-%-@(%a+)%s*(.*)$")
  if tag then
    reader.item = nil
    if TAGS[tag] then
      TAGS[tag](reader, text)
    end
    return
  end
  local value, meaning = line:match('^%-%-%-| "([^"]*)"%s*#?%s*(.*)$')
  if value and reader.alias then
    table.insert(reader.alias.values, { name = value, about = meaning ~= "" and meaning or nil })
    return
  end
  text = line:match("^%-%-%-%s*(.*)$")
  if reader.item then
    join(reader.item, "about", text)
  else
    join(reader, "about", text)
  end
end

--- The annotations in TEXT.
---@param text string
---@return annotations.Found
function M.parse(text)
  local reader = { found = { classes = {}, aliases = {}, functions = {} } }
  reset(reader)
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local owner, name = line:match("^function ([%w_.]+)[:.]([%w_]+)%(")
    if line:find("^%-%-%-") then
      read_comment(reader, line)
    else
      if owner then
        table.insert(reader.found.functions, { owner = owner, name = name, about = reader.about,
          params = reader.params, returns = reader.returns })
      end
      reset(reader)
    end
  end
  return reader.found
end

return M
