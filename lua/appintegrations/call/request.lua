-- SPDX-License-Identifier: MIT
--- The request of a call: parameters checked and written by the core, headers around them.
-- One request serves all attempts; what differs between them is set by
-- appintegrations.call.attempt.
-- @module appintegrations.call.request

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math

local M = {}

--- A random UUID from the host's own source of random numbers.
local function uuid_from(random)
  return (("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"):gsub("[xy]", function(place)
    local digit = place == "x" and math.floor(random() * 16) or 8 + math.floor(random() * 4)
    return ("%x"):format(digit)
  end))
end

--- All headers but those of the signature, which get their places already: a table
-- that is made in its full size costs a third of one that grows.
local function headers_of(call, body, options)
  local client = call.client
  local headers = {
    ["host"] = client.config.endpoint.host,
    ["user-agent"] = call.paging and client.paging_user_agent or client.user_agent,
    ["amz-sdk-invocation-id"] = client.random and uuid_from(client.random) or core.uuid(),
    ["amz-sdk-request"] = "",
    ["content-type"] = body and "application/json" or nil,
    ["x-amz-date"] = "",
    ["authorization"] = "",
  }
  if options.headers then
    for name, value in pairs(options.headers) do
      headers[name] = value
    end
  end
  return headers
end

--- Checks PARAMS and writes the request of CALL.
---@param call table
---@param params table
---@param options table  checked
---@return table? request
---@return appintegrations.Violation[]|appintegrations.Error|nil advisories_or_err
function M.new(call, params, options)
  local client = call.client
  local config = client.config
  local mode = options.validate
  if mode == nil then
    mode = config.validate
  end
  local method, path, query, body, advisories = core.build(call.operation, params, mode,
    options.extra, client.random and uuid_from(client.random) or nil)
  if not method then
    return nil, errors.violations(path)
  end
  local endpoint = config.endpoint
  return {
    operation = call.operation,
    method = method,
    url = query and endpoint.url .. path .. "?" .. query or endpoint.url .. path,
    path = endpoint.path .. path,
    query = query,
    body = body,
    headers = headers_of(call, body, options),
    connect_timeout = config.connect_timeout,
    timeout = call.timeout, -- at most: what is left of the deadline
    max_response_bytes = config.max_response_bytes,
    header_lines = client.header_lines,
  }, advisories
end

return M
