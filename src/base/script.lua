-- SPDX-License-Identifier: MIT
--- What the scripts that write files share; they run in the project's root.
-- @module base.script

local M = {}

--- The bytes of the file at PATH; raises if there are none to be had.
---@param path string
---@return string
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- Makes TEXT the content of the file at PATH.
---@param path string
---@param text string
function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

--- "appintegrations.client" from "lua/appintegrations/client.lua".
---@param path string
---@return string
function M.module_name(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- A C file with a constant for each of the Lua files at PATHS, and an array of them by the names
-- of the modules; its last element is empty.
---@param paths string[]
---@param by string        the script that writes it
---@param includes string  lines
---@param array string     its declaration, as "const struct x y[]"
---@param element fun(path: string, i: integer): string, string, string
---  the constant's definition, then two expressions that follow the name in the element
---@return string text
function M.c_of(paths, by, includes, array, element)
  local out = {
    "/* SPDX-License-Identifier: MIT */",
    ("/* Generated from the Lua sources by %s. */"):format(by), "", includes, "",
  }
  local rows = {}
  for i, path in ipairs(paths) do
    local definition, second, third = element(path, i)
    out[#out + 1] = definition
    rows[i] = ('    {"%s", %s, %s},'):format(M.module_name(path), second, third)
  end
  table.sort(rows)
  out[#out + 1] = array .. " = {"
  out[#out + 1] = table.concat(rows, "\n")
  out[#out + 1] = "    {0},\n};\n"
  return table.concat(out, "\n")
end

return M
