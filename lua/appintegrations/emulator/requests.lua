-- SPDX-License-Identifier: MIT
--- The last requests to the service and their answers, for tests and for the page. What signs a
-- request is not kept.
-- @module appintegrations.emulator.requests

local method_name = require("appintegrations.emulator.router").method_name

local M = {}

local MOST = 1000 -- requests
local MOST_BYTES = 4 * 1024 * 1024 -- of their bodies and answers

local Requests = {}
Requests.__index = Requests

---@class appintegrations.emulator.Received
---@field number integer       counts from 1
---@field time number          epoch seconds, of the service's clock
---@field method string
---@field path string          without the query
---@field operation? string    as `GetApplication`
---@field parameters? table    by the service's member names, where they could be read
---@field body? string         where they could not
---@field status integer
---@field code? string         of the error
---@field answer string        the answer's body
---@field request_id string
---@field access_key_id? string
---@field region? string
---@field account_id? string

--- Every sequence that UTF-8 allows, about; what is left of a text is none.
local SEQUENCES = { "[%z\1-\127]+", "[\194-\223][\128-\191]",
  "[\224-\239][\128-\191][\128-\191]",
  "[\240-\244][\128-\191][\128-\191][\128-\191]" }

--- TEXT as JSON can show it: bytes that are no text are counted.
---@param text string
---@return string
function M.shown(text)
  local rest = text
  for _, sequence in ipairs(SEQUENCES) do
    rest = rest:gsub(sequence, "")
  end
  return rest == "" and text or ("(%d bytes that are no text)"):format(#text)
end

--- Adds one, and drops the oldest where they become too many.
---@param entry appintegrations.emulator.Received
---@param size integer  its bytes, about
function Requests:add(entry, size)
  self.last = self.last + 1
  entry.number = self.last
  self.entries[self.last], self.sizes[self.last] = entry, size
  self.bytes = self.bytes + size
  while self.last - self.first >= MOST or (self.bytes > MOST_BYTES and self.first < self.last) do
    self.bytes = self.bytes - self.sizes[self.first]
    self.entries[self.first], self.sizes[self.first] = nil, nil
    self.first = self.first + 1
  end
end

--- Those that are kept, the oldest first.
---@param filter? table  `limit`: the last so many; `operation`: by either of its names
---@return appintegrations.emulator.Received[]
function Requests:list(filter)
  local limit = filter and filter.limit or MOST
  local operation = filter and filter.operation and method_name(filter.operation)
  local newest_first = {}
  for number = self.last, self.first, -1 do
    local entry = self.entries[number]
    if #newest_first >= limit then
      break
    elseif not operation or (entry.operation and method_name(entry.operation) == operation) then
      newest_first[#newest_first + 1] = entry
    end
  end
  local list = {}
  for i = #newest_first, 1, -1 do
    list[#list + 1] = newest_first[i]
  end
  return list
end

--- Forgets them; the numbers go on.
function Requests:clear()
  self.entries, self.sizes, self.bytes, self.first = {}, {}, 0, self.last + 1
end

---@return table
function M.new()
  return setmetatable({ entries = {}, sizes = {}, bytes = 0, first = 1, last = 0 }, Requests)
end

return M
