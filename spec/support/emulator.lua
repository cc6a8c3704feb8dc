--- Starts the command appintegrations-emulator as a child process for a spec, and stops it.
--
--     local emulator = require "spec.support.emulator"
--     local child = emulator.start { "--execution-seconds", "0.1" }
--     appintegrations.client { endpoint_url = child.url, region = "us-east-1",
--       credentials = emulator.credentials }
--     child:stop()
--
-- The child ends when its standard input closes, so none is left behind when a spec dies.

local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

local M = {}

--- The credentials that the emulator accepts unless told otherwise.
M.credentials = {
  access_key_id = "AKIAIOSFODNN7EXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

local PATIENCE = 20 -- seconds until the child must listen

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read_all(path)
  local file = io.open(path)
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

--- The shell command that runs the emulator with ARGS under the Lua that runs the spec.
---@param args string[]
---@param prelude? string  Lua code that runs in the emulator's process first
---@return string
function M.command(args, prelude)
  local words = {}
  for i, word in ipairs(args) do
    words[i] = quote(word)
  end
  return ("exec %s -e %s %s %s"):format(os.getenv("LUA") or "lua5.4", quote(prelude or ""),
    quote((os.getenv("BUILD") or "build/5.4") .. "/bin/appintegrations-emulator"),
    table.concat(words, " "))
end

local Child = {}
Child.__index = Child

--- What the child has printed so far.
---@return string
function Child:output()
  return read_all(self.output_path) or ""
end

--- How many requests to the service it has answered so far. A request's line is written before
-- the next request is taken, so this one's makes all earlier ones certain.
---@return integer
function Child:requests()
  self:control("GET", "health")
  local count = 0
  for line in self:output():gmatch("[^\n]+") do
    if line:find("^%d+T%d+Z ") and not line:find(" /_emulator/", 1, true) then
      count = count + 1
    end
  end
  return count
end

--- Asks the control endpoint NAME; BODY is JSON.
function Child:control(method, name, body)
  local answer = {}
  local _, status = http.request { method = method, url = self.url .. "/_emulator/" .. name,
    source = body and ltn12.source.string(body), sink = ltn12.sink.table(answer),
    headers = { ["content-length"] = body and #body or nil } }
  assert(status == 200, table.concat(answer))
end

--- Sends a signal, as "KILL" or "TERM".
function Child:signal(name)
  local file = io.open(self.pid_path)
  local pid = file:read("*n")
  file:close()
  os.execute(("kill -%s %d"):format(name, pid))
end

--- Ends the child and waits for it.
---@return integer? code  its exit code where this Lua tells
function Child:stop()
  if not self.pipe then
    return nil
  end
  local _, _, code = self.pipe:close()
  self.pipe = nil
  for _, path in ipairs { self.port_path, self.output_path, self.pid_path } do
    os.remove(path)
  end
  return code
end

local function wait_for_port(child)
  local deadline = socket.gettime() + PATIENCE
  repeat
    local port = tonumber(read_all(child.port_path) or "")
    if port then
      return port
    end
    socket.sleep(0.005)
  until socket.gettime() > deadline
  error("the emulator has not started:\n" .. child:output())
end

--- Starts the emulator on a free port and waits until it listens.
---@param args? string[]  further options; `prelude`: Lua code that runs in its process first
---@return table child    port, url, and the methods above
function M.start(args)
  local base = os.tmpname()
  os.remove(base)
  local child = setmetatable({ port_path = base .. ".port", output_path = base .. ".out",
    pid_path = base .. ".pid" }, Child)
  local all = { "--port", "0", "--port-file", child.port_path, "--until-stdin-closes" }
  for _, word in ipairs(args or {}) do
    all[#all + 1] = word
  end
  -- The shell writes its own id and becomes the emulator.
  child.pipe = assert(io.popen(("echo $$ >%s; %s >%s 2>&1"):format(quote(child.pid_path),
    M.command(all, args and args.prelude), quote(child.output_path)), "w"))
  child.port = wait_for_port(child)
  child.url = "http://127.0.0.1:" .. child.port
  return child
end

return M
