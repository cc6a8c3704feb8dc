-- Each system call and each allocation of a scenario fails once, then all from some call on: see
-- spec/support/fault_scenarios.lua for the scenarios and for what is promised.
local faults = require "spec.support.faults"
local certificates = require "spec.support.certificates"
local server = require "spec.support.server"
local workdir = require "spec.support.workdir"

local BUILD = os.getenv "BUILD" or "build/5.4"
local LUA = os.getenv "LUA" or "lua5.4"

-- `make faults` tries all that `make test` samples.
local EVERY = os.getenv "EVERY_FAULT" == "1"
local STEP = EVERY and 1 or 41

-- How many calls fail where all from some call on do: more than a call makes until it gives up.
-- (Of clocks, few: without any, timeouts do not come.)
local ALL = 1000

local SCENARIOS = { "create", "list", "files", "process", "refresh", "close" }

-- By kind: the errors, the scenarios that have such calls ("": all), and those that have a great
-- number of them. The first error is tried in `make test`, too.
local KINDS = {
  { "malloc", { "ENOMEM" }, many = true },
  { "read", { "EIO", "ECONNRESET", "EINTR" } },
  { "write", { "EPIPE", "ENOSPC", "EINTR", "EAGAIN" } },
  { "connect", { "EMFILE", "ECONNREFUSED", "EINTR" } },
  { "open", { "EMFILE", "EACCES", "EINTR" } },
  { "fork", { "EAGAIN", "ENOMEM" }, only = "process" },
  { "poll", { "EINTR", "ENOMEM" } },
  { "clock", { "EINVAL" }, many = true, all = 5 },
}

describe("a fault of the system", function()
  local world

  setup(function()
    world = faults.new()
  end)

  teardown(function()
    world:stop()
  end)

  --- Runs SCENARIO; how many faults it survived, and in how many an error object told of it.
  local function survives(scenario, kind, errno, how_many, step)
    local text = world:survive(scenario, kind, errno, how_many, step)
    local count, errors = text:match "^(%d+) faults: %d+ results, (%d+) errors, %d+ memory error"
    assert.truthy(count, ("%s, %s %s: %s"):format(scenario, kind, errno, text))
    return tonumber(count), tonumber(errors)
  end

  for _, scenario in ipairs(SCENARIOS) do
    for _, kind in ipairs(KINDS) do
      if not kind.only or kind.only == scenario then
        it(("is survived by %s at each %s"):format(scenario, kind[1]), function()
          if kind[1] == "malloc" and BUILD:find("sanitize", 1, true) then
            pending "the heap is the sanitizer's"
            return
          end
          for i, errno in ipairs(kind[2]) do
            if i == 1 or EVERY then
              local step = kind.many and STEP or 1
              assert.is_true(survives(scenario, kind[1], errno, 1, step) > 0)
              assert.is_true(survives(scenario, kind[1], errno, kind.all or ALL, step) > 0)
            end
          end
        end)
      end
    end
  end

  for _, scenario in ipairs { "list", "refresh" } do
    it(("is survived by %s when the wall clock jumps by hours"):format(scenario), function()
      assert.is_true(survives(scenario, "jump", "7200", 1, 1) > 0)
      local _, errors = survives(scenario, "jump", "-7200", 1, 1)
      assert.equal(0, errors)
    end)
  end

  for _, scenario in ipairs { "create", "process", "close" } do
    it(("is survived by %s when signals come every millisecond"):format(scenario), function()
      local _, errors = survives(scenario, "signals", "1000", EVERY and 200 or 10, 1)
      assert.equal(0, errors)
    end)

    it(("is survived by %s when there are no descriptors left"):format(scenario), function()
      assert.equal(12, (survives(scenario, "descriptors", "EMFILE", 12, 1)))
    end)
  end

  for _, scenario in ipairs { "create", "process" } do
    it(("is survived by %s when standard input, output and errors are closed"):format(scenario),
      function()
        local output = world.dir:file "output"
        world:run(("OUTPUT=%s %s spec/support/fault_scenarios.lua %s read EIO 1 1")
          :format(output, LUA, scenario), "<&- >&- 2>&-")
        assert.matches("^%d+ faults: ", world.dir:read "output")
        os.remove(output)
      end)
  end

  it("leaves a file as it was when the disk is full", function()
    local path = world.dir:write("private", "as it was")
    local program = world.dir:write("write.lua",
      ('print(require("appintegrations.core").write_private_file(%q, "new"))'):format(path))
    -- A limit on the length of files stands for the disk; the signal that comes with it is ignored.
    local printed = world:run(([[sh -c 'trap "" XFSZ; ulimit -f 0; exec %s %s | cat']])
      :format(LUA, program))
    assert.matches("^nil\tFile too large\t", printed)
    assert.equal("as it was", world.dir:read "private")
    assert.is_false(workdir.shell("ls " .. path .. ".* >/dev/null 2>&1"))
  end)

  --- What a process with the default SIGPIPE gets of a server of OPTIONS that hangs up at once.
  local function hang_up(options, settings)
    local running = server.start({ { cut = 0, reset = true } }, options)
    -- LuaSocket has this process ignore the signal, which children inherit.
    local printed = world:run(([[env --default-signal=PIPE %s -e '
      local client = require("appintegrations").client {
        region = "us-east-1", endpoint_url = "%s", max_attempts = 2, env = {}, files = false,
        credentials = { access_key_id = "A", secret_access_key = "s" }, %s }
      local body = ("x"):rep(4000000)
      for _ = 1, 3 do
        local _, err = client:tag_resource({ resourceArn = "arn:aws:a:b:1:c", tags = { a = "b" } },
          { extra = { New = body } })
        print(err.code)
      end']]):format(LUA, running.url, settings))
    running:stop()
    return printed
  end

  it("is an error where a peer hangs up, not a SIGPIPE", function()
    assert.equal(("ConnectionError\n"):rep(3), hang_up({ greeting = "" }, ""))
  end)

  it("is an error where a TLS peer hangs up, not a SIGPIPE", function()
    local made = certificates.make()
    local printed = hang_up({ tls = { key = made.key, certificate = made.certificate } },
      ("ca_bundle = %q"):format(made.authority))
    made:remove()
    assert.equal(("ConnectionError\n"):rep(3), printed)
  end)
end)
