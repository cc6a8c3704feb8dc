local container = require "appintegrations.credentials.container"
local core = require "appintegrations.core"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"

local FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
local TOKEN, TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

local function answer(expiration, id)
  return { body = ('{"AccessKeyId":"%s","SecretAccessKey":"SECRETKEY","Token":"SECRETTOKEN",'
    .. '"Expiration":"%s","AccountId":"111122223333","RoleArn":"arn"}'):format(id or "ASIAECS",
    expiration or "2026-09-21T15:13:20Z") }
end

local running

local function new(script, fields)
  running = running or server.start { ["GET /v1/credentials"] = script }
  fields = fields or {}
  fields.env = fields.env or {}
  fields.env[FULL] = running.url .. "/v1/credentials"
  local context = provider_context.new(fields)
  return container.new(context), context
end

--- A provider whose requests are only looked at.
local function offline(env)
  local context = provider_context.new { env = env, http = function()
    return { status = 200, headers = {}, body = answer().body }
  end }
  return container.new(context), context
end

local function stop()
  if running then
    running:stop()
    running = nil
  end
end

local function fails(pattern, script, fields)
  local provider, context = new(script, fields)
  provider_context.fails(context, provider, "CredentialsProviderError", pattern)
  return context
end

describe("a container", function()
  after_each(stop)

  it("is none where no URI is set", function()
    provider_context.skips((offline {}), "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
      .. "AWS_CONTAINER_CREDENTIALS_FULL_URI is set")
  end)

  it("may say of what it has not that it is null, or nothing", function()
    for _, none in ipairs { "null", '""' } do
      local body = ('{"AccessKeyId":"A","SecretAccessKey":"SECRETKEY","Token":%s,"Expiration":%s,'
        .. '"AccountId":%s}'):format(none, none, none)
      assert.same({ access_key_id = "A", secret_access_key = "SECRETKEY" },
        assert(new({ body = body }).retrieve()))
      stop()
    end
  end)

  it("gets its credentials", function()
    local credentials = assert(new(answer()).retrieve())
    assert.same({
      access_key_id = "ASIAECS", secret_access_key = "SECRETKEY", session_token = "SECRETTOKEN",
      expiration = provider_context.NOW + 3600, account_id = "111122223333",
    }, credentials)
    local request = running:requests()[1]
    assert.equal("application/json", request.headers.accept)
    assert.is_nil(request.headers.authorization)
  end)

  it("gets new ones after they have expired", function()
    local provider, context = new { answer(), answer("2026-09-21T16:13:20Z", "ASIANEXT") }
    assert(provider.retrieve())
    context.now = context.now + 3600
    assert.equal("ASIANEXT", assert(provider.retrieve()).access_key_id)
  end)

  it("asks ECS for a relative URI, which comes first, past any proxy", function()
    local provider, context = offline {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/v2/credentials?id=1", [FULL] = "http://localhost/",
    }
    assert(provider.retrieve())
    assert.equal("http://169.254.170.2/v2/credentials?id=1", context.requests[1].url)
    assert.is_true(context.requests[1].direct)
    assert.equal(2, context.requests[1].timeout)
  end)

  it("may ask any host with TLS, and the machine's own without", function()
    for url, direct in pairs {
      ["http://127.0.0.2:81/x"] = true, ["http://[::1]/x"] = true, ["http://localhost/x"] = true,
      ["http://169.254.170.23/v1/credentials"] = true, ["http://[fd00:ec2::23]/x"] = true,
      ["http://[fd00:ec2:0::0:23]/x"] = true, ["https://169.254.170.23/x"] = true,
      ["https://credentials.example.org/x"] = false, ["https://10.0.0.1/x"] = false,
    } do
      local provider, context = offline { [FULL] = url }
      assert(provider.retrieve())
      assert.equal(url, context.requests[1].url)
      assert.equal(direct, context.requests[1].direct)
    end
    for _, url in ipairs { "http://credentials.example.org/x", "http://169.254.169.254/x",
      "http://10.0.0.1/x", "http://[fd00:ec2::24]/x", "http://localhost.example.org/",
      "http://127.0.0.1.example.org/", "http://2130706433/" } do
      local provider, context = offline { [FULL] = url }
      provider_context.fails(context, provider, "CredentialsProviderError",
        "FULL_URI names the host .*; without TLS only loopback, 169.254.170.2,")
      assert.same({}, context.requests)
    end
  end)

  it("refuses what is no URI", function()
    for name, values in pairs {
      [FULL] = { "/x", "localhost", "http://127.0.0.1@evil/x", "http://127.0.0.1/\r\nx: y" },
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = { "x", ".evil.example/x", "@evil.example/", "/a b" },
    } do
      for _, value in ipairs(values) do
        local provider, context = offline { [name] = value }
        provider_context.fails(context, provider, "CredentialsProviderError",
          "URI is not of the form")
      end
    end
  end)

  it("authorizes itself with the token in a file, read each time", function()
    local provider, context = new(answer(), {
      env = { [TOKEN_FILE] = "/token", [TOKEN] = "SECRET-OTHER" },
      files = { ["/token"] = "SECRET-ONE" },
    })
    assert(provider.retrieve())
    context.files["/token"] = "SECRET-TWO"
    assert(provider.retrieve())
    assert.equal("SECRET-ONE", running:requests()[1].headers.authorization)
    assert.equal("SECRET-TWO", running:requests()[2].headers.authorization)
    stop()
    assert(new(answer(), { env = { [TOKEN] = "Basic SECRET" } }).retrieve())
    assert.equal("Basic SECRET", running:requests()[1].headers.authorization)
  end)

  it("refuses tokens that would break the header", function()
    local line_break = "the authorization token in .* has a line break in it"
    fails(line_break, answer(), { env = { [TOKEN_FILE] = "/t" }, files = { ["/t"] = "SECRET\n" } })
    fails(line_break, answer(), { env = { [TOKEN] = "SECRET\r\nx-evil: 1" } })
    fails("is empty or has control", answer(), { env = { [TOKEN] = "SECRET\0" } })
    fails("is empty or has control", answer(), { env = { [TOKEN_FILE] = "/t" },
      files = { ["/t"] = "" } })
    fails("the token file /t %(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE%) cannot be read: No such",
      answer(), { env = { [TOKEN_FILE] = "/t" } })
    assert.same({}, running:requests())
  end)

  it("is asked three times, with a second in between", function()
    local provider, context = new { { status = 500 }, { body = "<html>" }, answer() }
    assert(provider.retrieve())
    assert.same({ 1, 1 }, context.slept)
    stop()
    context = fails("^container: 127.0.0.1:%d+ answered HTTP 500: HTTP status 500 without a "
      .. "message$", { status = 500 })
    assert.equal(3, #context.requests)
    assert.same({ 1, 1 }, context.slept)
  end)

  it("fails with what the service says, without the token that it repeats", function()
    fails("HTTP 401, AccessDenied: bad token %*%*%*",
      { status = 401, body = '{"code":"AccessDenied","message":"bad token SECRET-T"}' },
      { env = { [TOKEN] = "SECRET-T" } })
    stop()
    fails("cannot be used: AssumeRoleUnauthorizedAccess: not you",
      { body = '{"Code":"AssumeRoleUnauthorizedAccess","Message":"not you"}' })
  end)

  it("fails with answers that make no sense", function()
    for pattern, body in pairs {
      ["HTTP 200 with 0 bytes that are no JSON object"] = "",
      ["HTTP 200 with 4 bytes"] = "true",
      ["access_key_id is missing"] = '{"SecretAccessKey":"SECRET"}',
      ["secret_access_key is missing"] = '{"AccessKeyId":"AKID"}',
      ["secret_access_key is missing$"] = '{"AccessKeyId":"AKID","SecretAccessKey":null}',
      ["Denied: no message$"] = '{"code":null,"Code":"Denied","message":null}',
      ["secret_access_key: expected a string, got number"] =
        '{"AccessKeyId":"AKID","SecretAccessKey":1}',
      ["access_key_id is empty or has white space"] =
        '{"AccessKeyId":"A\\n","SecretAccessKey":"SECRET"}',
      ["the Expiration is no time"] =
        '{"AccessKeyId":"A","SecretAccessKey":"SECRET","Expiration":"never"}',
    } do
      fails("the answer of 127.0.0.1:%d+ cannot be used: .*" .. pattern, { body = body })
      stop()
    end
  end)

  it("does not wait beyond the deadline", function()
    local provider, context = new({ hang = true }, { clock = core.now })
    local from = core.monotonic()
    provider_context.fails(context, provider, "DeadlineExceeded", "the deadline passed",
      core.now() + 0.05)
    assert.is_true(core.monotonic() - from < 2)
  end)

  it("says where nobody listens", function()
    new(answer())
    running:stop()
    fails("^container: could not connect to 127.0.0.1")
    running = nil
  end)
end)
