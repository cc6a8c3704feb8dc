--- Child processes of specs. Each ends with this process, as its standard input ends then, and
-- neither its start nor its end is waited for without bound.
--
--     local child = child.start("exec lua5.4 server.lua >port")
--     child:until_ready("the server", function() return files.find "port" end)
--     child:pid(), child:wait(), child:signal "TERM"
--     child:stop()

local eventually = require "spec.support.eventually"
local files = require "spec.support.files"
local socket = require "socket"
local workdir = require "spec.support.workdir"

local M = {}

local PATIENCE = 20 -- seconds until it must be ready, and until it must have ended
local PAUSE = 0.001

local Child = {}
Child.__index = Child

--- Starts a shell COMMAND that becomes the child (by `exec`) and whose input is a pipe.
---@param command string
function M.start(command)
  local pid_path = workdir.name() .. ".pid"
  local pipe = assert(io.popen(("echo $$ >%s; %s"):format(pid_path, command), "w"))
  return setmetatable({ pipe = pipe, command = command, pid_path = pid_path }, Child)
end

--- The id of its process; nil before that is known.
---@return integer?
function Child:pid()
  self.id = self.id or tonumber(files.find(self.pid_path) or "")
  return self.id
end

--- Whether its process has ended; an ended one is a zombie until it is waited for.
---@return boolean
function Child:has_ended()
  local pid = self:pid()
  local status = pid and files.find(("/proc/%d/stat"):format(pid))
  return pid ~= nil and (not status or status:find(") Z", 1, true) ~= nil)
end

--- Whether it ends within SECONDS.
---@param seconds? number
---@return boolean
function Child:wait(seconds)
  return (pcall(eventually, "its end", function()
    return self:has_ended() or socket.sleep(PAUSE)
  end, seconds or PATIENCE))
end

--- Sends a signal, as "KILL" or "TERM".
---@param name string
function Child:signal(name)
  workdir.shell(("kill -%s %d"):format(name, self:pid()))
end

--- What PROBE returns once that is true; an error, and the child's end, if the child ends before,
-- or too much time goes by. EXPLAIN returns what it has printed.
---@param what string
---@param probe fun(): any
---@param explain fun(): string
function Child:until_ready(what, probe, explain)
  local ready, value = pcall(eventually, what, function()
    local value = probe()
    if not value and self:has_ended() then
      error("it has ended", 0)
    end
    return value or socket.sleep(PAUSE)
  end, PATIENCE)
  if not ready then
    local output = explain()
    self:signal "KILL"
    self:stop()
    error(("%s has not started (%s):\n%s"):format(what, value, output), 3)
  end
  return value
end

--- Ends it, if need be by force, and waits for that. ASK makes it end; else the end of its input
-- does, which only the system bounds.
---@param ask? fun()
---@return integer? code  its exit code where this Lua tells
function Child:stop(ask)
  if not self.pipe then
    return nil
  end
  local in_time = true
  if ask and not self:has_ended() then
    ask()
    in_time = self:wait()
    if not in_time then
      self:signal "KILL"
    end
  end
  local _, _, code = self.pipe:close()
  self.pipe = nil
  os.remove(self.pid_path)
  if not in_time then
    error(("has not ended within %d seconds: %s"):format(PATIENCE, self.command), 2)
  end
  return code
end

return M
