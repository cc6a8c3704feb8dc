-- SPDX-License-Identifier: MIT
--- What the command line may be: an argparse parser of the operations, their flags and the other
-- commands. Help texts come from the service description.
-- @module appintegrations.command.parser

local core = require "appintegrations.core"
local example = require "appintegrations.command.example"
local flags = require "appintegrations.command.flags"
local help = require "appintegrations.help"
local math = require("appintegrations.base.compat").math
local sorted = require("appintegrations.base.names").sorted

local M = {}

local FORMATS = { "table", "json", "jsonl", "csv" }

local EPILOG = [[
Exit codes: 0 done; 1 the service refused; 2 wrong usage or parameters, nothing was
sent; 3 configuration or credentials; 4 network, time or an unreadable answer; 5 the
output cannot be written; 130 interrupted.
Region and credentials are found as the AWS command line finds them.]]

--- Help is a flag like others here: argparse's own ends the process. ROOT.help_of is the parser
-- whose help was asked for; the error only ends the parsing.
local function add_help(root, parser)
  parser:add_help(false)
  parser:flag("-h --help", "Show this help and exit."):action(function()
    root.help_of = parser
    error "help"
  end)
end

--- Readers of values; what they say names the flag. Digits may be too many for a number.
local function number(flag)
  return function(text)
    local value = tonumber(text)
    return value and value > 0 and value < math.huge and value or nil,
      ("%s: expected a positive number, got %q"):format(flag, text)
  end
end

local function whole(flag)
  return function(text)
    local value = text:find("^%d+$") and tonumber(text)
    return value and value > 0 and value < math.huge and value or nil,
      ("%s: expected a whole number from 1, got %q"):format(flag, text)
  end
end

local function filled(flag)
  return function(text)
    return text ~= "" and text or nil, flag .. ": expected a text that is not empty"
  end
end

--- What all commands take that talk to the service.
local function add_common(parser)
  parser:option("--region", "The region, else as the AWS command line has it."):argname("REGION")
    :convert(filled "--region")
  parser:option("--profile", "The profile in the AWS configuration files."):argname "NAME"
  parser:option("--endpoint-url", "Where to send requests instead of the service."):argname "URL"
  parser:option("--timeout", "Seconds for one attempt."):argname("SECONDS")
    :convert(number "--timeout")
  parser:option("--deadline", "Seconds for the whole call, or the whole wait."):argname("SECONDS")
    :convert(number "--deadline")
  parser:option("--max-attempts", "How often a call is tried."):argname("N")
    :convert(whole "--max-attempts")
  parser:option("--ca-bundle", "PEM file with the certificates to trust."):argname "FILE"
  parser:flag("--no-verify-tls", "Believe whoever answers.")
  parser:flag("--debug", "Tell on standard error what happens, with headers and bodies; "
    .. "secrets are masked.")
end

local function add_output(parser)
  parser:option("-o --output", "How to print: a table (on a terminal), json (elsewhere), "
    .. "jsonl (one line for each entry) or csv. Times are dates in tables and CSV, epoch seconds "
    .. "in JSON."):argname("FORMAT"):choices(FORMATS)
  parser:option("--query", "Print only what stands at this path, as Applications[].Name; the "
    .. "manual page tells what a path may be."):argname "PATH"
end

--- "What it is. (string, 1 to 255 characters, required)"
local function flag_help(input, member_name)
  local member = input.members[member_name]
  return ("%s (%s)"):format(help.of_member(input.shape, member_name), help.traits(member))
end

--- What argparse does with the texts of a flag that takes several: a flag that is repeated adds to
-- them.
local function collect(result, target, texts)
  local all = result[target] or {}
  for _, text in ipairs(texts) do
    all[#all + 1] = text
  end
  result[target] = all
end

local function add_members(command, input, for_completion)
  for _, name in ipairs(input.order) do
    local member = input.members[name]
    local option = command:option("--" .. flags.name(name), flag_help(input, name))
      :target("member_" .. name):args(flags.arity(member)):argname(flags.placeholder(member))
    if flags.arity(member) == "+" then
      option:action(collect)
    end
    if for_completion and member.enum then
      option:choices(member.enum)
    end
  end
end

local function add_operation(parser, operation, for_completion)
  local description = core.describe(operation)
  local name = (operation:gsub("_", "-"))
  local command = parser:command(name, help.of_operation(operation))
    :epilog(("Example:\n   %s\n\n`appintegrations help %s` tells of errors and output,\n"
      .. "`appintegrations help SHAPE` of the members of what a flag takes as JSON.")
      :format(example.line(operation), name))
  add_help(parser, command)
  add_members(command, description.input, for_completion)
  command:option("--input", "JSON with the parameters; - reads standard input. Flags win over it.")
    :argname "FILE"
  command:option("--extra", "Members for the request that this version does not know.")
    :argname "JSON"
  if description.pagination then
    command:flag("--all", "All pages, printed as they come.")
    command:option("--limit", "Stop after N entries, which may be more than a page."):argname("N")
      :convert(whole "--limit")
  end
  command:option("--validate", "What is checked before sending."):argname("LEVEL")
    :choices { "standard", "strict", "off" }
  command:flag("--dry-run", "Print the signed request instead of sending it.")
  command:flag("--curl", "The same as a curl command line.")
  command:flag("--show-secrets", "With --dry-run and --curl: do not mask signature and token.")
  add_common(command)
  add_output(command)
end

--- The members that entries of a document may have.
local function document_members()
  local known = {}
  for _, kind in ipairs { "event_integration", "data_integration", "application" } do
    for _, name in ipairs(core.describe("create_" .. kind).input.order) do
      known[name] = true
    end
  end
  return sorted(known)
end

local function add_documents(parser)
  local export = parser:command("export",
    "Print the account's integrations and applications in this region as one document.")
  add_help(parser, export)
  export:option("--format", "json or lua."):argname("FORMAT"):choices({ "json", "lua" })
    :default "json"
  add_common(export)
  local apply = parser:command("apply",
    "Make the account as a document says, and tell what was done.")
  add_help(parser, apply)
  apply:argument("file", "What export has printed: JSON or Lua; - reads standard input.")
  apply:flag("--prune", "Delete what the document does not have.")
  apply:option("--ignore", "A member that is left as it is, as KmsKey; may be repeated.")
    :argname("MEMBER"):choices(document_members()):count "*"
  apply:flag("--dry-run", "Only tell what would be done.")
  add_common(apply)
end

local function add_wait(parser)
  local wait = parser:command("wait-for-execution",
    "Wait until the last execution of a data integration association has ended, and print the "
    .. "association; exit code 1 if the execution has failed.")
  add_help(parser, wait)
  wait:option("--data-integration-identifier", "Name, id or ARN of the data integration.")
    :argname("TEXT"):count "1"
  wait:option("--data-integration-association-identifier", "Id or ARN of its association.")
    :argname("TEXT"):count "1"
  wait:option("--interval", "Seconds between two looks (default 5)."):argname("SECONDS")
    :convert(number "--interval")
  add_common(wait)
  add_output(wait)
end

local function operation_names()
  local names = {}
  for i, operation in ipairs(core.operations()) do
    names[i] = operation:gsub("_", "-")
  end
  return names
end

local function add_others(parser, for_completion)
  local doctor = parser:command("doctor",
    "Tell where settings and credentials come from, make one harmless call, and advise.")
  add_help(parser, doctor)
  add_common(doctor)
  -- The command takes its arguments before they come here; this is for help and completion.
  local emulator = parser:command("emulator",
    "Start a stand-in for the service on this machine; takes the options of "
    .. "appintegrations-emulator.")
  emulator:add_help(false)
  emulator:argument("arguments", "As of appintegrations-emulator --help."):args "*"
  local topic = parser:command("help",
    "Tell of an operation, a shape, an error code or a table of options.")
  add_help(parser, topic)
  local name = topic:argument("name", "As create-data-integration, FileConfiguration, "
    .. "NoCredentials."):args "?"
  if for_completion then
    name:choices(operation_names())
  end
  local completion = parser:command("completion", "Print a completion script for a shell.")
  add_help(parser, completion)
  completion:argument("shell", "bash, zsh or fish."):choices({ "bash", "zsh", "fish" })
  local manual = parser:command("manual", "Print the manual page, for man -l.")
  add_help(parser, manual)
end

-- The widest that help is, and the narrowest that argparse can lay out.
local WIDEST, NARROWEST = 88, 40

--- The parser.
---@param host? table  `columns`: how wide help may be
---@param for_completion? boolean  enum values are choices: what a shell offers, and no check
---@return table parser  of argparse
function M.new(host, for_completion)
  local width = math.max(NARROWEST, math.min(WIDEST, host and host.columns or WIDEST))
  local parser = require "argparse"("appintegrations",
    "Amazon AppIntegrations from the command line.", EPILOG)
  parser:help_max_width(width)
  parser:usage_max_width(width)
  parser:require_command(false)
  parser:command_target "command"
  add_help(parser, parser)
  parser:flag("--version", "Print the version and exit.")
  for _, operation in ipairs(core.operations()) do
    add_operation(parser, operation, for_completion)
  end
  add_wait(parser)
  add_documents(parser)
  add_others(parser, for_completion)
  return parser
end

return M
