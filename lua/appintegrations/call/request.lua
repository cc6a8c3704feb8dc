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

--- Those that the program has added.
local function lines_of(headers)
  local lines = {}
  for name, value in pairs(headers) do
    if name ~= "user-agent" then -- which stands in the place of the client's own
      lines[#lines + 1] = name .. ": " .. value .. "\n"
    end
  end
  return table.concat(lines)
end

--- The headers of all attempts as lines: those that their signatures add are missing.
local function head_of(call, body, options)
  local client, added = call.client, options.headers
  local agent = added and added["user-agent"]
    or call.paging and client.paging_user_agent or client.user_agent
  local head = "host: " .. client.config.endpoint.host .. "\nuser-agent: " .. agent
    .. (body and "\ncontent-type: application/json" or "") .. "\namz-sdk-invocation-id: "
    .. (client.random and uuid_from(client.random) or core.uuid()) .. "\n"
  return added and head .. lines_of(added) or head
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
  call.head = head_of(call, body, options)
  local request = {
    method = method,
    url = query and endpoint.url .. path .. "?" .. query or endpoint.url .. path,
    body = body,
    connect_timeout = config.connect_timeout,
    timeout = call.timeout, -- at most: what is left of the deadline
    max_response_bytes = config.max_response_bytes,
    header_lines = nil, transfer = nil, -- their places: a table that grows costs more
  }
  if client.shows_requests then
    request.operation, request.path, request.query = call.operation, endpoint.path .. path, query
  end
  return request, advisories
end

return M
