--- The services that hand out credentials, each with a server of a spec in its place: clients that
--- ask there, and what their files and variables hold. All that is secret begins with MARKED.
--
--     for name in pairs(credential_services.ALL) do
--       local client = credential_services.client(name, server.url, { deadline = 1 })

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local workdir = require "spec.support.workdir"

local M = {}

local ROLE = "arn:aws:iam::111122223333:role/r"

--- The file of an SSO session that has so many seconds left.
local function sso_file(left)
  return { [logged_in.SSO_FILE] = json.encode {
    accessToken = "MARKED-ACCESS", expiresAt = logged_in.time(left), clientId = "c",
    refreshToken = "MARKED-REFRESH", clientSecret = "MARKED-CLIENT",
    registrationExpiresAt = logged_in.time(3600),
  } }
end

--- The file of a login whose credentials have expired.
local function login_file()
  return { [logged_in.LOGIN_FILE] = json.encode {
    clientId = "c", refreshToken = "MARKED-REFRESH", dpopKey = logged_in.KEY,
    accessToken = { accessKeyId = "ASIAOLD", secretAccessKey = "MARKED-OLD",
      sessionToken = "MARKED-SESSION", accountId = "111122223333",
      expiresAt = "2026-01-01T00:00:00Z" },
  } }
end

--- By service: the environment with which it is asked at a URL, the profile file, other files of
--- the home directory.
---@type table<string, fun(url: string): table, string?, table<string, string>?>
M.ALL = {
  container = function(url)
    return { AWS_CONTAINER_CREDENTIALS_FULL_URI = url .. "/get",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = "MARKED-AUTHORIZATION" }
  end,
  IMDS = function(url) return { AWS_EC2_METADATA_SERVICE_ENDPOINT = url } end,
  STS = function(url)
    return { AWS_ENDPOINT_URL_STS = url }, ("[default]\nrole_arn = %s\nsource_profile = base\n"
      .. "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = MARKEDBASE\n"
      .. "aws_session_token = MARKEDTOKEN\n"):format(ROLE)
  end,
  ["web identity"] = function(url)
    return { AWS_ENDPOINT_URL_STS = url, AWS_WEB_IDENTITY_TOKEN_FILE = "~/token",
      AWS_ROLE_ARN = ROLE }, "", { token = "MARKED-IDENTITY" }
  end,
  ["SSO portal"] = function(url)
    return { AWS_ENDPOINT_URL_SSO = url, AWS_ENDPOINT_URL_SSO_OIDC = url },
      logged_in.SSO_PROFILE, sso_file(3600)
  end,
  ["SSO OIDC"] = function(url)
    return { AWS_ENDPOINT_URL_SSO = url, AWS_ENDPOINT_URL_SSO_OIDC = url },
      logged_in.SSO_PROFILE, sso_file(-60)
  end,
  ["AWS Sign-In"] = function(url)
    return { AWS_ENDPOINT_URL_SIGNIN = url }, logged_in.LOGIN_PROFILE, login_file()
  end,
}

--- A client that has its credentials from the service NAME at URL, and does not wait between
--- attempts. It is closed, and its home directory removed, when the running spec ends.
---@param name string
---@param url string
---@param options? table
function M.client(name, url, options)
  local dir = workdir.new()
  cleanup(function() dir:remove() end)
  workdir.shell(("mkdir -p %s %s"):format(dir:file ".aws/sso/cache", dir:file ".aws/login/cache"))
  local env, config, files = M.ALL[name](url)
  dir:write(".aws/config", config or "")
  for path, text in pairs(files or {}) do
    dir:write(path, text)
  end
  env.HOME = dir.path
  local all = { region = "us-east-1", env = env, endpoint_url = "http://127.0.0.1:9",
    retry_mode = "off", sleep = function() end }
  for option, value in pairs(options or {}) do
    all[option] = value
  end
  local client = assert(appintegrations.client(all))
  cleanup(function() client:close() end)
  return client
end

return M
