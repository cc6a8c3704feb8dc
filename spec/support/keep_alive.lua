--- A client on one connection that costs little, for many requests to an emulator.
--
--     local connection = keep_alive.connect(child)
--     local status, body = connection:call("GET", "/applications")   -- nil: the connection is lost
--     connection:close()

local socket = require "socket"

local M = {}

local Connection = {}
Connection.__index = Connection

---@param child table  of spec.support.emulator
function M.connect(child)
  local self = setmetatable({ socket = assert(socket.connect("127.0.0.1", child.port)) },
    Connection)
  self.socket:setoption("tcp-nodelay", true)
  self.socket:settimeout(30)
  return self
end

--- Reads the header block: status and length of the body; nil if the connection is lost.
local function read_head(self)
  local line = self.socket:receive("*l")
  local status, length = line and tonumber(line:match(" (%d+)")), 0
  while status do
    local header = self.socket:receive("*l")
    if not header then
      return nil
    elseif header == "" then
      return status, length
    end
    length = tonumber(header:match("^[Cc]ontent%-[Ll]ength: (%d+)")) or length
  end
  return nil
end

--- Status and body of the answer; nil if the connection is lost.
function Connection:call(method, target, body)
  body = body or ""
  -- Not all in one format: Lua 5.1 has texts end at a zero there.
  local sent = self.socket:send(("%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n")
    :format(method, target, #body) .. body)
  if not sent then
    return nil
  end
  return self:answer(method)
end

--- Status and body of the next answer, to a request of METHOD.
function Connection:answer(method)
  local status, length = read_head(self)
  if not status or length == 0 or method == "HEAD" then
    return status, ""
  end
  local text = self.socket:receive(length)
  return text and status, text
end

function Connection:close()
  self.socket:close()
end

return M
