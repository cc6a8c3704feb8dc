local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local json = require "appintegrations.base.json"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local sso_token = require "appintegrations.credentials.sso_token"

local NOW = provider_context.NOW
-- SHA-1 of "corp", and of the start URL.
local SESSION_FILE = "/home/me/" .. require("spec.support.logged_in").SSO_FILE
local START_URL = "https://corp.awsapps.com/start"
local LEGACY_FILE = "/home/me/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json"

local function token(expires_at, fields)
  local all = {
    accessToken = "SECRET-OLD", expiresAt = expires_at, refreshToken = "SECRET-REFRESH",
    clientId = "SECRET-CLIENT", clientSecret = "SECRET-OF-CLIENT", startUrl = START_URL,
    registrationExpiresAt = "2100-01-01T00:00:00Z", region = "eu-west-1", scopes = { "sso:x" },
  }
  for name, value in pairs(fields or {}) do
    all[name] = value or nil
  end
  return json.encode(all)
end

local REFRESHED = { body = '{"accessToken":"SECRET-NEW","tokenType":"Bearer","expiresIn":28800,'
  .. '"refreshToken":"SECRET-REFRESH-2"}' }

local running

local function new(text, answers, fields)
  running = running or server.start { ["POST /token"] = answers or REFRESHED }
  fields = fields or {}
  fields.env = { AWS_ENDPOINT_URL_SSO_OIDC = running.url }
  fields.files = { [SESSION_FILE] = text }
  local context = provider_context.new(fields)
  return sso_token.loader(context, {
    start_url = START_URL, region = "eu-west-1", session = "corp", login = "aws sso login",
  }), context
end

local function stop()
  if running then
    running:stop()
    running = nil
  end
end

local function fails(pattern, text, answers, fields)
  local load, context = new(text, answers, fields)
  provider_context.fails(context, { retrieve = load }, "CredentialsProviderError", pattern)
  return context
end

describe("the token of an sso-session", function()
  after_each(stop)

  it("is what the file says while it is valid", function()
    local load, context = new(token "2026-09-21T14:28:21Z") -- 15 minutes and a second
    assert.equal("SECRET-OLD", load())
    assert.same({}, context.requests)
  end)

  it("is refreshed before it expires, and written back", function()
    for _, expires_at in ipairs { "2026-09-21T14:28:20Z", "2026-09-20T00:00:00UTC" } do
      local load, context = new(token(expires_at))
      assert.equal("SECRET-NEW", load())
      assert.same({
        grantType = "refresh_token", clientId = "SECRET-CLIENT", clientSecret = "SECRET-OF-CLIENT",
        refreshToken = "SECRET-REFRESH",
      }, json.decode_object(running:requests()[1].body))
      assert.equal("application/json", running:requests()[1].headers["content-type"])
      assert.same({
        accessToken = "SECRET-NEW", expiresAt = "2026-09-21T22:13:20Z", scopes = { "sso:x" },
        refreshToken = "SECRET-REFRESH-2", clientId = "SECRET-CLIENT", startUrl = START_URL,
        clientSecret = "SECRET-OF-CLIENT", registrationExpiresAt = "2100-01-01T00:00:00Z",
        region = "eu-west-1",
      }, json.decode_object(context.files[SESSION_FILE]))
      assert.same({ SESSION_FILE }, context.written)
      assert.equal("SECRET-NEW", load())
      assert.equal(1, #context.requests)
      stop()
    end
  end)

  it("keeps its refresh token where it gets no other", function()
    local load, context = new(token "2026-09-21T14:00:00Z",
      { body = '{"accessToken":"SECRET-NEW","expiresIn":60}' })
    assert(load())
    assert.equal("SECRET-REFRESH", json.decode_object(context.files[SESSION_FILE]).refreshToken)
  end)

  it("is used without its file when that cannot be written", function()
    local load, context = new(token "2026-09-21T14:00:00Z", nil, { read_only = true })
    assert.equal("SECRET-NEW", load())
    assert.equal("SECRET-NEW", load())
    assert.equal(1, #context.requests)
    assert.matches("cannot be written", context.events[1].message)
  end)

  it("is used to its end when it cannot be refreshed, with one try a minute", function()
    local load, context = new(token "2026-09-21T14:20:00Z", { status = 400,
      headers = { ["x-amzn-errortype"] = "InvalidGrantException:" },
      body = '{"error":"invalid_grant","error_description":"SECRET-REFRESH is no good"}' })
    assert.equal("SECRET-OLD", load())
    assert.matches("not refreshed: sso: 127.0.0.1:%d+ answered HTTP 400, InvalidGrantException: "
      .. "%*%*%* is no good", context.events[1].message)
    provider_context.assert_no_secret(context)
    context.now = NOW + 59
    assert.equal("SECRET-OLD", load())
    assert.equal(1, #context.requests)
    context.now = NOW + 60
    assert.equal("SECRET-OLD", load())
    assert.equal(2, #context.requests)
    context.now = NOW + 400
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      'the session has expired and cannot be refreshed %(.*InvalidGrant.*%); run "aws sso login"')
    -- Not tried again yet: the cause is still the last that is known.
    context.now = NOW + 410
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      'the session has expired and cannot be refreshed %(.*InvalidGrant.*%); run "aws sso login"')
    assert.equal(3, #context.requests)
  end)

  it("keeps the first cause until something newer is known", function()
    local load, context = new(token "2026-09-21T14:20:00Z", REFRESHED)
    running:stop()
    local _, _, reason = load()
    assert.matches("^sso: could not connect to 127.0.0.1", reason)
    context.now = NOW + 30
    assert.equal(reason, select(3, load()))
    assert.equal(1, #context.events) -- told once
    context.now = NOW + 500
    -- A login would not get there either.
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      "cannot be refreshed %(sso: could not connect to .*%)$")
    context.now = NOW + 510
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      "cannot be refreshed %(sso: could not connect to .*%)$")
    context.files[SESSION_FILE] = token "2026-09-21T20:00:00Z"
    assert.same({ "SECRET-OLD" }, { load() })
    context.files[SESSION_FILE] = token("2026-09-21T14:00:00Z", { refreshToken = false })
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      'cannot be refreshed %(the token file has no refreshToken%); run "aws sso login"$')
    running = nil
  end)

  it("is left to who refreshes it already, and waited for when it has expired", function()
    local load, context = new(token "2026-09-21T14:20:00Z", nil, { is_locked = true })
    assert.equal("SECRET-OLD", load())
    assert.same({ {}, {} }, { context.requests, context.slept })
    context.now = NOW + 500
    assert.equal("SECRET-NEW", load()) -- nobody waits for ever
    assert.equal(99, #context.slept)
    local began = context.now
    context.files[SESSION_FILE] = token "2026-09-21T14:00:00Z"
    load, context = new(token "2026-09-21T14:00:00Z", nil, { is_locked = true })
    context.now = began
    provider_context.fails(context, { retrieve = load }, "DeadlineExceeded", "another process",
      began + 1)
    assert.is_true(context.now < began + 1)
    assert.same({}, context.requests) -- the refresh token is the other's
  end)

  it("is left to the other process, too, by a call that is cancelled while it waits", function()
    local load, context = new(token "2026-09-21T14:00:00Z", nil, { is_locked = true })
    function context.sleep()
      return errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
    end
    provider_context.fails(context, { retrieve = load }, "Cancelled", "cancelled")
    assert.same({}, context.requests)
  end)

  it("is refreshed by somebody else, which is seen", function()
    local load, context = new(token "2026-09-21T14:00:00Z", { status = 400 })
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError", "expired")
    context.files[SESSION_FILE] = token("2026-09-21T20:00:00Z", { accessToken = "SECRET-OTHER" })
    assert.equal("SECRET-OTHER", load())
  end)

  it("cannot be refreshed without what that needs", function()
    local old = "2026-09-21T14:00:00Z"
    fails("cannot be refreshed %(the token file has no refreshToken%)",
      token(old, { refreshToken = false }))
    fails("the token file has no clientId, clientSecret",
      token(old, { clientId = false, clientSecret = false }))
    fails("the registration of the client has expired",
      token(old, { registrationExpiresAt = "2026-09-21T14:13:20Z" }))
    assert.same({}, running:requests())
  end)

  it("is asked for again when the service does not answer", function()
    local load, context = new(token "2026-09-21T14:00:00Z", { { status = 503 }, REFRESHED })
    assert.equal("SECRET-NEW", load())
    assert.equal(1, #context.slept)
  end)

  it("asks for a new login where the old one is refused, not where the service fails", function()
    for status, words in pairs { [400] = '; run "aws sso login"$', [401] = '; run "aws sso login"$',
      [500] = "cannot be refreshed %(.*500.*%)$", [503] = "cannot be refreshed %(.*503.*%)$" } do
      fails(words, token "2026-09-21T14:00:00Z", { status = status })
      stop()
    end
  end)

  it("is not taken from an answer that makes no sense", function()
    for pattern, body in pairs {
      ["no JSON object"] = "", ["it has no usable accessToken"] = '{"expiresIn":1}',
      ["it has no usable expiresIn"] = '{"accessToken":"SECRET-NEW","expiresIn":"1"}',
    } do
      fails(pattern, token "2026-09-21T14:00:00Z", { body = body })
      stop()
    end
  end)

  it("ends with the deadline, which says nothing of the session", function()
    local load, context = new(token "2026-09-21T14:00:00Z", { hang = true }, { clock = core.now })
    for tries = 1, 2 do
      provider_context.fails(context, { retrieve = load }, "DeadlineExceeded", "deadline",
        core.now() + 0.05)
      assert.equal(tries, #context.requests)
    end
  end)

  it("has to stand in its file", function()
    fails('cache/ee0b.*json cannot be read: .*No such file or directory; run "aws sso login"')
    for pattern, text in pairs {
      ["holds no JSON object"] = "SECRET",
      ["has no usable accessToken"] = token("2026-09-21T20:00:00Z", { accessToken = false }),
      ["has no usable expiresAt"] = token "soon",
      ["has no usable accessToken;"] = token("2026-09-21T20:00:00Z", { accessToken = "SECRET\n" }),
    } do
      fails(pattern, text)
    end
    fails("the home directory is unknown", token "2026-09-21T20:00:00Z", nil, { home = false })
  end)
end)

describe("the token of a legacy profile", function()
  it("is found by its start URL, and never refreshed", function()
    local context = provider_context.new()
    local load = sso_token.loader(context, {
      start_url = START_URL, region = "eu-west-1", login = "aws sso login --profile p",
    })
    context.files[LEGACY_FILE] = token "2026-09-21T14:13:21Z"
    assert.equal("SECRET-OLD", load())
    context.now = NOW + 1
    provider_context.fails(context, { retrieve = load }, "CredentialsProviderError",
      'the session has expired; run "aws sso login %-%-profile p"')
    assert.same({}, context.requests)
  end)
end)
