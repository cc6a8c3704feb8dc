-- SPDX-License-Identifier: MIT
--- The jobs of `make bench` as this module does them. Each returns what is done again and again.

local params = require "spec.benchmarks.create_params"

local M = {}

local function client(url, authority, options)
  options = options or {}
  options.region, options.endpoint_url, options.env = "us-east-1", url, {}
  options.ca_bundle = authority
  options.credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" }
  return assert(require("appintegrations").client(options))
end

function M.create(url, authority)
  local c = client(url, authority)
  return function()
    assert(c:create_data_integration(params))
  end
end

M.first = M.create

function M.list(url)
  local it = client(url):each_data_integration_association { DataIntegrationIdentifier = "many" }
  return function()
    assert(it:next())
  end
end

--- One `sigv4.sign` with the headers of a create call; each of another day, if DERIVED.
local function signature(derived)
  local core = require "appintegrations.core"
  local sigv4 = require "appintegrations.sigv4"
  local _, path, _, body = core.build("create_data_integration", params)
  local request = { method = "POST", path = path, body = body, headers = {
    host = "127.0.0.1:4570", ["content-type"] = "application/json",
    ["amz-sdk-invocation-id"] = "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
    ["amz-sdk-request"] = "ttl=20261122T102100Z; attempt=1; max=3",
  } }
  local context = {
    region = "us-east-1", service = "app-integrations", time = 1795342830,
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" },
  }
  local step = derived and 86400 or 0
  return function()
    context.time = context.time + step
    return sigv4.sign(request, context)
  end
end

function M.sign()
  return signature(false)
end

function M.derive()
  return signature(true)
end

--- TASKS calls at once, over so many CONNECTIONS at most.
local function in_flight(url, tasks, connections)
  local loop = require("appintegrations").loop()
  local c = client(url, nil, { loop = loop, max_connections = connections })
  local list = {}
  for i = 1, tasks do
    list[i] = i
  end
  return function()
    local _, errors = loop:map(list, function()
      return c:create_data_integration(params)
    end, tasks)
    assert(not errors)
  end
end

for _, tasks in ipairs { 1, 8, 64, 512, 4096 } do
  M["flight_" .. tasks] = function(url)
    return in_flight(url, tasks, 64)
  end
end

function M.wide_512(url)
  return in_flight(url, 512, 512)
end

function M.require()
  return function()
    require "appintegrations"
  end
end

return M
