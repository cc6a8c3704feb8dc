-- SPDX-License-Identifier: MIT
--- A signed request instead of a call: as HTTP, or as a curl command line.
-- @module appintegrations.command.request

local events = require "appintegrations.call.events"
local quote = require("appintegrations.base.text").shell_word

local M = {}

--- The lines of the headers, each through LAYOUT, in the order of the names.
local function header_lines(headers, layout)
  local lines = {}
  for name, value in pairs(headers) do
    lines[#lines + 1] = layout(name .. ": " .. value)
  end
  table.sort(lines)
  return lines
end

local function as_curl(request)
  local lines = header_lines(request.headers, function(line)
    return "  --header " .. quote(line)
  end)
  table.insert(lines, 1, "curl --request " .. request.method .. " " .. quote(request.url))
  if request.body then
    lines[#lines + 1] = "  --data-raw " .. quote(request.body)
  end
  return table.concat(lines, " \\\n")
end

local function as_http(request)
  local lines = header_lines(request.headers, function(line) return line end)
  table.insert(lines, 1, request.method .. " " .. request.url)
  if request.body then
    lines[#lines + 1] = "\n" .. request.body
  end
  return table.concat(lines, "\n")
end

--- Prints the request that CALL would send.
---@param host table
---@param client appintegrations.Client
---@param call table
---@param arguments table  curl, show_secrets
---@return boolean? done
---@return appintegrations.Error? err
function M.show(host, client, call, arguments)
  local request, err = client:prepare(call.operation, call.params, call.options)
  if not request then
    return nil, err
  end
  local shown = { method = request.method, url = request.url, body = request.body,
    headers = arguments.show_secrets and request.headers or events.mask(request.headers) }
  host.out:write((arguments.curl and as_curl or as_http)(shown), "\n")
  return true
end

return M
