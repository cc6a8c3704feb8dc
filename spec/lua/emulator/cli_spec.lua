local emulator = require "spec.support.emulator"
local cli = require "appintegrations.emulator.cli"
local http = require "socket.http"
local socket = require "socket"

--- Runs the command in this process; returns code, standard output, standard error.
local function run(...)
  local out, err = {}, {}
  local function stream(pieces)
    return {
      write = function(_, ...)
        for _, piece in ipairs { ... } do
          pieces[#pieces + 1] = piece
        end
      end,
      flush = function() end,
    }
  end
  local code = cli.main({ ... }, { out = stream(out), err = stream(err) })
  return code, table.concat(out), table.concat(err)
end

describe("the command appintegrations-emulator", function()
  local child

  after_each(function()
    if child then
      child:stop()
      child = nil
    end
  end)

  it("prints its usage and version", function()
    local code, out = run("--help")
    assert.equal(0, code)
    assert.matches("^usage: appintegrations%-emulator", out)
    code, out = run("--version")
    assert.equal(0, code)
    assert.equal("appintegrations-emulator " .. require "appintegrations.version" .. "\n", out)
  end)

  it("says in its usage every option that it takes", function()
    local _, usage = run("--help")
    for option in usage:gmatch("\n  (%-%-[%w-]+)") do
      local _, _, err = run(option, "1", "--nonsense")
      assert.is_nil(err:find("unknown option " .. option, 1, true), option)
    end
  end)

  for args, message in pairs {
    ["--prot"] = "unknown option %-%-prot",
    ["4570"] = "unknown option 4570",
    ["--port"] = "%-%-port: value missing",
    ["--port=x"] = "%-%-port: bad value x",
    ["--port=65536"] = "%-%-port: bad value 65536",
    ["--account=12"] = "%-%-account: bad value 12",
    ["--quota=things=3"] = "%-%-quota: bad value things=3",
    ["--quota=applications"] = "%-%-quota: bad value applications",
    ["--quiet=1"] = "%-%-quiet takes no value",
  } do
    it("answers " .. args .. " with its usage and exit code 2", function()
      local code, out, err = run(args)
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches("^appintegrations%-emulator: " .. message .. "\n\nusage:", err)
    end)
  end

  it("says that a port is taken, with exit code 1", function()
    local other = assert(socket.bind("127.0.0.1", 0))
    local _, port = other:getsockname()
    local code, _, err = run("--port", tostring(port))
    other:close()
    assert.equal(1, code)
    assert.equal(("appintegrations-emulator: cannot listen on 127.0.0.1:%d: Address already in "
      .. "use\n"):format(port), err)
  end)

  it("says that the state cannot be read or written, with exit code 1", function()
    local code, _, err = run("--port", "0", "--state", "/nowhere/at/all.json")
    assert.equal(1, code)
    assert.matches("/nowhere/at/all.json", err)
    local path = os.tmpname()
    local file = io.open(path, "w")
    file:write("{ half")
    file:close()
    code, _, err = run("--port", "0", "--state", path)
    os.remove(path)
    assert.equal(1, code)
    assert.matches("is no state file: expected a member's name at byte 3", err)
  end)

  it("refuses a region that is none", function()
    local code, _, err = run("--port", "0", "--region", "evil.com/#")
    assert.equal(1, code)
    assert.matches("region", err)
  end)

  it("tells how to point a client at it, and serves there", function()
    child = emulator.start { "--region", "eu-west-1", "--account", "210987654321" }
    local output = child:output()
    assert.matches("endpoint_url = \"" .. child.url .. "\", region = \"eu%-west%-1\"", output)
    for name, value in pairs { AWS_ENDPOINT_URL_APPINTEGRATIONS = child.url,
      AWS_REGION = "eu-west-1", AWS_ACCESS_KEY_ID = emulator.credentials.access_key_id,
      AWS_SECRET_ACCESS_KEY = emulator.credentials.secret_access_key } do
      assert.truthy(output:find("export " .. name .. "=" .. value .. "\n", 1, true))
    end
    local body, status = http.request(child.url .. "/_emulator/health")
    assert.equal(200, status)
    assert.truthy(body:find('"region":"eu-west-1"', 1, true))
  end)

  it("writes one line for a request, without its query", function()
    child = emulator.start { "--no-verify" }
    http.request(child.url .. "/applications?X-Amz-Security-Token=hidden")
    http.request(child.url .. "/applications/none")
    http.request(child.url .. "/unknown%0Apath")
    local lines = child:output():match("Ctrl%-C ends it%.\n(.*)$")
    assert.matches("^%d+T%d+Z GET /applications 200 ListApplications [%d.]+ ms\n", lines)
    assert.matches("GET /applications/none 400 GetApplication InvalidRequestException", lines)
    assert.is_nil(lines:find("hidden", 1, true))
  end)

  it("is silent with --quiet", function()
    child = emulator.start { "--quiet" }
    http.request(child.url .. "/applications")
    assert.matches("Ctrl%-C ends it%.\n$", child:output())
  end)

  for _, name in ipairs { "INT", "TERM", "HUP" } do
    it("ends cleanly on SIG" .. name .. " and keeps its state", function()
      local path = os.tmpname()
      os.remove(path)
      child = emulator.start { "--no-verify", "--state", path }
      http.request(child.url .. "/eventIntegrations", '{"Name":"kept","EventFilter":'
        .. '{"Source":"aws.cases"},"EventBridgeBus":"default"}')
      child:signal(name)
      local code = child:stop()
      assert.is_true(code == 0 or code == nil)
      child = emulator.start { "--no-verify", "--state", path }
      local body = http.request(child.url .. "/eventIntegrations/kept")
      os.remove(path)
      assert.truthy(body:find('"Name":"kept"', 1, true))
    end)
  end

  it("has saved what it has answered even when it is killed", function()
    local path = os.tmpname()
    os.remove(path)
    child = emulator.start { "--no-verify", "--state", path }
    http.request(child.url .. "/eventIntegrations", '{"Name":"kept","EventFilter":'
      .. '{"Source":"aws.cases"},"EventBridgeBus":"default"}')
    child:signal("KILL")
    child:stop()
    child = emulator.start { "--no-verify", "--state", path }
    local _, status = http.request(child.url .. "/eventIntegrations/kept")
    os.remove(path)
    assert.equal(200, status)
  end)

  it("ends when its standard input closes", function()
    child = emulator.start()
    local port = child.port
    local code = child:stop()
    assert.is_true(code == 0 or code == nil)
    assert.is_nil((socket.connect("127.0.0.1", port)))
  end)
end)
