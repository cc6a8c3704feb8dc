-- SPDX-License-Identifier: MIT
--- One operation from the command line: parameters from flags and files, one page or all, or
-- only the request.
-- @module appintegrations.command.operation

local core = require "appintegrations.core"
local flags = require "appintegrations.command.flags"
local output = require "appintegrations.command.output"
local progress = require "appintegrations.command.progress"
local query = require "appintegrations.command.query"
local request = require "appintegrations.command.request"

local M = {}

local function usage(message, ...)
  return nil, { usage = message:format(...) }
end

--- The parameters in the file that --input names.
local function read_input(host, path)
  local text, message = flags.read_file(path, host.input)
  if not text then
    return usage("--input: %s", path:find "^%s*{"
      and "expected the name of a file, or - for standard input, got JSON" or message)
  end
  local value, problem = flags.read_json(text)
  if type(value) ~= "table" then
    return usage("--input: expected a JSON object: %s", problem or "got a " .. type(value))
  end
  return value
end

local function tell_advice(host, subject, message)
  host.err:write(("appintegrations: advice: %s: %s\n"):format(subject, message))
end

--- The parameters of the call that ARGUMENTS are.
local function parameters(host, arguments, input)
  local params = {}
  if arguments.input then
    local given, problem = read_input(host, arguments.input)
    if not given then
      return nil, problem
    end
    params = given
  end
  for _, name in ipairs(input.order) do
    local texts = arguments["member_" .. name]
    if texts ~= nil then
      local value, message = flags.read(input.members[name],
        type(texts) == "table" and texts or { texts })
      if value == nil then
        return usage("--%s: %s", flags.name(name), message)
      end
      params[name] = value
      local doubt = flags.doubt(input.members[name], texts)
      if doubt then
        tell_advice(host, "--" .. flags.name(name), doubt)
      end
    end
  end
  return params
end

local function call_options(arguments)
  local validate = arguments.validate
  if validate == "off" then
    validate = false
  end
  return { validate = validate, limit = arguments.limit }
end

--- Whether ARGUMENTS ask for entries, from as many pages as it takes, and not for one page.
local function is_walk(arguments)
  return arguments.all or arguments.limit ~= nil
end

local function iterator_name(operation)
  return (operation:gsub("^list_", "each_"):gsub("s$", ""))
end

--- Prints every entry of a listing, a page as it comes.
local function list_all(host, client, call)
  local iterator = client[iterator_name(call.operation)](client, call.params, call.options)
  local key = call.description.pagination.result_key
  local line = progress.new(host)
  local printer = output.entries(host, call)
  local count, pages, left = 0, 0, 0
  while true do
    local item, page = iterator:next()
    if left == 0 or item == nil then
      line:clear()
    end
    if item == nil then
      printer.finish()
      return page == nil, page
    elseif left == 0 then
      pages, left = pages + 1, #page[key]
    end
    count, left = count + 1, left - 1
    printer.add(item)
    if left == 0 then
      printer.flush()
      line:show("page %d, %d so far", pages, count)
    end
  end
end

local function tell_advisories(host, meta)
  for _, advisory in ipairs(meta.advisories or {}) do
    tell_advice(host, advisory.path, advisory.message)
  end
end

local function call_once(host, client, call)
  local result, meta = client[call.operation](client, call.params, call.options)
  if not result then
    return nil, meta
  end
  tell_advisories(host, meta)
  output.whole(host, call, result)
  local pages = call.description.pagination
  if pages and result[pages.output_token] and not call.path then
    host.err:write(("appintegrations: there is more: --all, or --%s %s\n"):format(
      flags.name(pages.input_token), result[pages.output_token]))
  end
  return true
end

--- The call that ARGUMENTS ask for; nil and what is wrong with them.
local function call_of(host, operation, arguments)
  local description = core.describe(operation)
  local params, problem = parameters(host, arguments, description.input)
  local path
  if params and arguments.query then
    path, problem = query.checked(host, arguments.query, description.output,
      is_walk(arguments) and description.pagination.result_key)
  end
  if problem then
    return nil, problem
  end
  local options = call_options(arguments)
  if arguments.extra then
    local extra, message = flags.read_json(arguments.extra)
    if type(extra) ~= "table" then
      return usage("--extra: expected a JSON object%s", message and ": " .. message or "")
    end
    options.extra = extra
  end
  return { operation = operation, description = description, params = params, options = options,
    path = path and path[1] and path, format = output.format(host, arguments.output) }
end

--- Runs OPERATION.
---@param host table       streams and what the process is connected to
---@param client appintegrations.Client
---@param operation string
---@param arguments table  as parsed
---@return boolean? done
---@return table? problem  an error object, or { usage = text }
function M.run(host, client, operation, arguments)
  local call, problem = call_of(host, operation, arguments)
  if not call then
    return nil, problem
  end
  local done
  if arguments.dry_run or arguments.curl then
    call.options.limit = nil -- of a whole listing
    done, problem = request.show(host, client, call, arguments)
  elseif is_walk(arguments) then
    done, problem = list_all(host, client, call)
  else
    done, problem = call_once(host, client, call)
  end
  return done, problem
end

return M
