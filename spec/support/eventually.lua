--- Repeats what is to come about, for a bounded time:
--
--     local eventually = require "spec.support.eventually"
--     eventually("the transfer's end", function()
--       engine:step(0.01)
--       return engine:done(id)
--     end)

local core = require "appintegrations.core"

local PATIENCE = 30 -- seconds

--- Calls ATTEMPT until it returns a true value, which this returns; raises an error that says WHAT
-- has not come about when that takes too long. ATTEMPT waits by itself, if waiting helps.
---@param what string
---@param attempt fun(): any
---@param seconds? number
return function(what, attempt, seconds)
  local deadline = core.monotonic() + (seconds or PATIENCE)
  repeat
    local value = attempt()
    if value then
      return value
    end
  until core.monotonic() > deadline
  error(("%s has not come about in %d seconds"):format(what, seconds or PATIENCE), 2)
end
