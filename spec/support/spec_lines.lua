--- Which lines of the sources each spec file runs, so that what is broken in one of them is tried
-- with those alone. They are noted once, by gcov and line_coverage.lua, and again where the spec or
-- a source that it runs has changed since.
--
--     local specs = spec_lines.of(TREE, NOTES)    -- a checkout that nobody else uses; a folder
--     specs[1].name, .seconds                     -- the quickest first
--     specs[1].lines["src/base/buf.c"][12]        -- whether it runs that line

local cjson = require "cjson"
local files = require "spec.support.files"

local M = {}

-- What is not looked at: specs of other builds of the sources, and of hosts of which none may be
-- here; and what takes minutes, as it fails each allocation of what other specs run, too.
local OTHERS = { "^spec/make/", "^spec/hosts/", "^spec/src/memory_spec" }

local function is_used(spec)
  for _, pattern in ipairs(OTHERS) do
    if spec:find(pattern) then
      return false
    end
  end
  return true
end

local LIMIT = 150 -- seconds: a spec file that takes longer is not used

--- Checksums by path of all that is below spec, src and lua in TREE.
local function sums_of(tree)
  local sums = {}
  for _, line in ipairs(files.lines_of(("cd %s && find spec src lua -type f -exec cksum {} +")
    :format(tree))) do
    local sum, path = line:match "^(%d+) %d+ (.*)$"
    sums[path] = sum
  end
  return sums
end

--- What gcov knows of the C lines in TREE: calls EACH(path, line, how often it has run).
local function each_c_line(tree, kind, each)
  for _, text in ipairs(files.lines_of(("cd %s && find build/5.4-coverage/obj -name '*.%s' "
    .. "-exec gcov -j -t {} + 2>/dev/null"):format(tree, kind))) do
    for _, file in ipairs(cjson.decode(text).files) do
      for _, line in ipairs(file.file:find "^src/.*%.c$" and file.lines or {}) do
        each(file.file, line.line_number, line.count)
      end
    end
  end
end

local function add(set, path, line)
  set[path] = set[path] or {}
  set[path][line] = true
end

--- Runs SPEC with make's OPTIONS within SECONDS; whether it passes, and how long it took.
local function run(tree, spec, options, seconds)
  local log = tree .. "/spec.log"
  local began = os.time()
  local ok = os.execute(("cd %s && %s timeout -k 10 %d make -s -o embedders spec SPECS=%s "
    .. "SPEC_LIMIT=%d >spec.log 2>&1"):format(tree, options, seconds, spec, seconds))
  local taken = tonumber(files.read(log):match "pending : ([%d.]+) seconds")
  return ok == true or ok == 0, taken or os.time() - began
end

--- Notes what SPEC runs: { name, passes, seconds, lines }. What fails where lines are counted, as
-- it is slower there, may pass as it is.
local function record(tree, spec)
  local notes = tree .. "/build/coverage" -- the Makefile's COVERAGE_DIR
  os.execute(("rm -rf %s && mkdir -p %s; find %s/build/5.4-coverage -name '*.gcda' -delete")
    :format(notes, notes, tree))
  local found = { name = spec, lines = {} }
  found.passes, found.seconds = run(tree, spec, "COVERAGE=1 COVERAGE_DIR=$PWD/build/coverage "
    .. "LUA_INIT=@$PWD/spec/support/line_coverage.lua "
    .. "LINE_HOOK=$PWD/build/5.4-coverage/line_hook.so", LIMIT)
  if not found.passes then
    found.passes, found.seconds = run(tree, spec, "", LIMIT)
  end
  for _, line in ipairs(files.lines_of(("cat %s/* 2>/dev/null | LC_ALL=C sort -u")
    :format(notes))) do
    local path, number = line:match "^(%S+) (%d+)$"
    if path then
      add(found.lines, path, tonumber(number))
    end
  end
  each_c_line(tree, "gcda", function(path, line, count)
    if count > 0 then
      add(found.lines, path, line)
    end
  end)
  return found
end

--- Keeps what was FOUND in the file at PATH: a line for the spec, and one for each source.
local function write(path, found, sums)
  local file = assert(io.open(path .. ".new", "w"))
  file:write(("%s %s %s %.3f\n"):format(found.name, sums[found.name],
    found.passes and "passes" or "fails", found.seconds))
  for source, lines in pairs(found.lines) do
    file:write(source, " ", sums[source] or 0)
    for line in pairs(lines) do
      file:write(" ", line)
    end
    file:write "\n"
  end
  file:close()
  assert(os.rename(path .. ".new", path))
end

--- What the file at PATH keeps, or nil where something has changed since.
local function read(path, sums)
  local text = files.find(path)
  if not text then
    return nil
  end
  local name, sum, passes, seconds = text:match "^(%S+) (%d+) (%S+) (%S+)\n"
  local found = { name = name, passes = passes == "passes", seconds = tonumber(seconds),
    lines = {} }
  local same = sums[name] == sum
  for source, of_source, numbers in text:gmatch "\n(%S+) (%d+)([ %d]*)" do
    same = same and (sums[source] or "0") == of_source
    local lines = {}
    for number in numbers:gmatch "%d+" do
      lines[tonumber(number)] = true
    end
    found.lines[source] = lines
  end
  return same and found or nil
end

--- The specs of TREE that pass, the quickest first. Notes are kept in the folder NOTES.
---@param tree string
---@param notes string
---@return table[] specs
function M.of(tree, notes)
  os.execute("mkdir -p " .. notes)
  local sums, specs = sums_of(tree), {}
  for _, spec in ipairs(files.lines_of(("cd %s && find spec -name '*_spec.lua' | LC_ALL=C sort")
    :format(tree))) do
    if is_used(spec) then
      local path = notes .. "/" .. spec:gsub("/", ".")
      local found = read(path, sums)
      if not found then
        found = record(tree, spec)
        write(path, found, sums)
        print(("%s %s, %.1f s"):format(spec, found.passes and "passes"
          or "FAILS, or takes too long: it is not used", found.seconds))
        io.stdout:flush()
      end
      specs[#specs + 1] = found.passes and found or nil
    end
  end
  table.sort(specs, function(a, b) return a.seconds < b.seconds end)
  return specs
end

--- The lines of TREE's sources that have code, by path: a line between two of them belongs to the
-- first.
---@param tree string
---@param paths string[]
---@return table<string, table<integer, boolean>>
function M.code(tree, paths)
  local code = {}
  each_c_line(tree, "gcno", function(path, line) add(code, path, line) end)
  for _, path in ipairs(paths) do
    if path:find "%.lua$" then
      for _, text in ipairs(files.lines_of(("luac5.4 -p -l %s/%s"):format(tree, path))) do
        local number = text:match "^%s+%d+%s+%[(%d+)%]%s+[A-Z]"
        if number then
          add(code, path, tonumber(number))
        end
      end
    end
  end
  return code
end

return M
