--- Scripted HTTP servers on loopback for specs, each in a process of its own.
--
--     local server = require("spec.support.server").start {
--       ["GET /latest/meta-data"] = { body = "role" },        -- by method and target
--       ["POST /token"] = { { status = 500 }, { body = "t" } }, -- first, then the last for good
--       { body = "for the first request that no name fits" },
--       { close = true },                                     -- for the second and all after it
--     }
--     server.port, server.url       -- 4711, "http://127.0.0.1:4711"
--     server:request("/a")          -- a request for a transport's send
--     server:requests()             -- what has been received, in order (below)
--     server:connections()          -- how many connections have been accepted
--     server:stop()                 -- it also ends when this process does
--
-- A response is a table, or a string: the bytes of the answer as they are.
--
--   status = 200, headers = { ["x-a"] = "b" } or { { "X-A", "b" }, … }, body = ""
--                         an ordinary answer; content-length is added unless there is one
--   raw = "HTTP/1.1 …"    these bytes instead
--   forever = "bytes"     behind the answer, until the connection is closed by the other side
--   before = "bytes"      sent before the answer, as an interim "HTTP/1.1 100 Continue\r\n\r\n"
--   requests = 2          no answer before so many requests have come, this one included
--   answers = 1           no answer before so many have been sent
--   delay = 0.05          seconds before the answer
--   piece = 7, pause = 0  the answer in pieces of so many bytes, with so many seconds in between
--   hang = true           no answer, and the connection stays open
--   close = true          the connection is closed after the answer;
--                         without raw, status or body: instead of one
--   cut = 20              the connection is closed after so many bytes of the answer
--   reset = true          instead of an answer (with cut: after its bytes) a TCP reset
--   tunnel = true         for CONNECT: 200, then bytes are relayed to the host and port named
--
-- Options, in a second table:
--   tls = { key =, certificate =, protocol = "tlsv1_2", ciphers = } files and LuaSec's names
--   greeting = "bytes"    sent on every connection before anything is received
--   any = true            whatever bytes come are a request, HTTP or not
--   idle = 2              connections that are closed silently after so many answers
--
-- A request as `server:requests()` gives it: { connection = 1 (the first one accepted), method,
-- target, headers (lower-case names), order (the names as they came), body, raw (all its bytes) }.

local load_string = rawget(_G, "loadstring") or load -- 5.1 has both

local child = require "spec.support.child"
local files = require "spec.support.files"
local workdir = require "spec.support.workdir"

local M = {}

local Server = {}
Server.__index = Server

local directory = debug.getinfo(1, "S").source:match("^@(.*)server%.lua$") or "spec/support/"
local program = directory .. "scripted_server.lua"

--- VALUE, made of tables, strings, numbers and booleans, as a Lua expression.
local function serialize(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = "[" .. serialize(key) .. "]=" .. serialize(item)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Starts a server. It is ready for connections when this returns.
---@param script table   responses, as above
---@param options? table
function M.start(script, options)
  local name = workdir.name()
  local lua = os.getenv("LUA") or "lua5.4"
  local script_file = assert(io.open(name .. ".script", "wb"))
  script_file:write("return ", serialize(script), ",", serialize(options or {}))
  script_file:close()
  local process = child.start(("exec %s %s %s >%s.out 2>&1"):format(lua, program, name, name))
  local function output() return files.find(name .. ".out") or "" end
  local started, port = pcall(process.until_ready, process, "the scripted server", function()
    return output():match "^(%d+)\n"
  end, output)
  for _, path in ipairs { name .. ".script", name .. ".out", not started and name or nil } do
    os.remove(path)
  end
  if not started then
    error(port, 0)
  end
  local scheme = options and options.tls and "https" or "http"
  return setmetatable({
    process = process, log = name, port = tonumber(port), host = "127.0.0.1:" .. port,
    url = scheme .. "://127.0.0.1:" .. port,
  }, Server)
end

--- The records of the log: each is a Lua expression after its length.
local function read_log(self)
  local records = {}
  local file = assert(io.open(self.log, "rb"))
  local length = file:read("*l")
  while length do
    records[#records + 1] = assert(load_string(file:read(tonumber(length))))()
    file:read(1) -- the line's end
    length = file:read("*l")
  end
  file:close()
  return records
end

local function parse(record)
  local request = { connection = record.connection, raw = record.raw, headers = {}, order = {} }
  local head, body = record.raw:match("^(.-\r\n)\r\n(.*)$")
  request.method, request.target = head:match("^(%S+) (%S+)")
  request.body = body
  for name, value in head:gmatch("\n([^:\r\n]+):[ \t]*([^\r\n]*)") do
    request.headers[name:lower()] = value
    request.order[#request.order + 1] = name
  end
  return request
end

--- All requests received so far, complete ones, in the order of their arrival.
function Server:requests()
  local requests = {}
  for _, record in ipairs(read_log(self)) do
    if record.raw then
      requests[#requests + 1] = parse(record)
    end
  end
  return requests
end

function Server:connections()
  local count = 0
  for _, record in ipairs(read_log(self)) do
    count = count + (record.accepted and 1 or 0)
  end
  return count
end

--- A request for a transport: GET TARGET, with FIELDS on top.
function Server:request(target, fields)
  local request = {
    method = "GET", url = self.url .. target, headers = { host = self.host }, timeout = 10,
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

--- Ends the process and waits for that; its port refuses connections from then on.
function Server:stop()
  if self.log then
    self.process:stop(function() -- it ends when it can read
      self.process.pipe:write "\n"
      self.process.pipe:flush()
    end)
    os.remove(self.log)
    self.log = nil
  end
end

return M
