-- SPDX-License-Identifier: MIT
--- The server of the benchmarks: nginx with canned answers costs little and never varies.

local certificates = require "spec.support.certificates"
local cjson = require "cjson"
local daemon = require "spec.support.daemon"
local read = require("spec.support.files").read
local socket = require "socket"

local M = {}

local function write(dir, name, text)
  local file = assert(io.open(dir .. "/" .. name, "w"))
  assert(file:write(text))
  assert(file:close())
end

--- A page of 50 associations, to be followed by the page TOKEN.
local function page(token)
  local items = {}
  local arn = "arn:aws:app-integrations:us-east-1:111122223333:data-integration"
  for i = 1, 50 do
    items[i] = {
      DataIntegrationAssociationArn = arn .. ("-association/%08x"):format(i),
      DataIntegrationArn = arn .. "/6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
      ClientId = "queue-" .. i,
      DestinationURI = "s3://contact-center/cases/queue-" .. i,
      LastExecutionStatus = { ExecutionStatus = "COMPLETED", StatusMessage = "42 objects" },
      ExecutionConfiguration = {
        ExecutionMode = "ON_DEMAND",
        OnDemandConfiguration = { StartTime = "1790812800000", EndTime = "1793491200000" },
      },
    }
  end
  return cjson.encode { DataIntegrationAssociations = items, NextToken = token }
end

local CREATED = cjson.encode {
  Arn = "arn:aws:app-integrations:us-east-1:111122223333:data-integration/1",
  Id = "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10", Name = "crm-cases",
  KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
  SourceURI = "Salesforce://AppFlow/crm-cases", Tags = { team = "contact-center" },
}

local VERSION = _VERSION:match "%d.*"

--- The variables, as a shell sets them, for the copy that is installed below DIR.
---@param dir string
---@return string
function M.installed(dir)
  return (("LUA_PATH='@share/lua/VERSION/?.lua;@share/lua/VERSION/?/init.lua;;' "
    .. "LUA_CPATH='@lib/lua/VERSION/?.so;;' "):gsub("@", dir .. "/installed/")
    :gsub("VERSION", VERSION))
end

local Server = {}
Server.__index = Server

--- A file with the server's own authority among those of the system (Debian's ca-certificates).
---@return string path
function Server:with_system_authorities()
  write(self.dir, "authorities.pem", read "/etc/ssl/certs/ca-certificates.crt"
    .. read(self.authority))
  return self.dir .. "/authorities.pem"
end

function Server:stop()
  self.pipe:close() -- with it, nginx ends
  self.files:remove()
end

--- Waits until something listens on PORT.
local function await(port)
  for _ = 1, 100 do
    local connection = socket.connect("127.0.0.1", port)
    if connection then
      connection:close()
      return
    end
    socket.sleep(0.05)
  end
  error "nginx does not start"
end

--- Starts the server with its files in DIR.
---@param dir string
---@return table server  plain, tls: the URLs of two that keep connections; once: of one over TLS
---                      that does not; authority: the file with the CA of both; stop()
function M.start(dir)
  local files = assert(certificates.make(), "the program openssl is needed")
  local ports = { plain = daemon.free_port(), tls = daemon.free_port(), once = daemon.free_port() }
  local values = { certificate = files.certificate, key = files.key }
  for name, port in pairs(ports) do
    values[name] = tostring(port)
  end
  write(dir, "nginx.conf", (read("spec/benchmarks/nginx.conf"):gsub("@(%l+)@", values)))
  write(dir, "odd.json", page "odd")
  write(dir, "even.json", page "even")
  write(dir, "create.json", CREATED)
  local pipe = assert(io.popen(("nginx -p '%s' -c nginx.conf -e stderr & pid=$!; cat >/dev/null; "
    .. "kill $pid; wait $pid"):format(dir), "w"))
  await(ports.plain)
  return setmetatable({
    dir = dir, pipe = pipe, files = files, authority = files.authority,
    plain = "http://127.0.0.1:" .. ports.plain, tls = "https://127.0.0.1:" .. ports.tls,
    once = "https://127.0.0.1:" .. ports.once,
  }, Server)
end

return M
