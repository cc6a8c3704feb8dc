-- Creates a data integration, associates clients with it, lists the associations
-- page by page and reruns one of them.
--
--   make demo                          against the emulator
--   lua5.4 examples/quickstart.lua     against AWS, with your credentials, or against
--                                      AWS_ENDPOINT_URL_APPINTEGRATIONS
-- What it creates at AWS stays there.
local appintegrations = require "appintegrations"

local client = assert(appintegrations.client { region = os.getenv "AWS_REGION" or "us-east-1" })
print("Client: " .. tostring(client))

local integration = assert(client:create_data_integration {
  Name = "crm-cases-" .. os.time(),
  Description = "Cases from the CRM, once an hour",
  KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  SourceURI = "Salesforce://AppFlow/crm-cases",
  ScheduleConfig = { Object = "Case", ScheduleExpression = "rate(1 hour)" },
  Tags = { team = "contact-center" },
})
print("Created: " .. integration.Arn)

local last_month = {
  ExecutionMode = "ON_DEMAND",
  OnDemandConfiguration = { StartTime = "1790812800000", EndTime = "1793491200000" },
}
local created
for i = 1, 7 do
  created = assert(client:create_data_integration_association {
    DataIntegrationIdentifier = integration.Id,
    ClientId = ("queue-%d"):format(i),
    DestinationURI = "s3://contact-center/cases/queue-" .. i,
    ExecutionConfiguration = last_month,
  })
end

local pages, page_before = 0, nil
for association, page in client:each_data_integration_association {
  DataIntegrationIdentifier = integration.Id, MaxResults = 3,
} do
  if page ~= page_before then
    pages, page_before = pages + 1, page
    print(("Page %d:"):format(pages))
  end
  print(("  %-8s  %-11s  %s"):format(association.ClientId,
    association.LastExecutionStatus.ExecutionStatus, association.DestinationURI))
end

local _, meta = assert(client:update_data_integration_association {
  DataIntegrationIdentifier = integration.Id,
  DataIntegrationAssociationIdentifier = created.DataIntegrationAssociationId,
  ExecutionConfiguration = last_month,
})
print(("Updated: association %s runs again (HTTP %d, request %s)"):format(
  created.DataIntegrationAssociationId, meta.status, meta.request_id))
