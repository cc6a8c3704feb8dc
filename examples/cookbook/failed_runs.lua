-- Find runs that have failed.
-- For monitoring: looks at the last run of every association of every data integration, prints
-- those that have FAILED with the service's words, and ends with 1 if there are any.
--
--     lua5.4 examples/cookbook/failed_runs.lua
local appintegrations = require "appintegrations"

local client = appintegrations.check(appintegrations.client())

local failed, looked_at = 0, 0
for integration in client:each_data_integration() do
  for association in client:each_data_integration_association {
    DataIntegrationIdentifier = integration.Arn,
  } do
    looked_at = looked_at + 1
    local last = association.LastExecutionStatus -- nil until there has been a run
    if last and last.ExecutionStatus == "FAILED" then
      failed = failed + 1
      print(("%s, %s: %s"):format(integration.Name, association.ClientId or "?",
        last.StatusMessage or "no message"))
    end
  end
end
io.stderr:write(("%d associations, %d failed\n"):format(looked_at, failed))
os.exit(failed == 0 and 0 or 1)
