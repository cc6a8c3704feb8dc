local appintegrations = require "appintegrations"
local emulator = require "spec.support.emulator"
local eventually = require "spec.support.eventually"
local files = require "spec.support.files"
local cli = require "appintegrations.emulator.cli"
local http = require "socket.http"
local shell = require "spec.support.shell"
local socket = require "socket"
local workdir = require "spec.support.workdir"

--- Runs the command in a process of its own, as it may serve for ever: code, output, errors.
local function run_apart(dir, ...)
  local errors = dir:file "errors"
  local output, code = shell.output(emulator.command { ... } .. " 2>" .. errors, 20)
  return code, output, files.read(errors)
end

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
  local child, dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    if child then
      child:stop()
      child = nil
    end
    dir:remove() -- at its end the emulator has written its state once more
  end)

  it("prints its usage and version", function()
    local code, out = run("--help")
    assert.equal(0, code)
    assert.matches("^usage: appintegrations%-emulator", out)
    code, out = run("--version")
    assert.equal(0, code)
    assert.equal("appintegrations-emulator " .. require "appintegrations.base.version" .. "\n", out)
  end)

  it("says in its usage every option that it takes, and no other", function()
    local _, usage = run("--help")
    local named, taken = {}, {}
    for line in usage:gmatch("\n  (%-%-[^\n]+)") do
      for option in line:gsub("   .*$", ""):gmatch("%-%-[%w-]+") do
        named[option] = true
        local _, _, err = run(option, "1", "--nonsense")
        assert.is_nil(err:find("unknown option " .. option, 1, true), option)
      end
    end
    local source = files.read "lua/appintegrations/emulator/arguments.lua"
    for option in source:gmatch('%["(%-%-[%w-]+)"%] = {') do
      taken[option] = true
    end
    assert.same(taken, named)
    assert.is_true(named["--secret-key"])
  end)

  for args, message in pairs {
    ["--prot"] = 'unknown option %-%-prot; did you mean "%-%-port"%?',
    ["4570"] = "unknown option 4570",
    ["--port"] = "%-%-port: value missing",
    ["--port=x"] = "%-%-port: bad value x %(a whole number from 0 to 65535 is needed%)",
    ["--port=65536"] = "%-%-port: bad value 65536 %(.*%)",
    ["--state="] = "%-%-state: value missing",
    ["--max-connections=0"] = "%-%-max%-connections: bad value 0 %(a whole number from 1 to .*%)",
    ["--account=12"] = "%-%-account: bad value 12 %(option account_id must be twelve digits%)",
    ["--quota=things=3"] = "%-%-quota: bad value things=3 %(KIND=N is needed%)",
    ["--quota=applications"] = "%-%-quota: bad value applications %(KIND=N is needed%)",
    ["--quiet=1"] = "%-%-quiet takes no value",
    ["--execution-seconds=-5"] = "%-%-execution%-seconds: bad value %-5 %(.* from 0 to .*%)",
    ["--execution-seconds=nan"] = "%-%-execution%-seconds: bad value nan %(.*a number .*%)",
    ["--clock-offset=1e300"] = "%-%-clock%-offset: bad value 1e300 %(a number from .*%)",
    ["--fault=plague"] = "%-%-fault: bad value plague %(no fault is called plague; there are "
      .. "close, .*, wrong_content_type%)",
    ["--credentials=/nowhere"] = "%-%-credentials: bad value /nowhere %(/nowhere: No such file or "
      .. "directory%)",
    ["--access-key=x"] = "%-%-access%-key and %-%-secret%-key belong together",
    ["--export=-"] = "%-%-export needs %-%-state",
    ["--cors=a b"] = "%-%-cors: bad value a b %(.* an origin, as http://localhost:3000, or %*%)",
    ["--exit-with=self"] = "%-%-exit%-with: bad value self %(a whole number .*%)",
  } do
    it("answers " .. args .. " with a message and exit code 2", function()
      local code, out, err = run(args)
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches("^appintegrations%-emulator: " .. message
        .. "\nappintegrations%-emulator %-%-help lists its options%.\n$", err)
    end)
  end

  it("says what is wrong with the JSON in a file", function()
    for text, message in pairs { ["5"] = "has no JSON object", ["null"] = "has no JSON object",
      ["{"] = "is no JSON: expected a member's name at byte 2" } do
      local code, _, err = run("--seed", dir:write("file", text))
      assert.equal(2, code)
      assert.truthy(err:find(message, 1, true), err)
    end
    for text, message in pairs { ["[]"] = "credentials are empty", ['{"A/B":"s"}'] = '"A/B" can be',
      ['{"A":""}'] = "credentials of A must be a secret",
      ['{"A":{"secret":"s","deny":["DeleteAplication"]}}'] = "deny of A: there is no operation "
        .. 'DeleteAplication; did you mean "delete_application"?',
      ['{"A":{"secret":"s","deny":{"*":true}}}'] = "deny of A: it is no list",
      ['{"A":{"secret":"s","account":"1"}}'] = 'no member account; did you mean "account_id"?' } do
      local code, _, err = run("--credentials", dir:write("file", text))
      assert.equal(2, code)
      assert.truthy(err:find(message, 1, true), err)
    end
  end)

  it("takes a clock that is off by thirty years and more, up to its limit", function()
    local farthest = require("appintegrations.emulator.options").FARTHEST
    for _, offset in ipairs { 0, -1.5, farthest, -farthest } do
      assert.equal(0, (run("--clock-offset", ("%.1f"):format(offset), "--version")))
    end
    for _, offset in ipairs { farthest + 1, -farthest - 1 } do
      assert.equal(2, (run("--clock-offset", ("%.1f"):format(offset), "--version")))
    end
  end)

  it("says that a port is taken, with exit code 1", function()
    local other = assert(socket.bind("127.0.0.1", 0))
    local _, port = other:getsockname()
    local code, _, err = run_apart(dir, "--port", tostring(port))
    other:close()
    assert.equal(1, code)
    assert.equal(("appintegrations-emulator: cannot listen on 127.0.0.1:%d: Address already in "
      .. "use\n"):format(port), err)
  end)

  it("says that the state cannot be read or written, with exit code 1", function()
    local code, _, err = run_apart(dir, "--port", "0", "--state", "/nowhere/at/all.json")
    assert.equal(1, code)
    assert.matches("/nowhere/at/all.json", err)
    code, _, err = run_apart(dir, "--port", "0", "--state", dir:write("state", "{ half"))
    assert.equal(1, code)
    assert.matches("is no state file: expected a member's name at byte 3", err)
  end)

  it("says what to install where the build has no HTTP server", function()
    local name = "appintegrations.httpd"
    local loaded, preload = package.loaded[name], package.preload[name]
    package.loaded[name], package.preload[name] = nil, function() error "absent" end
    local code, _, err = run("--port", "0")
    package.loaded[name], package.preload[name] = loaded, preload
    assert.equal(1, code)
    assert.equal("appintegrations-emulator: this build has no HTTP server: install the headers of "
      .. "libmicrohttpd (Debian: libmicrohttpd-dev), then build again\n", err)
  end)

  it("refuses a region that is none", function()
    local code, _, err = run_apart(dir, "--port", "0", "--region", "evil.com/#")
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

  it("writes one line for a request when it is asked to, without its query", function()
    child = emulator.start { "--no-verify", "--log", "-" }
    http.request(child.url .. "/applications?X-Amz-Security-Token=hidden")
    http.request(child.url .. "/applications/none")
    http.request(child.url .. "/unknown%0Apath")
    local lines = child:output():match("Ctrl%-C ends it%.\n(.*)$")
    assert.matches("^%d+T%d+Z GET /applications 200 ListApplications [%d.]+ ms\n", lines)
    assert.matches("GET /applications/none 400 GetApplication InvalidRequestException", lines)
    assert.is_nil(lines:find("hidden", 1, true))
  end)

  it("writes nothing for a request otherwise, and nothing at all with --quiet", function()
    child = emulator.start {}
    http.request(child.url .. "/applications")
    assert.matches("Ctrl%-C ends it%.\n$", child:output())
    child:stop()
    child = emulator.start { "--quiet" }
    http.request(child.url .. "/applications")
    assert.equal("", child:output())
  end)

  for _, name in ipairs { "INT", "TERM", "HUP" } do
    it("ends cleanly on SIG" .. name .. " and keeps its state", function()
      local path = dir:file "state"
      child = emulator.start { "--no-verify", "--state", path }
      http.request(child.url .. "/eventIntegrations", '{"Name":"kept","EventFilter":'
        .. '{"Source":"aws.cases"},"EventBridgeBus":"default"}')
      child:signal(name)
      assert.is_true(child:wait())
      local code = child:stop()
      assert.is_true(code == 0 or code == nil)
      child = emulator.start { "--no-verify", "--state", path }
      local body = http.request(child.url .. "/eventIntegrations/kept")
      assert.truthy(body:find('"Name":"kept"', 1, true))
    end)
  end

  it("ends cleanly on several signals at once, as timeout and shells send them", function()
    local path = dir:file "state"
    child = emulator.start { "--no-verify", "--state", path }
    for _, name in ipairs { "STOP", "HUP", "INT", "TERM", "CONT" } do
      child:signal(name)
    end
    assert.is_true(child:wait())
    local code = child:stop()
    assert.is_true(code == 0 or code == nil)
    assert.is_nil((io.open(path .. "-wal"))) -- the state is one file again
  end)

  it("has saved what it has answered even when it is killed", function()
    local path = dir:file "state"
    child = emulator.start { "--no-verify", "--state", path }
    http.request(child.url .. "/eventIntegrations", '{"Name":"kept","EventFilter":'
      .. '{"Source":"aws.cases"},"EventBridgeBus":"default"}')
    child:signal("KILL")
    child:stop()
    child = emulator.start { "--no-verify", "--state", path }
    local _, status = http.request(child.url .. "/eventIntegrations/kept")
    assert.equal(200, status)
  end)

  it("ends when its standard input closes", function()
    local code, output = run_apart(dir, "--port", "0", "--until-stdin-closes")
    assert.matches("emulated, on http://127.0.0.1:%d+", output)
    assert.equal(0, code)
  end)

  it("removes its port file at the end", function()
    child = emulator.start { "--quiet" }
    local path = child.port_path
    assert.is_not_nil(io.open(path))
    child:signal("TERM")
    assert.is_true(child:wait())
    assert.is_nil((io.open(path)))
  end)

  it("says that it cannot write its port, and leaves nothing behind", function()
    local code, _, err = run_apart(dir, "--port", "0", "--quiet", "--port-file", dir.path)
    assert.equal(1, code)
    assert.truthy(err:find("cannot write to " .. dir.path, 1, true), err)
    assert.is_nil((io.open(dir.path .. ".new")))
  end)

  it("tells a parent its port through a descriptor", function()
    local path = dir:file("ready")
    child = emulator.start { "--quiet", "--ready-fd", "7", redirect = "7>" .. path }
    eventually("its port", function() return dir:read("ready") ~= "" end) -- after the port file
    assert.equal(child.port .. "\n", dir:read("ready"))
    local code, _, err = run_apart(dir, "--port", "0", "--quiet", "--ready-fd", "99",
      "--port-file", dir:file "port")
    assert.equal(1, code)
    assert.is_nil((io.open(dir:file "port")))
    assert.matches("cannot write to the descriptor 99: Bad file descriptor", err)
  end)

  it("prints exports for eval, and ends its output", function()
    local command = emulator.command { "--port", "0", "--print-env", "--access-key", "AKID",
      "--secret-key", "it's secret" }
    -- The shell reads until the output ends, which it does while the emulator runs.
    local output = shell.output(("eval \"$(%s)\"; echo \"$AWS_SECRET_ACCESS_KEY $AWS_ACCESS_KEY_ID"
      .. " $AWS_REGION $AWS_ENDPOINT_URL_APPINTEGRATIONS $APPINTEGRATIONS_EMULATOR_PID\"; "
      .. "kill $APPINTEGRATIONS_EMULATOR_PID"):format(command:gsub("^exec ", "", 1):gsub('["$`]',
      "\\%0") .. " &"))
    assert.matches("^it's secret AKID us%-east%-1 http://127%.0%.0%.1:%d+ %d+\n$", output)
  end)

  it("exports what takes the place of a profile and a token of the caller's own", function()
    child = emulator.start { "--print-env", "--region", "eu-west-1", "--credentials",
      dir:write("keys", '{"AKID":{"secret":"s","session_token":"t"}}') }
    local output = child:output()
    for _, name in ipairs { "PROFILE", "DEFAULT_PROFILE", "SESSION_TOKEN", "CREDENTIAL_EXPIRATION",
      "IGNORE_CONFIGURED_ENDPOINT_URLS", "USE_FIPS_ENDPOINT", "USE_DUALSTACK_ENDPOINT" } do
      assert.matches("\nunset [^\n]*%f[%w]AWS_" .. name .. "%f[^%w_]", "\n" .. output)
    end
    for _, line in ipairs { "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1",
      "AWS_SESSION_TOKEN=t" } do
      assert.truthy(output:find("\nexport " .. line .. "\n", 1, true), output)
    end
  end)

  it("ends with another process #native", function()
    local pipe = io.popen("sleep 60 & echo $!; exec >/dev/null; wait")
    local pid = pipe:read("*l")
    child = emulator.start { "--quiet", "--exit-with", pid }
    os.execute("kill " .. pid)
    pipe:close()
    assert.is_true(child:wait())
    local code, _, err = run_apart(dir, "--port", "0", "--quiet", "--exit-with", pid)
    assert.equal(1, code)
    assert.matches("cannot watch the process " .. pid .. ": No such process", err)
  end)

  for host, url in pairs { ["0.0.0.0"] = "127%.0%.0%.1", ["localhost"] = "localhost",
    ["::1"] = "%[::1%]", ["::"] = "%[::1%]" } do
    it("listens on " .. host, function()
      child = emulator.start { "--host", host }
      local pattern = "emulated, on http://" .. url .. ":" .. child.port .. "\n"
      assert.matches(pattern, child:output())
      local connection = host:find(":", 1, true) and socket.tcp6() or socket.tcp()
      assert(connection:connect(host:find(":", 1, true) and "::1" or "127.0.0.1", child.port))
      connection:close()
    end)
  end

  it("says which host it cannot listen on", function()
    local code, _, err = run_apart(dir, "--host", "no.such.host.invalid", "--port", "0")
    assert.equal(1, code)
    assert.matches("cannot listen on no.such.host.invalid:0: ", err)
  end)

  -- ---- what it prints -------------------------------------------------------------------

  --- Makes so many requests that no pipe holds their lines.
  local function flood()
    local path = "/applications/" .. ("x"):rep(200)
    for _ = 1, 500 do
      http.request(child.url .. path)
    end
  end

  local function fifo()
    local path = dir:file("fifo")
    assert(workdir.shell("mkfifo " .. path))
    return path
  end

  it("does not wait for a log that nobody reads", function()
    local path = fifo()
    local holder = io.open(path, "r+")
    child = emulator.start { "--no-verify", "--log", path }
    flood()
    assert.equal(500, child:requests())
    -- Somebody reads again: what was lost is counted.
    holder:setvbuf("no")
    for _ = 1, 150 do
      holder:read("*l")
    end
    http.request(child.url .. "/applications")
    child:requests() -- is answered when the line of that one has been written
    holder:write "the end\n" -- so that reading comes to an end, whatever the emulator writes
    local lost
    for line in function() return holder:read "*l" end do
      lost = lost or line:match "^%(%d+ lines lost%)$"
      if line == "the end" then
        break
      end
    end
    assert.is_string(lost)
    child:signal("TERM")
    assert.is_true(child:wait())
    holder:close()
  end)

  it("does not wait for standard error either, and leaves it as it was", function()
    local path = fifo()
    local holder = io.open(path, "r+")
    child = emulator.start { "--no-verify", "--log", "-", redirect = "2>" .. path }
    flood()
    assert.equal(500, child:requests())
    child:signal("TERM")
    assert.is_true(child:wait())
    holder:close()
  end)

  it("survives a reader that goes away", function()
    local path = fifo()
    local holder = io.open(path, "r+")
    child = emulator.start { "--no-verify", "--log", "-",
      redirect = ("2>%s"):format(path) }
    holder:close()
    flood()
    assert.equal(500, child:requests())
  end)

  it("gives up a log that cannot be written, with one warning", function()
    child = emulator.start { "--no-verify", "--log", "/dev/full" }
    flood()
    local warnings = {}
    for line in child:output():gmatch("appintegrations%-emulator: ([^\n]+)") do
      warnings[#warnings + 1] = line
    end
    assert.same({ "the log /dev/full is given up: No space left on device" }, warnings)
    local code, _, err = run_apart(dir, "--port", "0", "--log", "/nowhere/log")
    assert.equal(1, code)
    assert.matches("cannot write to /nowhere/log: No such file or directory", err)
  end)

  it("serves whoever it can where descriptors are few, and then the others", function()
    child = emulator.start { "--no-verify", "--quiet", shell = "ulimit -n 64;" }
    local connections = {}
    for i = 1, 80 do
      connections[i] = assert(socket.connect("127.0.0.1", child.port))
      connections[i]:settimeout(20)
    end
    for _, i in ipairs { 1, 80 } do
      connections[i]:send "GET /_emulator/health HTTP/1.1\r\nHost: a\r\n\r\n"
      local status = (connections[i]:receive "*l" or "nothing"):match "^HTTP/1.1 (%d+) "
      assert.is_true(status == "200" or status == "503", status)
      for j = 1, i == 1 and 79 or 80 do -- the last one is in the backlog until others have ended
        connections[j]:close()
      end
    end
    assert.equal("", child:output())
  end)

  it("ends at once whatever is connected", function()
    child = emulator.start { "--no-verify", "--quiet" }
    child:control("POST", "faults", '[{"fault":"latency","latency":60},'
      .. '{"fault":"drip","drip_seconds":60},{"code":"ThrottlingException"}]')
    local connections = {}
    for i, text in ipairs { "GET /applications HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /applications HTTP/1.1\r\nHost: a\r\n\r\n", "GET /applica",
      "POST /applications HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", "" } do
      connections[i] = assert(socket.connect("127.0.0.1", child.port))
      connections[i]:send(text)
    end
    child:control("GET", "health")
    child:signal("TERM")
    assert.is_true(child:wait())
    for _, connection in ipairs(connections) do
      connection:close()
    end
  end)

  -- ---- whose resources --------------------------------------------------------------------

  local function client(key, secret, region)
    return assert(appintegrations.client { endpoint_url = child.url, region = region, env = {},
      retry_mode = "off", credentials = { access_key_id = key, secret_access_key = secret } })
  end

  it("tells accounts and regions apart by what requests are signed with", function()
    local path = dir:write("keys", '{"AKONE":"one","AKTWO":{"secret":"two",'
      .. '"account_id":"222222222222"}}')
    child = emulator.start { "--credentials", path, "--region", "eu-west-1", "--region",
      "us-gov-west-1", "--quiet" }
    local arns = {}
    for i, who in ipairs { { "AKONE", "one", "eu-west-1" }, { "AKONE", "one", "us-gov-west-1" },
      { "AKTWO", "two", "eu-west-1" } } do
      local caller = client(who[1], who[2], who[3])
      arns[i] = assert(caller:create_data_integration { Name = "n", KmsKey = "k" }).Arn
      assert.equal(1, #assert(caller:list_data_integrations()).DataIntegrations)
      caller:close()
    end
    assert.matches("^arn:aws:app%-integrations:eu%-west%-1:123456789012:", arns[1])
    assert.matches("^arn:aws%-us%-gov:app%-integrations:us%-gov%-west%-1:123456789012:", arns[2])
    assert.matches("^arn:aws:app%-integrations:eu%-west%-1:222222222222:", arns[3])
    local stranger = client("AKONE", "one", "us-east-1")
    local _, err = stranger:list_data_integrations()
    assert.equal("InvalidSignatureException", err.code)
    stranger:close()
    local two = client("AKTWO", "two", "eu-west-1")
    _, err = two:get_data_integration { Identifier = arns[1] }
    assert.equal("ResourceNotFoundException", err.code)
    two:close()
  end)

  it("without verification takes any key, in the region of the request", function()
    child = emulator.start { "--no-verify", "--quiet" }
    for _, region in ipairs { "us-east-1", "ap-south-2" } do
      local caller = client("ANY", "thing", region)
      local arn = assert(caller:create_data_integration { Name = "n", KmsKey = "k" }).Arn
      assert.truthy(arn:find(":" .. region .. ":", 1, true))
      caller:close()
    end
  end)

  it("adds a seed to a state that has had nothing, and to no other", function()
    local args = { "--no-verify", "--seed", dir:write("seed",
      '{"DataIntegrations":[{"Name":"crm","KmsKey":"k"}]}'), "--state", dir:file("state") }
    for i, note in ipairs { "state in [^,\n]+\n", "has had resources: the seed is not added\n" } do
      child = emulator.start(args)
      assert.matches(note, child:output())
      assert.equal(i == 1 and 1 or 0, child:control("GET", "health").resources.data_integrations)
      local _, status = http.request { method = "DELETE",
        url = child.url .. "/dataIntegrations/crm" }
      assert.equal(i == 1 and 200 or 404, status)
      child:stop()
    end
    child = nil
  end)

  it("exports through links and to devices, and tells when it cannot", function()
    local state, link = dir:file("state"), dir:file("link")
    local code, _, err = run("--state", state, "--export", "-")
    assert.equal(1, code)
    assert.truthy(err:find(state .. ": No such file", 1, true), err)
    assert.is_nil((io.open(state)))
    assert.equal(0, (run("--state", state, "--seed", dir:write("seed", "{}"), "--export", "-")))
    assert.equal(2, (run("--state", state, "--export", state)))
    assert(workdir.shell(("ln -s target '%s'"):format(link)))
    assert.equal(0, (run("--state", state, "--export", link)))
    assert.matches('"format":1', dir:read "target")
    code, _, err = run("--state", state, "--export", "/dev/full")
    assert.equal(1, code)
    assert.matches("cannot export to /dev/full: No space left on device", err)
    assert.equal("1\n", (shell.output(emulator.command { "--state", state, "--export", "-" }
      :gsub("^exec ", "") .. " >/dev/full 2>&1; echo $?")))
  end)

  it("starts with what a file has, and writes what it has to a file", function()
    local seed = dir:write("seed", '{"Applications":[{"Name":"a","Namespace":"a",'
      .. '"ApplicationSourceConfig":{"ExternalUrlConfig":{"AccessUrl":"https://e.com"}}}]}')
    child = emulator.start { "--no-verify", "--quiet", "--seed", seed, "--ids", "x", "--state",
      dir:file("state") }
    local body = http.request(child.url .. "/applications")
    assert.matches('"Name":"a"', body)
    local code, out = run("--state", dir:file("state"), "--export", "-")
    assert.equal(0, code)
    assert.matches('"format":1', out)
    assert.equal(0, (run("--state", dir:file("state"), "--export", dir:file("export"))))
    assert.equal(out, dir:read("export"))
    child:stop()
    child = emulator.start { "--no-verify", "--quiet", "--state", dir:file("export") }
    assert.equal(body, (http.request(child.url .. "/applications")))
    local bad, _, err = run("--port", "0", "--seed", dir:write("bad", '{"Applications":[{}]}'))
    assert.equal(1, bad)
    assert.matches("Applications%[1%]: ", err)
  end)
end)
