-- The log of the emulator, straight at the C.
local httpd = require "appintegrations.httpd"
local workdir = require "spec.support.workdir"

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

  it("says that nothing can be written, and may be closed twice", function()
    local log = assert(httpd.log "/dev/full")
    local done, what, message = log:write "one\n"
    assert.same({ nil, "broken" }, { done, what })
    assert.matches("No space left on device", message)
    log:close()
    log:close()
  end)
end)
