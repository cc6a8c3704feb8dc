-- SPDX-License-Identifier: MIT
--- What the command appintegrations-emulator can be told, and how it is read.
-- @module appintegrations.emulator.arguments

local M = {}

M.DEFAULT_PORT = 4570

M.USAGE = [[
usage: appintegrations-emulator [options]

A stand-in for Amazon AppIntegrations, for tests.

Where it listens, and how it tells:
  --host HOST            a name or an address, as 0.0.0.0 or ::1 (default 127.0.0.1)
  --port N               (default 4570; 0: any free port)
  --max-connections N    one more is answered with 503 (default 900)
  --port-file FILE       write the port to FILE once requests are accepted; removed at the end
  --ready-fd N           write the port to the descriptor N then, and close it
  --print-env            print lines for eval, nothing else, and close standard output
  --quiet                print nothing
  --log FILE|-           a line for each request, appended to FILE or on standard error
  --exit-with PID        end when the process PID ends
  --until-stdin-closes   end when standard input ends

What it is:
  --state FILE           keep the state in FILE, an SQLite database (default: in memory)
  --seed FILE            JSON: resources that are there from the start; not added to a state
                         that has had some
  --region R             the region that requests must be signed for (default us-east-1);
                         repeatable, each has resources of its own
  --account ID           the account of requests (default 123456789012)
  --credentials FILE     JSON: by access key id its secret, or
                         {"secret": S, "account_id": ID, "session_token": T, "deny": ["*"]}
  --access-key ID --secret-key S   one pair instead
  --no-verify            accept any key, any region, any time and no signature
  --quota KIND=N         allow N of applications, data_integrations, event_integrations or
                         data_integration_associations (of one data integration); repeatable
  --execution-seconds S  how long an on-demand execution is IN_PROGRESS (default 2)
  --token-seconds S      how long a ClientToken is remembered (default 28800)
  --clock-offset S       the service's clock is S seconds ahead of this machine's
  --ids TEXT             ids of resources are the same for the same TEXT
  --fault NAME[:FIELD=VALUE,...]  fail on purpose, as throttle:times=3 or reset:rate=0.1;
                         names and fields in appintegrations/emulator/faults.lua; repeatable
  --cors ORIGIN          let the pages of ORIGIN call from a browser; *: of any

  --export FILE|-        write what --state has as JSON, and end
  --help, --version

While it runs (bodies are JSON; in Lua the service object has the same as methods):
  curl localhost:4570/_emulator/health
  curl localhost:4570/_emulator/requests?limit=5        -X DELETE forgets them
  curl localhost:4570/_emulator/faults -d '{"fault":"throttle","times":2}'
  curl localhost:4570/_emulator/seed -d '{"DataIntegrations":[{"Name":"crm","KmsKey":"k"}]}'
  curl localhost:4570/_emulator/clock -d '{"advance":3600}'
  curl localhost:4570/_emulator/ids -d '{"seed":"my test"}'
  curl localhost:4570/_emulator/state > saved.json
  curl localhost:4570/_emulator/state -T saved.json
  curl localhost:4570/_emulator/reset -X POST
and a page for people at http://localhost:4570/
]]

-- ---- readers -----------------------------------------------------------------------------------

--- A whole number from MIN to MAX.
local function whole(min, max)
  return function(text)
    local number = text:find("^%d+$") and tonumber(text)
    if number and number >= min and number <= max then
      return number
    end
    return nil, ("a whole number from %d to %d is needed"):format(min, max)
  end
end

--- What the option NAME of a service accepts; a number, or a text.
local function option(name, is_number)
  return function(text)
    local value = text
    if is_number then
      value = require("appintegrations.base.text").number(text)
    end
    if value == nil then
      return nil, "a number is needed"
    end
    local wrong = require("appintegrations.emulator.options").wrong_option(name, value)
    return not wrong and value or nil, wrong
  end
end

local function read_json(path)
  local file, reason = io.open(path, "rb")
  if not file then
    return nil, reason
  end
  local json = require "appintegrations.emulator.json"
  local text, problem = file:read("*a")
  file:close()
  local value
  if text then
    value, problem = json.decode(text)
  end
  if value == nil then
    return nil, ("%s is no JSON: %s"):format(path, problem)
  elseif type(value) ~= "table" or value == json.null then
    return nil, path .. " has no JSON object"
  end
  return value
end

local function read_credentials(path)
  local value, reason = read_json(path)
  reason = value and require("appintegrations.emulator.options").wrong_credentials(value) or reason
  return not reason and value or nil, reason
end

local function read_quota(text, quotas)
  local kind, count = text:match("^([a-z_]+)=(%d+)$")
  if not require("appintegrations.emulator.options").QUOTAS[kind or ""] then
    return nil, "KIND=N is needed"
  end
  quotas = quotas or {}
  quotas[kind] = tonumber(count)
  return quotas
end

--- The operations as a set.
local function method_names()
  local names = {}
  for _, name in ipairs(require("appintegrations.core").operations()) do
    names[name] = true
  end
  return names
end

local function read_fault(text, rules)
  local faults = require "appintegrations.emulator.faults"
  local rule, wrong = faults.parse(text)
  wrong = wrong or faults.check(rule, method_names())
  if wrong then
    return nil, wrong
  end
  rules = rules or {}
  rules[#rules + 1] = rule
  return rules
end

local function read_region(text, regions)
  regions = regions or {}
  regions[#regions + 1] = text
  return regions
end

local function read_offset(text)
  local value = require("appintegrations.base.text").number(text)
  local farthest = require("appintegrations.emulator.options").FARTHEST
  if value and value >= -farthest and value <= farthest then
    return value
  end
  return nil, ("a number from %d to %d is needed"):format(-farthest, farthest)
end

--- Option -> { name, reader of its value }; an option without a reader is a switch. A reader gets
-- the text and what the option has been set to, and gives the value, or nil and perhaps a reason.
local OPTIONS = {
  ["--host"] = { "host", tostring },
  ["--port"] = { "port", whole(0, 65535) },
  ["--max-connections"] = { "max_connections", whole(1, 1000000) },
  ["--port-file"] = { "port_file", tostring },
  ["--ready-fd"] = { "ready_fd", whole(0, 65535) },
  ["--print-env"] = { "print_env" },
  ["--quiet"] = { "quiet" },
  ["--log"] = { "log", tostring },
  ["--exit-with"] = { "exit_with", whole(1, 2 ^ 31 - 1) },
  ["--until-stdin-closes"] = { "until_stdin_closes" },
  ["--state"] = { "state", tostring },
  ["--seed"] = { "seed", read_json },
  ["--region"] = { "regions", read_region },
  ["--account"] = { "account_id", option "account_id" },
  ["--credentials"] = { "credentials", read_credentials },
  ["--access-key"] = { "access_key", tostring },
  ["--secret-key"] = { "secret_key", tostring },
  ["--no-verify"] = { "no_verify" },
  ["--quota"] = { "quotas", read_quota },
  ["--execution-seconds"] = { "execution_seconds", option("execution_seconds", true) },
  ["--token-seconds"] = { "token_seconds", option("token_seconds", true) },
  ["--clock-offset"] = { "clock_offset", read_offset },
  ["--ids"] = { "ids", tostring },
  ["--fault"] = { "faults", read_fault },
  ["--cors"] = { "cors", option "cors" },
  ["--export"] = { "export", tostring },
  ["--help"] = { "help" },
  ["--version"] = { "version" },
}

-- ---- reading -----------------------------------------------------------------------------------

--- Sets what OPTION says with the text VALUE; a text if that cannot be. An empty value is none: it
-- comes of a variable that a script has not set.
local function set(settings, option_name, value)
  local known = OPTIONS[option_name]
  if value == nil or value == "" then
    return option_name .. ": value missing"
  end
  local accepted, reason = known[2](value, settings[known[1]])
  if accepted == nil then
    return ("%s: bad value %s%s"):format(option_name, value, reason and " (" .. reason .. ")" or "")
  end
  settings[known[1]] = accepted
  return nil
end

--- What contradicts itself in SETTINGS, or nil.
local function wrong_combination(settings)
  if (settings.access_key == nil) ~= (settings.secret_key == nil) then
    return "--access-key and --secret-key belong together"
  elseif settings.export and not settings.state then
    return "--export needs --state"
  elseif settings.export and settings.export == settings.state then
    return "--export cannot write to the file of --state"
  end
  return nil
end

--- Settings from the command line; nil and a text.
---@param args string[]
---@return table? settings
---@return string? message
function M.parse(args)
  local settings, position = {}, 1
  while args[position] do
    local name, value = args[position]:match("^(%-%-[^=]+)=(.*)$")
    name = name or args[position]
    local known, wrong = OPTIONS[name], nil
    if not known then
      return nil, "unknown option " .. name
        .. require("appintegrations.base.names").short_hint(name, OPTIONS)
    elseif not known[2] and value then
      return nil, name .. " takes no value"
    elseif known[2] then
      if not value then
        position = position + 1
        value = args[position]
      end
      wrong = set(settings, name, value)
    else
      settings[known[1]] = true
    end
    if wrong then
      return nil, wrong
    end
    position = position + 1
  end
  local wrong = wrong_combination(settings)
  return not wrong and settings or nil, wrong
end

return M
