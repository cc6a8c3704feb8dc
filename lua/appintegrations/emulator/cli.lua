-- SPDX-License-Identifier: MIT
--- The command appintegrations-emulator.
-- @module appintegrations.emulator.cli

local M = {}

local DEFAULT_PORT = 4570

local USAGE = [[
usage: appintegrations-emulator [options]

A stand-in for Amazon AppIntegrations on this machine's loopback interface.

  --port N               listen on 127.0.0.1:N (default 4570; 0: any free port)
  --state FILE           keep the state in FILE; without it, in memory
  --region R             the region that requests must be signed for (default us-east-1)
  --account ID           the account in ARNs (default 123456789012)
  --no-verify            accept requests without a valid signature
  --quota KIND=N         allow N of applications, data_integrations, event_integrations or
                         data_integration_associations (of one data integration); repeatable
  --execution-seconds S  how long an on-demand execution is IN_PROGRESS (default 2)
  --fault NAME[:FIELD=VALUE,...]  fail on purpose, as throttle:times=3 or reset:rate=0.1;
                         names and fields in appintegrations/emulator/faults.lua; repeatable
  --clock-offset S       the service's clock is S seconds ahead of this machine's
  --port-file FILE       write the port to FILE once requests are accepted
  --until-stdin-closes   end when standard input ends, as with the parent process
  --quiet                no line for each request
  --help, --version
]]

-- ---- options -----------------------------------------------------------------------------------

local function whole_number(text)
  return text:find("^%d+$") and tonumber(text) or nil
end

--- The operations as a set.
local function method_names()
  local names = {}
  for _, name in ipairs(require("appintegrations.core").operations()) do
    names[name] = true
  end
  return names
end

--- Option -> { name, reader of its value }; an option without a reader is a switch.
local OPTIONS = {
  ["--port"] = { "port", function(text)
    local port = whole_number(text)
    return port and port <= 65535 and port or nil
  end },
  ["--state"] = { "state", tostring },
  ["--region"] = { "region", tostring },
  ["--account"] = { "account_id", function(text)
    return text:find("^%d+$") and #text == 12 and text or nil
  end },
  ["--no-verify"] = { "no_verify" },
  ["--quota"] = { "quotas", function(text, quotas)
    local kind, count = text:match("^([%w_]+)=(%d+)$")
    if not require("appintegrations.emulator").QUOTAS[kind or ""] then
      return nil
    end
    quotas = quotas or {}
    quotas[kind] = tonumber(count)
    return quotas
  end },
  ["--execution-seconds"] = { "execution_seconds", tonumber },
  ["--fault"] = { "faults", function(text, rules)
    local faults = require "appintegrations.emulator.faults"
    local rule = faults.parse(text)
    if not rule or faults.check(rule, method_names()) then
      return nil
    end
    rules = rules or {}
    rules[#rules + 1] = rule
    return rules
  end },
  ["--clock-offset"] = { "clock_offset", tonumber },
  ["--port-file"] = { "port_file", tostring },
  ["--until-stdin-closes"] = { "until_stdin_closes" },
  ["--quiet"] = { "quiet" },
  ["--help"] = { "help" },
  ["--version"] = { "version" },
}

--- Settings from the command line; nil and a text.
local function parse(args)
  local settings, position = {}, 1
  while args[position] do
    local option, value = args[position]:match("^(%-%-[^=]+)=(.*)$")
    option = option or args[position]
    local known = OPTIONS[option]
    if not known then
      return nil, "unknown option " .. option
    elseif not known[2] and value then
      return nil, option .. " takes no value"
    elseif known[2] then
      if not value then
        position = position + 1
        value = args[position]
      end
      local accepted = value and known[2](value, settings[known[1]])
      if not accepted then
        return nil, ("%s: %s"):format(option, value and "bad value " .. value or "value missing")
      end
      settings[known[1]] = accepted
    else
      settings[known[1]] = true
    end
    position = position + 1
  end
  return settings
end

-- ---- what it prints ----------------------------------------------------------------------------

local function greeting(settings, service, port)
  local emulator = require "appintegrations.emulator"
  local url = "http://127.0.0.1:" .. port
  return table.concat({
    ("Amazon AppIntegrations, emulated, on %s"):format(url),
    ("region %s, account %s, signatures %s, state in %s"):format(service.region,
      service.account_id, settings.no_verify and "ignored" or "verified",
      settings.state or "memory"),
    "",
    "In Lua:",
    "  local client = appintegrations.client {",
    ("    endpoint_url = %q, region = %q,"):format(url, service.region),
    ("    credentials = { access_key_id = %q,"):format(emulator.ACCESS_KEY_ID),
    ("      secret_access_key = %q },"):format(emulator.SECRET_ACCESS_KEY),
    "  }",
    "Or in the environment of any SDK:",
    "  export AWS_ENDPOINT_URL_APPINTEGRATIONS=" .. url,
    "  export AWS_REGION=" .. service.region,
    "  export AWS_ACCESS_KEY_ID=" .. emulator.ACCESS_KEY_ID,
    "  export AWS_SECRET_ACCESS_KEY=" .. emulator.SECRET_ACCESS_KEY,
    "",
    "Ctrl-C ends it.",
    "",
  }, "\n")
end

--- One line for a request. Queries are left out: presigned ones hold tokens.
local function access_line(request, response, seconds)
  local calendar = require "appintegrations.emulator.calendar"
  local core = require "appintegrations.core"
  local path = request.target:match("^[^?]*"):gsub("[^%w%p]", "?")
  local parts = { calendar.amz(core.now()), request.method, path, response.status }
  parts[#parts + 1] = response.operation
  parts[#parts + 1] = response.code
  parts[#parts + 1] = ("%.1f ms"):format(seconds * 1000)
  return table.concat(parts, " ")
end

--- Writes PORT to PATH so that nobody reads half of it.
local function write_port(path, port)
  local file, message = io.open(path .. ".new", "w")
  if not file then
    return nil, message
  end
  file:write(port, "\n")
  file:close()
  return os.rename(path .. ".new", path)
end

-- ---- running -----------------------------------------------------------------------------------

local function service_options(settings)
  local offset, clock = settings.clock_offset, nil
  if offset then
    local now = require("appintegrations.core").now
    clock = function()
      return now() + offset
    end
  end
  return { region = settings.region, account_id = settings.account_id, state = settings.state,
    verify_signatures = not settings.no_verify, quotas = settings.quotas,
    execution_seconds = settings.execution_seconds, faults = settings.faults, clock = clock }
end

--- A server that listens and has been announced; nil and a text.
local function open_server(settings, service, out)
  local server, message = require("appintegrations.httpd").listen {
    port = settings.port or DEFAULT_PORT,
  }
  if server then
    local watched = server:watch("signals")
    if settings.until_stdin_closes then
      server:watch("input")
    end
    out:write(greeting(settings, service, server:port()))
    out:flush()
    if watched and settings.port_file then
      watched, message = write_port(settings.port_file, server:port())
    end
    if not watched then
      server:close()
      return nil, message
    end
  end
  return server, message
end

local function serve(settings, service, server, streams)
  return require("appintegrations.emulator.server").run(service, server, {
    on_request = function(request, response, seconds)
      if not settings.quiet then
        streams.out:write(access_line(request, response, seconds), "\n")
        streams.out:flush()
      end
    end,
    on_error = function(text)
      streams.err:write("appintegrations-emulator: ", text, "\n")
    end,
  })
end

--- A service whose state, if it has a file, can be written; nil and a text.
local function open_service(settings)
  local service, err = require("appintegrations.emulator").new(service_options(settings))
  if not service then
    return nil, err.message
  end
  local saved, message = true, nil
  if settings.state then
    saved, message = service:save()
  end
  return saved and service, message
end

--- Runs the emulator until it is told to end; a text says what went wrong.
local function run(settings, streams)
  local service, message = open_service(settings)
  if not service then
    return message
  end
  local server
  server, message = open_server(settings, service, streams.out)
  if not server then
    return message
  end
  local reason = serve(settings, service, server, streams)
  server:close()
  local saved = true
  if settings.state then
    saved, message = service:save()
  end
  return not saved and message or (reason == "failed" and "the server has failed") or nil
end

--- The command.
---@param args string[]
---@param streams? table  out and err; default: the process's
---@return integer code   for os.exit
function M.main(args, streams)
  streams = streams or { out = io.stdout, err = io.stderr }
  local settings, message = parse(args)
  if not settings then
    streams.err:write("appintegrations-emulator: ", message, "\n\n", USAGE)
    return 2
  elseif settings.help then
    streams.out:write(USAGE)
    return 0
  elseif settings.version then
    streams.out:write("appintegrations-emulator ", require "appintegrations.version", "\n")
    return 0
  end
  message = run(settings, streams)
  if message then
    streams.err:write("appintegrations-emulator: ", message, "\n")
    return 1
  end
  return 0
end

return M
