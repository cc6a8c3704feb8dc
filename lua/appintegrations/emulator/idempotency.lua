-- SPDX-License-Identifier: MIT
--- ClientToken: the same token with the same input gets the first answer again and creates
-- nothing; with other input it is refused. Only successes are remembered, for as long as the
-- state lives. https://aws.amazon.com/builders-library/making-retries-safe-with-idempotent-APIs/
-- @module appintegrations.emulator.idempotency

local signing = require "appintegrations.signing"
local errors = require "appintegrations.emulator.errors"
local json = require "appintegrations.emulator.json"

local M = {}

local function key_of(operation, params)
  return operation .. " " .. params.ClientToken
end

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
function M.recall(store, operation, params)
  local entry = params.ClientToken and store.data.tokens[key_of(operation, params)]
  if not entry then
    return nil
  elseif entry.input ~= fingerprint(params) then
    return nil, errors.invalid("The ClientToken was used before in a request with other "
      .. "parameters.")
  end
  return entry.body
end

--- Remembers BODY, the answer to OPERATION with PARAMS.
function M.remember(store, operation, params, body)
  if params.ClientToken then
    store.data.tokens[key_of(operation, params)] = { input = fingerprint(params), body = body }
    store:touch()
  end
end

return M
