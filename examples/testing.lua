-- Testing a script without AWS and without a network, in two ways:
--
--   appintegrations.stub       answers call by call with what the test says
--   appintegrations.emulator   the service itself, as an object in the same process
--
--   lua5.4 examples/testing.lua
local appintegrations = require "appintegrations"
local emulator = require "appintegrations.emulator"

-- ---- the script to be tested -------------------------------------------------------

--- Associates CLIENT_ID with the data integration NAME and waits until its data is there.
local function export_once(client, name, client_id)
  local integration, err = client:find_data_integration(name)
  if not integration then
    return nil, err and err.code or "there is no data integration " .. name
  end
  local created = assert(client:create_data_integration_association {
    DataIntegrationIdentifier = integration.Arn,
    ClientId = client_id,
    DestinationURI = "s3://contact-center/" .. client_id,
    ExecutionConfiguration = { ExecutionMode = "ON_DEMAND",
      OnDemandConfiguration = { StartTime = "1790812800000" } },
  })
  local association
  association, err = client:wait_for_execution {
    DataIntegrationIdentifier = integration.Arn,
    DataIntegrationAssociationIdentifier = created.DataIntegrationAssociationId,
  }
  return association and association.DestinationURI, err and err.code
end

-- ---- with the stub: what the service answers is up to the test -----------------------

local function test_with_stub()
  local client = assert(appintegrations.client { region = "us-east-1" })
  local stub = appintegrations.stub(client)
  local arn = "arn:aws:app-integrations:us-east-1:111122223333:data-integration/crm"

  stub:respond("list_data_integrations", { DataIntegrations = { { Name = "crm", Arn = arn } } })
  stub:respond("create_data_integration_association", { DataIntegrationAssociationId = "a-1" })
  for _, status in ipairs { "IN_PROGRESS", "COMPLETED" } do -- waiting takes no time
    stub:respond("list_data_integration_associations", { DataIntegrationAssociations = {
      { DataIntegrationAssociationArn = arn .. "/a-1", DestinationURI = "s3://contact-center/x",
        LastExecutionStatus = { ExecutionStatus = status } },
    } }, { DataIntegrationIdentifier = arn })
  end
  assert(export_once(client, "crm", "x") == "s3://contact-center/x")
  assert(stub.calls[2].params.ClientId == "x")

  stub:fail("list_data_integrations", "AccessDeniedException")
  assert(select(2, export_once(client, "crm", "x")) == "AccessDeniedException")
  stub:assert_done()
end

-- ---- with the emulator: it remembers, validates and fails as the service does ----------

local function test_with_emulator()
  local now = 1790812800
  local service = assert(emulator.new { clock = function() return now end })
  local client = assert(appintegrations.client {
    region = "us-east-1", transport = service:transport(),
    credentials = { access_key_id = emulator.ACCESS_KEY_ID,
      secret_access_key = emulator.SECRET_ACCESS_KEY },
    clock = function() return now end,
    sleep = function(seconds) now = now + seconds end,
  })
  assert(select(2, export_once(client, "crm", "x")) == "there is no data integration crm")

  assert(client:create_data_integration { Name = "crm", KmsKey = "alias/crm" })
  assert(export_once(client, "crm", "x") == "s3://contact-center/x")

  service:inject { fault = "throttle", times = 2 } -- the client tries three times
  assert(export_once(client, "crm", "y") == "s3://contact-center/y")
end

test_with_stub()
print("with the stub: passed")
test_with_emulator()
print("with the emulator: passed")
