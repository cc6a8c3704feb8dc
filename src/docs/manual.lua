-- SPDX-License-Identifier: MIT
--- The manual page of the command as Markdown, from the roff that it prints. Only what that page
-- uses is known here; anything else is an error.
-- @module docs.manual

local markdown = require "markdown"

local M = {}

local HEAD = "# Manual of the command\n\nWhat `man appintegrations` shows. [The command]"
  .. "(command.md) tells how to work with it.\n"

--- TEXT without roff's escapes.
local function plain(text)
  return (text:gsub("\\f[BIR]", ""):gsub("\\[&:]", ""):gsub("\\%-", "-"):gsub("\\e", "\\"))
end

local function code(text)
  return "`" .. plain(text) .. "`"
end

--- "[ FLAG ...]" of ".RI [ FLAG ...]"
local function joined(text)
  return markdown.literal(plain(text:gsub(" ", "", 1)))
end

-- What each macro becomes: text that goes on in the paragraph, or, with a final newline, a line of
-- its own.
local MACROS = {
  TH = function() return "" end,
  SH = function(text)
    return "\n\n## " .. plain(text):sub(1, 1) .. plain(text):sub(2):lower() .. "\n\n"
  end,
  SS = function(text) return "\n\n### " .. plain(text) .. "\n\n" end,
  PP = function() return "\n\n" end,
  br = function() return "\n\n" end,
  ad = function() return "" end,
  nh = function() return "" end,
  EX = function() return "\n\n```text\n" end,
  EE = function() return "```\n\n" end,
  B = function(text) return code(text) .. "\n" end,
  I = function(text) return code(text) .. "\n" end,
  RI = function(text) return joined(text) .. "\n" end,
  BR = function(text) return joined(text) .. "\n" end,
  IR = function(text) return joined(text) .. "\n" end,
}

--- The page.
---@param roff string
---@return string
function M.page(roff)
  local out, is_term, is_example = { HEAD }, false, false
  for line in roff:gmatch("([^\n]*)\n") do
    local macro, text = line:match("^%.(%u?%a+)%s*(.*)$")
    if macro == "TP" then
      out[#out + 1] = "\n* "
      is_term = true
    elseif macro then
      local write = MACROS[macro] or error("the manual has a macro that is not known: " .. line)
      out[#out + 1] = is_term and code(text) .. ": " or write(text)
      is_term, is_example = false, macro == "EX"
    elseif is_example then
      out[#out + 1] = plain(line) .. "\n"
    elseif is_term then
      out[#out + 1] = code(line) .. ": "
      is_term = false
    else
      out[#out + 1] = markdown.literal(plain(line)) .. "\n"
    end
  end
  return table.concat(out)
end

return M
