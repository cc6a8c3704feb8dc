local json = require "appintegrations.base.json"
local login = require "appintegrations.credentials.login"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local logged_in = require "spec.support.logged_in"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"

local NOW = provider_context.NOW
local SESSION = logged_in.SESSION
local FILE = "/home/me/" .. logged_in.LOGIN_FILE


local function cached(expires_at, fields, token_fields)
  local all = {
    clientId = "arn:aws:signin:::devtools/same-device", refreshToken = "SECRET-REFRESH",
    dpopKey = logged_in.KEY, tokenType = "aws_sigv4", idToken = "SECRET-ID",
    accessToken = { accessKeyId = "ASIALOGIN", secretAccessKey = "SECRETKEY",
      sessionToken = "SECRETTOKEN", accountId = "111122223333", expiresAt = expires_at },
  }
  for name, value in pairs(fields or {}) do
    all[name] = value or nil
  end
  for name, value in pairs(token_fields or {}) do
    all.accessToken[name] = value or nil
  end
  return json.encode(all)
end

local REFRESHED = { body = '{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"SECRETNEW",'
  .. '"sessionToken":"SECRETTOKEN2"},"tokenType":"aws_sigv4","expiresIn":900,'
  .. '"refreshToken":"SECRET-REFRESH-2"}' }

local running

local function new(text, answers, fields)
  running = running or server.start { ["POST /v1/token"] = answers or REFRESHED }
  fields = fields or {}
  fields.env = fields.env or {}
  fields.env.AWS_ENDPOINT_URL_SIGNIN = running.url
  fields.profiles, fields.profile = { dev = { login_session = SESSION } }, "dev"
  fields.files = fields.files or { [FILE] = text }
  local context = provider_context.new(fields)
  return login.new(context), context
end

local function stop()
  if running then
    running:stop()
    running = nil
  end
end

local function fails(pattern, text, answers, fields)
  stop()
  local provider, context = new(text, answers, fields)
  local err = provider_context.fails(context, provider, "CredentialsProviderError", pattern)
  assert.is_nil(tostring(err):find("MHcC", 1, true))
  return context
end

describe("a login", function()
  after_each(stop)

  it("is nothing for other profiles", function()
    provider_context.skips(login.new(provider_context.new()), "the profile has no login_session")
  end)

  it("has the credentials of its file while they are valid", function()
    local provider, context = new(cached "2026-09-21T14:18:21Z") -- 5 minutes and a second
    assert.same({
      access_key_id = "ASIALOGIN", secret_access_key = "SECRETKEY", session_token = "SECRETTOKEN",
      expiration = NOW + 301, account_id = "111122223333",
    }, (assert(provider.retrieve())))
    assert.same({}, context.requests)
  end)

  it("is refreshed with its key, and written back", function()
    local provider, context = new(cached "2026-09-21T14:18:20Z")
    assert.same({
      access_key_id = "ASIANEW", secret_access_key = "SECRETNEW", session_token = "SECRETTOKEN2",
      expiration = NOW + 900, account_id = "111122223333",
    }, (assert(provider.retrieve())))
    local request = running:requests()[1]
    assert.same({
      clientId = "arn:aws:signin:::devtools/same-device", refreshToken = "SECRET-REFRESH",
      grantType = "refresh_token",
    }, json.decode_object(request.body))
    assert.is_nil(request.headers.authorization)
    local mime = require "mime"
    local claims = request.headers.dpop:match "%.([^.]+)%.":gsub("-", "+"):gsub("_", "/")
    claims = json.decode_object((mime.unb64(claims .. ("="):rep(-#claims % 4))))
    assert.equal(running.url .. "/v1/token", claims.htu)
    assert.equal(NOW, claims.iat)
    local written = json.decode_object(context.files[FILE])
    assert.equal("SECRET-REFRESH-2", written.refreshToken)
    assert.equal("SECRET-ID", written.idToken)
    assert.equal(logged_in.KEY, written.dpopKey)
    assert.same({
      accessKeyId = "ASIANEW", secretAccessKey = "SECRETNEW", sessionToken = "SECRETTOKEN2",
      accountId = "111122223333", expiresAt = "2026-09-21T14:28:20Z",
    }, written.accessToken)
    assert.equal("ASIANEW", assert(provider.retrieve()).access_key_id)
    assert.equal(1, #context.requests)
  end)

  it("is found where AWS_LOGIN_CACHE_DIRECTORY says", function()
    local name = FILE:match "[^/]+$"
    for directory, path in pairs { ["/var/cache/"] = "/var/cache/", ["~/x"] = "/home/me/x/" } do
      local provider = new(nil, nil, {
        env = { AWS_LOGIN_CACHE_DIRECTORY = directory },
        files = { [path .. name] = cached "2026-09-21T15:00:00Z" },
      })
      assert(provider.retrieve())
    end
    fails("the home directory is unknown", cached "2026-09-21T15:00:00Z", nil, { home = false })
  end)

  it("that another program has refreshed is not refreshed again", function()
    local provider, context = new(cached "2026-09-21T14:20:00Z")
    assert(provider.retrieve())
    context.now = NOW + 900
    context.files[FILE] = cached("2026-09-21T14:43:00Z", nil, { accessKeyId = "ASIAOTHER" })
    assert.equal("ASIAOTHER", assert(provider.retrieve()).access_key_id)
    assert.same({}, context.requests)
  end)

  it("tells people to log in again", function()
    local advice = '; run "aws login %-%-profile dev"$'
    for code, words in pairs {
      TOKEN_EXPIRED = "the session has expired", USER_CREDENTIALS_CHANGED = "the password has been",
      INSUFFICIENT_PERMISSIONS = "the permission signin:CreateOAuth2Token is missing",
    } do
      local context = fails("^login: the login cannot be refreshed: " .. words .. ".*" .. advice,
        cached "2026-09-21T14:16:00Z", {
          status = 401, headers = { ["x-amzn-errortype"] = "AccessDeniedException" },
          body = ('{"error":"%s","message":"no, SECRET-REFRESH"}'):format(code),
        })
      assert.equal(1, #context.requests)
    end
    fails("HTTP 400, ValidationException: no, %*%*%*" .. advice, cached "2026-09-21T14:16:00Z", {
      status = 400, headers = { ["x-amzn-errortype"] = "ValidationException" },
      body = '{"error":"INVALID_REQUEST","message":"no, SECRET-REFRESH"}',
    })
    fails("cannot be read: .*No such file" .. ".*" .. advice)
    fails("holds no JSON object" .. advice, "SECRET")
    fails("json has no dpopKey" .. advice, cached("2026-09-21T15:00:00Z", { dpopKey = false }))
    fails("json has no accountId" .. advice, cached("2026-09-21T15:00:00Z", nil,
      { accountId = false }))
    fails("json cannot be used: expiresAt is no time" .. advice, cached "soon")
    fails("the dpopKey of the login is not a private key", cached("2026-09-21T14:16:00Z",
      { dpopKey = "SECRET" }))
  end)

  it("goes on with what it has while the service is down", function()
    local provider, context = new(cached "2026-09-21T14:16:00Z", { status = 503 })
    assert.equal("ASIALOGIN", assert(provider.retrieve()).access_key_id)
    assert.equal(3, #context.requests)
    assert.matches("the login is not refreshed: login: 127.0.0.1:%d+ answered HTTP 503",
      context.events[1].message)
    provider_context.assert_no_secret(context)
    context.now = NOW + 160
    provider_context.fails(context, provider, "CredentialsProviderError", "answered HTTP 503")
  end)

  it("sends another proof with each attempt", function()
    local provider = new(cached "2026-09-21T14:16:00Z", { { status = 500 }, REFRESHED })
    assert.equal("ASIANEW", assert(provider.retrieve()).access_key_id)
    local requests = running:requests()
    assert.not_equal(requests[1].headers.dpop, requests[2].headers.dpop)
  end)

  it("is used when its file cannot be written", function()
    local provider, context = new(cached "2026-09-21T14:16:00Z", nil, { read_only = true })
    assert.equal("ASIANEW", assert(provider.retrieve()).access_key_id)
    assert.matches("cannot be written", context.events[1].message)
  end)

  it("is not taken from an answer that makes no sense", function()
    for pattern, body in pairs {
      ["no JSON object"] = "",
      ["no usable refreshToken"] = REFRESHED.body:gsub("refreshToken", "x"),
      ["no usable secretAccessKey"] = REFRESHED.body:gsub("secretAccessKey", "x"),
      ["no usable expiresIn"] = REFRESHED.body:gsub("900", "-1"),
    } do
      fails("the answer of 127.0.0.1:%d+ cannot be used: .*" .. pattern,
        cached "2026-09-21T14:00:00Z", { body = body })
    end
  end)

  it("has no credentials that could not stand in a request", function()
    for name, words in pairs { accessKeyId = "access_key_id is empty or has white space in it",
      sessionToken = "session_token is empty or has white space in it" } do
      local body = REFRESHED.body:gsub('("' .. name .. '":")[^"]*', "%1SECRET \\n")
      fails("^login: AWS Sign%-In gave unusable credentials: " .. words .. "$",
        cached "2026-09-21T14:16:00Z", { body = body })
    end
  end)

  it("is left to another process by a call that has no time, or is cancelled, while it waits",
    function()
      local provider, context = new(cached "2026-09-21T14:00:00Z", nil, { is_locked = true })
      provider_context.fails(context, provider, "DeadlineExceeded", "another process", NOW + 1)
      function context.sleep()
        return errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
      end
      provider_context.fails(context, provider, "Cancelled", "cancelled")
      assert.same({}, context.requests) -- the refresh token is the other's
    end)

  it("ends with the deadline", function()
    local provider, context = new(cached "2026-09-21T14:00:00Z", { hang = true },
      { clock = core.now })
    provider_context.fails(context, provider, "DeadlineExceeded", "deadline", core.now() + 0.05)
  end)
end)
