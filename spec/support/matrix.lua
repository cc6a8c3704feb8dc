-- Runs the specs under every Lua that is named and prints a table, as Markdown,
-- of Lua versions and suites: the directories below spec that hold specs, but for
-- the hosts, which have their own Lua.
--
--     lua spec/support/matrix.lua make lua5.4 lua5.1 luajit
--
-- The first argument is the make to call. What a suite prints goes to
-- build/matrix/LUA-SUITE.log, and is shown when the suite fails. Exits with 1
-- if one did, and closes with a line of totals.

local make = arg[1]

local function read_lines(command)
  local pipe, lines = assert(io.popen(command)), {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

local function read_file(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- What busted's closing line counts, or nil if it never came to that.
local function counts_in(text)
  local passed, failed, broken, pending =
    text:match("(%d+) success%a* / (%d+) failure%a* / (%d+) error%a* / (%d+) pending")
  if not passed then
    return nil
  end
  return { passed = tonumber(passed), failed = failed + broken, pending = tonumber(pending) }
end

local function run(lua, suite)
  local log = ("build/matrix/%s-%s.log"):format(lua, suite)
  -- The shell writes the exit status: os.execute tells it in different ways.
  local status = read_lines(
    ("%s --no-print-directory -s spec LUA=%s SPECS=spec/%s >%s 2>&1; echo $?")
      :format(make, lua, suite, log))
  local text = read_file(log)
  local counts = counts_in(text) or { passed = 0, failed = 1, pending = 0 }
  if status[1] ~= "0" then
    counts.failed = counts.failed > 0 and counts.failed or 1
    io.write(("---- %s, spec/%s ----\n%s\n"):format(lua, suite, text))
  end
  return counts
end

local function cell(counts)
  local text = tostring(counts.passed)
  if counts.failed > 0 then
    text = text .. (", %d FAILED"):format(counts.failed)
  end
  if counts.pending > 0 then
    text = text .. (", %d pending"):format(counts.pending)
  end
  return text
end

local suites = read_lines(
  "find spec -name '*_spec.lua' -not -path 'spec/hosts/*' | sed 's,^spec/,,; s,/.*,,' | sort -u")
local total = { passed = 0, failed = 0, pending = 0 }
local rows = {
  "| Lua | " .. table.concat(suites, " | ") .. " |",
  "|---" .. ("|---"):rep(#suites) .. "|",
}
os.execute("mkdir -p build/matrix")
for i = 2, #arg do
  local cells = { arg[i] }
  for _, suite in ipairs(suites) do
    local counts = run(arg[i], suite)
    cells[#cells + 1] = cell(counts)
    for name, count in pairs(counts) do
      total[name] = total[name] + count
    end
  end
  rows[#rows + 1] = "| " .. table.concat(cells, " | ") .. " |"
  io.write(rows[#rows], "\n")
  io.flush()
end
print("\n" .. table.concat(rows, "\n") .. "\n")
print(("%d passed, %d failed, %d skipped"):format(total.passed, total.failed, total.pending))
os.exit(total.failed == 0 and 0 or 1)
