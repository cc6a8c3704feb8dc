-- A machine whose clock is wrong: the services' answers tell the right time, which signatures,
-- proofs and expirations go by. The clocks are those of the spec.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local login = require "appintegrations.credentials.login"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local sso = require "appintegrations.credentials.sso"
local sts = require "appintegrations.credentials.sts"
local workdir = require "spec.support.workdir"

local NOW = provider_context.NOW -- by the services, 2026-09-21T14:13:20Z
local DATE = "Mon, 21 Sep 2026 14:13:20 GMT"
local HOUR = 3600

--- ANSWER as it comes from a service at NOW.
local function dated(answer)
  answer.headers = answer.headers or {}
  answer.headers.date = DATE
  return answer
end

local function refusal(code)
  return dated(provider_context.sts_error(403, code, "Signature expired"))
end

describe("on a machine whose clock is wrong", function()
  local running

  after_each(function()
    running:stop()
  end)

  --- A context on a machine whose clock is AHEAD of the services by seconds.
  local function new_context(script, ahead, fields)
    running = server.start(script)
    fields = fields or {}
    fields.env = { AWS_ENDPOINT_URL = running.url }
    local context = provider_context.new(fields)
    context.now = NOW + ahead
    return context
  end

  local function assume(context)
    return sts.call(context, {
      provider = "assume-role", action = "AssumeRole", parameters = { RoleArn = "arn" },
      credentials = provider_context.KEYS, advice = "check the trust policy",
    })
  end

  it("a role is assumed at once with the time that STS tells", function()
    for _, ahead in ipairs { HOUR, -HOUR } do
      for _, code in ipairs { "SignatureDoesNotMatch", "RequestExpired", "AccessDenied" } do
        local context = new_context({ ["POST /"] = {
          refusal(code), dated(provider_context.sts_answer "AssumeRole"),
        } }, ahead)
        assert.equal("ASIAROLE", assert(assume(context)).access_key_id)
        local requests = running:requests()
        assert.equal(2, #requests)
        assert.equal("20260921T141320Z", requests[2].headers["x-amz-date"])
        assert.same({}, context.slept)
        -- From then on it is known.
        assert(assume(context))
        assert.equal("20260921T141320Z", running:requests()[3].headers["x-amz-date"])
        running:stop()
      end
    end
  end)

  it("what is refused with the right time, too, is refused", function()
    local context = new_context({ ["POST /"] = refusal "SignatureDoesNotMatch" }, HOUR)
    local _, err = assume(context)
    assert.equal(2, #context.requests)
    assert.matches("SignatureDoesNotMatch: Signature expired; check the access key that assumes "
      .. "the role$", err.message)
    _, err = assume(context)
    assert.equal(3, #context.requests)
    assert.matches("check the access key", err.message)
    running:stop()
    context = new_context({ ["POST /"] = refusal "AccessDenied" }, 200) -- near enough
    _, err = assume(context)
    assert.equal(1, #context.requests)
    assert.matches("AccessDenied: Signature expired; check the trust policy$", err.message)
  end)

  it("it is said where nobody is to correct it", function()
    local context = new_context({ ["POST /"] = refusal "SignatureDoesNotMatch" }, HOUR,
      { correct_clock = false })
    local _, err = assume(context)
    assert.equal(1, #context.requests)
    assert.matches("; the clock of this machine is off by 3600 s, and its correction is switched "
      .. "off$", err.message)
  end)

  it("a login is refreshed with a proof of the right time", function()
    local path = "/home/me/.aws/login/cache/"
      .. "6eeec053fe13079aaf7fd81065ec5ecbdb93674f20700e51842d0c769b240c8a.json"
    local context = new_context({ ["POST /v1/token"] = {
      dated { status = 400, headers = { ["x-amzn-errortype"] = "ValidationException" },
        body = '{"error":"INVALID_REQUEST","message":"iat"}' },
      dated { body = '{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"SECRETNEW",'
        .. '"sessionToken":"SECRETTOKEN2"},"expiresIn":900,"refreshToken":"SECRET-REFRESH-2"}' },
    } }, HOUR, {
      profiles = { dev = { login_session = "arn:aws:iam::111122223333:user/me" } },
      profile = "dev",
      files = { [path] = json.encode {
        clientId = "c", refreshToken = "SECRET-REFRESH", dpopKey = logged_in.KEY,
        accessToken = { accessKeyId = "ASIALOGIN", secretAccessKey = "SECRETKEY",
          sessionToken = "SECRETTOKEN", accountId = "111122223333",
          expiresAt = "2026-09-21T14:14:00Z" },
      } },
    })
    local credentials = assert(login.new(context).retrieve())
    assert.equal("ASIANEW", credentials.access_key_id)
    assert.equal(NOW + 900, credentials.expiration)
    local mime = require "mime"
    local claims = running:requests()[2].headers.dpop:match "%.([^.]+)%."
    claims = claims:gsub("-", "+"):gsub("_", "/")
    claims = json.decode_object((mime.unb64(claims .. ("="):rep(-#claims % 4))))
    assert.equal(NOW, claims.iat)
    assert.equal("2026-09-21T14:28:20Z",
      json.decode_object(context.files[path]).accessToken.expiresAt)
  end)

  it("a session that has expired by the right one is refreshed", function()
    local path = "/home/me/" .. logged_in.SSO_FILE
    local context = new_context({
      ["GET /federation/credentials?role_name=Reader&account_id=111122223333"] = {
        dated { status = 401, headers = { ["x-amzn-errortype"] = "UnauthorizedException" } },
        dated { body = ('{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"SECRETKEY",'
          .. '"sessionToken":"SECRETTOKEN","expiration":%d}}'):format((NOW + HOUR) * 1000) },
      },
      ["POST /token"] = dated { body = '{"accessToken":"SECRET-NEW","expiresIn":3600}' },
    }, -HOUR, {
      profiles = { dev = { sso_session = "corp", sso_account_id = "111122223333",
        sso_role_name = "Reader" } },
      profile = "dev",
      sso_sessions = { corp = { sso_region = "eu-west-1",
        sso_start_url = "https://corp.awsapps.com/start" } },
      files = { [path] = json.encode {
        accessToken = "SECRET-OLD", expiresAt = "2026-09-21T14:00:00Z", clientId = "c",
        clientSecret = "SECRET-C", refreshToken = "SECRET-R",
        registrationExpiresAt = "2100-01-01T00:00:00Z",
      } },
    })
    local provider = sso.new(context)
    assert.equal("ASIASSO", assert(provider.retrieve()).access_key_id)
    assert.equal("SECRET-NEW", running:requests()[3].headers["x-amz-sso_bearer_token"])
    assert.equal("2026-09-21T15:13:20Z", json.decode_object(context.files[path]).expiresAt)
  end)

  it("credentials are as long valid as the services say", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    dir:write("config", "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\n"
      .. "credential_source = Environment\n")
    running = server.start {
      ["POST /"] = { refusal "SignatureDoesNotMatch",
        dated(provider_context.sts_answer "AssumeRole") },
      ["GET /applications"] = dated { body = '{"Applications":[]}' },
    }
    local now = NOW + 2 * HOUR
    local function client(options)
      options.env = {
        AWS_CONFIG_FILE = dir:file "config", AWS_ENDPOINT_URL = running.url, HOME = dir.path,
        AWS_ACCESS_KEY_ID = "AKIDBASE", AWS_SECRET_ACCESS_KEY = "SECRETBASE",
      }
      options.region, options.clock, options.profile = "us-east-1", function() return now end,
        "default"
      return assert(appintegrations.client(options))
    end
    local one = client {}
    assert(one:list_applications()) -- they expire in an hour, which was an hour ago
    local requests = running:requests()
    assert.equal(3, #requests)
    assert.equal("20260921T141320Z", requests[3].headers["x-amz-date"])
    assert.matches("expires 20260921T151320Z", tostring(one:explain()))
    now = now + HOUR - 10 * 60
    assert(one:list_applications())
    assert.equal("POST", running:requests()[4].method) -- ten minutes before their end
  end)
end)
