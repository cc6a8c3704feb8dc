-- What the environment, a file, a server or a function of the program can cause never raises: it
-- is `nil, err`, from making a client to the end of its first call, and in explain() too.

local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local workdir = require "spec.support.workdir"

local KEYS = { AWS_ACCESS_KEY_ID = "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY = "SECRETKEY" }

local function with(base, more)
  local all = {}
  for name, value in pairs(base) do
    all[name] = value
  end
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

local function static(fields)
  return { credentials = with({ access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRETKEY" },
    fields) }
end

local function from(f)
  return { credentials = f }
end

local function process(json)
  return "[default]\ncredential_process = /bin/echo '" .. json .. "'\n"
end

local ROLE = "[default]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n%s\n"
  .. "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = SECRETBASE\n"

--- STS, or whatever answers, with XML and one entry replaced.
local function sts(fields)
  local answer = require("spec.support.provider_context").sts_answer("AssumeRole", fields)
  return function()
    return { status = 200, headers = {}, body = answer.body }
  end
end

local function json_answer(text)
  return function()
    return { status = 200, headers = {}, body = text }
  end
end

local CONTAINER = { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1:1/c" }

--- Answers as the metadata service, whose credentials are TEXT.
local function imds(text)
  return function(request)
    local body = request.method == "PUT" and "token"
      or request.url:find "/security%-credentials/$" and "role" or text
    return { status = 200, headers = {}, body = body }
  end
end

local ODD_IDS = { "AKID/EXAMPLE", "AKID\195\132", "AKID,EXAMPLE" }

local function keys(id, more)
  return ('{"AccessKeyId":"%s","SecretAccessKey":"SECRET","Token":"T","SessionToken":"T",%s}')
    :format(id, more or '"Version":1,"Expiration":"2036-11-22T10:20:30Z"')
end

-- Cause: what the error says, and options, variables, the config file, answers.
local CAUSES = {
  ["white space after a region"] = { "InvalidConfig", "AWS_REGION",
    env = with(KEYS, { AWS_REGION = "us-east-1 " }) },
  ["a region's name for people"] = { "InvalidConfig", "N. Virginia",
    env = with(KEYS, { AWS_DEFAULT_REGION = "N. Virginia" }) },
  ["a region that is a host"] = { "InvalidConfig", "evil.com/x", config = "[default]\nregion = "
    .. "evil.com/x\n", env = with(KEYS, { AWS_ENDPOINT_URL = "http://127.0.0.1:1" }) },
  ["a region that is a host, and a custom endpoint"] = { "InvalidConfig", "evil.com/x",
    options = { region = "evil.com/x", endpoint_url = "http://127.0.0.1:1" }, env = KEYS },
  ["an empty region"] = { "InvalidConfig", "option region", options = { region = "" }, env = KEYS },
  ["a region beyond ASCII"] = { "InvalidConfig", "us%-east%-%?", options = { region = "us-east-é" },
    env = with(KEYS, { AWS_ENDPOINT_URL = "http://127.0.0.1:1" }) },
  ["an SSO region that is a host"] = { "InvalidConfig", "region", config = "[default]\n"
    .. "sso_region = evil.com/x\nsso_start_url = https://x\nsso_account_id = 1\nsso_role_name = r",
    env = { AWS_ENDPOINT_URL_SSO = "http://127.0.0.1:1" }, token = true },
  ["an endless timeout"] = { "InvalidConfig", "timeout", options = { timeout = 1e12 }, env = KEYS },
  ["an endless connect timeout"] = { "InvalidConfig", "connect_timeout",
    options = { connect_timeout = 1e300 }, env = KEYS },
  ["an endless deadline"] = { "InvalidConfig", "deadline", options = { deadline = 1e30 },
    env = KEYS },
  ["endless attempts"] = { "InvalidConfig", "max_attempts", options = { max_attempts = 1e30 },
    env = KEYS },
  ["endless attempts from the environment"] = { "InvalidConfig", "AWS_MAX_ATTEMPTS",
    env = with(KEYS, { AWS_MAX_ATTEMPTS = "1e30" }) },
  ["endless attempts from a file"] = { "InvalidConfig", "max_attempts", env = KEYS,
    config = "[default]\nmax_attempts = 1e30\n" },
  ["an endless metadata timeout"] = { "InvalidConfig", "AWS_METADATA_SERVICE_TIMEOUT",
    env = with(KEYS, { AWS_METADATA_SERVICE_TIMEOUT = "1e12" }) },
  ["endless connections"] = { "InvalidConfig", "max_connections",
    options = { max_connections = 2 ^ 53 }, env = KEYS },
  ["endless answers"] = { "InvalidConfig", "max_response_bytes",
    options = { max_response_bytes = 1e30 }, env = KEYS },
  ["an endless process"] = { "InvalidConfig", "process_timeout",
    options = { process_timeout = 1e18 }, env = KEYS },
  ["an endless timeout of one call"] = { "InvalidConfig", "timeout", call = { timeout = 1e12 },
    env = KEYS },
  ["an endless deadline of one call"] = { "InvalidConfig", "deadline", call = { deadline = 1e30 },
    env = KEYS },
  ["endless attempts of one call"] = { "InvalidConfig", "max_attempts",
    call = { max_attempts = 1e30 }, env = KEYS },
  ["a function that raises"] = { "CredentialsProviderError", "the vault is sealed",
    options = from(function() error "the vault is sealed" end) },
  ["a function that raises a table"] = { "CredentialsProviderError", "a value without a text",
    options = from(function() error(setmetatable({}, { __tostring = error })) end) },
  ["a function that raises nil"] = { "CredentialsProviderError", "raised an error: ",
    options = from(function() error() end) },
  ["a function whose reason has no text"] = { "CredentialsProviderError", "a value without a text",
    options = from(function() return nil, setmetatable({}, { __tostring = error }) end) },
  ["a function whose reason has no end"] = { "CredentialsProviderError",
    "^the credentials function returned nothing: x+…$",
    options = from(function() return nil, ("x"):rep(100000) end) },
  ["a function that returns a number"] = { "CredentialsProviderError", "expected a table",
    options = from(function() return 5 end) },
  ["a function with an expiration that is no number"] = { "CredentialsProviderError", "expiration",
    options = from(function() return static { expiration = 0 / 0 }.credentials end) },
  ["an mfa_code that raises"] = { "CredentialsProviderError", "lost the phone",
    config = ROLE:format "mfa_serial = arn:aws:iam::1:mfa/me",
    options = { mfa_code = function() error "lost the phone" end } },
  ["a duration beyond all numbers"] = { nil, config = ROLE:format "duration_seconds = 1e30",
    answer = sts() },
  ["a duration that is none"] = { nil, config = ROLE:format "duration_seconds = garbage",
    answer = sts() },
  ["an expiration without end"] = { nil, options = static { expiration = 1 / 0 } },
  ["an expiration beyond the year 9999"] = { nil, options = static { expiration = 1e15 } },
  ["an expiration before all time"] = { "CredentialsExpired", "expired",
    options = static { expiration = -1e15 } },
  ["a process's expiration beyond the year 9999"] = { "CredentialsProviderError", "Expiration",
    config = process(keys("A", '"Version":1,"Expiration":"99999-11-22T10:20:30Z"')) },
  ["a white space in a key"] = { "InvalidConfig", "access_key_id",
    options = static { access_key_id = "AKID EXAMPLE" } },
  ["a container's expiration that is a number"] = { "CredentialsProviderError", "Expiration",
    env = CONTAINER, answer = json_answer(keys("A", '"Expiration":1e300')) },
}

for i, id in ipairs(ODD_IDS) do
  local cause = "access key id " .. i .. " from "
  CAUSES[cause .. "a table"] = { "InvalidConfig", "access_key_id",
    options = static { access_key_id = id } }
  CAUSES[cause .. "a function"] = { "CredentialsProviderError", "access_key_id",
    options = from(function() return static { access_key_id = id }.credentials end) }
  CAUSES[cause .. "the environment"] = { "CredentialsProviderError", "access_key_id",
    env = with(KEYS, { AWS_ACCESS_KEY_ID = id }) }
  CAUSES[cause .. "a file"] = { "CredentialsProviderError", "access_key_id",
    config = "[default]\naws_access_key_id = " .. id .. "\naws_secret_access_key = SECRET\n" }
  CAUSES[cause .. "a process"] = { "CredentialsProviderError", "access_key_id",
    config = process(keys(id)) }
  CAUSES[cause .. "the container's service"] = { "CredentialsProviderError", "access_key_id",
    env = CONTAINER, answer = json_answer(keys(id)) }
  CAUSES[cause .. "the metadata service"] = { "CredentialsProviderError", "access_key_id",
    answer = imds(keys(id)) }
  CAUSES[cause .. "STS"] = { "CredentialsProviderError", "access_key_id",
    config = ROLE:format "", answer = sts { id = id } }
end

describe("only misuse raises, not", function()
  local dir

  before_each(function()
    dir = workdir.new()
    workdir.shell("mkdir -p " .. dir:file ".aws/sso/cache")
  end)

  after_each(function()
    dir:remove()
  end)

  --- The error of making a client, or of its first call, or nil.
  local function result_of(cause)
    if cause.config then
      dir:write(".aws/config", cause.config)
    end
    if cause.token then
      local name = require("appintegrations.signing").sha1_hex "https://x"
      dir:write(".aws/sso/cache/" .. name .. ".json",
        '{"accessToken":"SECRET","expiresAt":"2036-11-22T10:20:30Z"}')
    end
    local transport = fake.new(function(request)
      if request.operation then
        return fake.json(200, '{"Applications":[]}')
      end
      return cause.answer(request)
    end)
    local client, err = appintegrations.client(with({
      region = not (cause.env and (cause.env.AWS_REGION or cause.env.AWS_DEFAULT_REGION)
        or cause.config and cause.config:find "\nregion") and "us-east-1" or nil,
      env = with({ HOME = dir.path }, cause.env), transport = transport, retry_mode = "off",
      clock = function() return 1790000000 end, sleep = function() end,
    }, cause.options))
    if not client then
      return err
    end
    assert.is_string(tostring(client:explain()))
    local output
    output, err = client:list_applications({}, cause.call)
    if cause.call then
      local item, problem = client:each_application({}, cause.call):next()
      assert.is_nil(item)
      assert.equal(err.code, problem.code)
    end
    return not output and err or nil
  end

  for name, cause in pairs(CAUSES) do
    it(name, function()
      local err = result_of(cause)
      if cause[1] == nil then
        assert.is_nil(err)
        return
      end
      assert.is_true(appintegrations.is_error(err))
      assert.equal(cause[1], err.code, tostring(err))
      assert.truthy(err.message:find(cause[2]), tostring(err))
      assert.is_nil(tostring(err):find "SECRET[KBT]")
    end)
  end
end)
