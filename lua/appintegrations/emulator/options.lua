-- SPDX-License-Identifier: MIT
--- What a service can be made of: the options of `emulator.new`, checked.
-- @module appintegrations.emulator.options

local clock = require "appintegrations.emulator.clock"
local suggest = require "appintegrations.base.suggest"

local M = {}

---@class appintegrations.emulator.Options
---@field region? string             default "us-east-1"
---@field regions? string[]          further regions; each has resources of its own
---@field account_id? string         default "123456789012"
---@field credentials? table<string, string|appintegrations.emulator.Credential>
---                                  by access key id: the secret, or a table
---@field verify_signatures? boolean default true; without, any key and any region will do
---@field clock? fun(): number       epoch seconds; default: the system's
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
---@field seed? table                resources that are there from the start: see Service:seed
---@field cors? string               an origin that browsers may call from, or "*"
---@field state? string              path of the state file, an SQLite database

local LONGEST = 1e9 -- seconds

--- For each option its type; of a number `min` and `max`, `whole`; of a string a `pattern`.
local OPTIONS = {
  region = { "string" }, regions = { "table" },
  account_id = { "string", pattern = "^%d%d%d%d%d%d%d%d%d%d%d%d$", form = "twelve digits" },
  credentials = { "table" }, verify_signatures = { "boolean" }, clock = { "function" },
  random = { "function" }, ids = { "string" }, quotas = { "table" },
  page_size = { "number", min = 1, max = 1000, whole = true },
  execution_seconds = { "number", min = 0, max = LONGEST },
  token_seconds = { "number", min = 0, max = LONGEST },
  clock_skew_seconds = { "number", min = 0, max = LONGEST },
  faults = { "table" }, seed = { "table" },
  cors = { "string", pattern = "^[A-Za-z0-9:/.*_%[%]-]+$", form = "an origin or *" },
  state = { "string" },
}

--- What `quotas` may name.
M.QUOTAS = { applications = true, data_integrations = true, event_integrations = true,
  data_integration_associations = true }

--- What a credential's table may have.
local CREDENTIAL = { secret = "string", session_token = "string", expiration = "number",
  account_id = "string" }

--- What is wrong with VALUE as the option NAME, or nil.
---@param name any
---@param value any
---@return string?
function M.wrong_option(name, value)
  local rule = OPTIONS[name]
  if not rule then
    return ("unknown option %s%s"):format(tostring(name), suggest.hint(name, OPTIONS))
  elseif type(value) ~= rule[1] then
    return ("option %s must be a %s, not a %s"):format(name, rule[1], type(value))
  elseif rule.min and not (value >= rule.min and value <= rule.max
      and (not rule.whole or value % 1 == 0)) then
    return ("option %s must be a %snumber from %d to %d"):format(name,
      rule.whole and "whole " or "", rule.min, rule.max)
  elseif rule.pattern and not value:find(rule.pattern) then
    return ("option %s must be %s"):format(name, rule.form)
  end
  return nil
end

local function wrong_quotas(quotas)
  for name, value in pairs(quotas) do
    if not M.QUOTAS[name] or type(value) ~= "number" or value < 0 or value % 1 ~= 0 then
      return ("quotas has no number %s%s"):format(tostring(name), suggest.hint(name, M.QUOTAS))
    end
  end
  return nil
end

--- What is wrong with CREDENTIALS (by access key id), or nil.
---@param credentials table
---@return string?
function M.wrong_credentials(credentials)
  for key, value in pairs(credentials) do
    if type(key) ~= "string" or type(value) ~= "string"
      and (type(value) ~= "table" or type(value.secret) ~= "string") then
      return ("credentials of %s must be a secret, or a table with one"):format(tostring(key))
    end
    for name, part in pairs(type(value) == "table" and value or {}) do
      if name ~= "deny" and type(part) ~= CREDENTIAL[name] then
        return ("credentials of %s have no %s %s%s"):format(key, CREDENTIAL[name] or "member",
          tostring(name), CREDENTIAL[name] and "" or suggest.hint(name, CREDENTIAL))
      elseif name == "account_id" and M.wrong_option(name, part) then
        return ("account_id of %s must be twelve digits"):format(key)
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
  return wrong_quotas(options.quotas or {}) or M.wrong_credentials(options.credentials or {})
end

--- How far `--clock-offset` may go.
M.FARTHEST = clock.FARTHEST

return M
