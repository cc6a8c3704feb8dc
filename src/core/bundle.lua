-- SPDX-License-Identifier: MIT
--- Compiles Lua files, with the Lua that runs this, and writes them as C (bundle.h) to standard
-- output:
--   lua src/core/bundle.lua lua/appintegrations/init.lua lua/appintegrations/client.lua …
-- Paths count from the directory "lua". Numbers of lines stay.
-- @module core.bundle

package.path = "src/base/?.lua;" .. package.path
local script = require "script"

local M = {}

-- What a chunk is called with (bundle.c). Stands on the first line.
local PROLOGUE = "local require = ...; "

local function compile(path)
  local load_text = rawget(_G, "loadstring") or load
  return string.dump(assert(load_text(PROLOGUE .. script.read(path),
    "@" .. path:gsub("^lua/", ""))))
end

--- CODE as the numbers of its bytes, in lines.
local function numbers(code)
  local lines = {}
  for from = 1, #code, 24 do
    lines[#lines + 1] = table.concat({ code:byte(from, from + 23) }, ",")
  end
  return table.concat(lines, ",\n")
end

-- The last element is empty.
local COUNT = [[

const size_t appint_bundle_count =
    sizeof appint_bundle / sizeof *appint_bundle - 1;
]]

--- The C file for the Lua files at PATHS.
---@param paths string[]
---@return string text
function M.generate(paths)
  return script.c_of(paths, "src/core/bundle.lua", '#include "core/bundle.h"',
    "const struct appint_bundled appint_bundle[]", function(path, i)
      local name = "code_" .. i
      return ("static const unsigned char %s[] = {\n%s};"):format(name, numbers(compile(path))),
        name, "sizeof " .. name
    end) .. COUNT
end

if arg and arg[0] and arg[0]:find("bundle%.lua$") then
  io.write(M.generate(arg))
end

return M
