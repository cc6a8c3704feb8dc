-- SPDX-License-Identifier: MIT
--- The command appintegrations: the operations and what is built on them, from a shell.
-- @module appintegrations.command

local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local host_of = require "appintegrations.command.host"
local lazy = require("appintegrations.base.compat").lazy
local shell_word = require("appintegrations.base.text").shell_word

local M = {}

local advice = lazy "appintegrations.help.advice"
local flags = lazy "appintegrations.command.flags"
local doctor = lazy "appintegrations.command.doctor"
local documents = lazy "appintegrations.command.documents"
local operation = lazy "appintegrations.command.operation"
local parser_of = lazy "appintegrations.command.parser"
local wait = lazy "appintegrations.command.wait"

-- Exit codes, and which kind of error, or which code, has which.
local DONE, REFUSED, USAGE, CONFIGURATION, NETWORK = 0, 1, 2, 3, 4
local CODES = { service = REFUSED, validation = USAGE, config = CONFIGURATION,
  credentials = CONFIGURATION, transport = NETWORK, timeout = NETWORK, response = NETWORK,
  pagination = NETWORK, ImmutableMember = REFUSED }
local ENDS = { unwritable = 5, interrupted = 130 }

local function say(host, text)
  host.err:write("appintegrations: ", text, "\n")
end

-- ---- a client -----------------------------------------------------------------------------

--- What the flags say of the client.
local function client_options(host, arguments)
  local options = { region = arguments.region, profile = arguments.profile,
    endpoint_url = arguments.endpoint_url, timeout = arguments.timeout,
    deadline = arguments.deadline, max_attempts = arguments.max_attempts,
    ca_bundle = arguments.ca_bundle, app_id = "appintegrations-command" }
  if arguments.no_verify_tls then
    options.verify_tls = false
  end
  if arguments.command == "export" then
    options.loop = appintegrations.loop() -- several resources are read at once
  end
  if arguments.debug then
    options.log_bodies = true
    options.logger = require("appintegrations.log").to(function(line)
      host.err:write(line, "\n")
    end, "debug")
  end
  for name, value in pairs(host.client or {}) do
    options[name] = value
  end
  return options
end

--- Runs WHAT with a client of ARGUMENTS, and closes it.
local function with_client(host, arguments, what)
  local client, err = appintegrations.client(client_options(host, arguments))
  if not client then
    if arguments.command == "doctor" then
      return doctor.no_client(host, err)
    end
    return nil, err
  end
  local done, problem = what(client)
  client:close()
  return done, problem
end

-- ---- commands ---------------------------------------------------------------------------------

local OFFLINE = {}

--- The command of PARSER that is called NAME, if there is one.
local function command_of(parser, name)
  for _, command in ipairs(parser._commands) do
    if command._name == name then
      return command
    end
  end
end

--- The help of the command NAME, if it is one that is no operation; without a name, of all.
local function command_help(host, name)
  local parser = parser_of.new(host)
  if not name then
    return parser:get_help()
  end
  local command = command_of(parser, name)
  return command and not core.describe((name:gsub("-", "_"))) and command:get_help()
end

function OFFLINE.help(host, arguments)
  local of_command = command_help(host, arguments.name)
  if of_command then
    host.out:write(of_command, "\n")
    return true
  end
  local name = arguments.name:gsub("-", "_")
  local ok, text = pcall(require("appintegrations.help").text, name, 0)
  if not ok then
    return nil, { usage = (tostring(text):gsub("^.-help: ", "")
      :gsub("help%(%)", "`appintegrations help`")) }
  end
  host.out:write(text, "\n")
  return true
end

-- argparse's script for zsh ends with a call that is right in a folder of $fpath only.
local ZSH_END = [=[
if [[ ${funcstack[1]-} == _appintegrations ]]; then
  _appintegrations "$@"
else
  compdef _appintegrations appintegrations
fi
]=]

function OFFLINE.completion(host, arguments)
  local parser = parser_of.new(host, true)
  local script = parser["get_" .. arguments.shell .. "_complete"](parser)
  if arguments.shell == "zsh" then
    script = script:gsub("\n_appintegrations\n$", function()
      return "\n" .. ZSH_END
    end)
  end
  host.out:write(script)
  return true
end

function OFFLINE.manual(host)
  host.out:write(require("appintegrations.command.manual").text(parser_of.new(host)))
  return true
end

local ONLINE = {
  doctor = function(...) return doctor.run(...) end,
  export = function(...) return documents.export(...) end,
  apply = function(...) return documents.apply(...) end,
  ["wait-for-execution"] = function(...) return wait.run(...) end,
}

--- Runs the command that was parsed.
local function run(host, arguments)
  local name = arguments.command
  if OFFLINE[name] then
    return OFFLINE[name](host, arguments)
  end
  return with_client(host, arguments, function(client)
    if ONLINE[name] then
      return ONLINE[name](host, client, arguments)
    end
    return operation.run(host, client, (name:gsub("-", "_")), arguments)
  end)
end

-- ---- the command line ---------------------------------------------------------------------------

--- ARGS with the name of an operation as the module or the service has it, list_applications or
-- ListApplications, in the shell's way.
local function in_shell_style(args)
  local name = args[1] and flags.name(args[1]):gsub("_", "-")
  if not name or not core.describe((name:gsub("-", "_"))) then
    return args
  end
  local result = { name }
  for i = 2, #args do
    result[i] = args[i]
  end
  return result
end

-- Flags of the AWS command line, and what does the same here.
local ELSEWHERE = { ["cli-input-json"] = "--input FILE", ["max-items"] = "--limit",
  ["starting-token"] = "--next-token", ["page-size"] = "--max-results",
  ["no-verify-ssl"] = "--no-verify-tls", ["cli-read-timeout"] = "--timeout",
  ["generate-cli-skeleton"] = "--help" }

--- What the AWS command line calls otherwise, where the parser's MESSAGE is about that.
local function elsewhere_hint(args, message)
  local here = ELSEWHERE[message:match "^unknown option '%-%-([a-z-]+)'"]
  if here then
    return ("Here that is %s.\n"):format(here)
  end
  for i, word in ipairs(message:find "'%-%-?o[utp]*' must be" and args or {}) do
    if word == "--output=text" or word == "text" and i > 1 then
      return "--output table prints a text that --query finds without quotes.\n"
    end
  end
  return ""
end

--- What is wrong with where flags and values stand in ARGS, as far as the parser's MESSAGE tells.
local function order_hint(args, message)
  if args[1]:find "^%-" then
    return "Flags stand behind the command, as in `appintegrations doctor --region us-east-1`.\n"
  elseif message:find "^too many arguments" and core.describe((args[1]:gsub("-", "_"))) then
    return "A value stands behind its flag, as in --name crm.\n"
  end
  local dashed = message:match "^unknown option '(%-[^-])'"
  for i = 2, dashed and #args or 0 do
    if args[i]:sub(1, 2) == dashed and args[i - 1]:find "^%-%-[A-Za-z0-9-]+$" then
      return ("A value that begins with a dash is joined to its flag: %s\n"):format(
        shell_word(args[i - 1] .. "=" .. args[i]))
    end
  end
  return ""
end

--- Where the flags of the command are told that ARGS begin with, or the commands of PARSER.
local function help_hint(parser, args)
  if command_of(parser, args[1]) then
    return ("`appintegrations %s --help` lists the flags.\n"):format(args[1])
  end
  return "`appintegrations --help` lists the commands, `appintegrations COMMAND --help` their "
    .. "flags.\n"
end

--- Parses ARGS: the arguments; nil and an exit code where that was all.
local function parse(host, args)
  local parser = parser_of.new(host)
  args = in_shell_style(args)
  local ok, parsed, result = pcall(parser.pparse, parser, args)
  if parser.help_of then
    host.out:write(parser.help_of:get_help(), "\n")
    return nil, DONE
  elseif not ok then
    error(parsed, 0)
  elseif not parsed then
    say(host, result)
    host.err:write(elsewhere_hint(args, result), order_hint(args, result),
      help_hint(parser, args))
    return nil, USAGE
  end
  return result
end

--- Tells PROBLEM and gives its exit code.
local function report(host, problem)
  if problem.usage then
    say(host, problem.usage)
    return USAGE
  elseif not problem.told then
    problem.where = nil -- a line of this program helps nobody
    say(host, advice.message_for_shell(tostring(problem)))
    local what = problem.kind ~= "validation"
      and advice.for_shell(problem.code, problem.operation)
    if what then
      host.err:write(what, "\n")
    end
  end
  return CODES[problem.code] or CODES[problem.kind] or REFUSED
end

--- The command with ARGS, whatever becomes of HOST's output.
local function main(host, args)
  if not pcall(require, "argparse") then
    say(host, "argparse is missing: install lua-argparse (Debian) or argparse (LuaRocks)")
    return CONFIGURATION
  end
  local arguments, code = parse(host, args)
  if not arguments then
    return code
  elseif arguments.version then
    host.out:write("appintegrations ", appintegrations._VERSION, "\n")
    return DONE
  elseif not arguments.command then
    host.err:write(parser_of.new(host):get_help(), "\n")
    return USAGE
  end
  local done, problem = run(host, arguments)
  return done and DONE or report(host, problem)
end

--- The command.
---@param args string[]
---@param host? table  as of appintegrations.command.host; `client`: options that win over the
---                    flags. Default: the process.
---@return integer code  for os.exit
function M.main(args, host)
  host = host or host_of.of_process()
  if args[1] == "emulator" then
    local rest = {}
    for i = 2, #args do
      rest[i - 1] = args[i]
    end
    return require("appintegrations.emulator.cli").main(rest, host)
  end
  return host_of.run(host, ENDS, function(watched)
    return main(watched, args)
  end)
end

return M
