local core = require "appintegrations.core"
local open_descriptors = require "spec.support.descriptors"
local workdir = require "spec.support.workdir"

describe("files", function()
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  describe("read_file", function()
    it("gives the bytes of a file, zeros too", function()
      local path = dir:write("a", "x\0y\r\n" .. ("z"):rep(10000))
      assert.equal("x\0y\r\n" .. ("z"):rep(10000), core.read_file(path))
      assert.equal("", core.read_file(dir:write("empty", "")))
    end)

    it("tells a file that is not there from one that cannot be read", function()
      local text, reason, absent = core.read_file(dir:file "none")
      assert.is_nil(text)
      assert.equal("No such file or directory", reason)
      assert.is_true(absent)
      assert.same({ nil, "Not a directory", true }, { core.read_file(dir:write("f", "") .. "/x") })
      assert.same({ nil, "Is a directory", false }, { core.read_file(dir.path) })
    end)

    it("refuses a file of more than 4 MiB", function()
      local text, reason = core.read_file("/dev/zero")
      assert.is_nil(text)
      assert.equal("the file is longer than 4194304 bytes", reason)
    end)

    it("raises for a path that no file can have", function()
      assert.error_matches(function()
        core.read_file "a\0b"
      end, "zero byte")
    end)
  end)

  describe("write_private_file", function()
    it("makes a file that only its owner reads, and leaves nothing else behind", function()
      assert.is_true(core.write_private_file(dir:file "token", "secret\0text"))
      assert.equal("secret\0text", dir:read "token")
      assert.is_true(workdir.shell(("test $(stat -c %%a %s) = 600"):format(dir:file "token")))
      assert.is_true(workdir.shell(("test $(ls -A %s) = token"):format(dir.path)))
    end)

    it("replaces a file as a whole: who has it open still reads the old one", function()
      dir:write("token", "old")
      local reader = assert(io.open(dir:file "token"))
      assert.is_true(core.write_private_file(dir:file "token", "new"))
      assert.equal("old", reader:read "*a")
      reader:close()
      assert.equal("new", dir:read "token")
      assert.is_true(workdir.shell(("test $(stat -c %%a %s) = 600"):format(dir:file "token")))
    end)

    it("says why it cannot", function()
      local ok, reason = core.write_private_file(dir:file "none/token", "x")
      assert.is_nil(ok)
      assert.equal("No such file or directory", reason)
      workdir.shell("mkdir " .. dir:file "directory")
      assert.same({ nil, "Is a directory" },
        { select(1, core.write_private_file(dir:file "directory", "x")),
          (select(2, core.write_private_file(dir:file "directory", "x"))) })
      assert.is_true(workdir.shell(("test $(ls -A %s) = directory"):format(dir.path)))
    end)
  end)

  it("keeps no descriptor", function()
    local before = open_descriptors()
    for _ = 1, 50 do
      core.read_file(dir:write("a", "text"))
      core.read_file(dir:file "none")
      core.read_file(dir.path)
      core.write_private_file(dir:file "b", "text")
      core.write_private_file(dir:file "none/b", "text")
    end
    assert.equal(before, open_descriptors())
  end)

  it("knows the home directory without HOME", function()
    local home = core.home_directory()
    assert.equal("/", home:sub(1, 1))
  end)
end)
