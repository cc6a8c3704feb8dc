local assume_role = require "appintegrations.credentials.assume_role"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"

local ROLE = "arn:aws:iam::111122223333:role/contact-center"
local KEYS = { aws_access_key_id = "AKIDSOURCE", aws_secret_access_key = "SECRETSOURCE" }

local running

--- A context with PROFILES for profile "role", whose STS gives ANSWERS.
local function new(profiles, answers, fields)
  running = running or server.start {
    ["POST /"] = answers or provider_context.sts_answer "AssumeRole",
  }
  fields = fields or {}
  fields.profiles, fields.profile = profiles, fields.profile or "role"
  fields.env = fields.env or {}
  fields.env.AWS_ENDPOINT_URL_STS = running.url
  local context = provider_context.new(fields)
  return assume_role.new(context), context
end

--- The form of request I, and who signed it.
local function received(i)
  local request = running:requests()[i]
  return provider_context.form(request.body), request.headers.authorization:match "=([^/]+)/"
end

local function fails(code, pattern, profiles, fields)
  local provider, context = new(profiles, nil, fields)
  return provider_context.fails(context, provider, code, pattern), context
end

describe("assuming a role", function()
  after_each(function()
    if running then
      running:stop()
      running = nil
    end
  end)

  it("is nothing for other profiles", function()
    provider_context.skips((new({})), "no role_arn")
    provider_context.skips((new { role = KEYS }), "no role_arn")
    provider_context.skips((new { role = { role_arn = ROLE, web_identity_token_file = "/t" } }),
      "without web_identity_token_file")
  end)

  it("signs with the static keys of the source profile", function()
    local provider = new { role = { role_arn = ROLE, source_profile = "source" }, source = KEYS }
    local credentials = assert(provider.retrieve())
    assert.equal("ASIAROLE", credentials.access_key_id)
    assert.equal(provider_context.NOW + 3600, credentials.expiration)
    local form, signer = received(1)
    assert.equal("AKIDSOURCE", signer)
    assert.same({
      Action = "AssumeRole", Version = "2011-06-15", RoleArn = ROLE,
      RoleSessionName = "appintegrations-lua-1790000000",
    }, form)
  end)

  it("sends what the profile says", function()
    local provider = new {
      role = { role_arn = ROLE, source_profile = "role", external_id = "SECRET-ID",
        role_session_name = "nightly", duration_seconds = "3600",
        aws_access_key_id = "AKIDSELF", aws_secret_access_key = "SECRETSELF",
        aws_session_token = "SECRETSESSION" },
    }
    assert(provider.retrieve())
    local form, signer = received(1)
    assert.equal("AKIDSELF", signer)
    assert.equal("SECRETSESSION", running:requests()[1].headers["x-amz-security-token"])
    assert.equal("SECRET-ID", form.ExternalId)
    assert.equal("nightly", form.RoleSessionName)
    assert.equal("3600", form.DurationSeconds)
    assert.is_nil(form.SerialNumber)
  end)

  it("goes through a chain of roles", function()
    local provider = new({
      role = { role_arn = ROLE, source_profile = "middle" },
      middle = { role_arn = ROLE .. "-middle", source_profile = "first" },
      first = KEYS,
    }, {
      provider_context.sts_answer("AssumeRole", { id = "ASIAMIDDLE" }),
      provider_context.sts_answer("AssumeRole", { id = "ASIALAST" }),
    })
    assert.equal("ASIALAST", assert(provider.retrieve()).access_key_id)
    local form, signer = received(1)
    assert.equal(ROLE .. "-middle", form.RoleArn)
    assert.equal("AKIDSOURCE", signer)
    form, signer = received(2)
    assert.equal(ROLE, form.RoleArn)
    assert.equal("ASIAMIDDLE", signer)
  end)

  it("ends a chain at a profile that has both keys and a role", function()
    local provider = new {
      role = { role_arn = ROLE, source_profile = "both" },
      both = { role_arn = ROLE .. "-other", source_profile = "role",
        aws_access_key_id = "AKIDBOTH", aws_secret_access_key = "SECRETBOTH" },
    }
    assert(provider.retrieve())
    local _, signer = received(1)
    assert.equal("AKIDBOTH", signer)
    assert.equal(1, #running:requests())
  end)

  it("asks the chain for source profiles of other kinds", function()
    local asked = {}
    local provider = new({
      role = { role_arn = ROLE, source_profile = "sso" },
      sso = { sso_account_id = "1", aws_access_key_id = "AKIDNOT" },
    }, nil, {
      provider_for_profile = function(name, state)
        asked = { name, state.path }
        return { name = "sso", retrieve = function() return provider_context.KEYS end }
      end,
    })
    assert(provider.retrieve())
    assert.same({ "sso", { "role", "sso" } }, asked)
    local _, signer = received(1)
    assert.equal("AKIDEXAMPLE", signer)
  end)

  it("gets new credentials when they have expired", function()
    local provider, context = new({ role = { role_arn = ROLE, source_profile = "role",
      aws_access_key_id = "A1", aws_secret_access_key = "SECRETSELF" } }, {
      provider_context.sts_answer("AssumeRole"),
      provider_context.sts_answer("AssumeRole", { id = "ASIANEXT",
        expiration = "2026-09-21T16:13:20Z" }),
    })
    assert(provider.retrieve())
    context.now = context.now + 3600
    local credentials = assert(provider.retrieve())
    assert.equal("ASIANEXT", credentials.access_key_id)
    assert.equal(context.now + 3600, credentials.expiration)
    assert.equal("appintegrations-lua-1790003600", (received(2)).RoleSessionName)
  end)

  it("takes credentials from the environment when the profile says so", function()
    local provider = new({ role = { role_arn = ROLE, credential_source = "environment" } }, nil, {
      explicit_profile = true,
      env = { AWS_ACCESS_KEY_ID = "AKIDENV", AWS_SECRET_ACCESS_KEY = "SECRETENV" },
    })
    assert(provider.retrieve())
    local _, signer = received(1)
    assert.equal("AKIDENV", signer)
    running:stop()
    running = nil
    fails("CredentialsProviderError", 'role_arn in profile "role" has none: environment: '
      .. "AWS_ACCESS_KEY_ID is not set",
      { role = { role_arn = ROLE, credential_source = "Environment" } })
  end)

  it("takes credentials from the container when the profile says so", function()
    local container = server.start { ["GET /role"] = { body = '{"AccessKeyId":"ASIAECS","Token":'
      .. '"SECRETTOKEN","SecretAccessKey":"SECRETECS","Expiration":"2026-09-21T15:00:00Z"}' } }
    local provider = new({ role = { role_arn = ROLE, credential_source = "EcsContainer" } }, nil,
      { env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = container.url .. "/role" } })
    local credentials, err = provider.retrieve()
    container:stop()
    assert.is_nil(err)
    assert.equal("ASIAROLE", credentials.access_key_id)
    local _, signer = received(1)
    assert.equal("ASIAECS", signer)
  end)

  it("takes credentials from the instance when the profile says so", function()
    fails("CredentialsProviderError", "imds: switched off by",
      { role = { role_arn = ROLE, credential_source = "Ec2InstanceMetadata" } },
      { settings = { region = "us-east-1", ec2_metadata_disabled = true } })
  end)

  it("passes over a duration that is no number, and says so", function()
    for text, sent in pairs { garbage = false, ["1h"] = false, ["1e30"] = false, ["900.5"] = false,
      ["0003600"] = "3600", ["+900"] = "900" } do
      local provider, context = new({
        role = { role_arn = ROLE, source_profile = "keys", duration_seconds = text }, keys = KEYS,
      })
      assert(provider.retrieve())
      assert.equal(sent or nil, (received(1)).DurationSeconds)
      assert.same(sent and {} or { 'profile "role": duration_seconds is no whole number and does '
        .. "not count" }, context.advisories)
      running:stop()
      running = nil
    end
  end)

  it("is refused for profiles that contradict themselves", function()
    for _, case in ipairs {
      { "neither source_profile nor credential_source", {} },
      { "has both source_profile and", { source_profile = "a", credential_source = "x" } },
      { 'credential_source "Elsewhere" is none of', { credential_source = "Elsewhere" } },
      { 'the source_profile "none" does not exist', { source_profile = "none" } },
      { "leads back to itself: role %-> role", { source_profile = "role" } },
      { "leads back to itself: role %-> role",
        { source_profile = "role", aws_secret_access_key = "SECRETKEY" } },
      { "leads back to itself: role %-> a %-> b %-> a", { source_profile = "a" } },
      { "leads back to itself: role %-> c %-> role", { source_profile = "c" } },
      { "duration_seconds has to be", { source_profile = "keys", duration_seconds = "899" } },
      { "duration_seconds has to be", { source_profile = "keys", duration_seconds = "-900" } },
      { "duration_seconds has to be",
        { source_profile = "keys", duration_seconds = "1234567890" } },
    } do
      case[2].role_arn = ROLE
      fails("InvalidConfig", case[1], {
        role = case[2], keys = KEYS,
        a = { role_arn = ROLE, source_profile = "b" },
        b = { role_arn = ROLE, source_profile = "a" },
        c = { role_arn = ROLE, source_profile = "role" },
      })
    end
    fails("CredentialsProviderError", 'the keys of profile "half" .* cannot be used', {
      role = { role_arn = ROLE, source_profile = "half" },
      half = { aws_access_key_id = "AKID" },
    })
    fails("NoCredentials", "no credentials found for empty", {
      role = { role_arn = ROLE, source_profile = "empty" }, empty = {},
    })
    assert.same({}, running:requests())
  end)
end)

describe("assuming a role with MFA", function()
  local SERIAL = "arn:aws:iam::111122223333:mfa/me"
  local PROFILE = { role_arn = ROLE, source_profile = "keys", mfa_serial = SERIAL }

  after_each(function()
    running:stop()
    running = nil
  end)

  it("asks the program for the code of each refresh", function()
    local asked = {}
    local provider = new({ role = PROFILE, keys = KEYS }, nil, {
      options = { mfa_code = function(serial)
        asked[#asked + 1] = serial
        return "12345" .. #asked
      end },
    })
    assert(provider.retrieve())
    local form = received(1)
    assert.equal(SERIAL, form.SerialNumber)
    assert.equal("123451", form.TokenCode)
    assert(provider.retrieve())
    assert.equal("123452", (received(2)).TokenCode)
    assert.same({ SERIAL, SERIAL }, asked)
  end)

  it("asks again after a failure, and shows the code to nobody", function()
    local codes = { "111111", "222222" }
    local provider, context = new({ role = PROFILE, keys = KEYS }, {
      provider_context.sts_error(403, "AccessDenied", "MultiFactorAuthentication failed: 111111"),
      provider_context.sts_answer "AssumeRole",
    }, { options = { mfa_code = function() return table.remove(codes, 1) end } })
    local err = provider_context.fails(context, provider, "CredentialsProviderError",
      "MultiFactorAuthentication failed: %*%*%*")
    assert.is_nil(tostring(err):find "111111")
    assert(provider.retrieve())
    assert.equal("222222", (received(2)).TokenCode)
  end)

  it("says what is missing without the option", function()
    fails("CredentialsProviderError",
      "needs a code of the MFA device arn:.*pass the option mfa_code",
      { role = PROFILE, keys = KEYS })
  end)

  it("refuses what is no code", function()
    for _, code in ipairs { "", "SECRET", 123456, "12345", "1234567" } do
      fails("CredentialsProviderError", "returned no code of 6 digits",
        { role = PROFILE, keys = KEYS }, { options = { mfa_code = function() return code end } })
    end
    assert.same({}, running:requests())
  end)
end)
