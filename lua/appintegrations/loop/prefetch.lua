-- SPDX-License-Identifier: MIT
--- One page ahead: a task that fetches it, given up when nobody wants it any more.
-- @module appintegrations.loop.prefetch

local M = {}

---@class appintegrations.Prefetch
---@field private loop appintegrations.Loop
---@field private held { task?: appintegrations.Task }
local methods = {}
methods.__index = methods

--- An object whose collection calls F. Before 5.2 only userdata has finalizers, and
--- newproxy makes it; a state that has neither goes without.
local function finalizer(f)
  local new = require("appintegrations.base.compat").global "newproxy"
  if not new then
    return setmetatable({}, { __gc = f })
  end
  local proxy = new(true)
  getmetatable(proxy).__gc = f
  return proxy
end

--- Begins to fetch a page: CALL(PARAMS) in a task of its own.
---@param call fun(params: table): table?, table?
---@param params table
function methods:fetch(call, params)
  if self.loop.closed then
    return
  end
  self.held.task = self.loop:begin(call, params)
  self.held.task.quiet = true -- its failure comes with the page
end

--- Whether a page has been asked for and not been taken.
---@return boolean
function methods:pending()
  return self.held.task ~= nil
end

--- Waits for the page; nil and an error where it failed, or where the waiting task is
--- cancelled: then the page can still be taken.
---@return table? page
---@return table? meta_or_err
function methods:take()
  local task = self.held.task
  local page, meta = task:join()
  if task:done() and self.held.task == task then -- else given up meanwhile
    self.held.task = nil
  end
  if task.raised then
    error(meta.cause or meta, 0)
  end
  return page, meta
end

--- Gives the page up.
function methods:cancel()
  if self.held.task then
    self.held.task:cancel()
    self.held.task = nil
  end
end

---@param loop appintegrations.Loop
---@return appintegrations.Prefetch
function M.new(loop)
  local held = {}
  -- Finalizers run at any time, in the middle of the loop's own work too: they only
  -- set flags.
  local guard = finalizer(function()
    if held.task then
      held.task.orphan = true
      loop.has_orphans = true
    end
  end)
  return setmetatable({ loop = loop, held = held, guard = guard }, methods)
end

return M
