-- Files that someone names and that cannot be read as one: a pipe that nobody writes to, a device,
-- more bytes than any such file has, a directory.

local appintegrations = require "appintegrations"
local workdir = require "spec.support.workdir"

local LIMIT = 4 * 1024 * 1024
local ROLE = "arn:aws:iam::111122223333:role/pod"

describe("a file that is none", function()
  local dir, paths

  before_each(function()
    dir = workdir.new()
    paths = { pipe = dir:file "pipe", directory = dir.path, missing = dir:file "missing" }
    assert(workdir.shell("mkfifo " .. paths.pipe))
    paths.large = dir:write("large", ("#"):rep(LIMIT + 1))
  end)

  after_each(function()
    dir:remove()
  end)

  local function client(env, options)
    env.HOME = dir.path
    options = options or {}
    options.env, options.region, options.imds = env, "us-east-1", false
    options.transport = { send = function() error "nothing is to be sent" end }
    return appintegrations.client(options)
  end

  local function fails(code, text, result, err)
    assert.is_nil(result)
    assert.equal(code, err.code)
    assert.truthy(err.message:find(text, 1, true), err.message)
  end

  it("is an error where a variable names it as a profile file", function()
    for variable, other in pairs {
      AWS_CONFIG_FILE = "AWS_SHARED_CREDENTIALS_FILE",
      AWS_SHARED_CREDENTIALS_FILE = "AWS_CONFIG_FILE",
    } do
      for path, reason in pairs {
        [paths.large] = "the file is longer than 4194304 bytes",
        [paths.pipe] = "it is a pipe, which is not read: no file",
        ["/dev/zero"] = "it is a device or a socket, which is not read",
      } do
        fails("InvalidConfig", ("%s (%s) is not read: %s"):format(path, variable, reason),
          client { [variable] = path, [other] = paths.missing })
      end
    end
  end)

  it("is an error where a profile is looked for in it", function()
    assert(workdir.shell(("mkdir %s && ln -s %s %s"):format(dir:file ".aws", paths.large,
      dir:file ".aws/config")))
    local text = ('/.aws/config (looked into for profile "dev", from %s) is not read: the file is '
      .. "longer than 4194304 bytes")
    dir:write(".aws/credentials", "[dev]\naws_access_key_id = A\naws_secret_access_key = B\n")
    fails("InvalidConfig", text:format "option profile", client({}, { profile = "dev" }))
    fails("InvalidConfig", text:format "environment variable AWS_PROFILE",
      client { AWS_PROFILE = "dev" })
    -- Nobody has asked for it: explain() tells of it.
    local explanation = assert(client {}):explain()
    assert.equal("the file is longer than 4194304 bytes", explanation.profile.files[1].status)
  end)

  it("is no error where it is missing, unreadable as a directory, or empty", function()
    for _, path in ipairs { paths.missing, paths.directory, "/dev/null" } do
      assert(client { AWS_CONFIG_FILE = path, AWS_SHARED_CREDENTIALS_FILE = path })
    end
  end)

  it("is an error where a CA bundle is named", function()
    for path, reason in pairs {
      [paths.pipe] = "it is a pipe, which is not read: no file",
      [paths.large] = "the file is longer than 4194304 bytes",
      [paths.directory] = "Is a directory", ["/dev/null"] = "empty file",
    } do
      fails("InvalidConfig", ("the CA bundle cannot be read: %s: %s"):format(path, reason),
        appintegrations.client { env = { AWS_CA_BUNDLE = path }, region = "us-east-1" })
    end
  end)

  it("is named by its path and its origin where it should have a token", function()
    local reasons = {
      [paths.large] = "the file is longer than 4194304 bytes",
      [paths.pipe] = "it is a pipe, which is not read: no file",
      ["/dev/zero"] = "it is a device or a socket, which is not read",
      [paths.directory] = "Is a directory", [paths.missing] = "No such file or directory",
    }
    for path, reason in pairs(reasons) do
      local text = "the token file " .. path .. " (%s) cannot be read: " .. reason
      local made = client {
        AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1:1/",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = path,
      }
      fails("CredentialsProviderError",
        "container: " .. text:format "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        made:list_applications())
      made = client { AWS_ROLE_ARN = ROLE, AWS_WEB_IDENTITY_TOKEN_FILE = path }
      fails("CredentialsProviderError",
        "web-identity: " .. text:format "AWS_WEB_IDENTITY_TOKEN_FILE", made:list_applications())
      local config = dir:write("config", ("[profile pod]\nrole_arn = %s\n"
        .. "web_identity_token_file = %s\n"):format(ROLE, path))
      made = client({ AWS_CONFIG_FILE = config }, { profile = "pod" })
      fails("CredentialsProviderError", "web-identity: "
        .. text:format('web_identity_token_file of profile "pod" in ' .. config),
        made:list_applications())
    end
  end)
end)
