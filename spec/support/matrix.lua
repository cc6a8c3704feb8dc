-- Runs the specs under every Lua that is named and prints a table, as Markdown,
-- of Lua versions and suites: the directories below spec that hold specs, but for
-- the hosts, which have their own Lua.
--
--     lua spec/support/matrix.lua make 2 lua5.4 lua5.1 luajit
--
-- The first argument is the make to call, the second how many suites run at a time.
-- What a suite prints goes to build/matrix/LUA-SUITE.log, and is shown when the suite
-- fails. Exits with 1 if one did, and closes with a line of totals.
local files = require "spec.support.files"

local unpack = table.unpack or unpack
local make, jobs = arg[1], tonumber(arg[2])

--- What busted's closing line counts, or nil if it never came to that.
local function counts_in(text)
  local passed, failed, broken, pending =
    text:match("(%d+) success%a* / (%d+) failure%a* / (%d+) error%a* / (%d+) pending")
  if not passed then
    return nil
  end
  return { passed = tonumber(passed), failed = failed + broken, pending = tonumber(pending) }
end

--- Where what SUITE prints under LUA goes; its exit status is beside it.
local function log_of(lua, suite)
  return ("build/matrix/%s-%s.log"):format(lua, suite)
end

-- Runs the suites of all LUAS, some at a time. Exit statuses go to files, as those of each are
-- wanted.
local function run_all(luas, suites)
  local runner = assert(io.popen(("xargs -n 3 -P %d sh -c "):format(jobs)
    .. ("'%s --no-print-directory -s spec LUA=$0 SPECS=spec/$1 >$2 2>&1; echo $? >$2.status'")
      :format(make), "w"))
  for _, lua in ipairs(luas) do
    for _, suite in ipairs(suites) do
      runner:write(lua, " ", suite, " ", log_of(lua, suite), "\n")
    end
  end
  runner:close()
end

local function result_of(lua, suite)
  local log = log_of(lua, suite)
  local text = files.read(log)
  local counts = counts_in(text) or { passed = 0, failed = 1, pending = 0 }
  if files.read(log .. ".status") ~= "0\n" then
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

local suites = files.lines_of(
  "find spec -name '*_spec.lua' -not -path 'spec/hosts/*' | sed 's,^spec/,,; s,/.*,,' | sort -u")
local total = { passed = 0, failed = 0, pending = 0 }
local rows = {
  "| Lua | " .. table.concat(suites, " | ") .. " |",
  "|---" .. ("|---"):rep(#suites) .. "|",
}
os.execute "rm -rf build/matrix && mkdir -p build/matrix"
local luas = { unpack(arg, 3) }
run_all(luas, suites)
for _, lua in ipairs(luas) do
  local cells = { lua }
  for _, suite in ipairs(suites) do
    local counts = result_of(lua, suite)
    cells[#cells + 1] = cell(counts)
    for name, count in pairs(counts) do
      total[name] = total[name] + count
    end
  end
  rows[#rows + 1] = "| " .. table.concat(cells, " | ") .. " |"
end

print("\n" .. table.concat(rows, "\n") .. "\n")
print(("%d passed, %d failed, %d skipped"):format(total.passed, total.failed, total.pending))
os.exit(total.failed == 0 and 0 or 1)
