-- SPDX-License-Identifier: MIT
--- Iterators over listings: pages are fetched as they are needed, and one is
-- held at a time; with `prefetch` on a loop, the next one is on its way meanwhile.
-- @module appintegrations.paginate

local errors = require "appintegrations.errors"
local math = require("appintegrations.compat").math
local prefetch = require "appintegrations.prefetch"

local M = {}

-- What the service takes for MaxResults, and gives where none is asked for.
local LARGEST_PAGE = 50

---@class appintegrations.Iterator
---@field next_token? string  where to resume: the token of the first page that has
---                           not been delivered in full; nil at the start and the end
---@field done boolean        whether the listing has ended
---@field meta? appintegrations.Meta  of the last page
local methods = {}
local mt = { __name = "appintegrations.Iterator", __index = methods }

local function repeated_token(self)
  return errors.new {
    kind = "pagination", code = "RepeatedToken", operation = self.operation,
    message = "the service gave the same NextToken twice in a row; the listing would never end",
  }
end

local function not_a_list(self)
  return errors.new {
    kind = "response", code = "InvalidResponse", operation = self.operation,
    message = ("%s in the answer is no list"):format(self.pagination.result_key),
  }
end

--- The parameters of the next page, when LEFT items are wanted (nil: all).
local function page_params(self, left)
  local pagination, params = self.pagination, {}
  for name, value in pairs(self.params) do
    params[name] = value
  end
  if self.following then
    params[pagination.input_token] = self.following
  end
  -- With a limit the last page is cut to size by the service, so that
  -- next_token is exact.
  local asked = params[pagination.limit_key]
  if left and (asked == nil or type(asked) == "number") then
    local size = asked or LARGEST_PAGE
    params[pagination.limit_key] = left < size and left or size
  end
  return params
end

--- Has the page after the current one fetched while that is being looked at.
local function look_ahead(self)
  local left = self.left and self.left - #self.items
  if not (self.last or left and left <= 0) then
    self.ahead:fetch(self.call, page_params(self, left))
  end
end

--- Fetches the next page and makes it the current one.
---@return table? page
---@return appintegrations.Error? err
local function fetch(self)
  local pagination = self.pagination
  local page, meta
  if self.ahead and self.ahead:pending() then
    page, meta = self.ahead:take()
  else
    page, meta = self.call(page_params(self, self.left))
  end
  if not page then
    return nil, meta
  end
  local items = page[pagination.result_key]
  if items ~= nil and type(items) ~= "table" then
    return nil, not_a_list(self)
  end
  local token = page[pagination.output_token]
  if token == "" then
    token = nil
  end
  if token ~= nil and token == (self.following or self.params[pagination.input_token]) then
    return nil, repeated_token(self)
  end
  self.page, self.items, self.index, self.meta = page, items or {}, 0, meta
  self.following, self.last = token, token == nil
  if self.ahead then
    look_ahead(self)
  end
  return page
end

--- Notes that the current page has been delivered in full.
local function page_delivered(self)
  self.next_token = self.following
  self.page, self.items = nil, nil
  if self.last or self.left == 0 then
    self.done = true
  end
end

--- Takes the next item of the current page.
local function take(self)
  local index = self.index + 1
  local item, page = self.items[index], self.page
  self.index = index
  if self.left then
    self.left = self.left - 1
  end
  if index == #self.items then
    page_delivered(self)
  elseif self.left == 0 then -- a larger page than was asked for: next_token stays
    self.done = true
  end
  return item, page
end

--- The next item and the page it stands in; nothing at the end; nil and the
-- error object when a page fails (calling again asks for that page again).
---@return table? item
---@return table|appintegrations.Error? page_or_err
function methods:next()
  while not self.done do
    if not self.page then
      local page, err = fetch(self)
      if not page then
        return nil, err
      end
    end
    if #self.items > self.index then
      return take(self)
    end
    page_delivered(self) -- an empty page is not the end
  end
end

--- Iterates over whole pages (the output tables); raises like the iterator.
---@return fun(): table?
function methods:pages()
  return function()
    if self.done then
      return nil
    end
    local page = self.page
    if not page then
      local err
      page, err = fetch(self)
      if not page then
        error(err, 0)
      end
    end
    if self.left then
      self.left = math.max(0, self.left - (#self.items - self.index))
    end
    page_delivered(self)
    return page
  end
end

--- For the generic for: like next, but raises the error object, as io.lines does.
function mt.__call(self)
  local item, page = self:next()
  if item == nil and page ~= nil then
    error(page, 0)
  end
  return item, page
end

--- Ends the listing; a page that is on its way is given up.
function methods:close()
  self.done = true
  self.page, self.items = nil, nil
  if self.ahead then
    self.ahead:cancel()
  end
end

mt.__close = methods.close -- 5.4: `break` out of a generic for

--- An iterator over OPERATION.
---@param operation string
---@param pagination table  names of the members, from the model
---@param params table      copied
---@param options table     `limit`: stop after so many items; `prefetch`
---@param call fun(params: table): table?, table?  fetches one page
---@param loop? appintegrations.Loop  for prefetch, which is for nothing without
---@return appintegrations.Iterator
---@nodiscard
function M.new(operation, pagination, params, options, call, loop)
  local copy = {}
  for name, value in pairs(params) do
    copy[name] = value
  end
  return setmetatable({
    operation = operation,
    pagination = pagination,
    params = copy,
    call = call,
    left = options.limit,
    next_token = copy[pagination.input_token],
    done = options.limit == 0,
    ahead = options.prefetch and loop and prefetch.new(loop) or nil,
  }, mt)
end

return M
