local appintegrations = require "appintegrations"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"
local logged_in = require "spec.support.logged_in"
local workdir = require "spec.support.workdir"

local NOW = 1800000000 -- 2027-01-15T08:00:00Z

describe("explain", function()
  local dir, now

  before_each(function()
    dir, now = workdir.new(), NOW
  end)

  after_each(function()
    dir:remove()
  end)

  local function new_client(options, env, config)
    env = env or {}
    env.HOME = dir.path
    workdir.shell("mkdir -p " .. dir:file ".aws")
    dir:write(".aws/config", config or "")
    local all = {
      env = env, region = "us-east-1", imds = false, transport = fake.new {},
      clock = function() return now end,
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return assert(appintegrations.client(all))
  end

  local function keys(more)
    local env = { AWS_ACCESS_KEY_ID = "AKID", AWS_SECRET_ACCESS_KEY = "SECRETKEY" }
    for name, value in pairs(more or {}) do
      env[name] = value
    end
    return env
  end

  --- The record of provider NAME.
  local function record_of(explanation, name)
    for _, record in ipairs(explanation.credentials.providers) do
      if record.name == name then
        return record
      end
    end
  end

  it("does not say of expired credentials that they are used", function()
    local client = new_client({}, keys { AWS_CREDENTIAL_EXPIRATION = "2027-01-15T07:00:00Z" })
    local explanation = client:explain()
    assert.equal("expired", record_of(explanation, "environment").status)
    assert.is_nil(explanation.credentials.provider)
    local text = tostring(explanation)
    assert.truthy(text:find "\nCredentials: none\n")
    assert.truthy(text:find "environment +expired +%(%d+ ms, expired 20270115T070000Z%)")
    assert.is_nil(text:find "used")
    assert.truthy(text:find("set newer ones, or AWS_CREDENTIAL_EXPIRATION", 1, true))
  end)

  it("speaks of signing in only where there is a sign-in", function()
    local command = "[default]\ncredential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":"
      .. "\"A\",\"SecretAccessKey\":\"SECRET\",\"Expiration\":\"2027-01-15T07:00:00Z\"}'\n"
    local expired = { access_key_id = "A", secret_access_key = "SECRET", expiration = NOW - 1 }
    for remedy, client in pairs {
      ["credential_process prints newer"] = new_client({}, {}, command),
      ["pass newer ones as the option credentials"] = new_client { credentials = expired },
      ["function has to return newer"] = new_client { credentials = function() return expired end },
    } do
      local _, err = client.credentials()
      assert.equal("CredentialsExpired", err.code)
      assert.truthy(err.message:find(remedy, 1, true), err.message)
      assert.is_nil(err.message:find "sign in")
    end
  end)

  it("shows times that have no usual form", function()
    local function shown(expiration)
      return tostring(new_client { credentials = {
        access_key_id = "A", secret_access_key = "SECRET", expiration = expiration } }:explain())
    end
    assert.truthy(shown(1 / 0):find("expires after the year 9999", 1, true))
    assert.truthy(shown(253402300800):find("expires after the year 9999", 1, true))
    assert.truthy(shown(253402300799):find("expires 99991231T235959Z", 1, true))
    assert.truthy(shown(-1e300):find("expired before 1970", 1, true))
  end)

  it("tells of blank variables, which are taken as not set", function()
    local explanation = new_client({}, keys { AWS_PROFILE = "", AWS_SESSION_TOKEN = " \t",
      AWS_MAX_ATTEMPTS = "  " }):explain()
    assert.same({
      "environment variable AWS_MAX_ATTEMPTS is blank: taken as not set",
      "environment variable AWS_PROFILE is blank: taken as not set",
      "environment variable AWS_SESSION_TOKEN is blank: taken as not set",
    }, explanation.advisories)
    assert.equal(3, explanation.settings.max_attempts.value)
    assert.equal("environment", explanation.credentials.provider)
    local text = tostring(explanation)
    assert.truthy(text:find(
      "\nAdvisories:\n  environment variable AWS_MAX_ATTEMPTS is blank", 1, true))
    local providers = explanation.credentials.providers
    assert.truthy(text:find("\n  " .. providers[#providers].name .. " [^\n]*\nAdvisories:\n"), text)
    assert.same({}, new_client({}, keys { AWS_PROFILE = false }):explain().advisories)
  end)

  it("waits for a service that gives no credentials as long as a call, and tells of it", function()
    --- A client whose SSO portal takes the time that it is given, and that is all.
    local function new_waiting(options)
      workdir.shell("mkdir -p " .. dir:file ".aws/sso/cache")
      dir:write(logged_in.SSO_FILE,
        '{"accessToken":"SECRET","expiresAt":"2027-01-16T00:00:00Z"}')
      options.random = function() return 0 end
      options.sleep = function(seconds) now = now + seconds end
      options.transport = fake.new(function(request)
        now = now + request.timeout
        return nil, errors.new { kind = "timeout", code = "AttemptTimeout", message = "too late" }
      end)
      now = NOW
      return new_client(options, {}, logged_in.SSO_PROFILE)
    end

    local client = new_waiting { deadline = 4 }
    local explanation = client:explain()
    assert.equal(4, now - NOW)
    assert.matches("^DeadlineExceeded: ", explanation.credentials.error)
    assert.matches("DeadlineExceeded: the deadline passed while portal.sso.eu%-west%-1."
      .. "amazonaws.com gave no credentials", record_of(explanation, "sso").reason)
    now = NOW
    local _, err = client:list_applications()
    assert.equal("DeadlineExceeded", err.code)
    assert.equal(4, now - NOW)

    explanation = new_waiting { timeout = 2 }:explain()
    assert.equal(3 * 2, now - NOW)
    assert.matches("too late", record_of(explanation, "sso").reason)
  end)

  it("tells of a duration that is none", function()
    local client = new_client({ transport = fake.new(function()
      return { status = 200, headers = {},
        body = require("spec.support.provider_context").sts_answer("AssumeRole",
          { expiration = "2027-01-15T09:00:00Z" }).body }
    end) }, {}, "[default]\nrole_arn = arn\nsource_profile = b\nduration_seconds = an hour\n"
      .. "[profile b]\naws_access_key_id = A\naws_secret_access_key = SECRET\n")
    local explanation = client:explain()
    assert.equal("assume-role", explanation.credentials.provider)
    assert.same({ 'profile "default": duration_seconds is no whole number and does not count' },
      explanation.advisories)
  end)

  it("takes retry_mode legacy as the option as from elsewhere", function()
    local settings = new_client({ retry_mode = "legacy" }, keys()):explain().settings
    assert.same({ value = "standard", origin = "option retry_mode" }, settings.retry_mode)
  end)

  it("shows the retry mode that is none", function()
    local ok, message = pcall(new_client, { retry_mode = "legcay" })
    assert.is_false(ok)
    assert.truthy(message:find('option "retry_mode": expected "standard", "adaptive", "off", '
      .. '"legacy", got "legcay"', 1, true))
  end)
end)
