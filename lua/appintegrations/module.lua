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
local compat = require "appintegrations.base.compat"
local errors = require "appintegrations.base.errors"
local metatables = compat.lazy "appintegrations.base.metatables"
local names = compat.lazy "appintegrations.base.names"
local printing = compat.lazy "appintegrations.base.printing"

local M = { _VERSION = require "appintegrations.base.version" }

--- The names of all operations, as `create_data_integration`, sorted.
---@return string[]
M.operations = core.operations

--- Whether VALUE is an error object of this module, and of CODE where one is given.
---@param value any
---@param code? string  as "ResourceNotFoundException"
---@return boolean
M.is_error = errors.is_error

--- What the service says of OPERATION: HTTP method and path, input and output
-- shapes with their constraints, errors, pagination, as plain tables of the
-- caller's own.
---@param operation string  a method name, as `create_data_integration`
---@return table description
---@nodiscard
function M.describe(operation)
  local problem = names.operation_problem(operation)
  if problem then
    error("describe: " .. problem, 2)
  end
  local description = core.describe(operation)
  return setmetatable(description, metatables.DESCRIPTION)
end

--- RESULT and what comes with it, unless it is nil or false: then raises the error object, with
-- the caller's position and a traceback in it. An `assert` that is the same in all Luas: that of
-- 5.1 and 5.2 takes no error objects.
---@generic T
---@param result T?
---@param err? any
---@return T result
---@return any ...
function M.check(result, err, ...)
  if result then
    return result, err, ...
  elseif not errors.is_error(err) then
    error(err == nil and "check: expected a result, got " .. tostring(result) or err, 2)
  end
  errors.locate(err)
  err.traceback = err.traceback or compat.traceback()
  error(err, 0)
end

--- An output, a meta or a description (or a part of one) as JSON: members in the model's order,
-- and an empty list is [], which other encoders cannot tell from an empty object. The meta that
-- stands behind an output in json(client:list_applications()) is no table of options.
---@param value table
---@param options? { indent?: boolean }  one member a line
---@return string
---@nodiscard
function M.json(value, options)
  local checks = require "appintegrations.config.options"
  if type(value) ~= "table" then
    error("json: expected a table, got " .. (value == nil and errors.is_error(options)
      and "an error: " .. options or type(value)), 2)
  end
  if compat.has_metatable(options, metatables.META) then
    options = nil
  elseif options ~= nil then
    checks.check(options, checks.JSON, "json", 2)
  end
  local text = printing.json(value, options and options.indent)
  if not text then
    error("json: the table contains itself", 2)
  end
  return text
end

--- Makes a client. Misuse raises; what the environment can cause returns nil and
-- an error object.
---@param options? appintegrations.Options
---@return appintegrations.Client? client
---@return appintegrations.Error? err
---@nodiscard
function M.client(options)
  if options == M then
    error("appintegrations.client: call it with a dot, as in appintegrations.client { … }", 2)
  end
  options = options == nil and {} or options
  local checks = require "appintegrations.config.options"
  checks.check(options, checks.CLIENT, "appintegrations.client", 2)
  if type(options.credentials) == "table" then
    local static = require "appintegrations.credentials.static"
    local misuse = static.misuse(options.credentials)
    if misuse then
      error("appintegrations.client: credentials: " .. misuse, 2)
    end
    local problem = static.problem(options.credentials)
    if problem then
      return nil, errors.locate(errors.invalid_config("option credentials: " .. problem))
    end
  end
  local config, err = require("appintegrations.config").resolve(options)
  local client
  if config then
    client, err = require("appintegrations.client").new(options, config)
  end
  if not client then
    return nil, errors.locate(err)
  end
  return client
end

--- What this version knows, as a text to print: without a name, everything that can be called;
-- else an operation, a shape, an error code, a method of the client or an option table.
---@param name? string  as "create_data_integration", "FileConfiguration", "Options"
---@return string text
---@nodiscard
function M.help(name)
  local text = require("appintegrations.help").text(name, 2)
  return text
end

--- Makes a loop, on which functions run as tasks beside one another: what is called
-- inside a task yields to the others until it is done. Clients that have it as their
-- `loop` share its connections.
---@param options? appintegrations.LoopOptions
---@return appintegrations.Loop
---@nodiscard
function M.loop(options)
  options = options == nil and {} or options
  local checks = require "appintegrations.config.options"
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
