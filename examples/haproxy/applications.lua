-- SPDX-License-Identifier: MIT
-- The service's applications as a JSON page of HAProxy, and a header for requests that
-- pass through: see haproxy.cfg beside this file.

-- HAProxy calls its own table `core`, too: the module does not mind.
local root = os.getenv "APPINTEGRATIONS_ROOT"
if root then -- a checkout; not needed where the module is installed
  package.path = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. package.path
  package.cpath = root .. "/build/" .. _VERSION:match "[%d.]+" .. "/?.so;" .. package.cpath
end

local appintegrations = require "appintegrations"
local cjson = require "cjson"
local haproxy = require "appintegrations.transport.haproxy"

local client = assert(appintegrations.client {
  transport = haproxy.new(), timeout = 5, deadline = 10,
})

local function respond(applet, status, body)
  applet:set_status(status)
  applet:add_header("content-type", "application/json")
  applet:add_header("content-length", tostring(#body))
  applet:start_response()
  applet:send(body)
end

--- GET /applications: all of them, page by page; HAProxy serves others meanwhile.
core.register_service("applications", "http", function(applet)
  local names, applications = {}, client:each_application()
  local application, err = applications:next()
  while application do
    names[#names + 1] = cjson.encode(application.Name)
    application, err = applications:next()
  end
  if err then
    core.Alert(tostring(err))
    return respond(applet, 502, cjson.encode { error = err.code })
  end
  respond(applet, 200, ('{"count":%d,"applications":[%s]}'):format(#names,
    table.concat(names, ","))) -- lua-cjson makes {} of an empty list
end)

--- http-request lua.application NAME: what the service knows of it, in txn.application.
core.register_action("application", { "http-req" }, function(txn, name)
  local application, err = client:find_application(name)
  txn:set_var("txn.application", application and application.Id or "unknown")
  if err then
    core.Alert(tostring(err))
  end
end, 1)
