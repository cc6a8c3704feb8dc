-- `make layers`: whether the arrows between folders point down only. Reads the #include lines
-- of src and the modules that the Lua files require, at once or lazily.
--
--     lua spec/support/layers.lua      from the project's directory; exits with 1 if one does not

local M = {}

-- What each folder may use, besides itself. What stands in no list is a sister, or above.
M.SRC = {
  base = {}, -- plain C
  lua = { "base" },
  model = { "base" }, -- plain C
  core = { "base", "lua", "model" },
  signing = { "base", "lua" },
  transport = { "base", "lua" },
  emulator = { "base", "lua" },
  embed = { "base", "lua", "model", "core", "signing", "transport" },
  docs = {},
}

-- The same for lua/appintegrations; its own files ("top") may use all of it. The modules
-- written in C are named by the libraries that they bring.
M.LUA = {
  base = { "core.so" },
  call = { "base", "core.so", "signing.so" },
  config = { "base", "call", "core.so", "signing.so" },
  credentials = { "base", "call", "core.so", "signing.so" },
  loop = { "base", "call", "core.so", "curl.so" },
  transport = { "base", "call", "core.so", "curl.so" },
  emulator = { "base", "call", "core.so", "signing.so", "httpd.so", "sqlite.so" },
  help = { "base", "core.so" },
  helpers = { "base", "call", "config", "core.so" },
  top = { "base", "call", "config", "credentials", "loop", "transport", "emulator", "help",
    "helpers", "core.so", "signing.so" },
  -- The command is a user of the module.
  command = { "base", "call", "emulator", "help", "top", "core.so" },
}

-- Tools in src that are written in Lua run before anything is built, but for those that make the
-- documents: they ask the module for its words, and the command for its manual.
M.TOOLS = { "base" }
M.DOCUMENTS = { "base", "help", "command" }

local C_MODULES = { core = true, signing = true, curl = true, httpd = true,
  sqlite = true }

local function contains(list, item)
  for _, other in ipairs(list) do
    if other == item then
      return true
    end
  end
  return false
end

--- The folder of lua/appintegrations that MODULE stands in; nil for what is none of ours.
local function folder_of(module)
  local first = module:match("^appintegrations%.([%w_]+)")
  if first and C_MODULES[first] then
    return first .. ".so"
  elseif first or module == "appintegrations" then
    return M.LUA[first or ""] and first or "top"
  end
end

--- The modules that a LINE of Lua requires; its comment does not count.
local function required_modules(line)
  local modules = {}
  local code = line:gsub("%-%-.*$", "")
  for _, word in ipairs { "require", "lazy" } do
    for module in code:gmatch("%f[%w]" .. word .. "[%s(,]*[\"']([^\"']+)[\"']") do
      modules[#modules + 1] = module
    end
  end
  return modules
end

local function check_lua(folder, line, report)
  for _, module in ipairs(required_modules(line)) do
    local used = folder_of(module)
    if used and used ~= folder and not contains(M.LUA[folder], used) then
      report(("%s may not use %s (%s)"):format(folder, used, module))
    end
  end
end

local function check_tool(folder, line, report)
  local allowed = folder == "docs" and M.DOCUMENTS or M.TOOLS
  for _, module in ipairs(required_modules(line)) do
    local used = folder_of(module)
    if used and not contains(allowed, used) then
      report(("a tool may not use %s (%s)"):format(used, module))
    end
  end
end

local function check_c(folder, line, report)
  local header = line:match('^%s*#%s*include%s*"([^"]+)"')
  local used = header and (header:match("^([^/]+)/") or folder)
  if used and used ~= folder and not contains(M.SRC[folder], used) then
    report(("%s may not use %s (%s)"):format(folder, used, header))
  end
  local lua_header = line:match("^%s*#%s*include%s*<(l[ua][%w]*%.h)>")
  if lua_header and folder ~= "lua" and not contains(M.SRC[folder], "lua") then
    report(("%s is plain C: it may not use %s"):format(folder, lua_header))
  end
end

--- The folder that the file at PATH belongs to, and what checks its lines.
local function rules_for(path)
  local in_lua = path:match("^lua/appintegrations/(.*)$")
  if in_lua then
    return in_lua:match("^([^/]+)/") or "top", M.LUA, check_lua
  end
  return path:match("^src/([^/]+)/"), M.SRC, path:find("%.lua$") and check_tool or check_c
end

--- What is wrong in TEXT, which stands at PATH (from the project's directory).
---@param path string
---@param text string
---@return string[] problems  each with its place
function M.problems(path, text)
  local folder, table_of, check = rules_for(path)
  if not (folder and table_of[folder]) then
    return { path .. ": in no folder that spec/support/layers.lua knows" }
  end
  local problems, number = {}, 0
  for line in text:gmatch("([^\n]*)\n?") do
    number = number + 1
    check(folder, line, function(what)
      problems[#problems + 1] = ("%s:%d: %s"):format(path, number, what)
    end)
  end
  return problems
end

--- What is wrong in the tree.
---@return string[] problems
---@return integer files   that were read
function M.check_tree()
  local problems, files = {}, 0
  local pipe = assert(io.popen("find src lua -name '*.[ch]' -o -name '*.lua' | LC_ALL=C sort"))
  for path in pipe:lines() do
    local file = assert(io.open(path, "rb"))
    for _, problem in ipairs(M.problems(path, file:read("*a"))) do
      problems[#problems + 1] = problem
    end
    file:close()
    files = files + 1
  end
  pipe:close()
  return problems, files
end

if arg and arg[0] and arg[0]:find("layers%.lua$") then
  local problems = M.check_tree()
  for _, problem in ipairs(problems) do
    io.stderr:write(problem, "\n")
  end
  os.exit(#problems == 0 and 0 or 1)
end

return M
