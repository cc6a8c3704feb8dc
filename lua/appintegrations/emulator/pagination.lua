-- SPDX-License-Identifier: MIT
--- Pages and their tokens. A token holds the sequence number of the last record that was shown,
-- not a count, so records may come and go while somebody lists: none is shown twice, none that
-- stays is missed. It is sealed with an HMAC over the listing that it belongs to: made up,
-- changed or used for another listing it is refused.
-- @module appintegrations.emulator.pagination

local base64 = require "appintegrations.emulator.base64"
local signing = require "appintegrations.signing"
local errors = require "appintegrations.emulator.errors"

local M = {}

local SEAL_BYTES = 15

local function seal(secret, listing, sequence)
  return signing.hmac_sha256(secret, listing .. "\n" .. sequence):sub(1, SEAL_BYTES)
end

local function token_for(secret, listing, sequence)
  local text = ("%d"):format(sequence)
  return base64.encode(seal(secret, listing, text) .. text)
end

local function sequence_in(secret, listing, token)
  local bytes = base64.decode(token)
  local text = bytes and bytes:sub(SEAL_BYTES + 1) or ""
  if text == "" or seal(secret, listing, text) ~= bytes:sub(1, SEAL_BYTES) then
    return nil
  end
  return tonumber(text)
end

--- The records of one page and the token of the next, if there is more.
---@param realm table
---@param kind string
---@param filter table   `parent` or `type`, for the store
---@param params table   NextToken, MaxResults
---@return table[]? records
---@return string|appintegrations.emulator.Problem|nil token_or_problem
function M.page(realm, kind, filter, params)
  local secret, after = realm.store:secret(), 0
  local listing = table.concat({ realm.store.scope, kind, filter.parent or "",
    filter.type or "" }, "\n")
  if params.NextToken then
    after = sequence_in(secret, listing, params.NextToken)
    if not after then
      return nil, errors.invalid("The NextToken is invalid.")
    end
  end
  local limit = params.MaxResults or realm.page_size
  local page = realm.store:page(kind, after, limit + 1, filter)
  if #page <= limit then
    return page
  end
  page[limit + 1] = nil
  return page, token_for(secret, listing, page[limit].sequence)
end

return M
