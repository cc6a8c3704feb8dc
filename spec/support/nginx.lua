--- nginx with its Lua module for specs: runs Lua code inside it.
--
--     local nginx = require("spec.support.nginx").start(authority)  -- file of a CA, or nil
--     nginx:run("return type(ngx)")    -- what the code returns, as a string
--     nginx:begin("…")()               -- the same for several at once
--     nginx:stop()

local daemon = require "spec.support.daemon"
local example_host = require "spec.support.example_host"
local workdir = require "spec.support.workdir"

local M = {}

local CONF = [[
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
master_process off;
error_log stderr;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path body;
  lua_package_path "$root/lua/?.lua;$root/lua/?/init.lua;;";
  lua_package_cpath "$root/build/luajit/?.so;;";
  lua_socket_log_errors off;
  $trust
  server {
    listen 127.0.0.1:$port;
    location /run {
      client_max_body_size 10m;
      client_body_buffer_size 10m;
      content_by_lua_block {
        ngx.req.read_body()
        ngx.print(tostring(assert(loadstring(ngx.req.get_body_data()))()))
      }
    }
  }
}
]]

--- Why nginx cannot be run here, or nil.
---@return string?
function M.absent()
  if not daemon.has "nginx" then
    return "nginx is absent"
  end
  local module = io.open "/usr/lib/nginx/modules/ngx_http_lua_module.so"
  local build = io.open "build/luajit/appintegrations/core.so"
  for _, file in pairs { module, build } do
    file:close()
  end
  return not module and "nginx's Lua module is absent"
    or not build and "the build for LuaJIT is absent" or nil
end

local Server = {}
Server.__index = Server

--- Runs CODE in nginx; what it returns as a string. Raises what it raises.
function Server:run(code)
  local status, body = example_host.request(self.port, "POST /run", code)
  if status ~= 200 then
    error(self.child:output(), 2)
  end
  return body
end

--- Begins to run CODE in nginx; returns a function that waits for what it returns.
function Server:begin(code)
  return example_host.begin(self.port, "POST /run", code)
end

function Server:stop()
  self.child:stop()
  self.dir:remove()
end

--- Starts nginx, one process.
---@param authority? string  file with the certificate to trust
function M.start(authority)
  local dir, port = workdir.new(), daemon.free_port()
  local values = {
    root = example_host.root(), port = port,
    trust = authority and ("lua_ssl_trusted_certificate %s; lua_ssl_verify_depth 3;")
      :format(authority) or "",
  }
  local conf = dir:write("nginx.conf", (CONF:gsub("%$(%a+)", values)))
  local child = daemon.start(("nginx -p %s -c %s"):format(dir.path, conf), port)
  return setmetatable({ child = child, port = port, dir = dir }, Server)
end

return M
