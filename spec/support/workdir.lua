--- Temporary directories for specs that need real files.
--
--     local dir = workdir.new()
--     local path = dir:write("config", "[default]\n")
--     dir:remove()
local core = require "appintegrations.core"

local M = {}

local Dir = {}
Dir.__index = Dir

--- Runs a shell COMMAND; whether it succeeded, in every Lua.
function M.shell(command)
  local ok = os.execute(command)
  return ok == true or ok == 0
end

--- A path in the temporary folder at which nothing stands yet.
function M.name()
  return (os.getenv "TMPDIR" or "/tmp") .. "/appintegrations-spec-" .. core.uuid()
end

function M.new()
  local path = M.name()
  assert(M.shell("mkdir -m 700 " .. path))
  return setmetatable({ path = path }, Dir)
end

function Dir:file(name)
  return self.path .. "/" .. name
end

function Dir:write(name, text)
  local file = assert(io.open(self:file(name), "wb"))
  file:write(text)
  file:close()
  return self:file(name)
end

function Dir:read(name)
  local file = assert(io.open(self:file(name), "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- An executable shell script with BODY.
function Dir:script(name, body)
  local path = self:write(name, "#!/bin/sh\n" .. body .. "\n")
  assert(M.shell("chmod 700 '" .. path .. "'"))
  return path
end

function Dir:remove()
  assert(self.path:find("appintegrations-spec-", 1, true))
  M.shell("rm -rf " .. self.path)
end

return M
