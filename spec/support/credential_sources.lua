--- Every source of credentials, with secrets that are told from all else: each has MARKED in it.
-- The service and the credential services are one server, whose script this gives.
--
--     local sources = require "spec.support.credential_sources"
--     for _, name in ipairs(sources.NAMES) do
--       local source = sources.new(name)          -- files in a folder of its own
--       local server = servers.start(source.script)
--       local client = appintegrations.client(source:options(server.url))
--       source:remove()

local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local provider_context = require "spec.support.provider_context"
local workdir = require "spec.support.workdir"

local M = {}

M.MARK = "MARKED"

local ROLE = "arn:aws:iam::111122223333:role/contact-center"
local KEY = "MARKEDKEY0123456789/abcdefghijklmnopqrst"
local TOKEN = "MARKEDTOKEN0123456789+/abcdefghijk=="
local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = KEY, session_token = TOKEN }
local KEY_FILE = ("aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = %s\n"
  .. "aws_session_token = %s\n"):format(KEY, TOKEN)

local function near_answer()
  return { body = json.encode { Code = "Success", AccessKeyId = "ASIAEXAMPLE",
    SecretAccessKey = KEY, Token = TOKEN, Expiration = logged_in.time(3600) } }
end

local function sts_answer(action)
  local answer = provider_context.sts_answer(action, { expiration = logged_in.time(3600) })
  answer.body = answer.body:gsub("SECRET/role%+key", KEY):gsub("SECRET&#43;token", TOKEN)
  return answer
end

local SOURCES = {}

function SOURCES.options() return { options = { credentials = KEYS } } end

SOURCES["function"] = function()
  return { options = { credentials = function() return KEYS end } }
end

function SOURCES.environment()
  return { env = { AWS_ACCESS_KEY_ID = "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY = KEY,
    AWS_SESSION_TOKEN = TOKEN } }
end

function SOURCES.file() return { files = { [".aws/credentials"] = "[default]\n" .. KEY_FILE } } end

function SOURCES.process(dir)
  local answer = dir:write("answer", json.encode { Version = 1, AccessKeyId = "ASIAEXAMPLE",
    SecretAccessKey = KEY, SessionToken = TOKEN, Expiration = logged_in.time(3600) })
  local program = dir:script("program", ([[
tr '\0' '\n' </proc/$$/cmdline >%s
tr '\0' '\n' </proc/$$/environ >%s
cat %s]]):format(dir:file "argv", dir:file "environ", answer))
  return { files = { [".aws/config"] = ("[default]\ncredential_process = %s one two\n")
    :format(program) } }
end

function SOURCES.role()
  local profile = "[default]\nrole_arn = " .. ROLE .. "\nsource_profile = base\n[profile base]\n"
  return { script = { ["POST /"] = sts_answer "AssumeRole" },
    files = { [".aws/config"] = profile .. KEY_FILE } }
end

function SOURCES.web_identity()
  return { script = { ["POST /"] = sts_answer "AssumeRoleWithWebIdentity" },
    files = { token = "MARKEDIDENTITY.abcdefghijk.lmnopqrst" },
    env = { AWS_WEB_IDENTITY_TOKEN_FILE = "~/token", AWS_ROLE_ARN = ROLE } }
end

function SOURCES.container()
  return { script = { ["GET /get"] = near_answer() }, env = function(url)
    return { AWS_CONTAINER_CREDENTIALS_FULL_URI = url .. "/get",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = "MARKEDAUTHORIZATION" }
  end }
end

--- As in a pod of EKS.
function SOURCES.pod(dir)
  local token = dir:write("token", "MARKEDAUTHORIZATION")
  return { script = { ["GET /get"] = near_answer() }, env = function(url)
    return { AWS_CONTAINER_CREDENTIALS_FULL_URI = url .. "/get",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = token }
  end }
end

function SOURCES.imds()
  local path = "/latest/meta-data/iam/security-credentials/"
  return { options = { imds = true }, script = {
    ["PUT /latest/api/token"] = { body = "MARKEDMETADATATOKEN" }, ["GET " .. path] = { body = "r" },
    ["GET " .. path .. "r"] = near_answer(),
  }, env = function(url) return { AWS_EC2_METADATA_SERVICE_ENDPOINT = url } end }
end

function SOURCES.sso()
  return { files = { [".aws/config"] = logged_in.SSO_PROFILE, [logged_in.SSO_FILE] = json.encode {
    accessToken = "MARKEDACCESS", expiresAt = "2026-01-01T00:00:00Z", clientId = "client",
    refreshToken = "MARKEDREFRESH", clientSecret = "MARKEDCLIENT",
    registrationExpiresAt = logged_in.time(3600),
  } }, script = {
    ["POST /token"] = { body = '{"accessToken":"MARKEDACCESS2","refreshToken":"MARKEDREFRESH2",'
      .. '"expiresIn":3600}' },
    ["GET /federation/credentials?role_name=Reader&account_id=111122223333"] = {
      body = json.encode { roleCredentials = { accessKeyId = "ASIAEXAMPLE", secretAccessKey = KEY,
        sessionToken = TOKEN, expiration = (os.time() + 3600) * 1000 } } },
  } }
end

function SOURCES.login()
  local login = json.encode {
    clientId = "client", refreshToken = "MARKEDREFRESH", dpopKey = logged_in.KEY,
    accessToken = { accessKeyId = "ASIAOLD", secretAccessKey = "MARKEDOLD",
      sessionToken = "MARKEDOLDTOKEN", accountId = "111122223333",
      expiresAt = "2026-01-01T00:00:00Z" },
  }
  local answer = json.encode { refreshToken = "MARKEDREFRESH2", idToken = "MARKEDID",
    expiresIn = 900,
    accessToken = { accessKeyId = "ASIAEXAMPLE", secretAccessKey = KEY, sessionToken = TOKEN } }
  return { script = { ["POST /v1/token"] = { body = answer } },
    files = { [".aws/config"] = logged_in.LOGIN_PROFILE, [logged_in.LOGIN_FILE] = login } }
end

M.NAMES = {}
for name in pairs(SOURCES) do
  M.NAMES[#M.NAMES + 1] = name
end
table.sort(M.NAMES)

local Source = {}
Source.__index = Source

--- Options of a client whose server, for everything, is at URL; MORE come on top.
---@param url string
---@param more? table
function Source:options(url, more)
  local env = type(self.env) == "function" and self.env(url) or self.env or {}
  env.HOME, env.AWS_ENDPOINT_URL = self.dir.path, url
  local options = { region = "us-east-1", endpoint_url = url, env = env, timeout = 5,
    sleep = function() end }
  for _, fields in ipairs { self.given or {}, more or {} } do
    for name, value in pairs(fields) do
      options[name] = value
    end
  end
  return options
end

function Source:remove()
  self.dir:remove()
end

---@param name string  of NAMES
function M.new(name)
  local dir = workdir.new()
  local source = SOURCES[name](dir)
  source.dir, source.script, source.given = dir, source.script or {}, source.options
  source.options = nil
  workdir.shell(("mkdir -p %s %s"):format(dir:file ".aws/sso/cache", dir:file ".aws/login/cache"))
  for path, text in pairs(source.files or {}) do
    dir:write(path, text)
  end
  return setmetatable(source, Source)
end

return M
