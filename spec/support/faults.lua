--- Scenarios of spec/support/fault_scenarios.lua in a process of their own, over whose system calls
-- spec/support/faults.c decides.
--
--     local world = require("spec.support.faults").new()
--     world:survive("list", "read", "EIO", 1, 1)   -- "12 faults: …", or what was broken
--     world:stop()

local emulator = require "spec.support.emulator"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"
local server = require "spec.support.server"
local workdir = require "spec.support.workdir"

local BUILD = os.getenv "BUILD" or "build/5.4"
local LUA = os.getenv "LUA" or "lua5.4"

local LONGEST = 300 -- seconds for one scenario: more is a hang

local M = {}

local World = {}
World.__index = World

local ID, SECRET = emulator.credentials.access_key_id, emulator.credentials.secret_access_key

--- The login as it stands in its file, expired.
local function login()
  return json.encode {
    clientId = "arn:aws:signin:::devtools/same-device", refreshToken = "refresh",
    dpopKey = logged_in.KEY, tokenType = "aws_sigv4", idToken = "id",
    accessToken = { accessKeyId = "ASIAOLD", secretAccessKey = "old", sessionToken = "old",
      accountId = "111122223333", expiresAt = "2020-01-01T00:00:00Z" },
  }
end

--- Profiles for each way to credentials, in a folder that stands for the home directory.
local function write_profiles(dir)
  assert(workdir.shell("mkdir " .. dir:file ".aws"))
  dir:write(".aws/credentials",
    ("[keys]\naws_access_key_id = %s\naws_secret_access_key = %s\n"):format(ID, SECRET))
  local output = dir:write("keys.json", json.encode { Version = 1, AccessKeyId = ID,
    SecretAccessKey = SECRET })
  dir:write(".aws/config", ("[profile process]\ncredential_process = /bin/cat %s\n"
    .. "[profile login]\nlogin_session = %s\n"):format(output, logged_in.SESSION))
  dir:write("login.json", login())
end

--- The service and AWS Sign-In, whose keys the service accepts.
function M.new()
  local dir = workdir.new()
  write_profiles(dir)
  local accepted = dir:write("accepted.json", json.encode {
    [ID] = { secret = SECRET }, ASIANEW = { secret = "new", session_token = "token" },
  })
  local signin = server.start { ["POST /v1/token"] = { body = json.encode {
    accessToken = { accessKeyId = "ASIANEW", secretAccessKey = "new", sessionToken = "token" },
    tokenType = "aws_sigv4", expiresIn = 900, refreshToken = "next",
  } } }
  return setmetatable({
    dir = dir, signin = signin,
    service = emulator.start { "--credentials", accepted, "--quiet" },
  }, World)
end

--- Runs COMMAND with the library preloaded and the scenarios' environment; what it printed.
---@param command string
---@param redirection? string  of the shell ("2>&1")
function World:run(command, redirection)
  local environment = ("SERVICE_URL=%s SIGNIN_URL=%s FOLDER=%s LOGIN_FILE=%s"):format(
    self.service.url, self.signin.url, self.dir.path, logged_in.LOGIN_NAME)
  local pipe = assert(io.popen(("%s LUA_PATH=\"./?.lua;$LUA_PATH\" timeout -k 5 %d "
    .. "env LD_PRELOAD=\"$LD_PRELOAD $PWD/%s/faults.so\" %s %s")
    :format(environment, LONGEST, BUILD, command, redirection or "2>&1")))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- Runs SCENARIO while HOW_MANY calls of KIND fail with ERRNO, from every STEP-th on.
function World:survive(scenario, kind, errno, how_many, step)
  return self:run(("%s spec/support/fault_scenarios.lua %s %s %s %d %d")
    :format(LUA, scenario, kind, errno, how_many, step))
end

function World:stop()
  self.service:stop()
  self.signin:stop()
  self.dir:remove()
end

return M
