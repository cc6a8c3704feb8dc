--- Starts a packaged server as a child process for a spec, and stops it.
--
--     local child = daemon.start("nginx -p . -c …", 8080)  -- the port it will listen on
--     child.pid, child:output()
--     child:stop()
--
-- The child is killed when this process ends, too: its keeper waits for that. It has no part in
-- the sanitizers that this process may run under: it loads the ordinary build.

local child = require "spec.support.child"
local files = require "spec.support.files"
local socket = require "socket"
local workdir = require "spec.support.workdir"

local M = {}

local Daemon = {}
Daemon.__index = Daemon

--- A port of 127.0.0.1 that is free now.
function M.free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return tonumber(port)
end

--- Whether PROGRAM is in the path.
function M.has(program)
  return workdir.shell("command -v " .. program .. " >/dev/null")
end

--- What the child has printed so far.
function Daemon:output()
  return files.find(self.log) or ""
end

--- The shared objects that the child has loaded, as text.
function Daemon:maps()
  return files.read("/proc/" .. self.pid .. "/maps")
end

--- Ends the child and waits for it.
function Daemon:stop()
  local in_time, message = pcall(self.process.stop, self.process, function()
    self.process.pipe:write "\n"
    self.process.pipe:flush()
  end)
  os.remove(self.log)
  os.remove(self.log .. ".pid")
  if not in_time then -- the keeper has been killed, which waited for the child
    workdir.shell("kill -KILL " .. self.pid)
    error(message, 2)
  end
end

local function is_listening(port, udp)
  if udp then
    return files.read("/proc/net/udp"):find((":%04X 00000000:0000"):format(port), 1, true) ~= nil
  end
  local connection = socket.connect("127.0.0.1", port)
  if connection then
    connection:close()
  end
  return connection ~= nil
end

--- Starts COMMAND, a program of one word with its arguments, and waits until PORT of
-- 127.0.0.1 is listened on.
---@param command string
---@param port integer
---@param udp? boolean
function M.start(command, port, udp)
  local log = workdir.name()
  local self = setmetatable({ log = log, process = child.start(("exec 2>/dev/null; "
    .. "unset LD_PRELOAD; %s >%s 2>&1 </dev/null & pid=$!; echo $pid >%s.pid; read line; "
    .. "kill $pid; wait $pid"):format(command, log, log)) }, Daemon)
  self.pid = self.process:until_ready(command, function()
    return is_listening(port, udp) and (files.find(log .. ".pid") or ""):match "%d+"
  end, function() return self:output() end)
  return self
end

return M
