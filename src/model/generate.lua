-- SPDX-License-Identifier: MIT
--- Writes everything that follows from the description (appintegrations.model):
--   lua src/model/generate.lua          writes the files of OUTPUTS
--   lua src/model/generate.lua --check  writes nothing; fails if one of them is stale
-- @module model.generate

-- As a program it finds its neighbours beside itself.
local directory = arg and arg[0] and arg[0]:match("^(.*/)generate%.lua$")
if directory then
  package.path = directory .. "?.lua;" .. package.path
end

local description = require "description"

local M = {}

local DESCRIPTION = "src/model/appintegrations.model"

-- Which function of which module writes which file ("emit" if none is named); paths from the root
-- of the project. The description itself gets the layout that an import gives it.
M.OUTPUTS = {
  { path = DESCRIPTION, module = "description", by = "write" },
  { path = "src/model/tables.c", module = "emit_tables" },
  { path = "lua/appintegrations/types.lua", module = "emit_types" },
  { path = "lua/appintegrations/help/words.lua", module = "emit_words" },
}

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

--- The generated files that differ from what the description says now.
---@param root string  the project's directory, with a final "/"
---@return { path: string, text: string }[]
function M.stale(root)
  local model = description.read(root .. DESCRIPTION)
  local stale = {}
  for _, output in ipairs(M.OUTPUTS) do
    local text = require(output.module)[output.by or "emit"](model, root)
    if read(root .. output.path) ~= text then
      stale[#stale + 1] = { path = output.path, text = text }
    end
  end
  return stale
end

local function main()
  local root = directory .. "../../"
  local stale = M.stale(root)
  for _, output in ipairs(stale) do
    if arg[1] ~= "--check" then
      write(root .. output.path, output.text)
    end
    io.stderr:write(arg[1] == "--check" and "stale: " or "written: ", output.path, "\n")
  end
  return arg[1] ~= "--check" or #stale == 0
end

if directory then
  local ok, result = pcall(main)
  if not ok then
    io.stderr:write("generate: ", tostring(result), "\n")
  end
  if not (ok and result) then
    os.exit(1)
  end
end

return M
