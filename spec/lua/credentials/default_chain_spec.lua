-- The whole way: profile files, the chain, libcurl, scripted services on loopback,
-- and the call that is signed with what they give.
local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local workdir = require "spec.support.workdir"

local NOW = provider_context.NOW
local ROLE = "arn:aws:iam::111122223333:role/contact-center"
local KEYS = "aws_access_key_id = AKIDSOURCE\naws_secret_access_key = SECRETSOURCE\n"

describe("a client with the default chain", function()
  local dir, services, events

  before_each(function()
    dir, events = workdir.new(), {}
    workdir.shell("mkdir -p " .. dir:file ".aws/sso/cache")
  end)

  after_each(function()
    if services then
      services:stop()
      services = nil
    end
    dir:remove()
  end)

  --- A client whose services are all the one with SCRIPT.
  local function new_client(script, config, env, options)
    script["GET /applications"] = { body = '{"Applications":[]}' }
    services = server.start(script)
    dir:write(".aws/config", config)
    env = env or {}
    env.HOME = dir.path
    env.AWS_REGION = "us-east-1"
    env.AWS_ENDPOINT_URL = env.AWS_ENDPOINT_URL or services.url
    env.AWS_EC2_METADATA_SERVICE_ENDPOINT = services.url
    options = options or {}
    options.env = env
    options.clock = options.clock or function()
      return NOW
    end
    options.sleep = function() end
    options.logger = function(event)
      events[#events + 1] = event
    end
    return assert(appintegrations.client(options))
  end

  --- Who signed the call to the service, and its session token.
  local function signer()
    for _, request in ipairs(services:requests()) do
      if request.target == "/applications" then
        return request.headers.authorization:match "Credential=([^/]+)/",
          request.headers["x-amz-security-token"]
      end
    end
  end

  --- No secret of any script in what people get to see.
  local function assert_clean(client, err)
    local texts = { tostring(err), tostring(client:explain()), tostring(client) }
    for _, event in ipairs(events) do
      for name, value in pairs(event) do
        texts[#texts + 1] = tostring(name) .. tostring(value)
      end
    end
    for _, text in ipairs(texts) do
      text = text:gsub("AWS_SECRET_ACCESS_KEY", "")
      assert.is_nil(text:find("SECRET", 1, true), text)
    end
  end

  it("assumes a role with the keys of another profile", function()
    local client = new_client({ ["POST /"] = provider_context.sts_answer "AssumeRole" },
      "[profile role]\nrole_arn = " .. ROLE .. "\nsource_profile = source\n[profile source]\n"
      .. KEYS, {}, { profile = "role" })
    assert(client:list_applications())
    assert.same({ "ASIAROLE", "SECRET+token" }, { signer() })
    assert.equal("assume-role", client:explain().credentials.provider)
    assert_clean(client)
  end)

  it("assumes a role with what the source profile's process prints", function()
    local client = new_client({ ["POST /"] = provider_context.sts_answer "AssumeRole" },
      "[profile role]\nrole_arn = " .. ROLE .. "\nsource_profile = source\n[profile source]\n"
      .. "credential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"AKIDPROCESS\","
      .. "\"SecretAccessKey\":\"SECRETPROCESS\"}'\n", {}, { profile = "role" })
    assert(client:list_applications())
    assert.equal("AKIDPROCESS",
      services:requests()[1].headers.authorization:match "Credential=([^/]+)/")
    assert.equal("ASIAROLE", (signer()))
    assert_clean(client)
  end)

  it("assumes a role with the environment's keys although a profile is named", function()
    local client = new_client({ ["POST /"] = provider_context.sts_answer "AssumeRole" },
      "[profile role]\nrole_arn = " .. ROLE .. "\ncredential_source = Environment\n",
      { AWS_ACCESS_KEY_ID = "AKIDENV", AWS_SECRET_ACCESS_KEY = "SECRETENV" }, { profile = "role" })
    assert(client:list_applications())
    assert.equal("AKIDENV",
      services:requests()[1].headers.authorization:match "Credential=([^/]+)/")
    assert.equal("ASIAROLE", (signer()))
  end)

  it("says which source profile is missing, or that it has nothing", function()
    local client = new_client({}, "[profile role]\nrole_arn = " .. ROLE
      .. "\nsource_profile = none\n", {}, { profile = "role" })
    local _, err = client:list_applications()
    assert.equal("InvalidConfig", err.code)
    assert.truthy(err.message:find('"none"', 1, true))
    services:stop()
    client = new_client({}, "[profile role]\nrole_arn = " .. ROLE
      .. "\nsource_profile = empty\n[profile empty]\nregion = us-east-1\n", {},
      { profile = "role" })
    _, err = client:list_applications()
    assert.equal("credentials", err.kind)
    assert.truthy(err.message:find('profile "empty"', 1, true), err.message)
    assert_clean(client, err)
  end)

  it("takes a web identity's role", function()
    local client = new_client({
      ["POST /"] = provider_context.sts_answer "AssumeRoleWithWebIdentity" }, "", {
      AWS_WEB_IDENTITY_TOKEN_FILE = dir:write("token", "SECRETJWT"), AWS_ROLE_ARN = ROLE })
    assert(client:list_applications())
    assert.equal("ASIAROLE", (signer()))
    assert.equal("web-identity", client:explain().credentials.provider)
    assert_clean(client)
  end)

  it("takes a container's role", function()
    local body = '{"AccessKeyId":"ASIACONTAINER","SecretAccessKey":"SECRET","Token":"SECRETTOKEN",'
      .. '"Expiration":"2026-09-21T20:00:00Z"}'
    services = nil
    local env = {}
    local client = new_client({ ["GET /role"] = { body = body } }, "", env)
    env.AWS_CONTAINER_CREDENTIALS_FULL_URI = services.url .. "/role"
    assert(client:list_applications())
    assert.same({ "ASIACONTAINER", "SECRETTOKEN" }, { signer() })
    assert_clean(client)
  end)

  it("takes an instance's role in the end", function()
    local role = "/latest/meta-data/iam/security-credentials/"
    local client = new_client({
      ["PUT /latest/api/token"] = { body = "SECRETMETADATA" },
      ["GET " .. role] = { body = "role" },
      ["GET " .. role .. "role"] = { body = '{"Code":"Success","AccessKeyId":"ASIAINSTANCE",'
        .. '"SecretAccessKey":"SECRET","Token":"SECRETTOKEN",'
        .. '"Expiration":"2026-09-21T20:00:00Z"}' },
    }, "[default]\n")
    assert(client:list_applications())
    assert.same({ "ASIAINSTANCE", "SECRETTOKEN" }, { signer() })
    local explanation = client:explain()
    assert.equal(10, #explanation.credentials.providers)
    assert.equal(core.parse_time "2026-09-21T20:00:00Z", explanation.credentials.expiration)
    assert_clean(client)
  end)

  it("does not ask the instance where it is told not to", function()
    local client = new_client({}, "", {}, { imds = false })
    local _, err = client:list_applications()
    assert.equal("NoCredentials", err.code)
    assert.truthy(err.message:find("imds = false", 1, true))
    assert.same({}, services:requests())
  end)

  it("fails soon where nobody has credentials, and says what to do", function()
    local started = core.monotonic()
    -- Accepts, and never answers.
    local client = new_client({ { hang = true }, { hang = true } }, "", {}, { clock = core.now })
    local output, err = client:list_applications()
    assert.is_nil(output)
    assert.equal("NoCredentials", err.code)
    assert.truthy(err.message:find('run "aws configure"', 1, true))
    assert.is_true(core.monotonic() - started < 2)
    assert_clean(client, err)
  end)

  it("asks again before the role's credentials expire", function()
    local now = NOW
    local client = new_client({ ["POST /"] = {
      provider_context.sts_answer "AssumeRole",
      provider_context.sts_answer("AssumeRole", { id = "ASIASECOND",
        expiration = "2026-09-21T17:00:00Z" }),
    } }, "[default]\nrole_arn = " .. ROLE .. "\nsource_profile = default\n" .. KEYS, {}, {
      clock = function()
        return now
      end,
    })
    assert.equal("ASIAROLE", client.credentials().access_key_id)
    now = NOW + 3600 - 15 * 60
    assert.equal("ASIASECOND", client.credentials().access_key_id)
    assert.equal(2, #services:requests())
  end)
end)
