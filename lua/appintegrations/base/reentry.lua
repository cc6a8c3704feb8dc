-- SPDX-License-Identifier: MIT
--- Functions of the program that must not be called by what they call themselves: a logger that
-- calls its client would be told of that call, and so on without end.
-- @module appintegrations.base.reentry

local core = require "appintegrations.core"
local running = require("appintegrations.base.compat").running

local M = {}

-- For the main thread, which has no name in some versions of Lua.
local MAIN = {}

-- Seconds after which a function counts as ended that has not left: an error of a debug hook may
-- have come just before.
local LOST_AFTER = 300

-- By function: since when it runs, by thread.
local under_way = setmetatable({}, { __mode = "k" })

--- Whether what runs on THREAD waits for what runs on ME.
local function is_outer(thread, me)
  return thread == me or thread == MAIN or coroutine.status(thread) == "normal"
end

--- Notes that F is called; false where it is being called already, further out.
---@param f function
---@return boolean
---@nodiscard
function M.enter(f)
  local me, now = running() or MAIN, core.monotonic()
  local threads = under_way[f] or setmetatable({}, { __mode = "k" })
  for thread, since in pairs(threads) do
    if is_outer(thread, me) and now - since < LOST_AFTER then
      return false
    end
  end
  under_way[f] = threads
  threads[me] = now
  return true
end

--- F, which has been entered, has ended.
---@param f function
function M.leave(f)
  under_way[f][running() or MAIN] = nil
end

return M
