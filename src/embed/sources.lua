-- SPDX-License-Identifier: MIT
--- Writes the module's Lua sources as C constants (src/embed/embed.h) to standard output:
--   lua src/embed/sources.lua lua/appintegrations/init.lua lua/appintegrations/client.lua …
-- Paths count from the directory "lua". Comments become empty lines, so that
-- error messages name the lines of the sources.
-- @module embed.sources

package.path = "src/base/?.lua;" .. package.path
local script = require "script"

local M = {}

-- ISO C promises 4095 characters in a string literal.
local LONGEST_PIECE = 3500

-- What a chunk of ours is called with (src/embed/embed.c). Stands on the first line:
-- the numbers of the lines stay.
local PROLOGUE = "local require = ...; "

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["?"] = "\\?" }

--- TEXT as the inside of a C string literal. Three digits: what follows an
-- escape cannot become a part of it; "?" could begin a trigraph.
local function escape(text)
  return (text:gsub('[%c\\"?\128-\255]', function(char)
    return ESCAPES[char] or ("\\%03o"):format(char:byte())
  end))
end

--- SOURCE without the lines that are comments, unless a long string or comment
-- may hold lines that only look so.
local function without_comments(source)
  if source:find("%[=*%[") then
    return source
  end
  return (("\n" .. source):gsub("\n[ \t]*%-%-[^\n]*", "\n"):sub(2))
end

--- The lines of C that hold SOURCE in pieces.
local function pieces(source)
  local out, size = {}, 0
  for line in (PROLOGUE .. source):gmatch("[^\n]*\n?") do
    if line ~= "" then
      local literal = '     "' .. escape(line) .. '"'
      if size > 0 and size + #literal > LONGEST_PIECE then
        out[#out] = out[#out] .. ","
        size = 0
      end
      size = size + #literal
      -- Lines of code that are empty are gathered behind the one before.
      if line == "\n" and size > #literal then
        out[#out] = out[#out]:sub(1, -2) .. '\\n"'
      else
        out[#out + 1] = literal
      end
    end
  end
  return table.concat(out, "\n")
end

--- The C file for the Lua files at PATHS.
---@param paths string[]
---@return string text
function M.generate(paths)
  return script.c_of(paths, "src/embed/sources.lua",
    '#include "embed/embed.h"\n\n#include <stddef.h>\n',
    "const struct appint_source appint_sources[]", function(path, i)
      return ("static const char *const source_%d[] = { /* %s */\n%s, NULL\n};\n"):format(i, path,
        pieces(without_comments(script.read(path)))),
        ('"@%s"'):format(path:gsub("^lua/", "")), "source_" .. i
    end)
end

if arg and arg[0] and arg[0]:find("sources%.lua$") then
  io.write(M.generate(arg))
end

return M
