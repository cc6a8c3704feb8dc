-- Two processes that find the same token file with a token to be refreshed. The services take a
-- refresh token once, as theirs do, and take their time for it.

local core = require "appintegrations.core"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local provider_context = require "spec.support.provider_context"
local server = require "spec.support.server"
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

-- Prints who signs. Its time is bounded by the deadline of the call.
local PROGRAM = [[
local client = assert(require "appintegrations".client {
  region = "us-east-1", imds = false, deadline = 20, env = { HOME = "%s", AWS_ENDPOINT_URL = "%s" },
})
local output, err = client:list_applications()
local signer = client.credentials()
print(output and signer.access_key_id or tostring(err))
]]

describe("two processes with one token file", function()
  local dir, running

  before_each(function()
    dir = workdir.new()
    workdir.shell(("mkdir -p -m 700 %s %s"):format(dir:file ".aws/sso/cache",
      dir:file ".aws/login/cache"))
  end)

  after_each(function()
    running:stop()
    dir:remove()
  end)

  --- What N of them print at the same time.
  local function run(n)
    dir:write("program.lua", PROGRAM:format(dir.path, running.url))
    local pipes, lines = {}, {}
    for i = 1, n do
      pipes[i] = assert(io.popen(("timeout 90 %s %s 2>&1"):format(os.getenv "LUA" or "lua5.4",
        dir:file "program.lua")))
    end
    for i = 1, n do
      lines[i] = pipes[i]:read "*a":gsub("%s+$", "")
      pipes[i]:close()
    end
    return lines
  end

  local function count(target)
    local times = 0
    for _, request in ipairs(running:requests()) do
      times = times + (request.target == target and 1 or 0)
    end
    return times
  end

  local function mode(name)
    return shell.output("stat -c %a " .. dir:file(name)):match "[^\n]*"
  end

  it("refresh a session once, and both have it", function()
    local file = logged_in.SSO_FILE
    dir:write(file, json.encode {
      accessToken = "OLD", expiresAt = "2026-01-01T00:00:00Z", refreshToken = "R",
      clientId = "c", clientSecret = "C", registrationExpiresAt = logged_in.time(3600),
    })
    dir:write(".aws/config", logged_in.SSO_PROFILE)
    running = server.start {
      ["POST /token"] = {
        { delay = 0.5, body = '{"accessToken":"NEW","expiresIn":3600,"refreshToken":"R2"}' },
        { status = 400, headers = { ["x-amzn-errortype"] = "InvalidGrantException" } },
      },
      ["GET /federation/credentials?role_name=Reader&account_id=111122223333"] = {
        body = ('{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"K",'
          .. '"sessionToken":"T","expiration":%d}}'):format(math.floor(core.now() + 3600) * 1000),
      },
      ["GET /applications"] = { body = '{"Applications":[]}' },
    }
    assert.same({ "ASIASSO", "ASIASSO" }, run(2))
    assert.equal(1, count "/token")
    local token = json.decode_object(dir:read(file))
    assert.same({ "NEW", "R2" }, { token.accessToken, token.refreshToken })
    assert.same({ "600", "700" }, { mode(file), mode ".aws/sso/cache" })
  end)

  it("refresh a login once, and both have it", function()
    local file = logged_in.LOGIN_FILE
    dir:write(file, json.encode {
      clientId = "c", refreshToken = "R", dpopKey = logged_in.KEY,
      accessToken = { accessKeyId = "ASIAOLD", secretAccessKey = "K", sessionToken = "T",
        accountId = "111122223333", expiresAt = "2026-01-01T00:00:00Z" },
    })
    dir:write(".aws/config", logged_in.LOGIN_PROFILE)
    running = server.start {
      ["POST /v1/token"] = {
        { delay = 0.5, body = '{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"K2",'
          .. '"sessionToken":"T2"},"expiresIn":900,"refreshToken":"R2"}' },
        { status = 401, body = '{"error":"TOKEN_EXPIRED"}' },
      },
      ["GET /applications"] = { body = '{"Applications":[]}' },
    }
    assert.same({ "ASIANEW", "ASIANEW", "ASIANEW" }, run(3))
    assert.equal(1, count "/v1/token")
    assert.equal("R2", json.decode_object(dir:read(file)).refreshToken)
    assert.same({ "600", "700" }, { mode(file), mode ".aws/login/cache" })
  end)

  it("find no half of a file", function()
    running = server.start {}
    local path = dir:file "token.json"
    local a, b = ("a"):rep(200000), ("b"):rep(100000)
    assert(core.write_private_file(path, a))
    local pipe = assert(io.popen(([[timeout 90 %s -e '
      local core = require "appintegrations.core"
      local a, b = ("a"):rep(200000), ("b"):rep(100000)
      for _ = 1, 50 do
        assert(core.write_private_file("%s", b))
        assert(core.write_private_file("%s", a))
      end
      print "done"']]):format(os.getenv "LUA" or "lua5.4", path, path)))
    local seen = {}
    for _ = 1, 2000 do
      local text = assert(core.read_file(path))
      assert(text == a or text == b, #text)
      seen[#text] = true
    end
    assert.equal("done", pipe:read "*l")
    pipe:close()
    assert.is_true(seen[#a] or seen[#b])
    assert.is_true(workdir.shell(("test $(ls %s | wc -l) = 1"):format(dir:file "token.json*")))
  end)
end)

describe("a refresh token that somebody else has used already", function()
  it("is no failure where the file has what came of it", function()
    local NOW = provider_context.NOW
    local sso_token = require "appintegrations.credentials.sso_token"
    local path = "/home/me/" .. logged_in.SSO_FILE
    local function token(access, expires)
      return json.encode {
        accessToken = access, expiresAt = expires, refreshToken = "R", clientId = "c",
        clientSecret = "C", registrationExpiresAt = "2100-01-01T00:00:00Z",
      }
    end
    local context
    context = provider_context.new {
      files = { [path] = token("OLD", "2026-09-21T14:00:00Z") },
      http = function()
        context.files[path] = token("NEW", "2026-09-21T22:00:00Z")
        return { status = 400, headers = {}, body = "{}" }
      end,
    }
    local load = sso_token.loader(context, { start_url = "https://x/", region = "eu-west-1",
      session = "corp", login = "aws sso login" })
    assert.equal("NEW", load())
    assert.same({}, context.events)
    assert.equal(NOW, context.now)
  end)

  it("is no failure of a login either", function()
    local login = require "appintegrations.credentials.login"
    local path = "/home/me/" .. logged_in.LOGIN_FILE
    local function file(id, expires)
      return json.encode {
        clientId = "c", refreshToken = "R", dpopKey = logged_in.KEY,
        accessToken = { accessKeyId = id, secretAccessKey = "K", sessionToken = "T",
          accountId = "111122223333", expiresAt = expires },
      }
    end
    local context
    context = provider_context.new {
      files = { [path] = file("ASIAOLD", "2026-09-21T14:00:00Z") },
      profiles = { dev = { login_session = logged_in.SESSION } }, profile = "dev",
      http = function()
        context.files[path] = file("ASIAOTHER", "2026-09-21T14:28:20Z")
        return { status = 401, headers = {}, body = '{"error":"TOKEN_EXPIRED"}' }
      end,
    }
    assert.equal("ASIAOTHER", assert(login.new(context).retrieve()).access_key_id)
  end)
end)
