--- The surroundings of a credential provider, made by hand around the real
-- transport: environment, profiles, settings and files are tables; time stands
-- still unless a spec moves it, and sleeping moves it.
--
--     local context = provider_context.new {
--       env = { AWS_ROLE_ARN = "…" }, settings = { region = "us-east-1" },
--       profiles = { dev = { … } }, profile = "dev", sso_sessions = {}, services = {},
--       files = { ["/token"] = "…" }, options = {}, random = 0.5,
--     }
--     context.now, context.slept, context.events, context.requests, context.written,
--     context.advisories
--
-- Every secret of a spec has SECRET in it: `fails` looks for that in all texts.

local chain = require "appintegrations.credentials.chain"
local clock_skew = require "appintegrations.call.clock_skew"
local contexts = require "appintegrations.credentials.context"
local errors = require "appintegrations.base.errors"
local curl = require "appintegrations.transport.curl"

local M = {}

M.NOW = 1790000000 -- 2026-09-21T14:13:20Z
M.KEYS = {
  access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRETKEY", session_token = "SECRETTOKEN",
}

local function reader(files)
  return function(path)
    if files[path] then
      return files[path]
    end
    return nil, "No such file or directory"
  end
end

-- All keys stand in one file.
local PLACES = { __index = function() return "FILE" end }

-- As a client has them that has been told nothing of it.
local DEFAULTS = { timeout = 30, connect_timeout = 3.1, metadata_service_timeout = 1,
  metadata_service_num_attempts = 1 }

--- As the chain makes it for a profile that is another one's source.
local function add_profiles(context, profiles, fields)
  local function only(name, kind)
    return kind == "credentials" and profiles[name] or nil
  end
  context.profiles = {
    files = { { path = "config", status = "read" }, { path = "credentials", status = "read" } },
    get = function(name) return profiles[name], setmetatable({}, PLACES) end,
    only = only,
    sso_session = function(name) return (fields.sso_sessions or {})[name] end,
    services = function(name) return (fields.services or {})[name] end,
  }
  context.provider_for_profile = fields.provider_for_profile or function(name, state)
    local inner = setmetatable({ explicit_profile = true, chain_state = state },
      { __index = context })
    contexts.set_profile(inner, name)
    return chain.new(chain.load(chain.OF_PROFILE, inner), name)
  end
end

local function add_world(context, fields, transport)
  function context.http(request)
    context.requests[#context.requests + 1] = request
    if fields.http then
      return fields.http(request)
    end
    return transport:send(request)
  end
  function context.lock_file()
    return nil, fields.is_locked or false
  end
  function context.write_private_file(path, text)
    if fields.read_only then
      return nil, "Read-only file system"
    end
    context.files[path], context.written[#context.written + 1] = text, path
    return true
  end
  function context.home()
    return fields.home ~= false and "/home/me" or nil
  end
  function context.expand(path)
    return (path:gsub("^~/", "/home/me/"))
  end
  function context.advise(text)
    context.advisories[#context.advisories + 1] = text
  end
  function context.emit(event)
    context.events[#context.events + 1] = event
  end
end

---@param fields? table
function M.new(fields)
  fields = fields or {}
  local profiles = fields.profiles or {}
  local skew = clock_skew.new(fields.correct_clock ~= false)
  local context = {
    now = M.NOW, slept = {}, events = {}, requests = {}, written = {}, advisories = {},
    env = fields.env or {},
    settings = fields.settings or { region = "us-east-1" }, files = fields.files or {},
    explicit_profile = fields.explicit_profile or false, options = fields.options or {},
    transport = curl.new(), -- its connections are closed when the context is collected
  }
  add_profiles(context, profiles, fields)
  contexts.set_profile(context, fields.profile or "default")
  context.getenv = function(name) return context.env[name] end
  context.setting = function(name)
    local value = context.settings[name]
    return value == nil and DEFAULTS[name] or value
  end
  context.read_file = reader(context.files)
  context.clock = fields.clock or function() return context.now end
  context.skew = function() return skew end
  context.time = function() return context.clock() + skew.correction end
  context.random = function() return fields.random or 0.5 end
  function context.sleep(seconds)
    context.slept[#context.slept + 1] = seconds
    context.now = context.now + seconds
  end
  add_world(context, fields, context.transport)
  return context
end

--- All texts in VALUE.
local function texts(value, found)
  found = found or {}
  if type(value) == "table" then
    for key, item in pairs(value) do
      texts(key, found)
      texts(item, found)
    end
  else
    found[#found + 1] = tostring(value)
  end
  return table.concat(found, "\n")
end

--- Asserts that neither ERR nor an event of CONTEXT shows a secret.
function M.assert_no_secret(context, err)
  local all = tostring(err) .. "\n" .. texts(err) .. "\n" .. texts(context.events)
  -- A variable of that name is no secret.
  assert(not all:gsub("AWS_SECRET_ACCESS_KEY", ""):find "SECRET", "a secret in: " .. all)
end

--- Asserts that PROVIDER fails with an error of CODE whose message has PATTERN in it.
function M.fails(context, provider, code, pattern, deadline)
  local credentials, err = provider.retrieve(deadline)
  assert(credentials == nil, "it did not fail")
  assert(errors.is_error(err), "no error, but: " .. tostring(err))
  M.assert_no_secret(context, err)
  assert(err.code == code, "not " .. code .. ": " .. tostring(err))
  assert(err.message:find(pattern), ("%q is not in: %s"):format(pattern, err.message))
  return err
end

--- Asserts that PROVIDER is not concerned, for a reason with PATTERN in it.
function M.skips(provider, pattern)
  local credentials, reason = provider.retrieve()
  assert(credentials == nil and type(reason) == "string", "not skipped: " .. tostring(reason))
  assert(reason:find(pattern), ("%q is not in: %s"):format(pattern, reason))
end

--- An answer of STS to ACTION.
function M.sts_answer(action, fields)
  fields = fields or {}
  return { headers = { ["content-type"] = "text/xml" }, body = ([[
<%sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <%sResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLE:session</AssumedRoleId>
      <Arn>arn:aws:sts::111122223333:assumed-role/contact-center/session</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>%s</AccessKeyId>
      <SecretAccessKey>SECRET/role+key</SecretAccessKey>
      <SessionToken>SECRET&#43;token</SessionToken>
      <Expiration>%s</Expiration>
    </Credentials>
  </%sResult>
  <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>
</%sResponse>]]):format(action, action, fields.id or "ASIAROLE",
    fields.expiration or "2026-09-21T15:13:20Z", action, action) }
end

--- An error of STS.
function M.sts_error(status, code, message)
  return { status = status, body = ([[
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>
  <RequestId>request-2</RequestId>
</ErrorResponse>]]):format(code, message) }
end

--- The fields of a form in BODY.
function M.form(body)
  local uri = require "appintegrations.emulator.uri"
  local fields = {}
  for name, value in body:gmatch "([^&=]+)=([^&]*)" do
    fields[name] = uri.decode(value)
  end
  return fields
end

return M
