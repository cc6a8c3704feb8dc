-- Runs the README's commands on every system that is named, under each Lua that it has, and keeps
-- what passed in the README's table, by system and Lua: rows of others stay as they are.
--
--     lua spec/support/systems.lua MACHINE "lua5.4 luajit" bookworm trixie sid
--
-- MACHINE is a command that runs its second argument in a fresh clone on the system that its first
-- names. The second argument names the Luas, none: all that the system has. What a run prints goes
-- to build/systems/SYSTEM.log. Exits with 1 if a spec failed, or a run came to no result.

local files = require "spec.support.files"

local machine, luas = arg[1], arg[2]
local LUAS = { "lua5.5", "lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit" }
local BEGIN, END = "<!-- make test-systems writes from here -->\n", "<!-- to here -->\n"
local NONE = "–"

local COMMAND = [[make demo LUA=%s && make test-all LUAS="%s"; ]]
  .. [[printf "versions: libcurl %%s, OpenSSL %%s, gcc %%s\n" ]]
  .. [["$(pkg-config --modversion libcurl)" "$(pkg-config --modversion openssl)" ]]
  .. [["$(gcc -dumpversion)"]]

--- TEXT as one word of a command.
local function word(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function cell(count)
  return count.passed .. (count.failed > 0 and (", %d failed"):format(count.failed) or "")
    .. (count.pending > 0 and (", %d pending"):format(count.pending) or "")
end

--- What the run on SYSTEM came to: its versions (nil if it did not get that far), the cells by
-- Lua, and whether all is well.
local function run(system)
  local log = ("build/systems/%s.log"):format(system)
  os.execute(("%s %s %s >%s 2>&1"):format(machine, system,
    word(COMMAND:format(luas:match "%S+" or "lua5.4", luas)), log))
  local text, cells, good = files.read(log), {}, true
  -- The table of matrix.lua, at the end: a Lua, then what passed in each folder.
  for lua, row in (text:match "\n\n| Lua.*$" or ""):gmatch "\n| (lua[%w.]*) (|[^\n]*)" do
    local count = { passed = 0, failed = 0, pending = 0 }
    for suite in row:gmatch "| ([^|]+) " do
      count.passed = count.passed + (tonumber(suite:match "^(%d+)") or 0)
      count.failed = count.failed + (tonumber(suite:match "(%d+) FAILED") or 0)
      count.pending = count.pending + (tonumber(suite:match "(%d+) pending") or 0)
    end
    cells[lua] = cell(count)
    good = good and count.failed == 0
  end
  return text:match "versions: ([^\n]*)", cells, good and next(cells) ~= nil
end

--- The rows of the table in TEXT, in order and by system: { system, versions, cells by Lua }.
local function parse(text)
  local rows, columns = {}, nil
  for line in text:gmatch "[^\n]+" do
    local fields = {}
    for field in line:gmatch "| ([^|]+) " do
      fields[#fields + 1] = field
    end
    if fields[1] == "System" then
      columns = fields
    elseif fields[1] then
      local row = { system = fields[1]:match "^[^:]+", versions = fields[1]:match ": (.*)$",
        cells = {} }
      for i = 2, #fields do
        row.cells[columns[i]] = fields[i] ~= NONE and fields[i] or nil
      end
      rows[#rows + 1], rows[row.system] = row, row
    end
  end
  return rows
end

local function write(rows)
  local lines = { "| System | " .. table.concat(LUAS, " | ") .. " |", "|---" .. ("|---"):rep(#LUAS)
    .. "|" }
  for _, row in ipairs(rows) do
    local fields = { row.system .. ": " .. (row.versions or "did not get that far") }
    for _, lua in ipairs(LUAS) do
      fields[#fields + 1] = row.cells[lua] or NONE
    end
    lines[#lines + 1] = "| " .. table.concat(fields, " | ") .. " |"
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Puts what SYSTEM came to into the README's table; returns its row.
local function record(system, versions, cells)
  local text = files.read "README.md"
  local _, from = text:find(BEGIN, 1, true)
  local to = text:find(END, 1, true)
  local rows = parse(text:sub(from + 1, to - 1))
  local row = rows[system]
  if not row then
    row = { system = system, cells = {} }
    rows[#rows + 1] = row
  end
  row.versions = versions or row.versions
  for lua, counts in pairs(cells) do
    row.cells[lua] = counts
  end
  local file = assert(io.open("README.md", "w"))
  file:write(text:sub(1, from), write(rows), text:sub(to))
  file:close()
  return write { row }:match "([^\n]*)\n$"
end

os.execute "mkdir -p build/systems"
local all_good = true
for i = 3, #arg do
  local versions, cells, good = run(arg[i])
  all_good = all_good and good
  print(record(arg[i], versions, cells))
end
os.exit(all_good and 0 or 1)
