-- SPDX-License-Identifier: MIT
--- ClientToken: the same token with the same input gets the first answer again and creates
-- nothing; with other input it is refused. Only successes are remembered, for eight hours unless
-- the service is told otherwise: AppIntegrations publishes no time, and eight hours is what its
-- sister services state in their references (Supply Chain, Verified Permissions, Directory
-- Service Data). https://aws.amazon.com/builders-library/making-retries-safe-with-idempotent-APIs/
-- @module appintegrations.emulator.idempotency

local signing = require "appintegrations.signing"
local errors = require "appintegrations.emulator.errors"
local json = require "appintegrations.emulator.json"

local M = {}

--- Seconds that an answer is remembered for.
M.LIFETIME = 8 * 3600

--- One text for equal inputs.
local function fingerprint(params)
  local rest = {}
  for name, value in pairs(params) do
    if name ~= "ClientToken" then
      rest[name] = value
    end
  end
  return signing.hex(signing.sha256(json.encode(rest)))
end

--- The remembered body for OPERATION with PARAMS; nil if the call is new; nil and a problem if
-- the token was used with other input.
---@return string? body
---@return appintegrations.emulator.Problem?
function M.recall(realm, operation, params)
  local entry = params.ClientToken
    and realm.store:recall(operation, params.ClientToken, realm.clock())
  if not entry then
    return nil
  elseif entry.input ~= fingerprint(params) then
    return nil, errors.invalid("The ClientToken was used before in a request with other "
      .. "parameters.")
  end
  return entry.body
end

--- Remembers BODY, the answer to OPERATION with PARAMS.
function M.remember(realm, operation, params, body)
  if params.ClientToken then
    local now = realm.clock()
    realm.store:remember(operation, params.ClientToken,
      { input = fingerprint(params), body = body, expires = now + realm.token_seconds }, now)
  end
end

return M
