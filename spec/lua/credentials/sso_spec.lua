local json = require "appintegrations.base.json"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local sso = require "appintegrations.credentials.sso"

local TARGET = "GET /federation/credentials?role_name=Read%20Only&account_id=111122223333"
local FILE = "/home/me/" .. require("spec.support.logged_in").SSO_FILE
local SESSION = { sso_start_url = "https://corp.awsapps.com/start", sso_region = "eu-west-1" }
local PROFILE = {
  sso_session = "corp", sso_account_id = "111122223333", sso_role_name = "Read Only",
}

local function answer(expiration)
  return { body = ('{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"SECRETKEY",'
    .. '"sessionToken":"SECRETTOKEN","expiration":%d}}'):format(expiration) }
end

local running

local function new(profile, answers, fields)
  running = running or server.start { [TARGET] = answers or answer(1790003600500) }
  fields = fields or {}
  fields.env = { AWS_ENDPOINT_URL_SSO = running.url, AWS_ENDPOINT_URL_SSO_OIDC = running.url }
  fields.profiles, fields.profile = { people = profile }, "people"
  fields.sso_sessions = fields.sso_sessions or { corp = SESSION }
  fields.files = fields.files or { [FILE] = json.encode {
    accessToken = "SECRET-ACCESS", expiresAt = "2026-09-21T20:00:00Z",
  } }
  local context = provider_context.new(fields)
  return sso.new(context), context
end

local function stop()
  if running then
    running:stop()
    running = nil
  end
end

local function fails(code, pattern, profile, answers, fields)
  stop()
  local provider, context = new(profile, answers, fields)
  provider_context.fails(context, provider, code, pattern)
  return context
end

describe("IAM Identity Center", function()
  after_each(stop)

  it("is nothing for profiles without account and role", function()
    provider_context.skips((new(nil)), "neither sso_account_id nor sso_role_name")
    provider_context.skips((new { sso_session = "corp" }), "neither")
    assert.same({}, running:requests())
  end)

  it("gives the credentials of the role, which expire in milliseconds", function()
    assert.same({
      access_key_id = "ASIASSO", secret_access_key = "SECRETKEY", session_token = "SECRETTOKEN",
      expiration = 1790003600.5, account_id = "111122223333",
    }, (assert(new(PROFILE).retrieve())))
    local request = running:requests()[1]
    assert.equal("SECRET-ACCESS", request.headers["x-amz-sso_bearer_token"])
    assert.is_nil(request.headers.authorization)
  end)

  it("gives new ones after they have expired", function()
    local provider, context = new(PROFILE, { answer(1790003600000), answer(1790007200000) })
    assert(provider.retrieve())
    context.now = context.now + 3600
    assert.equal(1790007200, assert(provider.retrieve()).expiration)
  end)

  it("works without a session, the legacy way", function()
    local provider = new({
      sso_start_url = SESSION.sso_start_url, sso_region = "eu-west-1",
      sso_account_id = PROFILE.sso_account_id, sso_role_name = PROFILE.sso_role_name,
    }, nil, { files = {
      ["/home/me/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json"] = json.encode {
        accessToken = "SECRET-LEGACY", expiresAt = "2026-09-21T20:00:00UTC",
      },
    } })
    assert(provider.retrieve())
    assert.equal("SECRET-LEGACY", running:requests()[1].headers["x-amz-sso_bearer_token"])
  end)

  it("takes keys that profile and session agree on, and no others", function()
    local profile = { sso_region = "eu-west-1" }
    for name, value in pairs(PROFILE) do
      profile[name] = value
    end
    assert(new(profile).retrieve())
    profile.sso_region = "us-east-1"
    fails("InvalidConfig", 'profile "people": sso_region has one value here and another in '
      .. "%[sso%-session corp%]", profile)
  end)

  it("takes an empty key for none", function()
    provider_context.skips(new { sso_account_id = "", sso_role_name = "", sso_session = "corp" },
      "the profile has neither sso_account_id nor sso_role_name")
    local profile = { sso_region = "", sso_start_url = "" }
    for name, value in pairs(PROFILE) do
      profile[name] = value
    end
    assert(new(profile).retrieve())
    fails("InvalidConfig", "has no sso_start_url", { sso_session = "", sso_account_id = "1",
      sso_role_name = "r" })
    fails("InvalidConfig", "sso_session is no name", { sso_session = { a = "b" },
      sso_account_id = "1" })
  end)

  it("needs all of its keys", function()
    fails("InvalidConfig", "there is no section %[sso%-session corp%]", PROFILE, nil,
      { sso_sessions = {} })
    for _, name in ipairs { "sso_account_id", "sso_role_name" } do
      local profile = { sso_session = "corp", [name] = "x" }
      fails("InvalidConfig", "uses IAM Identity Center, but has no sso_", profile)
    end
    fails("InvalidConfig", "has no sso_region", PROFILE, nil,
      { sso_sessions = { corp = { sso_start_url = "https://x" } } })
  end)

  it("tells people to log in", function()
    local login = '; run "aws sso login %-%-profile people"$'
    fails("CredentialsProviderError", "cannot be read: .*" .. login, PROFILE, nil, { files = {} })
    fails("CredentialsProviderError",
      "HTTP 401, UnauthorizedException: Session token %*%*%* not found" .. login, PROFILE, {
        status = 401, headers = { ["x-amzn-errortype"] = "UnauthorizedException" },
        body = '{"message":"Session token SECRET-ACCESS not found"}',
      })
  end)

  it("tells what else is wrong", function()
    fails("CredentialsProviderError",
      "HTTP 403, ForbiddenException: No access; check sso_account_id", PROFILE, {
        status = 403, headers = { ["x-amzn-errortype"] = "ForbiddenException" },
        body = '{"message":"No access"}',
      })
    local context = fails("CredentialsProviderError", "HTTP 429, TooManyRequestsException",
      PROFILE, { status = 429, headers = { ["x-amzn-errortype"] = "TooManyRequestsException" } })
    assert.equal(3, #context.requests)
    for pattern, body in pairs {
      ["no JSON object"] = "<html>",
      ["no roleCredentials with an expiration"] = '{"roleCredentials":null}',
      ["access_key_id is missing"] = '{"roleCredentials":{"expiration":1790003600000}}',
    } do
      fails("CredentialsProviderError", "the answer of 127.0.0.1:%d+ cannot be used: .*" .. pattern,
        PROFILE, { body = body })
    end
  end)

  it("refreshes the token of its session first", function()
    running = server.start {
      [TARGET] = answer(1790003600000),
      ["POST /token"] = { body = '{"accessToken":"SECRET-NEW","expiresIn":3600}' },
    }
    local provider, context = new(PROFILE, nil, { files = { [FILE] = json.encode {
      accessToken = "SECRET-OLD", expiresAt = "2026-09-21T14:00:00Z", refreshToken = "SECRET-R",
      clientId = "c", clientSecret = "SECRET-C", registrationExpiresAt = "2100-01-01T00:00:00Z",
    } } })
    assert(provider.retrieve())
    assert.equal("SECRET-NEW", running:requests()[2].headers["x-amz-sso_bearer_token"])
    assert.equal("SECRET-NEW", json.decode_object(context.files[FILE]).accessToken)
  end)
end)
