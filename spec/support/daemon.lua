--- Starts a packaged server as a child process for a spec, and stops it.
--
--     local child = daemon.start("nginx -p . -c …", 8080)  -- the port it will listen on
--     child.pid, child:output()
--     child:stop()
--
-- The child is killed when this process ends, too: its keeper waits for that.

local socket = require "socket"

local M = {}

local PATIENCE = 20 -- seconds until the child must listen

local Child = {}
Child.__index = Child

local function read_all(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text or ""
end

--- A port of 127.0.0.1 that is free now.
function M.free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return tonumber(port)
end

--- Whether PROGRAM is in the path.
function M.has(program)
  local pipe = io.popen("command -v " .. program)
  local found = pipe:read("*l") ~= nil
  pipe:close()
  return found
end

--- What the child has printed so far.
function Child:output()
  return read_all(self.log)
end

--- The shared objects that the child has loaded, as text.
function Child:maps()
  return read_all("/proc/" .. self.pid .. "/maps")
end

--- Ends the child and waits for it.
function Child:stop()
  if self.keeper then
    self.keeper:close()
    self.keeper = nil
    os.remove(self.log)
    os.remove(self.log .. ".pid")
  end
end

local function is_listening(port, udp)
  if udp then
    local file = io.open("/proc/net/udp")
    local text = file:read("*a")
    file:close()
    return text:find((":%04X 00000000:0000"):format(port), 1, true) ~= nil
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
  local log = os.tmpname()
  local keeper = assert(io.popen(("exec 2>/dev/null; %s >%s 2>&1 </dev/null & pid=$!; "
    .. "echo $pid >%s.pid; read line; kill $pid; wait $pid"):format(command, log, log), "w"))
  local child = setmetatable({ keeper = keeper, log = log }, Child)
  local deadline = socket.gettime() + PATIENCE
  repeat
    child.pid = read_all(log .. ".pid"):match("%d+")
    if child.pid and is_listening(port, udp) then
      return child
    end
    socket.sleep(0.01)
  until socket.gettime() > deadline
  local output = child:output()
  child:stop()
  error("has not started: " .. command .. "\n" .. output, 2)
end

return M
