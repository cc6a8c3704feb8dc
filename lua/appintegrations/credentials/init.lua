-- SPDX-License-Identifier: MIT
--- Who signs: the provider chain, and the memory of its answer.
-- A provider is `{ name, retrieve() }`; retrieve returns credentials, or nil and
-- a reason (a string: not for me, ask the next one), or nil and an error object
-- (the chain ends). Secrets live in closures only, where no dump finds them.
-- @module appintegrations.credentials

local errors = require "appintegrations.errors"

local M = {}

-- Before expiry (seconds), as in the SDKs: from the first a refresh is tried and
-- may fail, from the second it must succeed.
local ADVISORY_WINDOW, MANDATORY_WINDOW = 15 * 60, 10 * 60

local function no_credentials(skipped)
  return nil, errors.new {
    kind = "credentials", code = "NoCredentials",
    message = "no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass "
      .. "the credentials option (looked at: " .. table.concat(skipped, "; ") .. ")",
  }
end

--- A provider that asks PROVIDERS in order.
function M.chain(providers)
  return {
    name = "chain",
    retrieve = function()
      local skipped = {}
      for _, provider in ipairs(providers) do
        local credentials, reason = provider.retrieve()
        if credentials or errors.is_error(reason) then
          return credentials, reason
        end
        skipped[#skipped + 1] = provider.name .. ": " .. tostring(reason)
      end
      return no_credentials(skipped)
    end,
  }
end

local function expired()
  return nil, errors.new {
    kind = "credentials", code = "CredentialsExpired",
    message = "the credentials have expired, and their source has no newer ones",
  }
end

--- A function that returns valid credentials, or nil and an error; it asks
-- PROVIDER at the first call and again when expiry draws near.
---@param provider table
---@param clock fun(): number  epoch seconds
---@return fun(): table?, appintegrations.Error?
function M.cached(provider, clock)
  local held

  local function refresh(left)
    local fresh, err = provider.retrieve()
    if fresh and not (fresh.expiration and fresh.expiration <= clock()) then
      held = fresh
      return held
    end
    if held and left > MANDATORY_WINDOW then
      return held
    end
    if fresh then
      return expired()
    end
    return nil, err
  end

  return function()
    if held and not held.expiration then
      return held
    end
    local left = held and held.expiration - clock() or 0
    if left > ADVISORY_WINDOW then
      return held
    end
    return refresh(left)
  end
end

--- The source of credentials that OPTIONS and CONFIG ask for.
---@param options appintegrations.Options
---@param config appintegrations.Config
---@param clock fun(): number
---@return fun(): table?, appintegrations.Error?
function M.source(options, config, clock)
  local given = options.credentials
  local provider
  if type(given) == "table" then
    provider = require("appintegrations.credentials.static").new(given)
  elseif given then
    provider = require("appintegrations.credentials.func").new(given)
  else
    provider = M.chain {
      require("appintegrations.credentials.environment").new(config.getenv),
    }
  end
  return M.cached(provider, clock)
end

return M
