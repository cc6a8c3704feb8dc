-- SPDX-License-Identifier: MIT
--- Iterators over listings: pages are fetched as they are needed, and one is
-- held at a time; with `prefetch` on a loop, the next one is on its way meanwhile. Tasks may share
-- an iterator: one of them fetches, the others wait, and every item goes to one.
-- @module appintegrations.paginate

local errors = require "appintegrations.base.errors"
local compat = require "appintegrations.base.compat"
local core = require "appintegrations.core"
local opaque = require "appintegrations.base.opaque"
local single_flight = require "appintegrations.call.single_flight"

local math = compat.math
local prefetch = compat.lazy "appintegrations.loop.prefetch"

local M = {}

-- What the service takes for MaxResults, and gives where none is asked for.
local LARGEST_PAGE = 50

---@class appintegrations.Iterator
---@field next_token? string  where to resume: the token of the first page that has
---                           not been delivered in full; nil at the start and the end
---@field done boolean        whether the listing has ended
---@field meta? appintegrations.Meta  of the last page
---@field private following string|false  the token of the page after the current one
---@field private page table|false         the current one, with its items and the place in them
---@field private left integer|false       items until the limit
local methods = {}
local events = { __name = "appintegrations.Iterator" }

local function repeated_token(self)
  return errors.locate(errors.new {
    kind = "pagination", code = "RepeatedToken", operation = self.operation,
    message = "the service gave the same NextToken twice in a row; the listing would never end",
  })
end

local function invalid(self, key, expected)
  return errors.locate(errors.new {
    kind = "response", code = "InvalidResponse", operation = self.operation,
    message = ("%s in the answer is no %s"):format(key, expected),
  })
end

--- Whether ITEMS of an answer are a list; an empty one cannot be told from an object.
local function is_list(items)
  return type(items) == "table" and (#items > 0 or next(items) == nil)
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

--- Makes PAGE the current one.
---@return appintegrations.Error?
local function turn_to(self, page, meta)
  local pagination = self.pagination
  local items = page[pagination.result_key]
  local token = page[pagination.output_token]
  if items ~= nil and not is_list(items) then
    return invalid(self, pagination.result_key, "list")
  elseif token ~= nil and type(token) ~= "string" then
    return invalid(self, pagination.output_token, "text")
  elseif token == "" then
    token = nil
  end
  if token ~= nil and token == (self.following or self.params[pagination.input_token]) then
    return repeated_token(self)
  end
  self.page, self.items, self.index, self.meta = page, items or {}, 0, meta
  self.following, self.last = token or false, token == nil
  if self.ahead then
    look_ahead(self)
  end
end

--- Fetches the next page and makes it the current one, unless the iterator has been closed
-- meanwhile.
---@return appintegrations.Error?
local function fetch(still_mine, self)
  local page, meta
  if self.ahead and self.ahead:pending() then
    page, meta = self.ahead:take()
  else
    page, meta = self.call(page_params(self, self.left))
  end
  if not still_mine() then
    return nil
  elseif not page then
    return meta
  end
  return turn_to(self, page, meta)
end

--- The current page; nil at the end; nil and an error where it cannot be had.
---@return table? page
---@return appintegrations.Error? err
local function current(self)
  while not (self.page or self.done) do
    local err = self.flight:run(fetch, self)
    if err then
      return nil, errors.locate(err)
    end
  end
  return not self.done and self.page or nil
end

--- Notes that the current page has been delivered in full.
local function page_delivered(self)
  self.next_token = self.following or nil
  self.page, self.items = false, nil
  if self.last or self.left == 0 then
    self.done = true
  end
end

--- Takes the next item of the current page.
local function take(self)
  local index = self.index + 1
  self.index = index
  local item, page = self.items[index], self.page
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
      local page, err = current(self)
      if err then
        return nil, err
      elseif not page then
        return
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
    local page, err
    if not self.done then
      page, err = current(self)
    end
    if err then
      error(err, 0)
    end
    if not page then
      return nil
    end
    if self.left then
      self.left = math.max(0, self.left - (#self.items - self.index))
    end
    page_delivered(self)
    return page
  end
end

--- For the generic for: like next, but raises the error object, as io.lines does.
function events.__call(self)
  local item, page = methods.next(self)
  if item == nil and page ~= nil then
    error(page, 0)
  end
  return item, page
end

--- Where the listing stands: 'list_applications: 3 of 50 items of a page, next_token = "abc"'.
function events.__tostring(self)
  local parts = {}
  if self.done then
    parts[1] = "ended"
  elseif self.page then
    parts[1] = ("%d of %d items of a page"):format(self.index, #self.items)
  else
    parts[1] = self.following and "between two pages" or "not begun"
  end
  if self.next_token then
    parts[2] = ("next_token = %q"):format(tostring(self.next_token))
  end
  return ("appintegrations.Iterator: %s: %s"):format(self.operation, table.concat(parts, ", "))
end

--- Ends the listing; a page that is on its way is given up.
function methods:close()
  self.done = true
  self.page, self.items = false, nil
  if self.ahead then
    self.ahead:cancel()
  end
  self.flight:give_up()
end

events.__close = methods.close -- 5.4: `break` out of a generic for

--- By the name of the method that makes them.
local classes = {}

local function class_of(name)
  classes[name] = classes[name] or opaque.class(methods, events,
    ('client:%s {…} gives an iterator, not a list; write "for item in client:%s {…} do", without '
      .. "pairs or ipairs"):format(name, name))
  return classes[name]
end

--- An iterator over OPERATION. The second result is what 5.4 closes at a break out of a generic
-- for: where that matters, the iterator.
---@param client appintegrations.Client
---@param name string       of the method, as each_application
---@param operation string
---@param params table      copied
---@param options table     `limit`: stop after so many items; `prefetch`, which is for nothing
---                         without a loop
---@param call fun(params: table): table?, table?  fetches one page
---@return appintegrations.Iterator
---@return appintegrations.Iterator? to_close
---@nodiscard
function M.new(client, name, operation, params, options, call)
  local pagination, copy = core.pagination(operation), {}
  for key, value in next, params do -- raw, as calls read them
    copy[key] = value
  end
  local ahead = options.prefetch and client.loop and prefetch.new(client.loop) or false
  local it = class_of(name) {
    operation = operation,
    pagination = pagination,
    params = copy,
    call = call,
    left = options.limit or false,
    next_token = copy[pagination.input_token],
    following = false, page = false,
    done = options.limit == 0,
    ahead = ahead,
    flight = single_flight.new(client),
  }
  return it, ahead and it or nil
end

return M
