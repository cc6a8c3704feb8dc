-- The providers that need no network, the order of the chain, and what a client
-- says of it. Files and processes are real.
local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local fake = require "spec.support.fake_transport"
local workdir = require "spec.support.workdir"

local ID, TOKEN = "AKIDEXAMPLE", "FwoGZXIvYXdzEXAMPLE"
local SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

--- All texts in VALUE, tables and metatables' __tostring included.
local function texts_of(value, found, seen)
  found, seen = found or {}, seen or {}
  if type(value) == "string" then
    found[#found + 1] = value
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    found[#found + 1] = tostring(value)
    for key, entry in pairs(value) do
      texts_of(key, found, seen)
      texts_of(entry, found, seen)
    end
  end
  return found
end

local function assert_no_secret(value)
  for _, text in ipairs(texts_of(value)) do
    for _, secret in ipairs { SECRET, TOKEN, "PASSWORD" } do
      assert.is_nil(text:find(secret, 1, true), text)
    end
  end
end

describe("the default chain", function()
  local dir, now, events, transport

  before_each(function()
    dir = workdir.new()
    now, events = 1800000000, {}
    workdir.shell("mkdir " .. dir:file ".aws")
    transport = fake.new(function()
      return fake.json(200, "{}")
    end)
  end)

  after_each(function()
    dir:remove()
  end)

  --- A client in a home directory with the given files.
  local function new_client(options, env, config, credentials)
    env = env or {}
    env.HOME = dir.path
    env.AWS_EC2_METADATA_DISABLED = "true"
    dir:write(".aws/config", config or "")
    dir:write(".aws/credentials", credentials or "")
    options = options or {}
    options.env = env
    options.region = "us-east-1"
    options.transport = transport
    options.clock = options.clock or function()
      return now
    end
    options.logger = function(event)
      events[#events + 1] = event
    end
    return assert(appintegrations.client(options))
  end

  --- Provider, access key id and session token that a client signs with.
  local function used(...)
    local client = new_client(...)
    local credentials, err = client.credentials()
    assert_no_secret { err or false, client:explain(), events, client }
    if not credentials then
      return nil, err
    end
    return credentials.provider, credentials.access_key_id, credentials.session_token
  end

  local function keys(id)
    return ("aws_access_key_id = %s\naws_secret_access_key = %s\n"):format(id, SECRET)
  end

  local function process(id, more)
    return ("credential_process = /bin/echo '{\"Version\":1,\"AccessKeyId\":\"%s\","
      .. "\"SecretAccessKey\":\"%s\"%s}'\n"):format(id, SECRET, more or "")
  end

  local ENV = { AWS_ACCESS_KEY_ID = "ENV", AWS_SECRET_ACCESS_KEY = SECRET }

  local function env(more)
    local copy = {}
    for name, value in pairs(ENV) do
      copy[name] = value
    end
    for name, value in pairs(more or {}) do
      copy[name] = value
    end
    return copy
  end

  it("asks environment, credentials file, process, config file, in this order", function()
    local config = "[default]\n" .. keys "CONFIG"
    local both = config .. process "PROCESS"
    local credentials = "[default]\n" .. keys "FILE"
    assert.same({ "environment", "ENV" }, { used({}, env(), both, credentials) })
    assert.same({ "shared-credentials", "FILE" }, { used({}, {}, both, credentials) })
    assert.same({ "process", "PROCESS" }, { used({}, {}, both) })
    assert.same({ "config-file", "CONFIG" }, { used({}, {}, config) })
  end)

  it("takes the session token in its older spelling first", function()
    assert.same({ "environment", "ENV", TOKEN .. "1" }, { used({}, env {
      AWS_SECURITY_TOKEN = TOKEN .. "1", AWS_SESSION_TOKEN = TOKEN .. "2" }) })
    assert.same({ "environment", "ENV", TOKEN }, { used({}, env { AWS_SESSION_TOKEN = TOKEN }) })
    assert.same({ "shared-credentials", "A", TOKEN }, { used({}, {}, "",
      "[default]\n" .. keys "A" .. "aws_session_token = " .. TOKEN) })
  end)

  it("takes an empty key of a profile for none", function()
    assert.same({ "shared-credentials", "A" }, { used({}, {}, "", "[default]\n" .. keys "A"
      .. "aws_session_token =\naws_security_token =\naws_account_id =\n") })
    assert.same({ "shared-credentials", "A", TOKEN }, { used({}, {}, "", "[default]\n" .. keys "A"
      .. "aws_security_token =\naws_session_token = " .. TOKEN) })
    local _, err = used({}, {}, "", "[default]\naws_access_key_id = A\naws_secret_access_key =\n")
    assert.matches("aws_secret_access_key is missing", err.message)
  end)

  it("takes expiry and account from the environment", function()
    local client = new_client({}, env { AWS_CREDENTIAL_EXPIRATION = "2036-11-22T10:20:30Z",
      AWS_ACCOUNT_ID = "111122223333" })
    local credentials = client.credentials()
    assert.equal(core.parse_time "2036-11-22T10:20:30Z", credentials.expiration)
    assert.equal("111122223333", credentials.account_id)
    client = new_client({}, env { AWS_CREDENTIAL_EXPIRATION = "2036-11-22 12:20:30+0200" })
    assert.equal(credentials.expiration, client.credentials().expiration)
    local _, err = used({}, env { AWS_CREDENTIAL_EXPIRATION = "2016-11-22T10:20:30Z" })
    assert.equal("CredentialsExpired", err.code)
    _, err = used({}, env { AWS_CREDENTIAL_EXPIRATION = "soon" })
    assert.equal("CredentialsProviderError", err.code)
  end)

  it("uses the profile that is asked for", function()
    local config = "[profile a]\n" .. process "A"
    local credentials = "[b]\n" .. keys "B"
    assert.same({ "process", "A" }, { used({ profile = "a" }, {}, config, credentials) })
    assert.same({ "shared-credentials", "B" }, { used({}, { AWS_PROFILE = "b" }, config,
      credentials) })
  end)

  it("passes over the environment for the option profile, not for AWS_PROFILE", function()
    local credentials = "[b]\n" .. keys "B"
    assert.same({ "shared-credentials", "B" }, { used({ profile = "b" }, env(), "", credentials) })
    assert.same({}, events)
    assert.same({ "environment", "ENV" }, { used({}, env { AWS_PROFILE = "b" }, "", credentials) })
    assert.equal(1, #events)
    assert.equal("credentials", events[1].type)
    assert.equal('the keys in the environment are used, not profile "b" (environment variable '
      .. "AWS_PROFILE)", events[1].message)
  end)

  it("ends with an error for keys that are incomplete, and mixes no two files", function()
    local _, err = used({}, { AWS_ACCESS_KEY_ID = "ENV" }, "", "[default]\n" .. keys "FILE")
    assert.equal("CredentialsProviderError", err.code)
    assert.truthy(err.message:find("AWS_SECRET_ACCESS_KEY is not set", 1, true))
    _, err = used({}, {}, "[default]\naws_secret_access_key = " .. SECRET,
      "[default]\naws_access_key_id = X\n")
    assert.equal("CredentialsProviderError", err.code)
    assert.truthy(err.message:find("aws_secret_access_key is missing", 1, true))
    assert.truthy(err.message:find(dir:file ".aws/credentials", 1, true))
  end)

  it("is told by NoCredentials: who was asked, why not, and what to do", function()
    local _, err = used({}, {}, "[default]\n")
    assert.equal("credentials", err.kind)
    assert.equal("NoCredentials", err.code)
    assert.truthy(err.message:find("environment: AWS_ACCESS_KEY_ID is not set", 1, true))
    assert.truthy(err.message:find('shared-credentials: ' .. dir:file ".aws/credentials"
      .. ' has no profile "default"', 1, true))
    assert.truthy(err.message:find('profile "default" in ' .. dir:file ".aws/config"
      .. " has no aws_access_key_id", 1, true))
    assert.truthy(err.message:find("or pass the option credentials", 1, true))
  end)

  it("is not asked before the first call, and its answer is used for the next ones", function()
    local marker = dir:file "marker"
    local script = dir:script("helper", "echo x >> " .. marker .. "; " .. 'echo "$ANSWER"')
    local client = new_client({}, {
      ANSWER = ('{"Version":1,"AccessKeyId":"P","SecretAccessKey":"%s"}'):format(SECRET),
    }, "[default]\ncredential_process = " .. script)
    assert.is_false(workdir.shell("test -e " .. marker))
    for _ = 1, 3 do
      assert(client:list_applications())
    end
    assert.equal("x\n", dir:read "marker")
    assert.equal(3, #transport.requests)
    assert.truthy(transport.requests[1].headers.authorization:find("Credential=P/", 1, true))
  end)

  describe("shared by clients", function()
    local function counting_script()
      return dir:script("helper", ("echo x >> %s; echo '{\"Version\":1,\"AccessKeyId\":\"P\","
        .. "\"SecretAccessKey\":\"%s\"}'"):format(dir:file "marker", SECRET))
    end

    local function count()
      return #dir:read "marker" / 2
    end

    it("is asked once for all that have the same configuration", function()
      local config = "[default]\ncredential_process = " .. counting_script() .. "\n"
      local shared_env = {}
      local function clock()
        return now
      end
      local clients = {}
      for i = 1, 3 do
        clients[i] = new_client({ clock = clock }, shared_env, config)
        assert(clients[i].credentials())
      end
      assert.equal(1, count())
      assert.equal(clients[1].credentials(), clients[3].credentials())
      assert(new_client({ clock = clock, process_timeout = 5 }, shared_env, config).credentials())
      assert.equal(2, count())
      assert(new_client({ clock = clock }, shared_env, config .. "# changed\n").credentials())
      assert.equal(3, count())
      assert(new_client({ clock = clock }, {}, config).credentials())
      assert.equal(4, count())
    end)

    it("is forgotten with the last of them", function()
      local config = "[default]\ncredential_process = " .. counting_script() .. "\n"
      local shared_env = {}
      local function clock()
        return now
      end
      assert(new_client({ clock = clock }, shared_env, config).credentials())
      transport.requests = {}
      collectgarbage()
      collectgarbage()
      assert(new_client({ clock = clock }, shared_env, config).credentials())
      assert.equal(2, count())
    end)

    it("sees a change of the environment", function()
      local shared_env = env()
      assert.equal("ENV", new_client({}, shared_env).credentials().access_key_id)
      shared_env.AWS_ACCESS_KEY_ID = "OTHER"
      assert.equal("OTHER", new_client({}, shared_env).credentials().access_key_id)
    end)
  end)

  describe("with a credential process", function()
    --- Result of a profile with COMMAND.
    local function run(command, options, more_env)
      return used(options, more_env, "[default]\ncredential_process = " .. command .. "\n")
    end

    local function failure(...)
      local provider, err = run(...)
      assert.is_nil(provider)
      assert_no_secret(err)
      return err
    end

    it("takes all that it may print, and asks again before the expiry", function()
      local script = dir:script("helper", ([[
        echo x >> %s
        echo '{ "Version": 1, "AccessKeyId": "P", "SecretAccessKey": "%s", "SessionToken": "%s",
          "Expiration": "2027-01-15T09:00:00Z", "AccountId": "111122223333", "Extra": null }']])
        :format(dir:file "marker", SECRET, TOKEN))
      local client = new_client({}, {}, "[default]\ncredential_process = " .. script)
      local credentials = assert(client.credentials())
      assert.same({ "P", SECRET, TOKEN, 1800003600, "111122223333" }, {
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token,
        credentials.expiration, credentials.account_id })
      now = now + 3600 - 15 * 60
      assert(client.credentials())
      assert.equal("x\nx\n", dir:read "marker")
    end)

    it("may print its expiry as a date in Python or in a shell, or as null", function()
      for expiry, seconds in pairs { ['"2027-01-15 09:00:00.5+00:00"'] = 1800003600.5,
        ['"2027-01-15T10:00:00+0100"'] = 1800003600, null = false } do
        local client = new_client({}, {}, "[default]\ncredential_process = "
          .. dir:script("helper", ([[echo '{"Version":1,"AccessKeyId":"P","SecretAccessKey":"S",
            "Expiration":%s}']]):format(expiry)))
        assert.equal(seconds or nil, assert(client.credentials()).expiration)
      end
    end)

    it("starts it without a shell, with quoted words, and ~ for the home directory", function()
      dir:script("my helper", 'test "$#|$1|$2" = "2|a b|\\$HOME;" && exec echo "$ANSWER"')
      assert.same({ "process", "P" }, { run([["~/my helper" 'a b' \$HOME\;]], {}, {
        ANSWER = ('{"Version":1,"AccessKeyId":"P","SecretAccessKey":"%s"}'):format(SECRET) }) })
    end)

    it("shows how it failed and the end of what it said #native", function()
      local err = failure(dir:script("helper",
        "echo " .. SECRET .. "; echo 'no session: run login' >&2; exit 3"))
      assert.equal("CredentialsProviderError", err.code)
      assert.equal("credential_process " .. dir:file "helper"
        .. " ended with exit code 3; it said: no session: run login", err.message)
      err = failure(dir:script("helper", "kill -9 $$"))
      assert.truthy(err.message:find("was ended by signal 9", 1, true))
      err = failure "/nonexistent/helper --password PASSWORD"
      assert.equal("credential_process /nonexistent/helper cannot be started: "
        .. "No such file or directory", err.message)
    end)

    it("masks secrets that it says", function()
      failure(dir:script("helper",
        "echo 'key " .. SECRET .. " token=" .. TOKEN .. "' >&2; exit 1"))
    end)

    it("must print what the interface says", function()
      local function complaint(output)
        return failure(dir:script("helper", "cat <<'END'\n" .. output .. "\nEND")).message
      end
      local function has(text, message)
        assert.truthy(message:find(text, 1, true), message)
      end
      has("did not print a JSON object", complaint "")
      has("did not print a JSON object", complaint(SECRET))
      has("did not print a JSON object", complaint "[1]")
      has('"Version": 1', complaint '{"AccessKeyId":"A","SecretAccessKey":"B"}')
      has('"Version": 1', complaint '{"Version":2,"AccessKeyId":"A","SecretAccessKey":"B"}')
      has("access_key_id is missing", complaint '{"Version":1,"SecretAccessKey":"B"}')
      has("secret_access_key is missing", complaint '{"Version":1,"AccessKeyId":"A"}')
      has("Expiration that is no time",
        complaint '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B","Expiration":"x"}')
      has("Expiration that is no time",
        complaint '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B","Expiration":1800003600}')
      has("white space", complaint('{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B C"}'))
    end)

    it("says that there is no shell, where it fails and was written for one", function()
      for written, shown in pairs { ["a | b"] = "|", ["a && b"] = "&&", ["a > /dev/null"] = ">",
        ["a 2>/dev/null"] = "2>", ["$(cat b)"] = "$(", ["$HOME"] = "$", ["a; b"] = ";" } do
        local err = failure(dir:script("helper", "exit 1") .. " " .. written)
        assert.truthy(err.message:find("; no shell is used: " .. shown .. " is handed", 1, true),
          err.message)
      end
      local err = failure "nosuch|jq ."
      assert.truthy(err.message:find("; no shell is used: | is handed", 1, true),
        err.message)
      for _, secret in ipairs { "PASSWORD;", "$PASSWORD", ">PASSWORD" } do
        err = failure(dir:script("helper", "exit 1") .. " --password '" .. secret .. "'")
        assert.truthy(err.message:find("no shell", 1, true))
        assert.is_nil(err.message:find("PASSWORD", 1, true))
      end
      for _, written in ipairs { "a b", "'a | b'", "--x=a>b" } do
        err = failure(dir:script("helper", "exit 1") .. " " .. written)
        assert.is_nil(err.message:find("no shell", 1, true))
      end
    end)

    it("has the account of the profile where it prints none", function()
      local profile = "[default]\naws_account_id = 111122223333\n"
      local client = new_client({}, {}, profile .. process "P")
      assert.equal("111122223333", client.credentials().account_id)
      client = new_client({}, {}, profile .. process("P", ',"AccountId":"444455556666"'))
      assert.equal("444455556666", client.credentials().account_id)
      for _, odd in ipairs { "aws_account_id =\n", "aws_account_id =\n  a = b\n" } do
        client = new_client({}, {}, "[default]\n" .. odd .. process "P")
        assert.is_nil(client.credentials().account_id)
      end
    end)

    it("may print expired ones, which is an error", function()
      local _, err = used({}, {}, "[default]\n"
        .. process("P", ',"Expiration":"2020-01-01T00:00:00Z"'))
      assert.equal("CredentialsExpired", err.code)
    end)

    it("is stopped when it takes too long", function()
      local script = dir:script("helper", "echo $$ > " .. dir:file "pid" .. "; exec sleep 60")
      local err = failure(script, { process_timeout = 0.2 })
      assert.truthy(err.message:find("has not ended within 0.2 seconds", 1, true))
      assert.is_false(workdir.shell("kill -0 " .. dir:read "pid":match "%d+" .. " 2>/dev/null"))
    end)

    it("has no longer than the call's deadline", function()
      local client = new_client({ clock = core.now }, {},
        "[default]\ncredential_process = sleep 60\n")
      local output, err = client:list_applications({}, { deadline = 0.2 })
      assert.is_nil(output)
      assert.equal("DeadlineExceeded", err.code)
    end)

    it("is stopped by a deadline without being blamed: others that wait for it are not told",
      function()
        local client = new_client({ clock = core.now }, {},
          "[default]\ncredential_process = sleep 60\n")
        local credentials, err = client.credentials(core.now() + 0.2)
        assert.is_nil(credentials)
        assert.equal("DeadlineExceeded", err.code)
        assert.equal("timeout", err.kind)
      end)

    it("is a config error if it cannot be split into words", function()
      local err = failure "helper 'PASSWORD"
      assert.equal("InvalidConfig", err.code)
      assert.truthy(err.message:find("a quote without its end", 1, true))
    end)

    it("is not started where processes are switched off", function()
      local provider, err = run("touch " .. dir:file "marker", { process = false })
      assert.is_nil(provider)
      assert.equal("NoCredentials", err.code)
      assert.truthy(err.message:find("process = false", 1, true))
      assert.is_false(workdir.shell("test -e " .. dir:file "marker"))
    end)
  end)

  describe("explained", function()
    it("tells of every setting, file and provider", function()
      local client = new_client({ proxy = "http://user:PASSWORD@proxy:3128", profile = "a" }, {},
        "[profile a]\nmax_attempts = 5\n" .. process("P", ',"Expiration":"2027-01-15T09:00:00Z"'))
      local explanation = client:explain()
      assert.same({ value = "us-east-1", origin = "option region" }, explanation.settings.region)
      assert.same({ value = 5, origin = 'profile "a" in ' .. dir:file ".aws/config" },
        explanation.settings.max_attempts)
      assert.equal("http://***@proxy:3128", explanation.settings.proxy.value)
      assert.equal("https://app-integrations.us-east-1.amazonaws.com", explanation.endpoint)
      assert.equal("a", explanation.profile.name)
      assert.equal("read", explanation.profile.files[1].status)
      assert.equal("process", explanation.credentials.provider)
      assert.equal(1800003600, explanation.credentials.expiration)
      local status = {}
      for _, record in ipairs(explanation.credentials.providers) do
        status[record.name] = record.status
        assert.equal(record.status ~= "not asked", type(record.elapsed) == "number")
        assert.equal(record.status ~= "not asked", type(record.reason) == "string")
      end
      assert.equal("skipped", status.environment)
      assert.equal("used", status.process)
      assert.equal("not asked", status["config-file"])
      assert_no_secret(explanation)
    end)

    it("reads well", function()
      local client = new_client({}, { AWS_REGION = "eu-west-1" }, "[default]\n" .. process "P")
      local text = tostring(client:explain())
      for _, pattern in ipairs {
        "^Endpoint: https://app%-integrations%.us%-east%-1%.amazonaws%.com\nSettings:\n",
        "\n  region +us%-east%-1 +option region\n", "\n  max_attempts +3 +default\n",
        '\nProfile: "default" %(default%)\n', "\n  config file +/%S+/config +read\n",
        "\nCredentials: process\n",
        "\n  environment +skipped +AWS_ACCESS_KEY_ID is not set %(%d+ ms%)\n",
        '\n  process +used +profile "default" runs /bin/echo %(%d+ ms, does not expire%)\n',
        "\n  config%-file +not asked",
      } do
        assert.truthy(text:find(pattern), pattern .. "\n" .. text)
      end
    end)

    it("says what to do without credentials", function()
      local client = new_client()
      local explanation = client:explain()
      assert.is_nil(explanation.credentials.provider)
      assert.truthy(explanation.credentials.error:find("^NoCredentials"))
      assert.truthy(tostring(explanation):find("\n  Set AWS_ACCESS_KEY_ID", 1, true))
    end)

    it("tells of credentials that the program gives", function()
      local client = new_client { credentials = { access_key_id = ID, secret_access_key = SECRET } }
      local explanation = client:explain()
      assert.same({ "static", "used", "option credentials" }, {
        explanation.credentials.provider, explanation.credentials.providers[1].status,
        explanation.credentials.providers[1].reason })
      assert_no_secret { explanation, client }
    end)

    it("is a copy: changing it changes nothing", function()
      local client = new_client({}, env())
      local explanation = client:explain()
      explanation.settings.region.value = "x"
      explanation.credentials.providers[1].status = "x"
      assert.equal("us-east-1", client:explain().settings.region.value)
      assert.equal("used", client:explain().credentials.providers[1].status)
    end)
  end)
end)

describe("a function as the source", function()
  it("is asked again before its credentials expire, and its reasons are shown", function()
    local now, count = 1800000000, 0
    local client = assert(appintegrations.client {
      region = "us-east-1", files = false, transport = fake.new {},
      clock = function()
        return now
      end,
      credentials = function()
        count = count + 1
        if count == 3 then
          return nil, "the vault is sealed"
        end
        return { access_key_id = "A" .. count, secret_access_key = SECRET, expiration = now + 3600 }
      end,
    })
    assert.equal("A1", client.credentials().access_key_id)
    now = now + 3600 - 14 * 60
    assert.equal("A2", client.credentials().access_key_id)
    now = now + 3600
    local _, err = client.credentials()
    assert.equal("CredentialsProviderError", err.code)
    assert.truthy(err.message:find("the vault is sealed", 1, true))
  end)
end)
