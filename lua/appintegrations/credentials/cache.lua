-- SPDX-License-Identifier: MIT
--- The memory of a source of credentials: asked at the first call, and again
-- before its answer expires; one refresh at a time.
--
-- In the last 15 minutes a refresh is tried, and what is there serves on if it
-- fails; in the last 10 it must succeed (botocore's windows; shorter ones for what
-- lives less than half an hour). Credentials are kept in closures, where no dump of
-- a client finds them, and are replaced as a whole: a caller holds one set of them,
-- never parts of two.
-- @module appintegrations.credentials.cache

local errors = require "appintegrations.base.errors"
local math = require("appintegrations.base.compat").math
local coroutine = require("appintegrations.base.compat").coroutine
local status = require("appintegrations.base.compat").status
local waiting = require "appintegrations.call.waiting"

local M = {}

-- Seconds; and parts of what credentials have left when they come, where that is less: or the
-- source of some that live for 15 minutes (STS's shortest) would be asked at every call.
local ADVISORY_WINDOW, MANDATORY_WINDOW = 15 * 60, 10 * 60
local ADVISORY_PART, MANDATORY_PART = 1 / 2, 1 / 3

-- Between tries in the advisory window, seconds: a source that is down is not
-- asked at every call.
local RETRY_AFTER = 60

-- Waiting for another task's refresh: seconds until a look whether it is lost, or the call that
-- waits is cancelled; and the age from which it is given up.
local LOOK_EVERY, LOST_AFTER = 1, 300

---@class appintegrations.CredentialsHost what a refresh runs on: the client that asked
---@field clock fun(): number     the client's, which deadlines go by
---@field time fun(): number      the services', as far as it is known: expirations go by it
---@field skew appintegrations.ClockSkew  between the two
---@field send fun(request: table, deadline?: number): table?, appintegrations.Error?
---@field sleep fun(seconds: number): appintegrations.Error?  the error that cuts it short
---@field wait fun(object: table, seconds: number): appintegrations.Error?
---  until an object with fds() and step() has news, for so long at most
---@field emit fun(event: table)  tells the logger, where there is one
---@field pause? fun(seconds: number, gate: appintegrations.Gate): boolean, appintegrations.Error?
---  inside a task of a loop: lets others run until the gate is open, for so long at most;
---  false and an error if the task was cancelled; elsewhere false at once
---@field open? fun(gate: appintegrations.Gate)  lets those through that wait at it
---@field detached? fun(f: function, ...): any ...  inside a task: runs f(…) in one of its own

-- What a person can do about expired credentials that a provider gives again and again; only
-- two of them have a sign-in.
local REMEDIES = {
  static = "pass newer ones as the option credentials",
  ["function"] = "the function has to return newer ones",
  environment = "set newer ones, or AWS_CREDENTIAL_EXPIRATION to when these expire",
  process = "see to it that credential_process prints newer ones",
  sso = "sign in again", login = "sign in again",
}

local function expired(fresh)
  local remedy = REMEDIES[fresh.provider]
  return errors.new {
    kind = "credentials", code = "CredentialsExpired",
    message = ("the credentials%s have expired, and their source has no newer ones%s"):format(
      fresh.provider and " from " .. fresh.provider or "", remedy and ": " .. remedy or ""),
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
  return thread == nil or status(thread) ~= "suspended"
    or now - refresh.started > LOST_AFTER
end

--- Whether ERR is about the source, not about the call that met with it.
local function concerns_all(err)
  return err ~= nil and (err.kind == "credentials" or err.kind == "config")
end

---@class appintegrations.CredentialsCache
---@field retrieve fun(host: table, deadline?: number): table?, appintegrations.Error?
---@field held? table      credentials
---@field running? table   the refresh in progress
---@field last_error? appintegrations.Error  of the last refresh, where that left nothing to use
---@field advisory number   the windows of the held ones, seconds
---@field mandatory number
---@field next_try number  by the client's clock: not before that while the held ones serve
local Cache = {}
Cache.__index = Cache

--- Seconds that the held credentials have left; none are held: 0.
function Cache:time_left(host)
  if not self.held then
    return 0
  end
  return self.held.expiration and self.held.expiration - host.time() or 1 / 0
end

--- Keeps FRESH credentials, which are valid.
function Cache:keep(host, fresh)
  self.held, self.last_error = fresh, nil
  local left = self:time_left(host)
  self.advisory = math.min(ADVISORY_WINDOW, left * ADVISORY_PART)
  self.mandatory = math.min(MANDATORY_WINDOW, left * MANDATORY_PART)
end

--- Takes over what a refresh has brought: FRESH credentials, or none and ERR.
function Cache:settle(host, fresh, err)
  if fresh and not (fresh.expiration and fresh.expiration <= host.time()) then
    self:keep(host, fresh)
    return fresh
  elseif fresh then
    err = expired(fresh)
  end
  if self.held and self:time_left(host) > self.mandatory then
    self.next_try = host.clock() + RETRY_AFTER
    return self.held
  end
  self.last_error = err
  return nil, err
end

function Cache:refresh(host, deadline)
  local mine = new_refresh(host.clock())
  self.running = mine
  local fresh, err = self.retrieve(host, deadline)
  if self.running == mine then
    self.running = nil
  end
  if host.open then
    host.open(mine.gate)
  end
  return self:settle(host, fresh, err)
end

--- Lets CALL, if any, wait for the refresh in progress. True if it has ended, whichever way; false
-- and an error if it is the wait that ended; false where waiting is of no use.
function Cache:await(host, deadline, call)
  local theirs = self.running
  while self.running == theirs do
    local now = host.clock()
    local longest = deadline and deadline - now < LOOK_EVERY and deadline - now or LOOK_EVERY
    if is_lost(theirs, now) or not host.pause then
      return false
    elseif longest <= 0 then
      return false, errors.deadline_exceeded(
        "the deadline of the call has passed while another one fetched credentials")
    end
    local waited, err = host.pause(longest, theirs.gate)
    if call and call.cancelled then
      return false, waiting.cancelled()
    elseif not waited then
      return false, err
    end
  end
  return true
end

--- What refreshes of others have come to: credentials, or an error; nothing where this caller has
-- to begin one of its own. (Of all that have waited in vain the first does; others wait for that.)
function Cache:from_others(host, deadline, call)
  local before = self.held
  while self.running do
    local ended, err = self:await(host, deadline, call)
    if not ended then
      return nil, err
    elseif self.held ~= before then
      return self.held
    elseif concerns_all(self.last_error) then
      return nil, self.last_error
    end
  end
end

--- Whether the held credentials, with LEFT seconds, do for now: they have long enough, or somebody
-- is after newer ones, or has failed to get them a moment ago.
function Cache:serves(host, left)
  if left > self.advisory then
    return true
  end
  local now = host.clock()
  return left > self.mandatory
    and (now < self.next_try or self.running ~= nil and not is_lost(self.running, now))
end

function Cache:get(host, deadline, call)
  local left = self:time_left(host)
  if self:serves(host, left) then
    return self.held
  end
  local credentials, err = self:from_others(host, deadline, call)
  if credentials or err then
    return credentials, err
  end
  if deadline and left > self.mandatory then
    -- What is there serves on if this fails: the call is to have time left, then.
    local now = host.clock()
    deadline = now + (deadline - now) / 2
  end
  if host.detached then
    return host.detached(self.refresh, self, host, deadline)
  end
  return self:refresh(host, deadline)
end

--- A cached source around RETRIEVE.
---@param retrieve fun(host: table, deadline?: number): table?, appintegrations.Error?
---@return fun(host: table, deadline?: number, call?: table): table?, appintegrations.Error?
---@nodiscard
function M.new(retrieve)
  local cache = setmetatable({
    retrieve = retrieve, next_try = 0, advisory = ADVISORY_WINDOW, mandatory = MANDATORY_WINDOW,
  }, Cache)
  return function(host, deadline, call)
    local held = cache.held
    if held and not held.expiration then
      return held
    end
    return cache:get(host, deadline, call)
  end
end

---@class appintegrations.CredentialsSource
---@field get fun(host: table, deadline?: number, call?: table): table?, appintegrations.Error?
---@field chain appintegrations.CredentialsChain
---@field advisories table<string, boolean>  what providers have passed over

--- A source that goes through CHAIN; SESSION is where its providers find the refresh that they are
-- asked for.
---@param chain appintegrations.CredentialsChain
---@param session appintegrations.CredentialsSession
---@param advisories? table<string, boolean>
---@return appintegrations.CredentialsSource
---@nodiscard
function M.source(chain, session, advisories)
  return {
    chain = chain,
    advisories = advisories or {},
    get = M.new(function(host, deadline)
      -- A refresh in a task goes on with its own once this one has ended, which blocks all tasks;
      -- but one that took too long, so that another was begun, leaves that its own.
      local before, mine = session.refresh, { host = host, deadline = deadline }
      session.refresh = mine
      local credentials, err = chain.retrieve(deadline)
      if session.refresh == mine then
        session.refresh = before
      end
      return credentials, err
    end),
  }
end

return M
