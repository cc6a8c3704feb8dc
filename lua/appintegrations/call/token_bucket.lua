-- SPDX-License-Identifier: MIT
--- A client's budget for retries: while a service is down, calls end with their
-- first error instead of multiplying the load. One bucket for each client.
-- @module appintegrations.call.token_bucket

local M = {}

local CAPACITY = 500

---@class appintegrations.TokenBucket
---@field level integer
local Bucket = {}
Bucket.__index = Bucket

--- A full bucket.
---@return appintegrations.TokenBucket
---@nodiscard
function M.new()
  return setmetatable({ level = CAPACITY }, Bucket)
end

--- Takes TOKENS, all or none.
---@param tokens integer
---@return boolean taken
function Bucket:take(tokens)
  if self.level < tokens then
    return false
  end
  self.level = self.level - tokens
  return true
end

--- Puts TOKENS in, as far as they fit.
---@param tokens integer
function Bucket:put(tokens)
  local level = self.level + tokens
  self.level = level < CAPACITY and level or CAPACITY
end

return M
