--- Prints how much of each file the specs have run: lines and branches of C as gcov counts them,
-- lines of Lua as line_coverage.lua noted them.
--
--     coverage.lua OBJECTS LINES    the folder with gcov's files; that of the notes
--
-- The end code is 1 where a language as a whole is below 95 % of its lines.

local lines_of = require("spec.support.files").lines_of

local LEAST = 95

local objects, notes = arg[1], arg[2]

local function percent(part, whole)
  return whole == 0 and 100 or 100 * part / whole
end

--- Prints FILES, the least covered first; returns the percentage of all their lines.
local function report(title, files)
  table.sort(files, function(a, b)
    local x, y = percent(a.hit, a.lines), percent(b.hit, b.lines)
    return x < y or x == y and a.path < b.path
  end)
  local hit, lines, taken, branches = 0, 0, 0, 0
  print(("\n%-56s %7s %7s %9s"):format(title, "lines", "%", "branches"))
  for _, file in ipairs(files) do
    print(("%-56s %7d %7.1f %9s"):format(file.path, file.lines, percent(file.hit, file.lines),
      file.branches and ("%.1f"):format(percent(file.taken, file.branches)) or ""))
    hit, lines = hit + file.hit, lines + file.lines
    taken, branches = taken + (file.taken or 0), branches + (file.branches or 0)
  end
  local all = percent(hit, lines)
  print(("%-56s %7d %7.1f %9s"):format("all", lines, all,
    branches > 0 and ("%.1f"):format(percent(taken, branches)) or ""))
  return all
end

--- What gcov says of the sources, from "File 'src/…'", "Lines executed:97.50% of 40" and so on.
local function c_files()
  local files, file = {}, nil
  for _, line in ipairs(lines_of(("find %s -name '*.gcda' -exec gcov -n -b {} + 2>/dev/null")
    :format(objects))) do
    local path = line:match "^File '(.*)'$"
    if path then
      file = path:find "^src/.*%.c$" and { path = path, lines = 0, hit = 0 } or nil
      files[#files + 1] = file
    end
    local share, count = line:match "^Lines executed:([%d.]+)%% of (%d+)$"
    if file and share then
      file.lines, file.hit = tonumber(count), math.floor(share * count / 100 + 0.5)
    end
    share, count = line:match "^Taken at least once:([%d.]+)%% of (%d+)$"
    if file and share then
      file.branches, file.taken = tonumber(count), math.floor(share * count / 100 + 0.5)
    end
  end
  return files
end

--- The lines of a Lua file that have code, as luac lists them.
local function code_lines(path)
  local found = {}
  for _, line in ipairs(lines_of(("luac5.4 -p -l %s"):format(path))) do
    local number = line:match "^%s+%d+%s+%[(%d+)%]%s+[A-Z]"
    -- The end of a function that has returned before is never come to.
    if number and not line:find "RETURN0" then
      found[tonumber(number)] = true
    end
  end
  return found
end

local function lua_files()
  local hits = {}
  for _, line in ipairs(lines_of(("cat %s/* 2>/dev/null | LC_ALL=C sort -u"):format(notes))) do
    local path, number = line:match "^(%S+) (%d+)$"
    hits[path] = hits[path] or {}
    hits[path][tonumber(number)] = true
  end
  local files = {}
  for _, path in ipairs(lines_of "find lua -name '*.lua' ! -name types.lua | LC_ALL=C sort") do
    local file = { path = path, lines = 0, hit = 0 }
    for number in pairs(code_lines(path)) do
      file.lines = file.lines + 1
      file.hit = file.hit + ((hits[path] or {})[number] and 1 or 0)
    end
    files[#files + 1] = file
  end
  return files
end

local c, lua = report("C", c_files()), report("Lua", lua_files())
os.exit(c >= LEAST and lua >= LEAST and 0 or 1)
