-- What `make test-systems` makes of runs elsewhere: the README's table of systems and Luas.
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua5.4"

local README = [[
# Before

<!-- make test-systems writes from here -->
| System | lua5.5 | lua5.4 | lua5.3 | lua5.2 | lua5.1 | luajit |
|---|---|---|---|---|---|---|
| old: libcurl 7 | – | 10, 1 pending | – | – | 9 | – |
| other: libcurl 6 | – | 5 | – | – | – | – |
<!-- to here -->
After.
]]

--- What a run prints that has come to its end: rows as they come, then the table, and versions.
local OUTPUT = [[
| lua5.4 | 7 | 3, 1 FAILED, 2 pending |
| luajit | 4 | 5 |

| Lua | src | lua |
|---|---|---|
| lua5.4 | 7 | 3, 1 FAILED, 2 pending |
| luajit | 4 | 5 |

19 passed, 1 failed, 2 skipped
versions: libcurl 8, OpenSSL 3
]]

describe("make test-systems", function()
  local dir, root

  before_each(function()
    dir, root = workdir.new(), shell.output("pwd"):match "[^\n]+"
    dir:write("README.md", README)
    dir:write("output", OUTPUT)
  end)

  after_each(function() dir:remove() end)

  --- Runs it with a machine that is the shell script BODY.
  local function run(body, arguments)
    return shell.output(("cd %s && LUA_PATH='%s/?.lua;;' %s %s/spec/support/systems.lua %s %s")
      :format(dir.path, root, LUA, root, dir:script("machine", body), arguments))
  end

  local function table_in_readme()
    return dir:read("README.md")
      :match "^# Before\n\n<!%-%- [^\n]*\n(.*)<!%-%- to here %-%->\nAfter.\n$"
  end

  it("adds up what passed for a Lua, and keeps what was not run", function()
    local output, code = run('cat output; test "$1" = old', "'' old")
    assert.equal(1, code) -- one has failed
    local row = "| old: libcurl 8, OpenSSL 3 | – | 10, 1 failed, 2 pending | – | – | 9 | 9 |\n"
    assert.equal(row, output)
    assert.equal(README:match "(| System.-)| old" .. row
      .. "| other: libcurl 6 | – | 5 | – | – | – | – |\n", table_in_readme())
  end)

  it("adds a system that is new, and says what to run to the machine", function()
    local output, code = run([[echo "$1: $2" >>said; sed 's/, 1 FAILED//' output]],
      "'luajit lua5.4' new another")
    assert.equal(0, code)
    assert.matches("^| new: libcurl 8, OpenSSL 3 | [^\n]*\n| another: ", output)
    assert.matches('^new: make demo LUA=luajit && make test%-all LUAS="luajit lua5.4"; ',
      dir:read "said")
    assert.matches("\n| other: [^\n]*\n| new: [^\n]*\n| another: [^\n]*\n$", table_in_readme())
  end)

  it("fails for a run that does not come to its table, which stays as it was", function()
    local _, code = run("echo no network; exit 1", "'' old")
    assert.equal(1, code)
    assert.equal(README, dir:read "README.md")
    assert.equal("no network\n", dir:read "build/systems/old.log")
  end)
end)
