-- SPDX-License-Identifier: MIT
--- The public part of a module's source in LDoc's own form. The sources are annotated for editors
-- (LuaCATS: types that LDoc's tags cannot hold, classes beside functions), so LDoc gets a copy
-- that has nothing but comments.
-- @module docs.sources

local markdown = require "markdown"

local M = {}

--- Words of a comment as HTML on one line.
local function html(text)
  local result = markdown.html(text)
  return (result:gsub("\n", " "))
end

local function inline(text)
  return (html(text):gsub("^<p>(.*)</p>$", "%1"))
end

--- Where tables are described, by their names without "appintegrations." in front.
---@type table<string, string>
M.links = {}

--- A type without the module's name in front: "Error?"; tables link to where they are described.
local function type_text(text)
  return "<code>" .. markdown.escape(text):gsub("appintegrations%.([%w_.]+)", function(name)
    local href = M.links[name]
    return href and ('<a href="%s">%s</a>'):format(href, name) or name
  end) .. "</code>"
end

--- "TYPE  WORDS" -> TYPE, WORDS; where one space alone stands between them, it is the first that
-- stands outside brackets.
local function split(text)
  local kind, words = text:match("^(.-)%s%s+(.*)$")
  if kind then
    return kind, words
  end
  local depth = 0
  for at = 1, #text do
    local character = text:sub(at, at)
    if character:find("[%(<{]") then
      depth = depth + 1
    elseif character:find("[%)>}]") then
      depth = depth - 1
    elseif character == " " and depth == 0 and not text:sub(at - 1, at - 1):find("[:|,]") then
      return text:sub(1, at - 1), text:sub(at + 1)
    end
  end
  return text, ""
end

-- ---- one comment ------------------------------------------------------------------------------

--- What LINES of a comment say: prose, and tags with their text.
local function read_comment(lines)
  local prose, tags = {}, {}
  for _, line in ipairs(lines) do
    local tag, text = line:match("^%-%-[-%s]*@(%a+)%s*(.*)$")
    if tag then
      tags[#tags + 1] = { tag, text }
    else
      text = line:gsub("^%-%-%-? ?", "")
      local last = tags[#tags]
      if last then
        last[2] = last[2] .. (last[1] == "usage" and "\n" or " ") .. (last[1] == "usage" and text
          or text:match("^%s*(.*)$"))
      else
        prose[#prose + 1] = text
      end
    end
  end
  return table.concat(prose, "\n"), tags
end

local function field_of(text)
  local name, optional, rest = text:match("^([%w_.]+)(%??)%s+(.*)$")
  local kind, words = split(rest or text)
  return name or "", optional == "?", kind, words
end

local WRITERS = {}

function WRITERS.param(out, text)
  local name, optional, kind, words = field_of(text)
  out[#out + 1] = ("-- @param%s %s %s %s"):format(optional and "[opt]" or "", name,
    type_text(kind), inline(words))
end

WRITERS["return"] = function(out, text)
  local kind, words = split(text)
  out[#out + 1] = ("-- @return %s %s"):format(type_text(kind), inline(words))
end

function WRITERS.usage(out, text)
  out[#out + 1] = "-- @usage " .. text:gsub("\n", "\n-- ")
end

local function write_tags(out, tags)
  for _, tag in ipairs(tags) do
    if WRITERS[tag[1]] then
      WRITERS[tag[1]](out, tag[2])
    end
  end
end

-- ---- what stands below a comment --------------------------------------------------------------

--- A table of a class's fields, unless all of them are private.
local function write_class(out, tags, prose, module)
  local fields, name = {}, tags[1][2]:match("^[%w._]+"):match("[%w_]+$")
  local _, about = split(tags[1][2])
  for i = 2, #tags do
    local text = tags[i][2]
    if tags[i][1] == "field" and not text:find("^private ") then
      local field, optional, kind, words = field_of(text)
      fields[#fields + 1] = ("-- @field %s %s %s%s"):format(field, type_text(kind),
        optional and "(optional) " or "", inline(words))
    end
  end
  if #fields > 0 and not module.hidden[name] then
    out[#out + 1] = "--- " .. inline(prose ~= "" and prose or about ~= "" and about
      or "A table with these fields.")
    out[#out + 1] = "-- @table " .. name
    for _, field in ipairs(fields) do
      out[#out + 1] = field
    end
    out[#out + 1] = ""
  end
end

--- The name of the function in LINE as a program writes it; nil if it is not public.
local function name_of(line, module)
  local owner, name = line:match("^function ([%w_]+)[.:]([%w_]+)%(")
  if not owner then
    owner, name = line:match("^([%w_]+)[.]([%w_]+) = [%w_.]+$")
  end
  local object = owner and module.objects[owner]
  if not owner or owner == "mt" or name:find("^_") or module.hidden[name] or object == false then
    return nil
  end
  return object and object .. ":" .. name or name
end

--- LDoc takes the arguments from the parameters' tags.
local function write_function(out, line, module, prose, tags)
  local name = name_of(line, module)
  if name and prose ~= "" then
    out[#out + 1] = "--- " .. html(prose)
    out[#out + 1] = "-- @function " .. name
    write_tags(out, tags)
    out[#out + 1] = ""
  end
end

local function write_block(out, lines, below, module)
  local prose, tags = read_comment(lines)
  local first = tags[1] and tags[1][1]
  if first == "class" then
    write_class(out, tags, prose, module)
  elseif below then
    write_function(out, below, module, prose, tags)
  end
end

--- The module's own comment.
local function write_head(out, lines, module)
  local prose, tags = read_comment(lines)
  local summary, more = prose:match("^(.-%.)%s(.*)$")
  out[#out + 1] = "--- " .. inline(summary or prose)
  out[#out + 1] = "-- " .. html(more or "")
  for _, tag in ipairs(tags) do
    out[#out + 1] = tag[1] == "module" and "-- @module " .. module.name
      .. "\n-- @pragma nostrip" or nil -- else stub:respond would be "respond" there
    if tag[1] == "usage" then
      WRITERS.usage(out, tag[2])
    end
  end
  out[#out + 1] = "local M = {}\n"
end

--- The tables that the page of MODULE, whose source is TEXT, will have: their ids there by the
-- names that they have in annotations.
---@param module docs.Module
---@param text string
---@return table<string, string>
function M.tables(module, text)
  local public, ids = M.public(module, text), {}
  for name in text:gmatch("\n%-%-%-@class appintegrations%.([%w_.]+)") do
    local id = name:match("[%w_]+$")
    ids[name] = public:find("\n-- @table " .. id .. "\n", 1, true) and id or nil
  end
  return ids
end

---@class docs.Module
---@field name string     what is required
---@field path string     of the source
---@field objects table<string, string|false>  what methods are called on, by the local table that
---                       has them in the source; false: they are not public
---@field hidden table<string, true>  functions that are for other files of the module

--- The public part of MODULE, whose source is TEXT.
---@param module docs.Module
---@param text string
---@return string
function M.public(module, text)
  local out, comment, has_head = {}, {}, false
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    if line:find("^%-%-%-") or #comment > 0 and line:find("^%-%-") then
      comment[#comment + 1] = line
    else
      if #comment > 0 and not has_head then
        write_head(out, comment, module)
        has_head = true
      elseif #comment > 0 then
        write_block(out, comment, line, module)
      end
      comment = {}
    end
  end
  out[#out + 1] = "return M"
  return table.concat(out, "\n") .. "\n"
end

return M
