--- The examples around the emulator that are not Lua: run where their SDK is, checked where they
-- cannot be run.

local arguments = require "appintegrations.emulator.arguments"
local json = require "appintegrations.emulator.json"
local socket = require "socket"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"
local read = require("spec.support.files").read

local EMULATOR = (os.getenv("BUILD") or "build/5.4") .. "/bin/appintegrations-emulator"

--- Runs COMMAND; whether it succeeded, and its output.
local function run(command)
  local output, code = shell.output(command)
  return code == 0, output
end

local ROOT = select(2, run("pwd")):match("[^\n]+")

local function absolute(path)
  return path:sub(1, 1) == "/" and path or ROOT .. "/" .. path
end

describe("the emulator from other languages", function()
  it("is tested against by the example for pytest", function()
    local python
    for _, name in ipairs { "python3", "/usr/bin/python3" } do
      python = python or run(name .. " -c 'import boto3, pytest'") and name
    end
    if not python then
      return pending("needs python3-boto3 and python3-pytest")
    end
    local done, output = run(("EMULATOR='%s' %s -B -m pytest -q -p no:cacheprovider "
      .. "examples/python/test_applications.py"):format(absolute(EMULATOR), python))
    assert.is_true(done, output)
    assert.matches("3 passed", output)
  end)

  it("is tested against by the example for node:test", function()
    local modules = os.getenv("APPINTEGRATIONS_NODE_MODULES") or "build/node_modules"
    if not run(("node --version && test -d '%s/@aws-sdk/client-appintegrations'")
      :format(modules)) then
      return pending("needs node, and @aws-sdk/client-appintegrations in " .. modules)
    end
    local dir = workdir.new() -- imports go by where a file lies
    assert(workdir.shell(("ln -s '%s' '%s/node_modules' && cp examples/javascript/*.mjs '%s'")
      :format(absolute(modules), dir.path, dir.path)))
    local done, output = run(("cd '%s' && EMULATOR='%s' node --test applications.test.mjs")
      :format(dir.path, absolute(EMULATOR)))
    dir:remove()
    assert.is_true(done, output)
    assert.matches("pass 2", (output:gsub("# ", "")))
  end)
end)

describe("the example with-emulator", function()
  it("sets the environment of an SDK, and passes on the exit code", function()
    local output, code = shell.output(("AWS_SESSION_TOKEN=x AWS_PROFILE=x examples/with-emulator "
      .. "'%s' sh -c 'env | grep ^AWS_; exit 7'"):format(EMULATOR))
    assert.equal(7, code)
    for _, name in ipairs { "ENDPOINT_URL_APPINTEGRATIONS", "REGION", "DEFAULT_REGION",
      "ACCESS_KEY_ID", "SECRET_ACCESS_KEY" } do
      assert.matches("AWS_" .. name .. "=", output)
    end
    assert.is_nil(output:find "TOKEN")
    assert.is_nil(output:find "PROFILE")
  end)

  it("leads to the emulator whatever the caller's own environment has", function()
    for _, setting in ipairs { "AWS_DEFAULT_PROFILE=none", "AWS_USE_FIPS_ENDPOINT=true",
      "AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z", "AWS_USE_DUALSTACK_ENDPOINT=true",
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "http_proxy=http://127.0.0.1:1",
      "ALL_PROXY=http://127.0.0.1:1 NO_PROXY=example.com" } do
      local output, code = shell.output(("env -u no_proxy -u NO_PROXY %s examples/with-emulator "
        .. "'%s' %s -e '%s'"):format(setting, EMULATOR, os.getenv "LUA" or "lua5.4", [[
          local client = require "appintegrations".client { retry_mode = "off" }
          print(client:list_applications(), (os.getenv "NO_PROXY"):match ",(.*)")]]))
      assert.equal(0, code, setting .. ": " .. output)
      assert.equal(setting:find "NO_PROXY" and "{ Applications = {} }\texample.com\n"
        or "{ Applications = {} }\tnil\n", output, setting)
    end
  end)

  it("ends the emulator when a signal ends it", function()
    local output = shell.output(("examples/with-emulator '%s' sh -c "
      .. "'echo $AWS_ENDPOINT_URL_APPINTEGRATIONS; kill $PPID'; echo $?"):format(EMULATOR))
    local port, code = output:match("^http://127%.0%.0%.1:(%d+)\n(%d+)\n$")
    assert.equal("143", code)
    assert.is_nil((socket.connect("127.0.0.1", port)))
  end)

  it("says how it is called", function()
    local output, code = shell.output("examples/with-emulator " .. EMULATOR)
    assert.equal(2, code)
    assert.matches("usage: with%-emulator EMULATOR COMMAND", output)
  end)
end)

describe("the emulator's Dockerfile", function()
  local KNOWN = { FROM = true, RUN = true, COPY = true, USER = true, VOLUME = true, EXPOSE = true,
    STOPSIGNAL = true, ENTRYPOINT = true, CMD = true }
  local text = read("examples/docker/Dockerfile"):gsub("\n#[^\n]*", ""):gsub("\\\n", " ")

  it("has known instructions only, and drops root", function()
    local seen = {}
    for line in text:gmatch("\n([^\n]+)") do
      local instruction = line:match("^([A-Z]+) %S")
      assert.is_true(KNOWN[instruction], line)
      seen[#seen + 1] = line
    end
    assert.truthy(text:find("\nUSER nobody\n", 1, true))
    assert.is_true(#seen > 10)
  end)

  it("tags its bases, and copies what is there and what make installs", function()
    for base in text:gmatch("\nFROM (%S+)") do
      assert.matches("^[a-z]+:[a-z-]+$", base)
    end
    local copied = {}
    for sources in text:gmatch("\nCOPY ([^-][^\n]*) %S+") do
      for source in sources:gmatch("%S+") do
        assert.is_true(workdir.shell("test -e " .. source), source)
        copied[source] = true
      end
    end
    for document in read("Makefile"):match("\nDOCUMENTS = ([^\\]+)"):gmatch("%S+") do
      local top = document:match("^[^/]+")
      assert.is_true(copied[top], top)
    end
    assert.is_true(copied.examples)
  end)

  it("installs with --no-install-recommends and leaves no lists", function()
    for command in text:gmatch("\nRUN ([^\n]+)") do
      if command:find("apt-get install", 1, true) then
        assert.truthy(command:find("--no-install-recommends", 1, true))
        assert.truthy(command:find("rm -rf /var/lib/apt/lists/*", 1, true))
      end
    end
  end)

  it("starts the emulator with options that it takes", function()
    local words = json.decode(text:match("\nENTRYPOINT (%b[])"))
    assert.equal("appintegrations-emulator", table.remove(words, 1))
    for _, word in ipairs(json.decode(text:match("\nCMD (%b[])"))) do
      words[#words + 1] = word
    end
    local settings = assert(arguments.parse(words))
    assert.same({ "0.0.0.0", 4570 }, { settings.host, settings.port })
  end)
end)

it("the emulator's systemd unit starts it with options that it takes", function()
  local words = {}
  for word in read("examples/systemd/appintegrations-emulator.service")
    :match("\nExecStart=%S+ ([^\n]+)"):gmatch("%S+") do
    words[#words + 1] = word
  end
  assert.is_table(assert(arguments.parse(words)))
end)
