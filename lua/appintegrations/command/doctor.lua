-- SPDX-License-Identifier: MIT
--- `appintegrations doctor`: where everything comes from, one harmless call, and what to do.
-- @module appintegrations.command.doctor

local advice = require "appintegrations.help.advice"

local M = {}

--- Tells ERR with what to do about it; it counts as told.
local function tell(host, err)
  host.out:write("Call: failed\n  ", advice.message_for_shell(tostring(err)), "\n")
  local what = advice.for_shell(err.code, err.operation)
  if what then
    host.out:write("Advice:\n  ", what, "\n")
  end
  return nil, { told = true, kind = err.kind }
end

--- Tells why there is not even a client.
---@param host table
---@param err appintegrations.Error
---@return nil
---@return table problem  told already
function M.no_client(host, err)
  err.where = nil
  return tell(host, err)
end

--- Examines what CLIENT would do. It lists one application, which changes nothing.
---@param host table
---@param client appintegrations.Client
---@return boolean? well
---@return table? problem  told already
function M.run(host, client)
  host.out:write(advice.message_for_shell(tostring(client:explain())), "\n")
  local output, meta = client:list_applications { MaxResults = 1 }
  if not output then
    meta.where = nil -- a line of this program helps nobody
    return tell(host, meta)
  end
  host.out:write(("Call: list_applications was answered (HTTP %d) after %.0f ms, %s\n"):format(
    meta.status, meta.elapsed * 1000,
    meta.attempts == 1 and "at the first attempt" or meta.attempts .. " attempts"))
  host.out:write("All is well.\n")
  return true
end

return M
