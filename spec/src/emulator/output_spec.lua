-- The log of the emulator and its port file, straight at the C.
local httpd = require "appintegrations.httpd"
local shell = require "spec.support.shell"
local socket = require "socket"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua5.4"

describe("the log of httpd", function()
  it("appends to a file, whose path may be none", function()
    local dir = workdir.new()
    local path = dir:write("log", "before\n")
    local log = assert(httpd.log(path))
    assert.same({ true }, { log:write "one\n" })
    assert.same({ true }, { log:write "two\n" })
    log:close()
    assert.equal("before\none\ntwo\n", dir:read "log")
    local none, message = httpd.log(dir:file "no/such")
    dir:remove()
    assert.is_nil(none)
    assert.matches("No such file or directory", message)
  end)

  it("writes to standard error that this user could not have opened", function()
    local dir = workdir.new()
    local path = dir:file "errors"
    local code = "local log = require('appintegrations.httpd').log() print(log:write('one\\n'))"
    local output = shell.output(("umask 077; setpriv --reuid 65534 --clear-groups %s -e %s 2>%s")
      :format(LUA, shell.word(code), path))
    local errors = dir:read "errors"
    dir:remove()
    if output == "" then
      return pending "needs root, setpriv, and a checkout that others may read"
    end
    assert.same({ "true\n", "one\n" }, { output, errors })
  end)

  it("writes to standard error that is a socket, as that of services is", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local code = "local log = require('appintegrations.httpd').log() print(log:write('one\\n'))"
    local output = shell.output(("bash -c %s"):format(shell.word(
      ("exec %s -e %s 2>/dev/tcp/127.0.0.1/%d"):format(LUA, shell.word(code), port))))
    listener:settimeout(20)
    local peer = assert(listener:accept())
    assert.same({ "true\n", "one\n" }, { output, (peer:receive "*a") })
    peer:close()
    listener:close()
  end)

  it("says that nothing can be written, and may be closed twice", function()
    local log = assert(httpd.log "/dev/full")
    local done, what, message = log:write "one\n"
    assert.same({ nil, "broken" }, { done, what })
    assert.matches("No space left on device", message)
    log:close()
    log:close()
  end)
end)

describe("a file that httpd publishes", function()
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  it("takes the place of one that was there, and goes", function()
    local path = dir:write("port", "a longer text than the new one")
    assert.is_true(httpd.publish(path, "1\n"))
    assert.equal("1\n", dir:read "port")
    assert.is_nil((io.open(path .. ".new")))
    httpd.withdraw(path)
    assert.is_nil((io.open(path)))
    httpd.withdraw(path)
  end)

  it("is written through a link and to a device, which stay", function()
    local path = dir:file "link"
    assert(workdir.shell(("ln -s '%s' '%s'"):format(dir:write("target", ""), path)))
    assert.is_true(httpd.publish(path, "1\n"))
    httpd.withdraw(path)
    assert.equal("1\n", dir:read "target")
    assert.equal("1\n", dir:read "link")
    local done, message = httpd.publish("/dev/full", "1\n")
    assert.is_nil(done)
    assert.equal("cannot write to /dev/full: No space left on device", message)
    assert(io.open("/dev/full")):close()
  end)

  it("is not there where it cannot be written", function()
    for path, reason in pairs { [dir:file "no/such"] = "No such file or directory",
      [dir.path] = "Is a directory" } do
      local done, message = httpd.publish(path, "1\n")
      assert.is_nil(done)
      assert.matches("^cannot write to .*: " .. reason .. "$", message)
    end
  end)
end)
