-- SPDX-License-Identifier: MIT
--- Providers asked in order until one has credentials, and the record of it.
-- @module appintegrations.credentials.chain

local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"

local M = {}

-- botocore's order.
M.DEFAULT = {
  "environment", "assume_role", "web_identity", "sso", "shared_credentials", "login", "process",
  "config_file", "container", "imds",
}

-- For a profile that is another one's source: its own keys come first, then what
-- it says about how to get some.
M.OF_PROFILE = {
  "shared_credentials", "config_file", "assume_role", "web_identity", "sso", "login", "process",
}

---@class appintegrations.CredentialsProvider
---@field name string
---@field retrieve fun(deadline?: number): table?, string|appintegrations.Error|nil
---  until DEADLINE, in epoch seconds: credentials; or nil and why it has none, where the next one
---  is to be asked; or nil and an error, with which the chain ends
---@field detail? string  where it found what it used

---@class appintegrations.ProviderRecord
---@field name string
---@field status "used"|"expired"|"skipped"|"failed"|"not asked"
---@field reason? string      why skipped, what failed, or where the credentials were
---@field elapsed? number     seconds
---@field expiration? number  epoch seconds

--- What a person without credentials can do.
M.ADVICE = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run \"aws configure\", "
  .. "\"aws sso login\" or \"aws login\", or pass the option credentials"

local PREFIX = "appintegrations.credentials."

--- The module of provider NAME. An embedder may leave some out of its program: nil
-- for one that does not exist; one that cannot be loaded raises.
local function load_module(name)
  local found, module = pcall(require, PREFIX .. name)
  if found then
    return module
  elseif not tostring(module):find(("module '%s%s' not found"):format(PREFIX, name), 1, true) then
    error(module, 0)
  end
end

--- Provider NAME, loaded when it is first asked: most programs need one of the
-- first, and never load the others.
local function lazy(name, context)
  local provider = { name = (name:gsub("_", "-")) }
  local loaded

  function provider.retrieve(deadline)
    local module = not loaded and load_module(name)
    if not loaded and not module then
      return nil, "not a part of this program"
    end
    loaded = loaded or module.new(context)
    local credentials, reason = loaded.retrieve(deadline)
    provider.detail = loaded.detail
    return credentials, reason
  end

  return provider
end

--- The providers called NAMES.
---@param names string[]
---@param context appintegrations.CredentialsContext
---@return appintegrations.CredentialsProvider[]
---@nodiscard
function M.load(names, context)
  local providers = {}
  for i, name in ipairs(names) do
    providers[i] = lazy(name, context)
  end
  return providers
end

local function no_credentials(records, subject)
  local parts = {}
  for i, record in ipairs(records) do
    parts[i] = record.name .. ": " .. record.reason
  end
  return nil, errors.new {
    kind = "credentials", code = "NoCredentials",
    message = ("no credentials found%s (%s). %s"):format(subject and " for " .. subject or "",
      table.concat(parts, "; "), M.ADVICE),
  }
end

--- Asks PROVIDER and completes its RECORD.
local function ask(provider, record, deadline)
  local started = core.monotonic()
  local credentials, reason = provider.retrieve(deadline)
  record.elapsed = core.monotonic() - started
  if credentials then
    record.status, record.reason = "used", provider.detail
    record.expiration = credentials.expiration
    credentials.provider = provider.name
  elseif errors.is_error(reason) then
    record.status, record.reason = "failed", reason.code .. ": " .. reason.message
  else
    record.status, record.reason = "skipped", tostring(reason)
  end
  return credentials, reason
end

---@class appintegrations.CredentialsChain : appintegrations.CredentialsProvider
---@field records appintegrations.ProviderRecord[]  of the last time that it was gone through

--- A provider that asks PROVIDERS in order, and from then on the one that had
-- credentials, as long as it has any.
---@param providers appintegrations.CredentialsProvider[]
---@param subject? string  whose credentials they are, for the error
---@return appintegrations.CredentialsChain
---@nodiscard
function M.new(providers, subject)
  local chain = { name = "chain", records = {} }
  local chosen

  local function forget()
    chosen = nil
    chain.records = {}
    for i, provider in ipairs(providers) do
      chain.records[i] = { name = provider.name, status = "not asked" }
    end
  end

  forget()

  function chain.retrieve(deadline)
    if chosen then
      local credentials, reason = ask(providers[chosen], chain.records[chosen], deadline)
      if credentials or errors.is_error(reason) then
        return credentials, reason
      end
    end
    forget()
    for i, provider in ipairs(providers) do
      local credentials, reason = ask(provider, chain.records[i], deadline)
      if credentials then
        chosen = i
        return credentials
      elseif errors.is_error(reason) then
        return nil, reason
      end
    end
    return no_credentials(chain.records, subject)
  end

  return chain
end

return M
