-- SPDX-License-Identifier: MIT
--- The command appintegrations-emulator. Its options: arguments.lua.
-- @module appintegrations.emulator.cli

local M = {}

-- ---- what it prints ----------------------------------------------------------------------------

--- A URL for clients on this machine.
local function url_of(settings, port)
  local host = settings.host or "127.0.0.1"
  if host == "0.0.0.0" then
    host = "127.0.0.1"
  elseif host == "::" then
    host = "::1"
  end
  return ("http://%s:%d"):format(host:find(":", 1, true) and "[" .. host .. "]" or host, port)
end

--- An access key id, its secret, and its session token if it has one, that the service accepts.
local function first_credential(settings)
  local emulator = require "appintegrations.emulator"
  local first
  for key in pairs(settings.credentials or {}) do
    first = (not first or key < first) and key or first
  end
  local credential = first and settings.credentials[first]
  if type(credential) == "table" then
    return first, credential.secret, credential.session_token
  end
  return first or emulator.ACCESS_KEY_ID, credential or emulator.SECRET_ACCESS_KEY
end

--- What the environment of an SDK must have, as lines for a shell, each behind INDENT: botocore
-- knows AWS_DEFAULT_REGION alone; what the caller's own has besides would take the place of these
-- credentials, or of the endpoint.
local function environment(settings, service, url, indent)
  local shell_word = require("appintegrations.base.text").shell_word
  local key, secret, token = first_credential(settings)
  local lines = {
    indent, "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION\n",
    indent, "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_USE_FIPS_ENDPOINT ",
    "AWS_USE_DUALSTACK_ENDPOINT\n",
  }
  for _, pair in ipairs { { "AWS_ENDPOINT_URL_APPINTEGRATIONS", url },
    { "AWS_REGION", service.region }, { "AWS_DEFAULT_REGION", service.region },
    { "AWS_ACCESS_KEY_ID", key }, { "AWS_SECRET_ACCESS_KEY", secret },
    { "AWS_SESSION_TOKEN", token } } do
    if pair[2] then
      lines[#lines + 1] = ("%sexport %s=%s\n"):format(indent, pair[1], shell_word(pair[2]))
    end
  end
  return table.concat(lines)
end

local function process_id()
  local file = io.open("/proc/self/stat")
  local id = file and file:read("*n")
  if file then
    file:close()
  end
  return id
end

local function greeting(settings, service, url)
  local key, secret, token = first_credential(settings)
  return table.concat({
    ("Amazon AppIntegrations, emulated, on %s"):format(url),
    ("region %s, account %s, signatures %s, state in %s%s"):format(service.region,
      service.account_id, settings.no_verify and "ignored" or "verified",
      settings.state or "memory",
      service.seeded == false and ", which has had resources: the seed is not added" or ""),
    "",
    "In Lua:",
    "  local client = appintegrations.client {",
    ("    endpoint_url = %q, region = %q,"):format(url, service.region),
    ("    credentials = { access_key_id = %q,"):format(key),
    ("      secret_access_key = %q%s },"):format(secret,
      token and (", session_token = %q"):format(token) or ""),
    "  }",
    "Or in the environment of any SDK:",
    environment(settings, service, url, "  "),
    "Ctrl-C ends it.",
    "",
  }, "\n")
end

--- One line for a request. Queries are left out: presigned ones hold tokens.
local function access_line(request, response, seconds)
  local calendar = require "appintegrations.emulator.calendar"
  local core = require "appintegrations.core"
  local path = request.target:match("^[^?]*"):gsub("[^\33-\126]", "?")
  local parts = { calendar.amz(core.now()), request.method, path, response.status }
  parts[#parts + 1] = response.operation
  parts[#parts + 1] = response.code
  parts[#parts + 1] = require("appintegrations.base.text").decimal("%.1f", seconds * 1000)
    .. " ms"
  return table.concat(parts, " ") .. "\n"
end

-- ---- lines that must not make it wait ----------------------------------------------------------

--- A function that writes a line to PATH ("-": standard error), or loses it; nil and a text. What
-- is broken is dropped, and WARN told once.
local function line_writer(path, warn)
  local log, message = require("appintegrations.httpd").log(path ~= "-" and path or nil)
  if not log then
    return nil, message
  end
  local lost = 0
  return function(line)
    if not log then
      return
    end
    local before = lost > 0 and ("(%d lines lost)\n"):format(lost) or ""
    local written, why, reason = log:write(before .. line)
    if written then
      lost = 0
    elseif why == "broken" then
      log = nil
      warn(("the log %s is given up: %s"):format(path, reason))
    else
      lost = lost + 1
    end
  end
end

local function error_writer(streams)
  local prefix = "appintegrations-emulator: "
  if streams.err ~= io.stderr then
    return function(text)
      streams.err:write(prefix, text, "\n")
    end
  end
  local write = line_writer("-", function() end)
  return function(text)
    write(prefix .. text .. "\n")
  end
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
  if settings.access_key then
    settings.credentials = settings.credentials or {}
    settings.credentials[settings.access_key] = settings.secret_key
  end
  return { region = settings.regions and settings.regions[1], regions = settings.regions,
    account_id = settings.account_id, credentials = settings.credentials, state = settings.state,
    verify_signatures = not settings.no_verify, quotas = settings.quotas, clock = clock,
    execution_seconds = settings.execution_seconds, token_seconds = settings.token_seconds,
    ids = settings.ids, faults = settings.faults, seed = settings.seed, cors = settings.cors }
end

--- Makes SERVER notice what is to end it; nil and a text.
local function watch(settings, server)
  local watched, message = server:watch("signals")
  if watched and settings.until_stdin_closes then
    server:watch("input")
  end
  if watched and settings.exit_with then
    watched, message = server:watch("process", settings.exit_with)
  end
  return watched, message
end

--- Tells whoever waits that requests are accepted; nil and a text.
local function announce(settings, service, server, out)
  local url, port = url_of(settings, server:port()), server:port() .. "\n"
  local httpd = require "appintegrations.httpd"
  local done, message = true, nil
  if settings.print_env then
    out:write(environment(settings, service, url, ""),
      ("export APPINTEGRATIONS_EMULATOR_PID=%s\n"):format(process_id()))
  elseif not settings.quiet then
    out:write(greeting(settings, service, url))
  end
  out:flush()
  if settings.print_env and out == io.stdout then
    httpd.end_output()
  end
  if settings.port_file then
    done, message = httpd.publish(settings.port_file, port)
  end
  if done and settings.ready_fd then
    done, message = httpd.tell(settings.ready_fd, port)
    if not done and settings.port_file then
      httpd.withdraw(settings.port_file)
    end
  end
  return done, message
end

--- Serves through SERVER until it is over: the reason; nil and a text.
local function serve(settings, service, server, streams)
  local write_error, write_line = error_writer(streams), nil
  local done, message = watch(settings, server)
  if done and settings.log then
    write_line, message = line_writer(settings.log, write_error)
    done = write_line
  end
  if done then
    done, message = announce(settings, service, server, streams.out)
  end
  if not done then
    return nil, message
  end
  local reason = require("appintegrations.emulator.server").run(service, server, {
    on_request = function(request, response, seconds)
      if write_line then
        write_line(access_line(request, response, seconds))
      end
    end,
    on_error = write_error,
  })
  if settings.port_file then
    require("appintegrations.httpd").withdraw(settings.port_file)
  end
  return reason
end

--- Writes what SERVICE has stored, through a link and to a device too; a text says what went wrong.
local function export(settings, service, out)
  local path, text = settings.export, service:export()
  local file, problem, late = out, nil, nil
  if path ~= "-" then
    file, problem = io.open(path, "wb")
  end
  if file then
    problem = select(2, file:write(text))
    late = select(2, (file == out and file.flush or file.close)(file))
  end
  problem = problem or late
  return problem and ("cannot export to %s: %s"):format(path, problem) or nil
end

--- A text unless there is a state that can be exported: opening a file that is absent makes it.
local function wrong_state(settings)
  if settings.seed then
    return nil
  end
  local file, message = io.open(settings.state, "rb")
  if file then
    file:close()
  end
  return message
end

--- Listens and serves; a text says what went wrong.
local function listen_and_serve(settings, service, streams)
  local found, httpd = pcall(require, "appintegrations.httpd")
  if not found then
    return "this build has no HTTP server: install the headers of libmicrohttpd (Debian: "
      .. "libmicrohttpd-dev), then build again"
  end
  local server, message = httpd.listen {
    host = settings.host, port = settings.port or require("appintegrations.emulator.arguments")
      .DEFAULT_PORT, max_connections = settings.max_connections }
  if not server then
    return message
  end
  local reason
  reason, message = serve(settings, service, server, streams)
  service:close() -- first: then signals may end the process again
  server:close()
  return reason == "failed" and "the server has failed" or not reason and message or nil
end

--- Runs the emulator until it is told to end; a text says what went wrong.
local function run(settings, streams)
  local absent = settings.export and wrong_state(settings)
  if absent then
    return absent
  end
  local service, err = require("appintegrations.emulator").new(service_options(settings))
  if not service then
    return err.message
  end
  local message
  if settings.export then
    message = export(settings, service, streams.out)
  else
    message = listen_and_serve(settings, service, streams)
  end
  service:close()
  return message
end

--- The command.
---@param args string[]
---@param streams? table  out and err; default: the process's
---@return integer code   for os.exit
function M.main(args, streams)
  streams = streams or { out = io.stdout, err = io.stderr }
  local arguments = require "appintegrations.emulator.arguments"
  local settings, message = arguments.parse(args)
  if not settings then
    streams.err:write("appintegrations-emulator: ", message,
      "\nappintegrations-emulator --help lists its options.\n")
    return 2
  elseif settings.help then
    streams.out:write(arguments.USAGE)
    return 0
  elseif settings.version then
    streams.out:write("appintegrations-emulator ", require "appintegrations.base.version", "\n")
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
