-- SPDX-License-Identifier: MIT
--- What a service can be made of: the options of `emulator.new`, checked.
-- @module appintegrations.emulator.options

local clock = require "appintegrations.emulator.clock"
local core = require "appintegrations.core"
local names = require "appintegrations.base.names"
local router = require "appintegrations.emulator.router"

local M = {}

---@class appintegrations.emulator.Options
---@field region? string             default "us-east-1"
---@field regions? string[]          further regions; each has resources of its own
---@field account_id? string         default "123456789012"
---@field credentials? table<string, string|appintegrations.emulator.Credential>
---                                  by access key id: the secret, or a table
---@field verify_signatures? boolean default true; without, any key and any region will do
---@field clock? fun(): number       epoch seconds; default: the system's
---@field sleep? fun(seconds: number)  what a fault's latency does in one process, as moving the
---                                  clock of a test on; without it nothing waits
---@field random? fun(): number      a number in [0, 1), for ids; default: the system's random bytes
---@field ids? string                makes the ids of resources predictable: the same for the same
---                                  text and number of the resource
---@field quotas? table<string, integer>  how many "applications", "data_integrations",
---                                  "event_integrations" there may be, and
---                                  "data_integration_associations" of one data integration;
---                                  what is not named is not limited
---@field page_size? integer         items of a page without MaxResults, default 50
---@field execution_seconds? number  how long a job is IN_PROGRESS, default 2
---@field token_seconds? number      how long a ClientToken is remembered, default eight hours
---@field clock_skew_seconds? number how far a signature's time may be off, default 900
---@field faults? appintegrations.emulator.Fault[]  what is to fail from the start
---@field seed? table                resources that are there from the start: see Service:seed;
---                                  not added to a `state` that has had some
---@field cors? string               an origin that browsers may call from, or "*"
---@field state? string              path of the state file, an SQLite database

local LONGEST = 1e9 -- seconds

--- For each option its type; of a number `min` and `max`, `whole`; of a string a `pattern`, beside
-- which there may be `also` one text.
local OPTIONS = {
  region = { "string" }, regions = { "table" },
  account_id = { "string", pattern = "^%d%d%d%d%d%d%d%d%d%d%d%d$", form = "twelve digits" },
  credentials = { "table" }, verify_signatures = { "boolean" }, clock = { "function" },
  sleep = { "function" }, random = { "function" }, ids = { "string" }, quotas = { "table" },
  page_size = { "number", min = 1, max = 1000, whole = true },
  execution_seconds = { "number", min = 0, max = LONGEST },
  token_seconds = { "number", min = 0, max = LONGEST },
  clock_skew_seconds = { "number", min = 0, max = LONGEST },
  faults = { "table" }, seed = { "table" },
  cors = { "string", pattern = "^[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9:._%[%]-]+$", also = "*",
    form = "an origin, as http://localhost:3000, or *" },
  state = { "string" },
}

--- What `quotas` may name.
M.QUOTAS = { applications = true, data_integrations = true, event_integrations = true,
  data_integration_associations = true }

--- What a credential's table may have; `deny` is a list or a string.
local CREDENTIAL = { secret = "string", session_token = "string", expiration = "number",
  account_id = "string", deny = "table" }

--- What is wrong with VALUE as the option NAME, or nil.
---@param name any
---@param value any
---@return string?
function M.wrong_option(name, value)
  local rule = OPTIONS[name]
  if not rule then
    return ("unknown option %s%s"):format(tostring(name), names.short_hint(name, OPTIONS))
  elseif type(value) ~= rule[1] then
    return ("option %s must be a %s, not a %s"):format(name, rule[1], type(value))
  elseif rule.min and not (value >= rule.min and value <= rule.max
      and (not rule.whole or value % 1 == 0)) then
    return ("option %s must be a %snumber from %d to %d"):format(name,
      rule.whole and "whole " or "", rule.min, rule.max)
  elseif rule.pattern and value ~= rule.also and not value:find(rule.pattern) then
    return ("option %s must be %s"):format(name, rule.form)
  end
  return nil
end

--- What is wrong with NAME = VALUE as what says whose resources are seeded, or nil.
---@param name any
---@param value any
---@return string?
function M.wrong_realm(name, value)
  if name ~= "region" and name ~= "account_id" then
    return ("a realm has no %s%s"):format(tostring(name),
      names.hint(name, { region = true, account_id = true }))
  end
  return M.wrong_option(name, value)
end

local function wrong_quotas(quotas)
  for name, value in pairs(quotas) do
    if not M.QUOTAS[name] then
      return ("there is no quota of %s%s"):format(tostring(name), names.hint(name, M.QUOTAS))
    elseif type(value) ~= "number" or not (value >= 0 and value % 1 == 0) then
      return ("the quota of %s must be a whole number of 0 or more"):format(name)
    end
  end
  return nil
end

local function wrong_regions(regions)
  for _, region in pairs(regions) do
    local wrong = M.wrong_option("region", region)
    if wrong then
      return wrong
    end
  end
  return nil
end

--- What is wrong with DENY, the operations that a credential may not call, or nil.
local function wrong_deny(deny)
  local known = { ["*"] = true }
  for _, name in ipairs(core.operations()) do
    known[name] = true
  end
  for position, name in pairs(type(deny) == "table" and deny or { deny }) do
    local wrong = type(position) ~= "number" and "it is no list"
      or router.wrong_operation(name, known)
    if wrong then
      return wrong
    end
  end
  return nil
end

--- What is wrong with NAME = PART in the credential of KEY, or nil.
local function wrong_part(key, name, part)
  local expected = CREDENTIAL[name]
  if not expected then
    return ("credentials of %s have no member %s%s"):format(key, tostring(name),
      names.hint(name, CREDENTIAL))
  elseif name == "deny" then
    local wrong = wrong_deny(part)
    return wrong and ("deny of %s: %s"):format(key, wrong)
  elseif type(part) ~= expected then
    return ("credentials of %s have no %s %s"):format(key, expected, name)
  elseif name == "account_id" and M.wrong_option(name, part) then
    return ("account_id of %s must be twelve digits"):format(key)
  end
  return nil
end

--- What is wrong with CREDENTIALS (by access key id), or nil. A slash would end the id where a
-- request names it.
---@param credentials table
---@return string?
function M.wrong_credentials(credentials)
  if next(credentials) == nil then
    return "credentials are empty"
  end
  for key, value in pairs(credentials) do
    local secret = type(value) == "table" and value.secret or value
    if type(key) ~= "string" or key == "" or key:find("[/,%s]") then
      return ("credentials: %q can be no access key id"):format(tostring(key))
    elseif type(secret) ~= "string" or secret == "" then
      return ("credentials of %s must be a secret, or a table with one"):format(key)
    end
    for name, part in pairs(type(value) == "table" and value or {}) do
      local wrong = wrong_part(key, name, part)
      if wrong then
        return wrong
      end
    end
  end
  return nil
end

--- What is wrong with OPTIONS, or nil.
---@param options table
---@return string?
function M.check(options)
  for name, value in pairs(options) do
    local wrong = M.wrong_option(name, value)
    if wrong then
      return wrong
    end
  end
  return wrong_quotas(options.quotas or {}) or wrong_regions(options.regions or {})
    or options.credentials and M.wrong_credentials(options.credentials) or nil
end

--- How far `--clock-offset` may go.
M.FARTHEST = clock.FARTHEST

return M
