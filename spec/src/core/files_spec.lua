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

    it("gives those of a file whose time does not fit into 32 bits", function()
      local path = dir:write("late", "text")
      assert(workdir.shell("touch -t 204001010000 " .. path))
      assert.equal("text", (core.read_file(path)))
      assert.truthy((core.lock_file(path)))
    end)

    it("tells a file that is not there from one that cannot be read", function()
      local text, reason, absent = core.read_file(dir:file "none")
      assert.is_nil(text)
      assert.equal("No such file or directory", reason)
      assert.is_true(absent)
      assert.same({ nil, "Not a directory", true, false },
        { core.read_file(dir:write("f", "") .. "/x") })
      assert.same({ nil, "Is a directory", false, false }, { core.read_file(dir.path) })
    end)

    it("says that the system cannot read a file that is there", function()
      local text, message = core.read_file "/proc/self/mem" -- nothing is at address 0
      assert.is_nil(text)
      assert.matches("Input/output error", message)
    end)

    it("refuses a file of more than 4 MiB", function()
      local path = dir:write("long", ("x"):rep(4 * 1024 * 1024))
      assert.equal(4 * 1024 * 1024, #core.read_file(path))
      dir:write("long", ("x"):rep(4 * 1024 * 1024 + 1))
      assert.same({ nil, "the file is longer than 4194304 bytes", false, true },
        { core.read_file(path) })
    end)

    it("refuses a pipe without waiting for who writes to it, and devices", function()
      assert.is_true(workdir.shell("mkfifo " .. dir:file "pipe"))
      local text, reason, absent, refused = core.read_file(dir:file "pipe")
      assert.is_nil(text)
      assert.truthy(reason:find("it is a pipe", 1, true))
      assert.same({ false, true }, { absent, refused })
      text, reason = core.read_file "/dev/zero"
      assert.is_nil(text)
      assert.truthy(reason:find("it is a device", 1, true))
    end)

    it("takes /dev/null for an empty file", function()
      assert.equal("", core.read_file "/dev/null")
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

  describe("lock_file", function()
    local path

    before_each(function()
      path = dir:write("token", "text")
    end)

    it("lets one have a file at a time, until that one is done with it", function()
      local lock = core.lock_file(path)
      assert.equal("userdata", type(lock))
      assert.same({ nil, true }, { (core.lock_file(path)), select(2, core.lock_file(path)) })
      core.unlock_file(lock)
      core.unlock_file(lock)
      local other = core.lock_file(path)
      assert.truthy(other)
      other = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.truthy((core.lock_file(path)))
    end)

    it("lets another have the file that was put into its place", function()
      local lock = core.lock_file(path)
      core.write_private_file(path, "other")
      local other = core.lock_file(path)
      assert.truthy(other)
      core.unlock_file(lock)
      assert.same({ nil, true }, { (core.lock_file(path)), select(2, core.lock_file(path)) })
      core.unlock_file(other)
    end)

    it("is nobody's where there is no file", function()
      assert.same({ nil, false }, { (core.lock_file(dir:file "none")),
        select(2, core.lock_file(dir:file "none")) })
    end)

    it("takes nothing else for a lock", function()
      local lock = core.lock_file(path)
      assert.has_error(function() core.unlock_file(io.stdout) end)
      assert.has_error(function() getmetatable(lock).__gc(io.stdout) end)
    end)

    it("is of another process, too, and ends with it", function()
      local holder = assert(io.popen(([[exec %s -e '
        local core = require "appintegrations.core"
        local lock = core.lock_file("%s")
        io.open("%s", "w"):close()
        io.read()']]):format(os.getenv "LUA" or "lua5.4", path, dir:file "ready"), "w"))
      local tries = 0
      while not io.open(dir:file "ready") and tries < 1000 do
        core.sleep(0.01)
        tries = tries + 1
      end
      assert.is_true(select(2, core.lock_file(path)))
      holder:write "\n"
      holder:close()
      assert.truthy((core.lock_file(path)))
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
      core.unlock_file(core.lock_file(dir:file "b"))
      local lock = core.lock_file(dir:file "b")
      core.lock_file(dir:file "b")
      core.lock_file(dir:file "none")
      core.unlock_file(lock)
    end
    assert.equal(before, open_descriptors())
  end)

  it("knows the home directory without HOME", function()
    local home = core.home_directory()
    assert.equal("/", home:sub(1, 1))
  end)
end)
