-- SPDX-License-Identifier: MIT
--- Iterators over listings: pages are fetched as they are needed, and one is
-- held at a time.
-- @module appintegrations.paginate

local errors = require "appintegrations.errors"
local math = require("appintegrations.compat").math

local M = {}

-- What the service takes for MaxResults, and gives where none is asked for.
local LARGEST_PAGE = 50

---@class appintegrations.Iterator
---@field next_token? string  where to resume: the token of the first page that has
---                           not been delivered in full; nil at the start and the end
---@field done boolean        whether the listing has ended
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

--- The parameters of the next page.
local function page_params(self)
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
  if self.left and (asked == nil or type(asked) == "number") then
    local size = asked or LARGEST_PAGE
    params[pagination.limit_key] = self.left < size and self.left or size
  end
  return params
end

--- Fetches the next page and makes it the current one.
---@return table? page
---@return appintegrations.Error? err
local function fetch(self)
  local pagination = self.pagination
  local params = page_params(self)
  local page, meta = self.call(params)
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
  if token ~= nil and token == params[pagination.input_token] then
    return nil, repeated_token(self)
  end
  self.page, self.items, self.index = page, items or {}, 0
  self.following, self.last = token, token == nil
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

--- An iterator over OPERATION.
---@param operation string
---@param pagination table  names of the members, from the model
---@param params table      copied
---@param options table     `limit`: stop after so many items
---@param call fun(params: table): table?, table?  fetches one page
---@return appintegrations.Iterator
---@nodiscard
function M.new(operation, pagination, params, options, call)
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
  }, mt)
end

return M
