-- SPDX-License-Identifier: MIT
-- Which application is a SIP message for? Routes for Kamailio: see kamailio.cfg beside
-- this file. Each of its processes loads this for itself.

local root = os.getenv "APPINTEGRATIONS_ROOT"
if root then -- a checkout; not needed where the module is installed
  package.path = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. package.path
  package.cpath = root .. "/build/5.1/?.so;" .. package.cpath
end

local appintegrations = require "appintegrations"

-- Shorter than a caller waits: SIP gives up a transaction after 32 seconds.
local client = assert(appintegrations.client { timeout = 5, deadline = 10 })

--- Runs in an async worker, where blocking keeps nobody waiting but others like it.
function appintegrations_lookup()
  local application, err = client:find_application(KSR.pv.get "$rU")
  if err then
    KSR.err(tostring(err) .. "\n")
    KSR.tm.t_reply(503, "Service Unavailable")
  elseif not application then
    KSR.tm.t_reply(404, "No Such Application")
  else
    KSR.hdr.append_to_reply(("X-Application: %s\r\n"):format(application.Id))
    KSR.tm.t_reply(200, "OK")
  end
end

--- Every request that Kamailio receives.
function ksr_request_route()
  if KSR.pv.get "$rm" == "MESSAGE" then
    KSR.async.task_route "appintegrations_lookup"
  else
    KSR.sl.sl_send_reply(200, "OK")
  end
end
