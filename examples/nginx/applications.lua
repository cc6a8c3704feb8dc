-- SPDX-License-Identifier: MIT
-- The service's applications as a JSON page of nginx: see nginx.conf beside this file.

local appintegrations = require "appintegrations"
local cjson = require "cjson.safe"
local resty = require "appintegrations.transport.resty"

local M = {}

-- One client for all requests of a worker, made by the first one.
local client

local function get_client()
  local err
  if not client then
    client, err = appintegrations.client { transport = resty.new(), timeout = 5, deadline = 10 }
  end
  return client, err
end

local function fail(status, err)
  ngx.log(ngx.ERR, tostring(err))
  ngx.status = status
  ngx.say(cjson.encode { error = err.code })
end

--- GET /applications: all of them, page by page; the worker serves others meanwhile.
function M.list()
  local found, err = get_client()
  if not found then
    return fail(500, err)
  end
  local names, applications = {}, found:each_application()
  local application
  application, err = applications:next()
  while application do
    names[#names + 1] = cjson.encode(application.Name)
    application, err = applications:next()
  end
  if err then
    return fail(502, err)
  end
  ngx.say(('{"count":%d,"applications":[%s]}'):format(#names,
    table.concat(names, ","))) -- lua-cjson makes {} of an empty list
end

return M
