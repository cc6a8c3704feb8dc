-- SPDX-License-Identifier: MIT
--- The manual page of the command, made from the same parser and words as its help.
-- @module appintegrations.command.manual

local core = require "appintegrations.core"
local flags = require "appintegrations.command.flags"
local help = require "appintegrations.help"
local version = require "appintegrations.base.version"

local M = {}

local LONG_WORD = 50

--- TEXT as roff takes it literally.
local function roff(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-")
  -- Names of resources are longer than a line: they may be broken after : and /.
  text = text:gsub("%S+", function(word)
    return #word > LONG_WORD and word:gsub("[:/]", "%0\\:") or nil
  end)
  return (text:gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local function add(lines, macro, text)
  lines[#lines + 1] = text and macro .. " " .. roff(text) or macro
end

local function entry(lines, head, text)
  add(lines, ".TP")
  lines[#lines + 1] = "\\fB" .. roff(head) .. "\\fR"
  lines[#lines + 1] = roff(text)
end

local HEAD = [[
.ad l
.nh
.SH NAME
appintegrations \- Amazon AppIntegrations from the command line
.SH SYNOPSIS
.B appintegrations
.I COMMAND
.RI [ FLAG ...]
.br
.B appintegrations
.I COMMAND
.B \-\-help
.SH DESCRIPTION
Each operation of the service is a command. A flag stands for each member of its input: texts and
numbers as they are, lists as several values, maps as KEY=VALUE, everything that has members of its
own as JSON or as @FILE. Outputs go to standard output, everything else to standard error.
.PP
Region and credentials are found as the AWS command line finds them.
.B appintegrations doctor
tells what was found where.]]

local TAIL = [[
.SH PATHS OF \-\-query
.B NAME
goes to a member, a dot goes on below it,
.B []
below each entry of a list,
.B [N]
to its entry N, counted from 1 (\-1 is the last). Names with other characters than letters, digits,
_ and \- stand in double quotes. Example:
DataIntegrationAssociations[].LastExecutionStatus.ExecutionStatus
.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
The service refused, or lets nobody change what apply would have to.
.TP
.B 2
Wrong usage or parameters; nothing was sent.
.TP
.B 3
No region, no credentials, or a setting that cannot be used.
.TP
.B 4
Network, time, or an answer that cannot be read.
.TP
.B 5
Standard output cannot be written.
.TP
.B 130
Interrupted by the terminal.
.SH ENVIRONMENT
.B AWS_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
.B AWS_ENDPOINT_URL_APPINTEGRATIONS
and the others of the AWS command line mean what they mean there.
.B COLUMNS
is the width of tables on a terminal; wider ones are printed as records.
.SH FILES
.I ~/.aws/config
and
.IR ~/.aws/credentials ,
or where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say.
.SH EXAMPLES
.EX
appintegrations list\-data\-integrations \-\-all \-\-output csv
appintegrations list\-applications \-\-query 'Applications[].Name'
appintegrations export >all.json
appintegrations apply all.json \-\-prune \-\-dry\-run
.EE
.PP
A value that begins with a dash is joined to its flag:
.B \-\-description=\-x
.SH SEE ALSO
.BR jq (1);
.B appintegrations emulator \-\-help]]

--- "appintegrations COMMAND" in a section of its own.
local function add_operation(lines, operation)
  local input = core.describe(operation).input
  add(lines, ".SS", (operation:gsub("_", "-")))
  lines[#lines + 1] = roff(help.of_operation(operation))
  for _, name in ipairs(input.order) do
    local member = input.members[name]
    entry(lines, "--" .. flags.name(name) .. " " .. flags.placeholder(member),
      ("%s (%s)"):format(help.of_member(input.shape, name), help.traits(member)))
  end
end

--- "-o, --output FORMAT"
local function head_of(option)
  local argument = option._argname
  return table.concat(option._aliases, ", ")
    .. (argument and " " .. (type(argument) == "table" and argument[1] or argument) or "")
end

--- Options of COMMAND (an argparse parser) that are not of the operation's input.
local function add_options(lines, command)
  for _, option in ipairs(command._options) do
    if not (option._target and option._target:find("^member_")) then
      entry(lines, head_of(option), option._description or "")
    end
  end
end

--- The page.
---@param parser table  of appintegrations.command.parser
---@return string roff
function M.text(parser)
  local lines = { (".TH APPINTEGRATIONS 1 \"\" \"appintegrations %s\""):format(version), HEAD }
  add(lines, ".SH", "OPERATIONS")
  for _, operation in ipairs(core.operations()) do
    add_operation(lines, operation)
  end
  local listing
  add(lines, ".SH", "OTHER COMMANDS")
  for _, command in ipairs(parser._commands) do
    if command._name == "list-applications" then
      listing = command -- it has all that an operation can have
    end
    if not core.describe((command._name:gsub("-", "_"))) then
      entry(lines, command._name, command._description)
    end
  end
  add(lines, ".SH", "FLAGS OF EVERY OPERATION")
  add_options(lines, listing)
  lines[#lines + 1] = TAIL
  return table.concat(lines, "\n") .. "\n"
end

return M
