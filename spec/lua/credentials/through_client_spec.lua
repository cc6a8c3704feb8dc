--- The providers as a client has them: real files, sockets and settings.
local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local workdir = require "spec.support.workdir"

local ROLE = "arn:aws:iam::111122223333:role/contact-center"

describe("a client", function()
  local dir, running, events

  before_each(function()
    dir, events = workdir.new(), {}
    workdir.shell("mkdir -p " .. dir:file ".aws/sso/cache")
  end)

  after_each(function()
    if running then
      running:stop()
      running = nil
    end
    dir:remove()
  end)

  --- A client whose service and credential services are one server with SCRIPT.
  local function new_client(config, script, env, options)
    script = script or {}
    script["GET /applications"] = { body = '{"Applications":[]}' }
    running = server.start(script)
    dir:write(".aws/config", config)
    env = env or {}
    env.HOME, env.AWS_ENDPOINT_URL = dir.path, running.url
    options = options or {}
    options.env, options.region, options.sleep = env, "us-east-1", function() end
    options.logger = function(event) events[#events + 1] = event end
    return assert(appintegrations.client(options))
  end

  --- Who signed the last request, and with which token.
  local function signer()
    local requests = running:requests()
    local headers = requests[#requests].headers
    return headers.authorization:match "Credential=([^/]+)/", headers["x-amz-security-token"]
  end

  it("assumes the role of its profile", function()
    local client = new_client(([[
[profile cc]
role_arn = %s
source_profile = base
[profile base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = SECRETBASE
]]):format(ROLE), {
      ["POST /"] = provider_context.sts_answer("AssumeRole", { expiration = logged_in.time(3600) }),
    }, nil, { profile = "cc" })
    assert(client:list_applications())
    assert(client:list_applications())
    assert.same({ "ASIAROLE", "SECRET+token" }, { signer() })
    assert.equal(3, #running:requests()) -- the role is assumed once
    assert.matches('role_arn of profile "cc" through base', tostring(client:explain()))
    assert.equal("AKIDBASE", running:requests()[1].headers.authorization:match "=([^/]+)/")
  end)

  it("is told why it has no role", function()
    local client = new_client(([[
[profile cc]
role_arn = %s
credential_source = Environment
]]):format(ROLE), {
      ["POST /"] = provider_context.sts_error(403, "AccessDenied", "not you"),
    }, { AWS_ACCESS_KEY_ID = "AKID", AWS_SECRET_ACCESS_KEY = "SECRETKEY" }, { profile = "cc" })
    local output, err = client:list_applications()
    assert.is_nil(output)
    assert.equal("CredentialsProviderError", err.code)
    assert.matches("assume%-role: 127.0.0.1:%d+ answered HTTP 403, AccessDenied: not you; check "
      .. 'role_arn in profile "cc"', err.message)
    assert.equal("list_applications", err.operation)
    assert.is_nil(tostring(client:explain()):find("SECRETKEY", 1, true))
    assert.matches("assume%-role", tostring(client:explain()))
  end)

  it("refreshes a session of IAM Identity Center, in a file for its owner only", function()
    local name = logged_in.SSO_FILE
    dir:write(name, json.encode {
      accessToken = "SECRET-OLD", expiresAt = "2026-01-01T00:00:00Z", refreshToken = "SECRET-R",
      clientId = "c", clientSecret = "SECRET-C", registrationExpiresAt = logged_in.time(3600),
    })
    workdir.shell("chmod 644 " .. dir:file(name))
    local client = new_client(logged_in.SSO_PROFILE, {
      ["POST /token"] = { body = '{"accessToken":"SECRET-NEW","expiresIn":3600}' },
      ["GET /federation/credentials?role_name=Reader&account_id=111122223333"] = {
        body = ('{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"SECRETKEY",'
          .. '"sessionToken":"SECRETTOKEN","expiration":%d}}')
          :format(math.floor(core.now() + 3600) * 1000),
      },
    })
    assert(client:list_applications())
    assert.equal("ASIASSO", (signer()))
    assert.equal("SECRET-NEW", json.decode_object(dir:read(name)).accessToken)
    assert.is_true(workdir.shell(("test $(stat -c %%a %s) = 600"):format(dir:file(name))))
  end)

  it("uses a login", function()
    local client = new_client(logged_in.LOGIN_PROFILE, nil,
      { AWS_LOGIN_CACHE_DIRECTORY = dir.path })
    dir:write(logged_in.LOGIN_NAME, json.encode {
      clientId = "arn:aws:signin:::devtools/same-device", refreshToken = "SECRET",
      dpopKey = "SECRET",
      accessToken = { accessKeyId = "ASIALOGIN", secretAccessKey = "SECRET",
        sessionToken = "SECRET", accountId = "111122223333", expiresAt = logged_in.time(3600) },
    })
    assert(client:list_applications())
    assert.equal("ASIALOGIN", (signer()))
  end)

  it("uses a web identity", function()
    local token = dir:write("token", "SECRETJWT")
    local client = new_client("", {
      ["POST /"] = provider_context.sts_answer("AssumeRoleWithWebIdentity",
        { expiration = logged_in.time(3600), id = "ASIAPOD" }),
    }, { AWS_WEB_IDENTITY_TOKEN_FILE = token, AWS_ROLE_ARN = ROLE })
    assert(client:list_applications())
    assert.equal("ASIAPOD", (signer()))
  end)

  it("reaches containers and instances past its proxy", function()
    local given = { body = ('{"Code":"Success","AccessKeyId":"ASIANEAR","SecretAccessKey":"SECRET",'
      .. '"Token":"SECRET","Expiration":"%s"}'):format(logged_in.time(3600)) }
    local near = server.start {
      ["GET /v1"] = given, ["PUT /latest/api/token"] = { body = "SECRETMETADATA" },
      ["GET /latest/meta-data/iam/security-credentials/"] = { body = "r" },
      ["GET /latest/meta-data/iam/security-credentials/r"] = given,
    }
    for variable, url in pairs {
      AWS_CONTAINER_CREDENTIALS_FULL_URI = near.url .. "/v1",
      AWS_EC2_METADATA_SERVICE_ENDPOINT = near.url,
    } do
      local client = new_client("", nil, { [variable] = url }, { proxy = "http://127.0.0.1:1" })
      local _, err = client:list_applications()
      assert.equal("ProxyError", err.code) -- for the service it counts
      running:stop()
      client = new_client("", nil, { [variable] = url })
      assert(client:list_applications())
      assert.equal("ASIANEAR", (signer()))
      assert.truthy(tostring(client:explain()):find(near.host, 1, true))
      running:stop()
    end
    assert.equal(8, #near:requests())
    near:stop()
  end)

  it("asks STS through the proxy for STS's scheme, not through that for its own", function()
    local nobody = "http://127.0.0.1:1"
    local answer = provider_context.sts_answer("AssumeRoleWithWebIdentity",
      { expiration = logged_in.time(3600), id = "ASIAPOD" })
    running = server.start { ["POST /"] = answer, ["POST " .. nobody .. "/"] = answer }
    for sts, proxy in pairs { [running.url] = false, [nobody] = running.url } do
      local client = assert(appintegrations.client { region = "us-east-1", env = {
        HOME = dir.path, AWS_WEB_IDENTITY_TOKEN_FILE = dir:write("token", "SECRETJWT"),
        AWS_ROLE_ARN = ROLE, AWS_ENDPOINT_URL_STS = sts, http_proxy = proxy or nil,
        HTTPS_PROXY = nobody,
      } })
      assert.equal("web-identity", client:explain().credentials.provider)
    end
    assert.equal(2, #running:requests())
  end)

  it("without credentials fails within two seconds, with what to do", function()
    -- TEST-NET-1 (RFC 5737): nobody is there.
    local client = new_client("", nil, {
      AWS_EC2_METADATA_SERVICE_ENDPOINT = "http://192.0.2.1",
    })
    local from = core.monotonic()
    local _, err = client:list_applications()
    assert.is_true(core.monotonic() - from < 2)
    assert.equal("NoCredentials", err.code)
    assert.matches("imds: no metadata service at 192.0.2.1", err.message)
    assert.matches('run "aws configure"', err.message)
  end)
end)

-- A transport of the host's that yields to the host, as HAProxy's does.
describe("coroutines of a host", function()
  local asked, client, transport

  before_each(function()
    asked = 0
    transport = { blocks = false, wait = function() coroutine.yield() return true end,
      send = function() coroutine.yield() return { status = 200, body = "{}" } end }
  end)

  local function new_client(credentials)
    client = assert(appintegrations.client { region = "us-east-1", env = {}, transport = transport,
      credentials = credentials })
  end

  local function slow_credentials()
    asked = asked + 1
    for _ = 1, 3 do
      coroutine.yield()
    end
    return provider_context.KEYS
  end

  --- What calls in COUNT coroutines come to, which are resumed in turn until all have ended.
  local function outcomes(count)
    local threads, results, ended = {}, {}, 0
    for i = 1, count do
      threads[i] = coroutine.create(function()
        results[i] = { client:list_applications() }
        ended = ended + 1
      end)
    end
    local turns = 0
    repeat
      turns = turns + 1
      assert.is_true(turns < 1000, "no end")
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          assert(coroutine.resume(thread))
        end
      end
    until ended == count
    return results
  end

  it("wait for the one that gets credentials", function()
    new_client(slow_credentials)
    for _, result in ipairs(outcomes(5)) do
      assert.is_table(result[1])
    end
    assert.equal(1, asked)
  end)

  it("share its failure", function()
    new_client(function()
      slow_credentials()
      return nil, "down"
    end)
    for _, result in ipairs(outcomes(5)) do
      assert.matches("down", result[2].message)
    end
    assert.equal(1, asked)
  end)

  it("end with the error of their wait", function()
    transport.wait = function()
      return nil, errors.new { kind = "cancelled", code = "Cancelled", message = "told" }
    end
    new_client(slow_credentials)
    local results = outcomes(2)
    assert.is_table(results[1][1])
    assert.equal("told", results[2][2].message)
  end)

  it("let others run while a credential process does", function()
    local spawn, steps, longest = core.spawn, 0, 0
    local dir = workdir.new()
    core.spawn = function()
      return {
        fds = function() return {} end, close = function() end,
        step = function(_, seconds)
          steps, longest = steps + 1, math.max(longest, seconds)
          return steps > 3
        end,
        result = function()
          return "exited", 0, '{"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s"}', ""
        end,
      }
    end
    cleanup(function()
      core.spawn = spawn
      dir:remove()
    end)
    client = assert(appintegrations.client { region = "us-east-1", transport = transport,
      imds = false, env = { AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
        AWS_CONFIG_FILE = dir:write("config", "[default]\ncredential_process = helper\n") } })
    assert.is_table(outcomes(1)[1][1])
    assert.equal(4, steps)
    assert.equal(0, longest)
    steps = 2
    local blocking = assert(appintegrations.client { region = "us-east-1", imds = false, env = {
      AWS_CONFIG_FILE = dir:file "config", AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
    }, transport = { send = function() return { status = 200 } end } })
    assert(blocking:list_applications())
    assert.equal(1, longest)
  end)

  it("are not waited for where the transport may block while it waits", function()
    transport.blocks = nil
    transport.wait = function() error("waited", 0) end
    new_client(slow_credentials)
    for _, result in ipairs(outcomes(3)) do
      assert.is_table(result[1])
    end
  end)

  it("are not waited for where nothing can yield", function()
    new_client(slow_credentials)
    local first = coroutine.create(function() return client:list_applications() end)
    assert(coroutine.resume(first))
    transport.wait = function() error("waited", 0) end
    local raised = coroutine.wrap(function()
      local _, message
      table.sort({ 2, 1 }, function(a, b)
        _, message = pcall(client.list_applications, client)
        return a < b
      end)
      return tostring(message)
    end)()
    assert.is_nil(raised:find("waited", 1, true), raised)
    assert.equal(2, asked)
  end)
end)
