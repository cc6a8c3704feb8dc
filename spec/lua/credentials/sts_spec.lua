local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local signing = require "appintegrations.signing"
local sts = require "appintegrations.credentials.sts"

local running

local function call(script, fields, settings)
  running = server.start { ["POST /"] = script }
  local context = provider_context.new {
    env = { AWS_ENDPOINT_URL_STS = running.url }, settings = settings,
  }
  local request = {
    provider = "assume-role", action = "AssumeRole", credentials = provider_context.KEYS,
    parameters = { RoleArn = "arn:aws:iam::111122223333:role/a b&c", RoleSessionName = "s" },
    secrets = { "SECRETCODE" }, advice = "check the role",
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  local credentials, err = sts.call(context, request)
  return credentials, err, context
end

local function fails(pattern, script)
  local credentials, err, context = call(script)
  assert.is_nil(credentials)
  provider_context.assert_no_secret(context, err)
  assert.equal("CredentialsProviderError", err.code)
  assert.matches(pattern, err.message)
  running:stop()
  return err, context
end

describe("a call of STS", function()
  after_each(function()
    running:stop()
  end)

  it("gives the credentials of the role", function()
    local credentials = assert(call(provider_context.sts_answer "AssumeRole"))
    assert.same({
      access_key_id = "ASIAROLE", secret_access_key = "SECRET/role+key",
      session_token = "SECRET+token", expiration = provider_context.NOW + 3600,
      account_id = "111122223333",
    }, credentials)
  end)

  it("sends a form, signed for the service sts", function()
    assert(call(provider_context.sts_answer "AssumeRole", nil, { region = "eu-west-1" }))
    local request = running:requests()[1]
    assert.equal("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa%20b%26c"
      .. "&RoleSessionName=s&Version=2011-06-15", request.body)
    assert.equal("application/x-www-form-urlencoded; charset=utf-8",
      request.headers["content-type"])
    assert.matches("Credential=AKIDEXAMPLE/20260921/eu%-west%-1/sts/aws4_request",
      request.headers.authorization)
    assert.equal("SECRETTOKEN", request.headers["x-amz-security-token"])
    -- What has arrived is what was signed.
    local headers = {}
    for name in request.headers.authorization:match("SignedHeaders=([^,]+)"):gmatch "[^;]+" do
      headers[name] = request.headers[name]
    end
    local _, parts = signing.sign({
      method = "POST", path = "/", headers = headers, body = request.body,
    }, {
      region = "eu-west-1", service = "sts", time = provider_context.NOW,
      credentials = provider_context.KEYS,
    })
    assert.equal(parts.signature, request.headers.authorization:match "Signature=(%x+)")
    for _, name in ipairs { "host", "x-amz-date", "x-amz-security-token", "content-type" } do
      assert.truthy(headers[name], name)
    end
  end)

  it("is unsigned without credentials", function()
    running = nil
    assert(call(provider_context.sts_answer "AssumeRoleWithWebIdentity", {
      action = "AssumeRoleWithWebIdentity", credentials = false,
    }))
    assert.is_nil(running:requests()[1].headers.authorization)
  end)

  it("fails with the code and the message of STS", function()
    local err = fails("^assume%-role: 127.0.0.1:%d+ answered HTTP 403, AccessDenied: User is not "
      .. "authorized & \226\128\166; check the role$",
      provider_context.sts_error(403, "AccessDenied", "User is not\n authorized &amp; &#x2026;"))
    assert.equal("request-2", err.request_id)
    assert.equal(403, err.status)
  end)

  it("does not repeat secrets that STS repeats", function()
    fails("the code %*%*%* is wrong",
      provider_context.sts_error(403, "AccessDenied", "the code SECRETCODE is wrong"))
  end)

  it("is repeated for what may pass", function()
    for _, failure in ipairs {
      { status = 503, body = "<html>" }, { body = ("x"):rep(100), cut = 80 },
      provider_context.sts_error(400, "Throttling", "Rate exceeded"),
      provider_context.sts_error(400, "IDPCommunicationError", "no answer"),
    } do
      assert(call { failure, provider_context.sts_answer "AssumeRole" })
      running:stop()
    end
  end)

  it("gives up after three attempts", function()
    local _, context = fails("answered HTTP 500: no message$", { status = 500, body = "<html>" })
    assert.equal(3, #context.requests)
    assert.equal(2, #context.slept)
    _, context = fails("AccessDenied", provider_context.sts_error(403, "AccessDenied", "no"))
    assert.equal(1, #context.requests)
  end)

  it("fails with an answer that is not what it should be", function()
    local answer = provider_context.sts_answer("AssumeRole").body
    for pattern, body in pairs {
      ["with 0 bytes that are no AssumeRoleResponse"] = "",
      ["with 2 bytes that are no AssumeRoleResponse"] = "{}",
      ["with %d+ bytes that are no AssumeRoleResponse"] = answer:sub(1, -30),
      ["the Expiration is missing or no time"] = answer:gsub("2026%-", "soon "),
      ["access_key_id is missing"] = answer:gsub("AccessKeyId", "Other"),
      ["the SessionToken is missing"] = answer:gsub("SessionToken", "Other"),
      ["secret_access_key is empty or has white space"] = answer:gsub("SECRET/role", "SECRET role"),
    } do
      fails("the answer of 127.0.0.1:%d+ cannot be used: .*" .. pattern, { body = body })
    end
    fails("no AssumeRoleResponse", provider_context.sts_answer "GetSessionToken")
  end)

  it("fails where the connection does, and says so", function()
    fails("^assume%-role: the connection to 127.0.0.1:%d+ failed", { reset = true })
  end)
end)
