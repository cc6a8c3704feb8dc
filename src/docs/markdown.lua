-- SPDX-License-Identifier: MIT
--- Markdown to HTML, as far as the project's pages use it: headings, paragraphs, lists, tables,
-- fenced and indented code, links, emphasis, comments. Of our own, as LDoc reads Markdown only
-- with libraries that not every Debian has.
-- @module docs.markdown

local highlight = require "highlight"

local M = {}

---@class docs.Heading
---@field level integer
---@field id string
---@field text string  HTML

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- TEXT with no character that is HTML.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub('[&<>"]', ESCAPES))
end

--- TEXT as Markdown that says just that; what stands in backquotes stays code.
---@param text string
---@return string
function M.literal(text)
  return ((text .. "``"):gsub("([^`]*)(`[^`]*`)", function(plain, code)
    return plain:gsub("[*_<>|%[%]\\]", "\\%0") .. code:gsub("|", "\\|")
  end):gsub("``$", ""))
end

--- The id of a heading as forges make it: "What fails?" -> "what-fails".
---@param text string
---@return string
function M.slug(text)
  return (text:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
end

-- ---- lines ------------------------------------------------------------------------------------

--- Code as a block. LDoc makes a paragraph of every empty line that it sees: it sees none.
local function code_block(lines, language)
  local text = table.concat(lines, "\n")
  local html = language == "lua" and highlight.lua(text, M.escape) or M.escape(text)
  return ('<pre class="%s">%s</pre>'):format(language, (html:gsub("\n", "&#10;")))
end

--- TEXT, which stands on one line or in one paragraph, as HTML.
local function inline(text, link)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return "\1" .. #kept .. "\2"
  end
  text = text:gsub("`([^`]+)`", function(code)
    return keep("<code>" .. M.escape(code):gsub("_", "_<wbr>") .. "</code>") -- names are long
  end)
  text = text:gsub("\\(%p)", function(character) return keep(M.escape(character)) end)
  text = text:gsub("<(https?://[^>]+)>", function(url)
    return keep(('<a href="%s">%s</a>'):format(M.escape(url), M.escape(url)))
  end)
  text = text:gsub("%]%(([^)%s]+)%)", function(href)
    return "](" .. keep(M.escape(link(href))) .. ")"
  end)
  text = M.escape(text)
  text = text:gsub("%[([^%[%]]+)%]%((\1%d+\2)%)", '<a href="%2">%1</a>')
  text = text:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"):gsub("%*([^%s*][^*]*)%*", "<em>%1</em>")
  repeat -- a link's text may have code
    local count
    text, count = text:gsub("\1(%d+)\2", function(number) return kept[tonumber(number)] end)
  until count == 0
  return text
end

-- ---- blocks -----------------------------------------------------------------------------------

-- Each of these functions returns what it has made of the lines from FIRST on, and the line after
-- them; nil if they are something else.

local convert -- lists hold blocks

local function fence(lines, first)
  local language = lines[first]:match("^```(%w*)")
  if not language then
    return nil
  end
  local code, last = {}, first + 1
  while lines[last] and not lines[last]:find("^```") do
    code[#code + 1] = lines[last]
    last = last + 1
  end
  return code_block(code, language), last + 1
end

local function comment(lines, first)
  if not lines[first]:find("^<!%-%-") then
    return nil
  end
  while lines[first] and not lines[first]:find("%-%->%s*$") do
    first = first + 1
  end
  return "", first + 1
end

local function indented_code(lines, first)
  local code, last = {}, first
  while lines[last] and (lines[last]:find("^    ") or lines[last] == "" and #code > 0) do
    code[#code + 1] = lines[last]:sub(5)
    last = last + 1
  end
  while code[#code] == "" do
    code[#code] = nil
  end
  if #code > 0 then
    return code_block(code, "lua"), last
  end
end

local function heading(lines, first, page)
  local marks, text = lines[first]:match("^(#+)%s+(.*)$")
  if not marks then
    return nil
  end
  local id, html = M.slug(text), inline(text, page.link)
  page.headings[#page.headings + 1] = { level = #marks, id = id, text = html }
  if #marks == 1 then
    return ('<h1 id="%s">%s</h1>'):format(id, html), first + 1
  end
  return ('<h%d id="%s"><a class="anchor" href="#%s">%s</a></h%d>'):format(#marks, id, id, html,
    #marks), first + 1
end

local function cells(line)
  local list = {}
  for cell in line:gsub("\\|", "\3"):sub(2):gmatch("([^|]*)|") do
    list[#list + 1] = cell:gsub("\3", "|"):match("^%s*(.-)%s*$")
  end
  return list
end

local function row(line, tag, page)
  local html = {}
  for i, cell in ipairs(cells(line)) do
    html[i] = ("<%s>%s</%s>"):format(tag, inline(cell, page.link), tag)
  end
  return "<tr>" .. table.concat(html) .. "</tr>"
end

local function table_block(lines, first, page)
  if not (lines[first]:find("^|") and (lines[first + 1] or ""):find("^|[-:| ]+$")) then
    return nil
  end
  local html, last = { '<div class="table"><table>' }, first + 2
  if lines[first]:find("[^|%s]") then
    html[2] = "<thead>" .. row(lines[first], "th", page) .. "</thead>"
  end
  while lines[last] and lines[last]:find("^|") do
    html[#html + 1] = row(lines[last], "td", page)
    last = last + 1
  end
  html[#html + 1] = "</table></div>"
  return table.concat(html, "\n"), last
end

--- The width of a list item's mark, and whether it is a number.
local function item_mark(line)
  local mark = line:match("^[*-]%s+") or line:match("^%d+%.%s+")
  return mark and #mark, mark and mark:find("%d") ~= nil
end

--- The lines of an item without their indent, and the line after it.
local function item_lines(lines, first, width)
  local item, last = { lines[first]:sub(width + 1) }, first + 1
  while lines[last] and (lines[last]:find("^%s%s+%S")
      or lines[last] == "" and (lines[last + 1] or ""):find("^%s%s+%S")) do
    item[#item + 1] = lines[last]:gsub("^" .. (" "):rep(width), ""):gsub("^%s+([*-])", "%1")
    last = last + 1
  end
  return item, last
end

local function list_block(lines, first, page)
  local width, numbered = item_mark(lines[first])
  if not width then
    return nil
  end
  local tag = numbered and "ol" or "ul"
  local html = { "<" .. tag .. ">" }
  while lines[first] and item_mark(lines[first]) do
    local item
    item, first = item_lines(lines, first, (item_mark(lines[first])))
    local inner = convert(item, page)
    html[#html + 1] = "<li>" .. inner:gsub("^<p>(.-)</p>", "%1", 1) .. "</li>"
  end
  html[#html + 1] = "</" .. tag .. ">"
  return table.concat(html, "\n"), first
end

--- Whether a paragraph ends before LINE.
local function interrupts(line)
  return line == "" or line:find("^```") or line:find("^#+%s") or line:find("^|")
    or line:find("^[*-]%s") or line:find("^%d+%.%s") or line:find("^<!%-%-")
end

local function paragraph(lines, first, page)
  local last = first
  repeat
    last = last + 1
  until not lines[last] or interrupts(lines[last])
  return "<p>" .. inline(table.concat(lines, "\n", first, last - 1), page.link) .. "</p>", last
end

local BLOCKS = { fence, comment, heading, table_block, list_block, indented_code, paragraph }

function convert(lines, page)
  local html, at = {}, 1
  while lines[at] do
    if lines[at]:find("^%s*$") then
      at = at + 1
    else
      for _, block in ipairs(BLOCKS) do
        local text, after = block(lines, at, page)
        if text then
          html[#html + 1] = text ~= "" and text or nil
          at = after
          break
        end
      end
    end
  end
  return table.concat(html, "\n")
end

--- TEXT as HTML without an empty line, and its headings.
---@param text string
---@param link? fun(href: string): string  where a link is to go
---@return string html
---@return docs.Heading[] headings
function M.html(text, link)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  local page = { headings = {}, link = link or function(href) return href end }
  return convert(lines, page), page.headings
end

return M
