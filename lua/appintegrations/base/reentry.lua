-- SPDX-License-Identifier: MIT
--- Functions of the program that must not be called by what they call themselves: a logger that
-- calls its client would be told of that call, and so on without end.
-- @module appintegrations.base.reentry

local running = require("appintegrations.base.compat").running
local status = require("appintegrations.base.compat").status

local M = {}

-- For the main thread, which has no name in some versions of Lua.
local MAIN = {}

-- By function: the calls of it that are under way, by thread. They are held weakly: that of one
-- who was cut off by an error, of a debug hook at worst, before it could leave, is collected.
local under_way = setmetatable({}, { __mode = "k" })

--- Whether what runs on THREAD waits for what runs on ME.
local function is_outer(thread, me)
  return thread == me or thread == MAIN or status(thread) == "normal"
end

--- Begins a call of F, which is to be kept until it is handed to leave; nil where F is being called
-- already, further out.
---@param f function
---@return table? call
---@nodiscard
function M.enter(f)
  local me, call = running() or MAIN, {}
  local threads = under_way[f] or setmetatable({}, { __mode = "kv" })
  for thread in pairs(threads) do
    if is_outer(thread, me) then
      return nil
    end
  end
  under_way[f] = threads
  threads[me] = call
  return call
end

--- Ends CALL of F.
---@param f function
---@param call table
function M.leave(f, call)
  local threads, me = under_way[f], running() or MAIN
  if threads[me] == call then
    threads[me] = nil
  end
end

return M
