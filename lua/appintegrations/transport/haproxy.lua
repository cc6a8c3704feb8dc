-- SPDX-License-Identifier: MIT
--- A transport for HAProxy: libcurl's, with calls that yield to HAProxy while they wait.
--
--     local haproxy = require "appintegrations.transport.haproxy"
--     client = assert(appintegrations.client { region = "us-east-1", transport = haproxy.new() })
--
-- For actions, services and tasks. Sample fetches and converters must not yield: HAProxy
-- ends them when a call does. HAProxy cannot watch descriptors of others, so a call that
-- waits looks at its transfer every 1 to 8 milliseconds. Where the code cannot yield at
-- all (the body of a file that is being loaded), a call blocks.
-- @module appintegrations.transport.haproxy

local curl = require "appintegrations.transport.curl"
local math = require("appintegrations.base.compat").math
local monotonic = require("appintegrations.core").monotonic

local M = {}

-- Milliseconds between two looks: short at first, for a service that is near.
local SHORTEST_NAP, LONGEST_NAP = 1, 8

---@class appintegrations.HaproxyScheduler: appintegrations.Scheduler
local Scheduler = {}
Scheduler.__index = Scheduler

--- Whether this code runs where HAProxy can go on with something else.
local function may_yield()
  return coroutine.isyieldable()
end

function Scheduler:shared_engine(module, limit)
  self.engine = self.engine or module.engine(limit)
  return self.engine
end

--- Yields until transfer ID is no longer in flight; cancels it after so many SECONDS.
function Scheduler:await(id, seconds)
  if not may_yield() then
    return false
  end
  local engine, nap = self.engine, SHORTEST_NAP
  local due = seconds and monotonic() + seconds
  engine:step(0)
  while engine:done(id) == false do
    if due and monotonic() >= due then
      engine:cancel(id)
      return true, true
    end
    core.msleep(nap)
    nap = math.min(nap * 2, LONGEST_NAP)
    engine:step(0)
  end
  return true
end

--- Sleeps, yielding where that can be.
function Scheduler.sleep(_, seconds)
  if may_yield() then
    core.msleep(math.max(1, math.floor(seconds * 1000 + 0.5)))
  else
    require("appintegrations.core").sleep(seconds)
  end
  return true
end

--- Who waits for a transfer that has been cancelled finds out when it looks next.
function Scheduler.transfers_cancelled()
end

--- Makes a transport.
---@param options? appintegrations.TransportOptions
---@return appintegrations.CurlTransport? transport
---@return appintegrations.Error? err  InvalidConfig for an unreadable CA bundle
---@nodiscard
function M.new(options)
  -- What is read from files when it is first used cannot be once HAProxy has changed its root.
  require "appintegrations.base.libcurl"
  pcall(require, "cjson") -- calls do without
  local transport, err = curl.new(options, setmetatable({ closed = false }, Scheduler))
  if transport then
    transport.loads_early = true -- the client does so, too
  end
  return transport, err
end

return M
