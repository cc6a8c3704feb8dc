local core = require "appintegrations.core"
local imds = require "appintegrations.credentials.imds"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"

local TOKEN, ROLE = "PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/"
local NOW = provider_context.NOW

local function answer(expiration, id)
  return { body = ('{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"%s","Token":"SECRETT",'
    .. '"SecretAccessKey":"SECRETKEY","Expiration":"%s"}'):format(id or "ASIAEC2",
    expiration or "2026-09-21T20:13:20Z") }
end

local running

--- A provider of an instance that answers as SCRIPT says, else as it should.
local function new(script, settings, fields)
  script = script or {}
  script[TOKEN] = script[TOKEN] or { body = "SECRET-METADATA" }
  script[ROLE] = script[ROLE] or { body = "my.role" }
  script[ROLE .. "my.role"] = script[ROLE .. "my.role"] or answer()
  running = server.start(script)
  fields = fields or {}
  fields.settings = { metadata_service_timeout = 0.2, metadata_service_num_attempts = 1,
    ec2_metadata_service_endpoint = running.url }
  for name, value in pairs(settings or {}) do
    fields.settings[name] = value
  end
  local context = provider_context.new(fields)
  return imds.new(context), context
end

local function stop()
  if running then
    running:stop()
    running = nil
  end
end

local function fails(pattern, script, settings)
  stop()
  local provider, context = new(script, settings)
  provider_context.fails(context, provider, "CredentialsProviderError", pattern)
  return context
end

local function skips(pattern, script, settings, fields)
  stop()
  local provider, context = new(script, settings, fields)
  provider_context.skips(provider, pattern)
  provider_context.assert_no_secret(context, select(2, provider.retrieve()))
  return context
end

--- Methods and targets as they have arrived.
local function received()
  local lines = {}
  for i, request in ipairs(running:requests()) do
    lines[i] = request.method .. " " .. request.target
  end
  return lines
end

describe("instance metadata", function()
  after_each(stop)

  it("gives the credentials of the role, by version 2", function()
    local credentials = assert(new().retrieve())
    assert.same({
      access_key_id = "ASIAEC2", secret_access_key = "SECRETKEY", session_token = "SECRETT",
      expiration = NOW + 6 * 3600,
    }, credentials)
    assert.same({ TOKEN, ROLE, ROLE .. "my.role" }, received())
    local requests = running:requests()
    assert.equal("21600", requests[1].headers["x-aws-ec2-metadata-token-ttl-seconds"])
    assert.equal("SECRET-METADATA", requests[2].headers["x-aws-ec2-metadata-token"])
    assert.equal("SECRET-METADATA", requests[3].headers["x-aws-ec2-metadata-token"])
  end)

  it("is not asked when it is switched off", function()
    local context = skips("switched off by the option imds = false", nil, nil,
      { options = { imds = false } })
    assert.same({}, context.requests)
    context = skips("switched off by AWS_EC2_METADATA_DISABLED", nil,
      { ec2_metadata_disabled = true })
    assert.same({}, context.requests)
  end)

  it("is at its well-known addresses, past any proxy", function()
    for url, settings in pairs {
      ["http://169.254.169.254/latest/api/token"] = {},
      ["http://[fd00:ec2::254]/latest/api/token"] = { ec2_metadata_service_endpoint_mode = "ipv6" },
      ["http://[fd00:ec2::254]/latest/api/token "] = { imds_use_ipv6 = true },
      ["http://169.254.169.254/latest/api/token "] = {
        imds_use_ipv6 = true, ec2_metadata_service_endpoint_mode = "ipv4" },
      ["http://metadata.example:81/x/latest/api/token"] = {
        ec2_metadata_service_endpoint = "http://metadata.example:81/x/",
        ec2_metadata_service_endpoint_mode = "ipv6" },
    } do
      local context = provider_context.new { settings = settings, http = function()
        return { status = 400, headers = {}, body = "" }
      end }
      imds.new(context).retrieve()
      assert.equal(url:gsub(" ", ""), context.requests[1].url)
      assert.is_true(context.requests[1].direct)
      assert.equal(1, context.requests[1].timeout)
      assert.equal(1, context.requests[1].connect_timeout)
    end
  end)

  it("refuses an endpoint that is no URL", function()
    local context = provider_context.new {
      settings = { ec2_metadata_service_endpoint = "169.254.169.254" },
    }
    provider_context.fails(context, imds.new(context), "InvalidConfig", "not of the form")
  end)

  it("falls back to version 1 where there is no version 2", function()
    for _, failure in ipairs { { status = 403 }, { status = 404 }, { status = 405 },
      { status = 500 }, { hang = true } } do
      assert(new({ [TOKEN] = failure }, { metadata_service_timeout = 0.1 }).retrieve())
      for i, request in ipairs(running:requests()) do
        assert.is_nil(request.headers["x-aws-ec2-metadata-token"], i)
      end
      stop()
    end
  end)

  it("does not fall back when version 1 is switched off", function()
    for _, failure in ipairs { { status = 403 }, { status = 500 }, { hang = true } } do
      fails("gives no token %(.*%), and version 1 of the service is switched off",
        { [TOKEN] = failure }, { ec2_metadata_v1_disabled = true })
      assert.equal(1, #running:requests())
    end
  end)

  it("fails at once when the token request is called wrong", function()
    fails("^imds: 127.0.0.1:%d+ answered HTTP 400: no token$",
      { [TOKEN] = { status = 400 } }, { metadata_service_num_attempts = 3 })
    assert.same({ TOKEN }, received())
  end)

  it("is asked as often as configured, without pauses", function()
    local provider, context = new({
      [TOKEN] = { { status = 500 }, { body = "" }, { body = "SECRET-METADATA" } },
      [ROLE] = { { status = 500 }, { body = " " }, { body = "my.role\n" } },
      [ROLE .. "my.role"] = { { status = 503 }, { body = "{" }, answer() },
    }, { metadata_service_num_attempts = 3 })
    assert(provider.retrieve())
    assert.equal(9, #context.requests)
    assert.same({}, context.slept)
    stop()
    assert(new({ [TOKEN] = { status = 500 } }, { metadata_service_num_attempts = 2 }).retrieve())
    assert.same({ TOKEN, TOKEN, ROLE, ROLE .. "my.role" }, received())
  end)

  it("is none where nobody answers", function()
    local provider = new()
    running:stop()
    provider_context.skips(provider, "no metadata service at 127.0.0.1:%d+ %(ConnectionError%)")
    skips("no answer from 127.0.0.1", { [TOKEN] = { hang = true }, [ROLE] = { hang = true } },
      { metadata_service_timeout = 0.05 })
  end)

  it("is none where everything is refused", function()
    skips("127.0.0.1:%d+ answers HTTP 403 to everything",
      { [TOKEN] = { status = 403 }, [ROLE] = { status = 403 } })
    fails("answered HTTP 403: no role", { [ROLE] = { status = 403 } })
  end)

  it("is none of use where the instance has no role", function()
    skips("the instance has no role", { [ROLE] = { status = 404 } },
      { metadata_service_num_attempts = 2 })
    assert.same({ TOKEN, ROLE, TOKEN, ROLE }, received())
  end)

  it("fails with what the service says, at HTTP 200 too", function()
    fails("cannot be used: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role",
      { [ROLE .. "my.role"] = { body = '{"Code":"AssumeRoleUnauthorizedAccess",'
        .. '"Message":"EC2 cannot assume the role"}' } })
    fails("answered HTTP 401: no role", { [ROLE] = { status = 401 } })
    fails("answered HTTP 500: no credentials", { [ROLE .. "my.role"] = { status = 500 } })
  end)

  it("fails with answers that make no sense", function()
    fails("the token is empty or has white space", { [TOKEN] = { body = "SECRET\r\nx: y" } })
    fails("no name of a role", { [ROLE] = { body = "<html> SECRET" } })
    fails("no name of a role", { [ROLE] = { body = "../../x" } })
    for pattern, body in pairs {
      ["no JSON object"] = "[]",
      ["the Expiration is missing or no time"] = '{"AccessKeyId":"A","SecretAccessKey":"SECRET"}',
      ["access_key_id is missing"] = answer().body:gsub("AccessKeyId", "x"),
      ["secret_access_key is missing"] = answer().body:gsub("SecretAccessKey", "x"),
      ["access_key_id is missing$"] = answer().body:gsub('"ASIAEC2"', "null"),
      ["the Token is missing"] = answer().body:gsub("Token", "x"),
      ["the Token is missing$"] = answer().body:gsub('"SECRETT"', "null"),
    } do
      fails("cannot be used: .*" .. pattern, { [ROLE .. "my.role"] = { body = body } })
    end
  end)

  it("takes a Code that says nothing for none", function()
    for _, code in ipairs { '""', "null", "{}" } do
      stop()
      local body = answer().body:gsub('"Success"', code)
      assert(new { [ROLE .. "my.role"] = { body = body } }.retrieve())
    end
  end)

  it("gives new credentials after the old ones have expired", function()
    local provider, context = new { [ROLE .. "my.role"] = {
      answer(), answer("2026-09-22T02:13:20Z", "ASIANEXT"),
    } }
    assert(provider.retrieve())
    context.now = NOW + 6 * 3600
    local credentials = assert(provider.retrieve())
    assert.equal("ASIANEXT", credentials.access_key_id)
    assert.equal(NOW + 12 * 3600, credentials.expiration)
  end)

  it("extends credentials that it gives out at their end", function()
    local provider, context = new({ [ROLE .. "my.role"] = answer "2026-09-21T14:00:00Z" }, nil,
      { random = 0.25 })
    -- 15 minutes and a jitter of 2 to 10
    assert.equal(NOW + 15 * 60 + 4 * 60, assert(provider.retrieve()).expiration)
    assert.matches("has no newer credentials: the credentials are used for another 19 minutes",
      context.events[1].message)
    provider_context.assert_no_secret(context)
  end)

  it("extends what it has while the service is down", function()
    for _, failure in ipairs {
      { status = 500 }, { body = "<html>" }, { body = '{"Code":"Failed","Message":"SECRETT"}' },
    } do
      local provider, context = new({ [ROLE .. "my.role"] = { answer(), failure, failure,
        answer("2026-09-22T10:00:00Z", "ASIANEXT") } }, nil, { random = 0 })
      assert(provider.retrieve())
      context.now = NOW + 6 * 3600 + 60
      local credentials = assert(provider.retrieve())
      assert.equal("ASIAEC2", credentials.access_key_id)
      assert.equal(context.now + 17 * 60, credentials.expiration)
      context.now = context.now + 17 * 60
      assert.equal(context.now + 17 * 60, assert(provider.retrieve()).expiration)
      assert.equal(2, #context.events)
      provider_context.assert_no_secret(context)
      assert.equal("ASIANEXT", assert(provider.retrieve()).access_key_id)
      stop()
    end
    local provider, context = new()
    assert(provider.retrieve())
    running:stop()
    context.now = NOW + 7 * 3600
    assert(provider.retrieve())
  end)

  it("does not extend anything for a call that is out of time", function()
    local provider, context = new()
    assert(provider.retrieve())
    context.now = NOW + 7 * 3600
    provider_context.fails(context, provider, "DeadlineExceeded", "deadline", context.now)
  end)

  it("takes less than two seconds where no instance is", function()
    -- TEST-NET-1 (RFC 5737): nobody is there.
    local context = provider_context.new { clock = core.now, settings = {
      ec2_metadata_service_endpoint = "http://192.0.2.1", metadata_service_timeout = 0.3,
    } }
    local from = core.monotonic()
    provider_context.skips(imds.new(context), "no metadata service at 192.0.2.1")
    assert.is_true(core.monotonic() - from < 2)
    assert.equal(1, #context.requests)
  end)
end)
