--- Starts the example of a host program on a port of its own.
--
--     local host = example_host.start("examples/nginx/nginx.conf", "nginx -p … -c %s", url)
--     host.port, host:get("/applications")
--     host:stop()

local daemon = require "spec.support.daemon"
local emulator = require "spec.support.emulator"
local socket = require "socket"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"
local read = require("spec.support.files").read

local M = {}

local Host = {}
Host.__index = Host

--- The directory of the checkout.
function M.root()
  return shell.output("pwd"):match "[^\n]+"
end

--- A copy of the configuration at PATH with the port that it names, 8080 or 5060, replaced, and
-- build/ by a directory of the copy's own, for COMMAND, in which %s stands for the copy.
---@param path string
---@param command string
---@param url string       where calls go
---@param changes? table<string, string>  further texts to be replaced
function M.start(path, command, url, changes)
  local dir, port = workdir.new(), daemon.free_port()
  local udp
  local text = read(path):gsub("(%a*:?)127%.0%.0%.1:[85]0[86]0", function(scheme)
    udp = udp or scheme == "udp:"
    return scheme .. "127.0.0.1:" .. port
  end)
  text = text:gsub("pid build", "pid " .. dir.path):gsub("path build", "path " .. dir.path)
  for old, new in pairs(changes or {}) do
    local from, to = assert(text:find(old, 1, true))
    text = text:sub(1, from - 1) .. new .. text:sub(to + 1)
  end
  local child = daemon.start(("env AWS_REGION=us-east-1 AWS_ENDPOINT_URL_APPINTEGRATIONS=%s "
    .. "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s APPINTEGRATIONS_ROOT=%s %s"):format(url,
    emulator.credentials.access_key_id, emulator.credentials.secret_access_key, M.root(),
    command:format(dir:write("conf", text))), port, udp)
  return setmetatable({ child = child, port = port, dir = dir }, Host)
end

--- Sends a request to a host on 127.0.0.1:PORT.
---@return fun(): integer, string, string answer  waits for status, body and all of the answer
function M.begin(port, head, body)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:settimeout(30)
  connection:send(("%s HTTP/1.0\r\nhost: h\r\ncontent-length: %d\r\n\r\n%s"):format(head,
    #(body or ""), body or ""))
  return function()
    local answer = assert(connection:receive("*a"))
    connection:close()
    return tonumber(answer:match("^HTTP/1%.%d (%d+)")), answer:match("\r\n\r\n(.*)$"), answer
  end
end

--- What a host on 127.0.0.1:PORT answers to a request.
---@return integer status
---@return string body
---@return string answer  all of it
function M.request(port, head, body)
  return M.begin(port, head, body)()
end

function Host:get(target)
  return M.request(self.port, "GET " .. target)
end

function Host:stop()
  self.child:stop()
  self.dir:remove()
end

--- Whether HOST answers /ping while its answer to TARGET waits for a SERVER that hangs.
---@return boolean pinged
---@return boolean waiting
function M.serves_while_waiting(host, target, server)
  local first = assert(socket.connect("127.0.0.1", host.port))
  first:send(("GET %s HTTP/1.0\r\nhost: h\r\n\r\n"):format(target))
  local deadline = socket.gettime() + 10
  repeat
    socket.sleep(0.01)
  until #server:requests() > 0 or socket.gettime() > deadline
  local status = host:get("/ping")
  first:settimeout(0)
  local _, still = first:receive(1)
  first:close()
  return status == 200, still == "timeout"
end

--- An emulator with COUNT applications, called app-1 and so on.
function M.emulator_with(count)
  local service = emulator.start()
  local client = assert(require("appintegrations").client { endpoint_url = service.url,
    region = "us-east-1", credentials = emulator.credentials, env = {} })
  for i = 1, count do
    assert(client:create_application { Name = "app-" .. i, Namespace = "ns-" .. i,
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com" } } })
  end
  client:close()
  return service
end

--- What an example answers to GET /applications where there are COUNT of them.
---@param start fun(url: string): table  starts it
---@return integer status
---@return string body
---@return string output  of the host
function M.listing(start, count)
  local service = M.emulator_with(count)
  local host = start(service.url)
  local status, body = host:get("/applications")
  local output = host.child:output()
  host:stop()
  service:stop()
  return status, body, output
end

return M
