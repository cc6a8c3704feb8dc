local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local web_identity = require "appintegrations.credentials.web_identity"

local ROLE = "arn:aws:iam::111122223333:role/pod"
local ANSWER = provider_context.sts_answer "AssumeRoleWithWebIdentity"

local running

local function new(fields, answers)
  running = running or server.start { ["POST /"] = answers or ANSWER }
  fields.env = fields.env or {}
  fields.env.AWS_ENDPOINT_URL_STS = running.url
  fields.files = fields.files or { ["/token"] = "SECRETJWT.a.b" }
  local context = provider_context.new(fields)
  return web_identity.new(context), context
end

local function environment()
  return { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_ARN = ROLE }
end

local function fails(code, pattern, fields, answers)
  local provider, context = new(fields, answers)
  provider_context.fails(context, provider, code, pattern)
  return context
end

describe("a web identity", function()
  after_each(function()
    if running then
      running:stop()
      running = nil
    end
  end)

  it("is nothing without a token file", function()
    provider_context.skips((new {}), "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and the profile has")
    provider_context.skips((new { env = environment(), explicit_profile = true }),
      "^the profile has no web_identity_token_file")
  end)

  it("gets a role, unsigned, as the environment says", function()
    local provider = new { env = environment() }
    local credentials = assert(provider.retrieve())
    assert.equal("ASIAROLE", credentials.access_key_id)
    assert.equal("111122223333", credentials.account_id)
    local request = running:requests()[1]
    assert.is_nil(request.headers.authorization)
    assert.same({
      Action = "AssumeRoleWithWebIdentity", Version = "2011-06-15", RoleArn = ROLE,
      RoleSessionName = "appintegrations-lua-1790000000", WebIdentityToken = "SECRETJWT.a.b",
    }, provider_context.form(request.body))
  end)

  it("gets a role as the profile says", function()
    local provider = new {
      explicit_profile = true, profile = "pod", env = environment(),
      profiles = { pod = { role_arn = ROLE .. "2", web_identity_token_file = "/other",
        role_session_name = "me" } },
      files = { ["/other"] = "SECRET-OTHER\n" },
    }
    assert(provider.retrieve())
    local form = provider_context.form(running:requests()[1].body)
    assert.equal(ROLE .. "2", form.RoleArn)
    assert.equal("me", form.RoleSessionName)
    assert.equal("SECRET-OTHER", form.WebIdentityToken)
  end)

  it("looks into the environment first, for each key", function()
    local provider = new {
      env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_SESSION_NAME = "variable" },
      profile = "pod", profiles = { pod = { role_arn = ROLE, role_session_name = "profile" } },
    }
    assert(provider.retrieve())
    local form = provider_context.form(running:requests()[1].body)
    assert.equal("variable", form.RoleSessionName)
    assert.equal(ROLE, form.RoleArn)
  end)

  it("reads its file again for each refresh", function()
    local provider, context = new { env = environment() }
    assert(provider.retrieve())
    context.files["/token"] = "SECRET-FRESH"
    assert(provider.retrieve())
    assert.equal("SECRET-FRESH",
      provider_context.form(running:requests()[2].body).WebIdentityToken)
  end)

  it("needs a role and a token", function()
    fails("InvalidConfig", "named %(AWS_WEB_IDENTITY_TOKEN_FILE%), but no role",
      { env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token" } })
    fails("CredentialsProviderError",
      "the token file /token %(AWS_WEB_IDENTITY_TOKEN_FILE%) cannot be read: No such file",
      { env = environment(), files = {} })
    fails("CredentialsProviderError", "the token file /home/me/t %(web_identity_token_file of "
      .. 'profile "pod" in FILE%) cannot be read: No such file', { files = {}, profile = "pod",
      profiles = { pod = { role_arn = ROLE, web_identity_token_file = "~/t" } } })
    fails("CredentialsProviderError", "/token %(AWS_WEB_IDENTITY_TOKEN_FILE%) is empty",
      { env = environment(), files = { ["/token"] = " \n" } })
    fails("CredentialsProviderError", "holds more than a token",
      { env = environment(), files = { ["/token"] = "SECRET one\nSECRET two" } })
    assert.same({}, running:requests())
  end)

  it("says what STS says, and what to do", function()
    local context = fails("CredentialsProviderError",
      "HTTP 400, ExpiredTokenException: Token %*%*%* expired; check the role's trust policy",
      { env = environment() },
      provider_context.sts_error(400, "ExpiredTokenException", "Token SECRETJWT.a.b expired"))
    assert.equal(1, #context.requests)
  end)

  it("is asked again when the identity provider did not answer", function()
    local provider, context = new({ env = environment() }, {
      provider_context.sts_error(400, "IDPCommunicationError", "later"), ANSWER,
    })
    assert(provider.retrieve())
    assert.equal(1, #context.slept)
  end)
end)
