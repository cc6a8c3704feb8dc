-- SPDX-License-Identifier: MIT
--- The methods of a client that are no operation, and the tables of options and results, as
-- Markdown: from the words of which help and the editors' types are made too.
-- @module docs.module

local markdown = require "markdown"
local names = require "appintegrations.base.names"
local words = require "appintegrations.help.words"

local M = {}

local prose = markdown.literal

local METHODS = [[
# Methods of a client

`appintegrations.client(options)` makes a client; its [options](options.md#options) have a page of
their own. A client has

* `region` and `endpoint`, to be read,
* a method for each [operation](operations.md),
* an iterator for each [listing](listings.md): %s,
* the methods on this page.
]]

local OPTIONS = [[
# Options and results

The tables that the module takes and gives beside the service's own. A wrong name or type of an
option is misuse: it raises an error at your line.
]]

--- A type in code; a bar would end the table's cell.
local function type_text(text)
  return "`" .. text:gsub("appintegrations%.", ""):gsub("|", "\\|") .. "`"
end

--- A type as a link to its table, "Error?" to what the guide says of errors; or as it is.
local function linked(text)
  local name = text:match("^appintegrations%.([%w]+)%??$")
  if name == "Error" then
    return ("[%s](errors.md#the-error-object)"):format(type_text(text))
  end
  return name and words.classes[name] and name ~= "Client"
    and ("[%s](options.md#%s)"):format(type_text(text), name:lower()) or type_text(text)
end

local function write_items(out, title, items)
  if not items or #items == 0 then
    return
  end
  out[#out + 1] = ("| %s | Type | What it is |"):format(title)
  out[#out + 1] = "|---|---|---|"
  for _, item in ipairs(items) do
    out[#out + 1] = ("| `%s` | %s | %s |"):format(item.name, linked(item.type),
      prose(item.about))
  end
  out[#out + 1] = ""
end

--- The page of the methods. ITERATORS are the names of those over listings.
---@param iterators string[]
---@return string
function M.methods(iterators)
  local list = {}
  for i, name in ipairs(iterators) do
    list[i] = "`" .. name .. "`"
  end
  local out = { METHODS:format(table.concat(list, ", ")) }
  for _, name in ipairs(names.sorted(words.methods)) do
    local method = words.methods[name]
    out[#out + 1] = "## " .. name .. "\n"
    out[#out + 1] = "```text\n" .. method.signature .. "\n```\n"
    out[#out + 1] = prose(method.about) .. "\n"
    write_items(out, "Parameter", method.params)
    write_items(out, "Result", method.returns)
  end
  return table.concat(out, "\n")
end

--- The page of the tables.
---@return string
function M.options()
  local out = { OPTIONS }
  for _, name in ipairs(names.sorted(words.classes)) do
    local class = words.classes[name]
    if name ~= "Client" then
      out[#out + 1] = "## " .. name .. "\n"
      out[#out + 1] = prose(class.about) .. "\n"
      write_items(out, "Field", class.fields)
      if class.parent then
        out[#out + 1] = ("And those of [%s](#%s).\n"):format(class.parent, class.parent:lower())
      end
    end
  end
  return table.concat(out, "\n")
end

return M
