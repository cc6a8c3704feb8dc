-- SPDX-License-Identifier: MIT
--- Pages and their tokens. A token holds the sequence number of the last record that was shown,
-- not a count, so records may come and go while somebody lists: none is shown twice, none that
-- stays is missed. It is sealed with an HMAC over the listing that it belongs to: made up,
-- changed or used for another listing it is refused.
-- @module appintegrations.emulator.pagination

local base64 = require "appintegrations.emulator.base64"
local signing = require "appintegrations.signing"
local errors = require "appintegrations.emulator.errors"
local store = require "appintegrations.emulator.store"

local M = {}

local SEAL_BYTES = 15

local function seal(secret, scope, sequence)
  return signing.hmac_sha256(secret, scope .. "\n" .. sequence):sub(1, SEAL_BYTES)
end

local function token_for(secret, scope, sequence)
  local text = ("%d"):format(sequence)
  return base64.encode(seal(secret, scope, text) .. text)
end

local function sequence_in(secret, scope, token)
  local bytes = base64.decode(token)
  local text = bytes and bytes:sub(SEAL_BYTES + 1) or ""
  if text == "" or seal(secret, scope, text) ~= bytes:sub(1, SEAL_BYTES) then
    return nil
  end
  return tonumber(text)
end

---@class appintegrations.emulator.Listing
---@field scope string                   names the listing: operation, owner, filter
---@field records table[]                in order of creation
---@field accepts? fun(record): boolean  the filter
---@field page_size integer              without MaxResults

--- The records of one page and the token of the next, if there is more.
---@param secret string
---@param listing appintegrations.emulator.Listing
---@param params table  NextToken, MaxResults
---@return table[]? records
---@return string|appintegrations.emulator.Problem|nil token_or_problem
function M.page(secret, listing, params)
  local after = 0
  if params.NextToken then
    after = sequence_in(secret, listing.scope, params.NextToken)
    if not after then
      return nil, errors.invalid("The NextToken is invalid.")
    end
  end
  local limit = params.MaxResults or listing.page_size
  local page, records = {}, listing.records
  for position = store.position_after(records, after), #records do
    local record = records[position]
    if not listing.accepts or listing.accepts(record) then
      if #page == limit then
        return page, token_for(secret, listing.scope, page[limit].sequence)
      end
      page[#page + 1] = record
    end
  end
  return page
end

return M
