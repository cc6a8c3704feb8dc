--- Starts the command appintegrations-emulator as a child process for a spec, and stops it.
--
--     local emulator = require "spec.support.emulator"
--     local child = emulator.start { "--execution-seconds", "0.1" }
--     appintegrations.client { endpoint_url = child.url, region = "us-east-1",
--       credentials = emulator.credentials }
--     child:stop()
--
-- The child ends when its standard input closes, so none is left behind when a spec dies.

local child = require "spec.support.child"
local files = require "spec.support.files"
local http = require "socket.http"
local json = require "appintegrations.emulator.json"
local ltn12 = require "ltn12"
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

local M = {}

--- The credentials that the emulator accepts unless told otherwise.
M.credentials = {
  access_key_id = "AKIAIOSFODNN7EXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

--- The shell command that runs the emulator with ARGS under the Lua that runs the spec.
---@param args string[]
---@param prelude? string  Lua code that runs in the emulator's process first
---@return string
function M.command(args, prelude)
  local words = {}
  for i, word in ipairs(args) do
    words[i] = shell.word(word)
  end
  return ("exec %s -e %s %s %s"):format(os.getenv("LUA") or "lua5.4", shell.word(prelude or ""),
    shell.word((os.getenv("BUILD") or "build/5.4") .. "/bin/appintegrations-emulator"),
    table.concat(words, " "))
end

local Emulator = {}
Emulator.__index = Emulator

--- What it has printed so far.
---@return string
function Emulator:output()
  return files.find(self.output_path) or ""
end

--- How many requests to the service it has answered so far.
---@return integer
function Emulator:requests()
  local last = self:control("GET", "requests?limit=1").requests[1]
  return last and last.number or 0
end

--- What the control endpoint NAME answers; BODY is JSON.
function Emulator:control(method, name, body)
  local answer = {}
  local _, status = http.request { method = method, url = self.url .. "/_emulator/" .. name,
    source = body and ltn12.source.string(body), sink = ltn12.sink.table(answer),
    headers = { ["content-length"] = body and #body or nil } }
  assert(status == 200, table.concat(answer))
  return (json.decode(table.concat(answer)))
end

--- The id of its process.
function Emulator:pid()
  return self.process:pid()
end

--- Sends a signal, as "KILL" or "TERM".
function Emulator:signal(name)
  self.process:signal(name)
end

--- Whether it, which has been told to, ends soon.
function Emulator:wait()
  return self.process:wait()
end

--- Ends it and waits for that.
---@return integer? code  its exit code where this Lua tells
function Emulator:stop()
  local code = self.process:stop(function() self.process:signal "TERM" end)
  for _, path in ipairs { self.port_path, self.output_path } do
    os.remove(path)
  end
  return code
end

--- Starts the emulator on a free port and waits until it listens.
---@param args? string[]  further options; `prelude`: Lua code that runs in its process first;
---                        `redirect`: further redirections, as the shell has them; `shell`: what
---                        the shell does before
---@return table emulator  port, url, and the methods above
function M.start(args)
  local base = workdir.name()
  local self = setmetatable({ port_path = base .. ".port", output_path = base .. ".out" }, Emulator)
  local all = { "--port", "0", "--port-file", self.port_path, "--until-stdin-closes" }
  for _, word in ipairs(args or {}) do
    all[#all + 1] = word
  end
  self.process = child.start(("%s %s >%s 2>&1 %s"):format(args and args.shell or "",
    M.command(all, args and args.prelude), self.output_path, args and args.redirect or ""))
  self.port = self.process:until_ready("the emulator", function()
    return tonumber(files.find(self.port_path) or "")
  end, function() return self:output() end)
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

return M
