--- The command as a process of its own, against an emulator of its own.
local emulator = require "spec.support.emulator"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"
local read = require("spec.support.files").read

local BIN = (os.getenv "BUILD" or "build/5.4") .. "/bin"

if not pcall(require, "argparse") then
  pending "the command: argparse is missing for this Lua"
  return
end

describe("the process appintegrations", function()
  local child, dir

  setup(function()
    child, dir = emulator.start(), workdir.new()
  end)

  teardown(function()
    child:stop()
    dir:remove()
  end)

  --- Runs a shell SCRIPT with the command on PATH; what it prints, and its exit code.
  local function run(script)
    return shell.output(("root=$(pwd); case %s in /*) bin=%s;; *) bin=$root/%s;; esac\n"
      .. "export PATH=$bin:$PATH AWS_REGION=us-east-1 AWS_ENDPOINT_URL_APPINTEGRATIONS=%s "
      .. "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\ncd %s\n%s")
      :format(BIN, BIN, BIN, child.url, emulator.credentials.access_key_id,
        emulator.credentials.secret_access_key, dir.path, script))
  end

  it("shows a request as curl sends it, and no secret", function()
    local output, code = run "appintegrations list-applications --curl"
    assert.equal(0, code, output)
    assert.truthy(output:find("--header 'authorization: ***'", 1, true), output)
  end)

  it("runs where LUA_INIT makes it an error to ask for a global that is absent", function()
    dir:write("strict.lua", [[
      setmetatable(_G, { __index = function(_, name) error("no global " .. name, 2) end })]])
    local output, code = run("appintegrations export >account.json\n"
      .. "LUA_INIT=@strict.lua appintegrations apply account.json --dry-run\n"
      .. "echo 'return {}' >empty.lua; LUA_INIT=@strict.lua appintegrations apply empty.lua")
    assert.equal(0, code, output)
    assert.equal("nothing to do\nnothing to do\n", output)
  end)

  it("has the exit codes that its page lists #native", function()
    local listed = {}
    for code in read "src/docs/pages/command.md":gmatch "\n| (%d+) |" do
      listed[tonumber(code)] = true
    end
    for script, expected in pairs {
      ["appintegrations list-applications"] = 0,
      ["appintegrations get-data-integration --identifier none"] = 1,
      ["appintegrations get-data-integration"] = 2,
      ["env -u AWS_REGION HOME=/nonexistent appintegrations list-applications"] = 3,
      ["appintegrations list-applications --endpoint-url http://127.0.0.1:1 --max-attempts 1"] = 4,
      ["appintegrations list-applications >/dev/full"] = 5,
      ["appintegrations list-applications >&-"] = 5,
    } do
      local output, code = run(script)
      assert.equal(expected, code, output)
      assert.is_true(listed[code])
    end
  end)

  it("reads a pipe and writes JSON where no terminal is", function()
    local output, code = run [[echo '{"MaxResults": 1}' | appintegrations list-event-integrations \
      --input -]]
    assert.equal('{\n  "EventIntegrations": []\n}\n', output)
    assert.equal(0, code)
  end)

  it("ends quietly where a reader has had enough", function()
    local output = run "appintegrations manual 2>&1 | head -n 1"
    assert.matches('^%.TH APPINTEGRATIONS 1[^\n]*\n$', output)
  end)

  it("starts the emulator #native", function()
    assert.equal("appintegrations-emulator " .. require "appintegrations.base.version" .. "\n",
      (run "appintegrations emulator --version"))
  end)
end)
