-- SPDX-License-Identifier: MIT
--- The memory of a source of credentials: asked at the first call, and again
-- before its answer expires; one refresh at a time.
--
-- In the last 15 minutes a refresh is tried, and what is there serves on if it
-- fails; in the last 10 it must succeed (botocore's windows). Credentials are
-- kept in closures, where no dump of a client finds them, and are replaced as a
-- whole: a caller holds one set of them, never parts of two.
-- @module appintegrations.credentials.cache

local errors = require "appintegrations.errors"

local M = {}

local ADVISORY_WINDOW, MANDATORY_WINDOW = 15 * 60, 10 * 60

-- Between tries in the advisory window, seconds: a source that is down is not
-- asked at every call.
local RETRY_AFTER = 60

-- Waiting for another task's refresh: seconds until a look whether it is lost, and
-- the age from which it is given up.
local LOOK_EVERY, LOST_AFTER = 1, 300

---@class appintegrations.CredentialsHost what a refresh runs on: the client that asked
---@field clock fun(): number
---@field pause? fun(seconds: number, gate: appintegrations.Gate): boolean, appintegrations.Error?
---  inside a task of a loop: lets others run until the gate is open, for so long at most;
---  false and an error if the task was cancelled; elsewhere false at once
---@field open? fun(gate: appintegrations.Gate)  lets those through that wait at it
---@field detached? fun(f: function, ...): any ...  inside a task: runs f(…) in one of its own

local function expired(fresh)
  return errors.new {
    kind = "credentials", code = "CredentialsExpired",
    message = ("the credentials%s have expired, and their source has no newer ones: sign in again")
      :format(fresh.provider and " from " .. fresh.provider or ""),
  }
end

--- A refresh in progress, and whose it is; nil for the main thread of Lua 5.1. The
-- thread is held weakly: where it was dropped, the refresh is over.
local function new_refresh(now)
  local refresh = { gate = { open = false }, started = now, owner = { (coroutine.running()) } }
  setmetatable(refresh.owner, { __mode = "v" })
  return refresh
end

--- Whether waiting for REFRESH is in vain. Only a suspended thread can still end
-- it: one that is dead was cut off by an error, and one that is running or has
-- resumed others is waiting for this caller, or was cut off too.
local function is_lost(refresh, now)
  local thread = refresh.owner[1]
  return thread == nil or coroutine.status(thread) ~= "suspended"
    or now - refresh.started > LOST_AFTER
end

--- Whether ERR is about the source, not about the call that met with it.
local function concerns_all(err)
  return err ~= nil and (err.kind == "credentials" or err.kind == "config")
end

--- A cached source around RETRIEVE.
---@param retrieve fun(host: table, deadline?: number): table?, appintegrations.Error?
---@return fun(host: table, deadline?: number): table?, appintegrations.Error?
---@nodiscard
function M.new(retrieve)
  local held, running, last_error
  local next_try = 0

  --- Seconds that the held credentials have left; none are held: 0.
  local function time_left(now)
    if not held then
      return 0
    end
    return held.expiration and held.expiration - now or 1 / 0
  end

  local function refresh(host, deadline)
    local mine = new_refresh(host.clock())
    running = mine
    local fresh, err = retrieve(host, deadline)
    if running == mine then
      running = nil
    end
    if host.open then
      host.open(mine.gate)
    end
    local now = host.clock()
    if fresh and not (fresh.expiration and fresh.expiration <= now) then
      held, last_error = fresh, nil
      return held
    end
    if fresh then
      err = expired(fresh)
    end
    if time_left(now) > MANDATORY_WINDOW then
      next_try = now + RETRY_AFTER
      return held
    end
    last_error = err
    return nil, err
  end

  --- Waits for the refresh in progress. True if it has ended, whichever way; false and
  -- an error if it is the wait that ended.
  local function await(host, deadline)
    local theirs = running
    while running == theirs do
      local now = host.clock()
      local longest = deadline and deadline - now < LOOK_EVERY and deadline - now or LOOK_EVERY
      if is_lost(theirs, now) or longest <= 0 or not host.pause then
        return false
      end
      local waited, err = host.pause(longest, theirs.gate)
      if not waited then
        return false, err
      end
    end
    return true
  end

  return function(host, deadline)
    local now = host.clock()
    local left = time_left(now)
    if left > ADVISORY_WINDOW then
      return held
    end
    local may_serve = left > MANDATORY_WINDOW
    if may_serve and (now < next_try or (running and not is_lost(running, now))) then
      return held
    end
    local before = held
    if running then
      local ended, err = await(host, deadline)
      if err then
        return nil, err
      elseif ended and held ~= before then
        return held
      elseif ended and concerns_all(last_error) then
        return nil, last_error
      end
    end
    if host.detached then
      return host.detached(refresh, host, deadline)
    end
    return refresh(host, deadline)
  end
end

return M
