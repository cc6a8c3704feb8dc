-- A spec that waits for something that never comes ends the run, and is named.
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

--- Runs COMMAND by spec/support/run, which waits LIMIT seconds for progress: the output and the
--- exit code. %s stands for DIR's path.
local function run(dir, limit, command)
  local output, code = shell.output(("TMPDIR=%s SPEC_LIMIT=%d spec/support/run %s; echo code=$?")
    :format(dir.path, limit, (command:gsub("%%s", dir.path)))):match "^(.*)code=(%d+)\n$"
  return output, tonumber(code)
end

describe("the watchdog of a run", function()
  local dir

  before_each(function() dir = workdir.new() end)
  after_each(function() dir:remove() end)

  it("ends a run without progress, names the spec and shows what runs", function()
    local script = dir:script("hang", [[
echo "7 spec/a_spec.lua / hangs" >"$SPEC_PROGRESS"
sleep 1000 | cat & echo $! >]] .. dir.path .. [[/pid
wait]])
    local output, code = run(dir, 2, script)
    assert.equal(137, code)
    assert.matches("No progress for 2 seconds (SPEC_LIMIT). Running is\n"
      .. "    spec/a_spec.lua / hangs\n", output, 1, true)
    assert.matches("\n  %d+ %a [^:\n]+: /bin/sh %S+/hang %s*\n", output)
    assert.matches("\n    %d+ %a [^:\n]+: sleep 1000 \n", output)
    assert.matches("\n    %d+ %a [^:\n]+: cat \n      0: pipe:%[%d+%]\n", output)
    local pid = dir:read "pid"
    assert.is_false(workdir.shell("grep -q '^State:.[^Z]' /proc/" .. tonumber(pid)
      .. "/status 2>/dev/null"))
    assert.is_false(workdir.shell("ls -d " .. dir.path .. "/appintegrations-run.* 2>/dev/null"))
  end)

  it("ends a run that does not come to its first spec", function()
    local output, code = run(dir, 1, "sleep 1000")
    assert.equal(137, code)
    assert.matches("\n    what comes before the first spec\n", output, 1, true)
  end)

  it("lets go on what gets on", function()
    local script = dir:script("count", [[
for i in 1 2 3 4 5 6; do echo "$i the same name" >"$SPEC_PROGRESS"; sleep 0.5; done]])
    local output, code = run(dir, 2, script)
    assert.equal("", output)
    assert.equal(0, code)
  end)

  it("is told of each spec, and of what comes behind it", function()
    dir:write("progress_spec.lua", [[
      local path = os.getenv "SPEC_PROGRESS"
      describe("outer", function()
        after_each(function() print(io.open(path):read "*l") end)
        for i = 1, 2 do
          it("runs", function() print(io.open(path):read "*l") end)
        end
      end)
      print(io.open(path):read "*l")]])
    local output, code = run(dir, 60,
      "${LUA:-lua5.4} ${BUSTED:-/usr/bin/busted} %s/progress_spec.lua")
    assert.equal(0, code)
    local file, seen = dir.path .. "/progress_spec.lua", {}
    for line in output:gmatch "[^\n]+" do
      seen[#seen + 1] = line:match("^%+*(%d+ .*/progress_spec.*)$")
    end
    assert.same({ "1 " .. file, "2 " .. file .. " / outer / runs",
      "3 behind " .. file .. " / outer / runs", "4 " .. file .. " / outer / runs",
      "5 behind " .. file .. " / outer / runs" }, seen)
  end)
end)
