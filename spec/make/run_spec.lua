-- What runs the specs: nothing of theirs stays in the temporary folder, and what they leave there
-- is a failure that names it.
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

--- Runs COMMAND by spec/support/run in a temporary folder that has one file: the output, the exit
--- code, and what stands in the folder afterwards.
local function run(command)
  local dir = workdir.new()
  dir:write("before", "")
  local output, code = shell.output(("TMPDIR=%s spec/support/run sh -c '%s'"):format(dir.path,
    command))
  local files = shell.output("ls " .. dir.path)
  dir:remove()
  return output, code, files
end

describe("a run of specs", function()
  it("has a temporary folder of its own, below the one that the environment names", function()
    local output, code, files = run "echo $TMPDIR; ls -A $TMPDIR"
    assert.matches("^%S+/appintegrations%-spec%-[%x-]+/appintegrations%-run%.%w+/files\n$", output)
    assert.equal(0, code)
    assert.equal("before\n", files)
  end)

  it("fails for what is left in that folder, names it, and removes it", function()
    local output, code, files = run "touch $TMPDIR/lua_Ab12Cd; mkdir $TMPDIR/state"
    assert.equal(1, code)
    assert.matches("^Left in the temporary folder:\n", output)
    assert.matches("./lua_Ab12Cd\n", output, 1, true)
    assert.matches("./state\n", output, 1, true)
    assert.equal("before\n", files)
  end)

  it("keeps the exit code of what fails", function()
    local output, code, files = run "touch $TMPDIR/x; exit 7"
    assert.equal(7, code)
    assert.matches("Left in the temporary folder:\n./x\n", output, 1, true)
    assert.equal("before\n", files)
  end)

  it("leaves nothing when it is ended by a signal", function()
    local _, code, files = run "touch $TMPDIR/x; kill -TERM $PPID; sleep 0.1"
    assert.equal(143, code)
    assert.equal("before\n", files)
  end)
end)
