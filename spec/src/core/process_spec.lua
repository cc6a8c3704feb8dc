local command = require "spec.support.shell"
local core = require "appintegrations.core"
local workdir = require "spec.support.workdir"
local eventually = require "spec.support.eventually"

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

--- How many children this process has, zombies included: those whose fourth field in
--- /proc/PID/stat, behind a name in brackets, says so. The shell that looks is one of them.
local function children()
  local pipe = io.popen [[LD_PRELOAD= cat /proc/[0-9]*/stat 2>/dev/null |
    sed -n "s/^\([0-9]*\) (.*) . $PPID .*/\1/p"]]
  local count = 0
  for _ in pipe:lines() do
    count = count + 1
  end
  pipe:close()
  assert.is_true(count > 0, "/proc does not show the processes")
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
    local _, _, output = run({ "sh", "-c", "env | grep '^[AB]=' | sort; env | grep -c ^HOME=" },
      { "PATH=" .. os.getenv "PATH", "A=1", "B=x y" })
    assert.equal("A=1\nB=x y\n0\n", output)
    _, _, output = run { "/usr/bin/env" }
    assert.truthy(output:find("PATH=", 1, true))
  end)

  it("says why a program cannot be started #native", function()
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

  it("kills and reaps what is closed or collected while it runs #native", function()
    local dir = workdir.new()
    local before = children()
    for i = 1, 6 do
      local process = assert(core.spawn { "/bin/sh", "-c",
        "echo $$ > " .. dir:file("pid" .. i) .. "; echo started; sleep 60; true" })
      eventually("the start of the program", function()
        process:step(0.02)
        return workdir.shell("test -s " .. dir:file("pid" .. i))
      end)
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

  it("kills what has left its process group, too", function()
    local dir = workdir.new()
    local process = assert(core.spawn { "perl", "-e",
      "setpgrp(0, getpgrp(getppid())); print 1; $| = 1; print 2; sleep 20; open F, '>', $ARGV[0]",
      dir:file "ended" })
    process:step(0.5)
    process:close()
    assert.is_false(workdir.shell("test -e " .. dir:file "ended"))
    dir:remove()
  end)

  it("waits for no process that it may not kill, and reaps it later", function()
    local limited = "setpriv --bounding-set=-kill --inh-caps=-kill "
    if not workdir.shell("[ $(id -u) = 0 ] && " .. limited .. "true 2>/dev/null") then
      pending "needs root and setpriv: what runs as another user is killed by root alone"
      return
    end
    local text = command.output(limited .. (os.getenv("LUA") or "lua5.4") .. [[ -e '
      local core = require "appintegrations.core"
      local process = core.spawn { "setpriv", "--reuid=65534", "sleep", "3" }
      process:step(0.5)
      process:close()
      local mine = io.popen("echo $PPID"):read("*l")
      local function has(state)
        local stats = io.popen("cat /proc/[0-9]*/stat 2>/dev/null"):read("*a")
        return stats:find("%(sleep%) " .. state .. " " .. mine .. " ") ~= nil
      end
      io.write(has "S" and "lives on, " or "was waited for, ")
      local deadline = core.monotonic() + 60
      while not has "Z" and core.monotonic() < deadline do end
      io.write(has "Z" and "a zombie, " or "")
      core.spawn { "true" }:close()
      io.write(has "Z" and "a zombie" or "reaped")
    ']])
    assert.equal("lives on, a zombie, reaped", text)
  end)

  it("refuses arguments that are none", function()
    assert.error(function() core.spawn {} end)
    assert.error(function() core.spawn { 1, {} } end)
    assert.error(function() core.spawn { "a\0b" } end)
    assert.error(function() core.spawn "ls" end)
    assert.error(function() core.spawn({ "ls" }, { {} }) end)
    local metatable = getmetatable(core.spawn { "true" })
    assert.error(function() metatable.__gc(io.stdout) end)
    assert.error(function() metatable.__index.step(io.stdout) end)
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
    local output = command.output(("env --ignore-signal=CHLD %s %s"):format(lua, path))
    dir:remove()
    assert.equal("unknown hello\n", output)
  end)
end)
