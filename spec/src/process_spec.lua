local core = require "appintegrations.core"
local workdir = require "spec.support.workdir"

--- Runs ARGV to its end: how, number, output, errors.
local function run(argv, environment)
  local process = assert(core.spawn(argv, environment))
  assert.is_true(process:step(20))
  local how, number, output, errors = process:result()
  process:close()
  return how, number, output, errors
end

local function shell(script)
  return run { "/bin/sh", "-c", script }
end

--- How many children this process has, zombies included.
local function children()
  local count = 0
  local pipe = io.popen "LD_PRELOAD= ps -o pid= --ppid $PPID" -- ps hangs under a sanitizer
  for _ in pipe:lines() do
    count = count + 1
  end
  pipe:close()
  return count
end

describe("spawn", function()
  it("gives what a program writes, and how it ends", function()
    assert.same({ "exited", 0, "out\n", "err\n" }, { shell "echo out; echo err >&2" })
    assert.same({ "exited", 3, "", "" }, { shell "exit 3" })
    assert.same({ "signalled", 15, "", "" }, { shell "kill -TERM $$" })
  end)

  it("passes arguments as they are, with no shell in between", function()
    local how, _, output = run { "printf", "%s|", "a b", "$HOME", "*", "", "'\"" }
    assert.equal("exited", how)
    assert.equal("a b|$HOME|*||'\"|", output)
  end)

  it("takes the environment that it is given, and no other", function()
    local _, _, output = run({ "/usr/bin/env" }, { "A=1", "B=x y" })
    assert.equal("A=1\nB=x y\n", output)
    _, _, output = run { "/usr/bin/env" }
    assert.truthy(output:find("PATH=", 1, true))
  end)

  it("says why a program cannot be started", function()
    assert.same({ nil, "No such file or directory" },
      { (core.spawn { "/nonexistent/program" }),
        (select(2, core.spawn { "/nonexistent/program" })) })
    local process, reason = core.spawn { "/etc/passwd" }
    assert.is_nil(process)
    assert.equal("Permission denied", reason)
  end)

  it("lets the program read nothing, and inherit nothing", function()
    local leaked = assert(io.open "/etc/passwd") -- without O_CLOEXEC in most Lua versions
    local _, _, output = shell "cat; ls /proc/self/fd | tr '\\n' ' '"
    leaked:close()
    -- 3 is the directory that ls reads.
    assert.equal("0 1 2 3 ", output)
  end)

  it("gives the program the default signals", function()
    local _, _, output = run { "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status" }
    local blocked, ignored = output:match "SigBlk:%s*(%x+)%s+SigIgn:%s*(%x+)"
    assert.equal(("0"):rep(16), blocked)
    assert.equal("0", ignored:sub(-4, -4), "SIGPIPE is bit 12")
  end)

  it("keeps reading while both outputs are long", function()
    local how, number, output, errors =
      shell [[i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789
        echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done]]
    assert.same({ "exited", 0, 82000, 82000 }, { how, number, #output, #errors })
  end)

  it("stops at an output without end", function()
    local process = assert(core.spawn { "/bin/sh", "-c", "exec cat /dev/zero" })
    assert.is_true(process:step(20))
    local how, _, output = process:result()
    assert.equal("overflow", how)
    assert.equal(256 * 1024, #output)
    process:close()
  end)

  it("reads on past an error output without bound", function()
    local how, number, output, errors = shell "head -c 1000000 /dev/zero >&2; echo done"
    assert.same({ "exited", 0, "done\n", 256 * 1024 }, { how, number, output, #errors })
  end)

  it("does not block: step returns in time, and a loop can poll", function()
    local process = assert(core.spawn { "/bin/sh", "-c", "echo a; exec sleep 60" })
    assert.is_false(process:step(0))
    assert.is_false(process:step(0.05))
    assert.is_nil(process:result())
    local fds = process:fds()
    assert.is_true(#fds >= 2)
    for _, entry in ipairs(fds) do
      assert.equal("number", type(entry.fd))
      assert.equal("r", entry.events)
    end
    process:close()
    assert.same({}, process:fds())
    assert.is_true(process:step(0))
  end)

  it("does not wait for what the program leaves running with its outputs", function()
    local before = core.monotonic()
    local how, number, output = shell "sleep 60 & echo $!"
    assert.same({ "exited", 0 }, { how, number })
    assert.is_true(core.monotonic() - before < 10)
    assert.is_true(workdir.shell("kill " .. output:match "^%d+"))
  end)

  it("kills and reaps what is closed or collected while it runs", function()
    local dir = workdir.new()
    local before = children()
    for i = 1, 6 do
      local process = assert(core.spawn { "/bin/sh", "-c",
        "echo $$ > " .. dir:file("pid" .. i) .. "; echo started; sleep 60; true" })
      repeat
        process:step(0.02)
      until workdir.shell("test -s " .. dir:file("pid" .. i))
      if i % 2 == 0 then
        process:close()
        process:close()
      end
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, children())
    for i = 1, 6 do
      local pid = dir:read("pid" .. i):match "%d+"
      assert.is_false(workdir.shell("kill -0 " .. pid .. " 2>/dev/null"))
    end
    dir:remove()
  end)

  it("refuses arguments that are none", function()
    assert.error(function() core.spawn {} end)
    assert.error(function() core.spawn { 1, {} } end)
    assert.error(function() core.spawn { "a\0b" } end)
    assert.error(function() core.spawn "ls" end)
    assert.error(function() core.spawn({ "ls" }, { {} }) end)
  end)
end)

describe("a process of a host that ignores SIGCHLD", function()
  it("still gives its output", function()
    -- In a process of its own, as Lua cannot set signals.
    local lua = os.getenv "LUA" or "lua5.4"
    local script = [[
      local core = require "appintegrations.core"
      local process = assert(core.spawn { "/bin/echo", "hello" })
      assert(process:step(20))
      local how, _, output = process:result()
      process:close()
      local other = assert(core.spawn { "/bin/sleep", "60" })
      other:step(0.05)
      other:close()
      io.write(how, " ", output)
    ]]
    local dir = workdir.new()
    local path = dir:write("script.lua", script)
    local pipe = io.popen(("env --ignore-signal=CHLD %s %s"):format(lua, path))
    local output = pipe:read "*a"
    pipe:close()
    dir:remove()
    assert.equal("unknown hello\n", output)
  end)
end)
