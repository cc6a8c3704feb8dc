-- Run an association on demand, and watch it.
-- Associates a client with a data integration, which starts a run for the last 24 hours at once,
-- and waits until it has ended. The exit code tells how: 0 completed, 1 failed or not in time.
--
--     lua5.4 examples/cookbook/run_on_demand.lua crm-cases queue-7 s3://contact-center/cases
local appintegrations = require "appintegrations"

local integration, client_id, destination = arg[1], arg[2], arg[3]
if not destination then
  io.stderr:write "usage: run_on_demand.lua INTEGRATION CLIENT DESTINATION-URI\n"
  os.exit(2)
end

local client = appintegrations.check(appintegrations.client())

--- Epoch milliseconds as text, which is what the service takes.
local function milliseconds(seconds)
  return ("%d000"):format(seconds)
end

local now = os.time()
local created, problem = client:create_data_integration_association {
  DataIntegrationIdentifier = integration,
  ClientId = client_id,
  DestinationURI = destination,
  ExecutionConfiguration = {
    ExecutionMode = "ON_DEMAND",
    OnDemandConfiguration = {
      StartTime = milliseconds(now - 24 * 3600), EndTime = milliseconds(now),
    },
  },
}
if not created then
  io.stderr:write(tostring(problem), "\n")
  os.exit(1)
end
print("association " .. created.DataIntegrationAssociationId)

local last
local ended, err = client:wait_for_execution({
  DataIntegrationIdentifier = integration,
  DataIntegrationAssociationIdentifier = created.DataIntegrationAssociationId,
}, {
  interval = tonumber(os.getenv "INTERVAL") or 5,
  deadline = 1800,
  on_progress = function(status)
    if status ~= last then
      print(status or "no status yet")
      last = status
    end
  end,
})
if not ended then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
