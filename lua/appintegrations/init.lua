-- SPDX-License-Identifier: MIT
--- A client for the Amazon AppIntegrations API.
--
--     local appintegrations = require "appintegrations"
--     local client = assert(appintegrations.client { region = "us-east-1" })
--     local output = assert(client:get_data_integration { Identifier = "crm-cases" })
--
-- Requiring the module does no I/O and loads no libcurl.
-- @module appintegrations

local core = require "appintegrations.core"
local errors = require "appintegrations.errors"

local M = {
  _VERSION = require "appintegrations.version",
  is_error = errors.is_error,
  operations = core.operations,
}

--- What the service says of OPERATION: HTTP method and path, input and output
-- shapes with their constraints, errors, pagination, as plain tables of the
-- caller's own.
---@param operation string  a method name, as `create_data_integration`
---@return table description
---@nodiscard
function M.describe(operation)
  if type(operation) ~= "string" then
    error("describe: expected the name of an operation, got " .. type(operation), 2)
  end
  local description = core.describe(operation)
  if not description then
    error(('describe: no operation is called "%s" (operations() lists them)'):format(operation), 2)
  end
  return description
end

--- Makes a client. Misuse raises; what the environment can cause returns nil and
-- an error object.
---@param options? appintegrations.Options
---@return appintegrations.Client? client
---@return appintegrations.Error? err
---@nodiscard
function M.client(options)
  options = options == nil and {} or options
  local checks = require "appintegrations.options"
  checks.check(options, checks.CLIENT, "appintegrations.client", 2)
  if type(options.credentials) == "table" then
    local problem = require("appintegrations.credentials.static").problem(options.credentials)
    if problem then
      error("appintegrations.client: credentials: " .. problem, 2)
    end
  end
  local config, err = require("appintegrations.config").resolve(options)
  if not config then
    return nil, err
  end
  return require("appintegrations.client").new(options, config)
end

--- Makes a loop, on which functions run as tasks beside one another: what is called
-- inside a task yields to the others until it is done. Clients that have it as their
-- `loop` share its connections.
---@param options? appintegrations.LoopOptions
---@return appintegrations.Loop
---@nodiscard
function M.loop(options)
  options = options == nil and {} or options
  local checks = require "appintegrations.options"
  checks.check(options, checks.LOOP, "appintegrations.loop", 2)
  return require("appintegrations.loop").new(options)
end

--- Puts a test's answers in the place of CLIENT's calls: see appintegrations.stub. Neither
-- libcurl nor OpenSSL is loaded, nothing is sent or read from the surroundings.
---@param client appintegrations.Client
---@return appintegrations.Stub stub
---@nodiscard
function M.stub(client)
  local stub = require("appintegrations.stub").new(client, 2)
  return stub
end

return M
