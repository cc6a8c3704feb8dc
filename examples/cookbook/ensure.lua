-- Make an account as it should be.
-- What should be there stands in a table, and each run creates what is missing, updates what is
-- other, and leaves the rest alone: for a deployment that runs again and again. With --dry-run it
-- only tells.
--
--     lua5.4 examples/cookbook/ensure.lua --dry-run
local appintegrations = require "appintegrations"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

local WANTED = {
  { "ensure_data_integration", { Name = "crm-cases", KmsKey = KEY,
    Description = "Cases from the CRM, once an hour",
    SourceURI = "Salesforce://AppFlow/crm-cases",
    ScheduleConfig = { Object = "Case", ScheduleExpression = "rate(1 hour)" },
    Tags = { team = "support" } } },
  { "ensure_event_integration", { Name = "case-events", EventBridgeBus = "default",
    Description = "Cases that have changed",
    EventFilter = { Source = "aws.partner/example.com/cases" }, Tags = { team = "support" } } },
  { "ensure_application", { Name = "Case desk", Namespace = "example.case-desk",
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://desk.example.com" } },
    Permissions = { "User.Details.View" }, Tags = { team = "support" } } },
}

local dry_run = arg[1] == "--dry-run"
if arg[1] and not dry_run then
  io.stderr:write "usage: ensure.lua [--dry-run]\n"
  os.exit(2)
end
local client = appintegrations.check(appintegrations.client())

local function text(value)
  return type(value) == "table" and appintegrations.json(value) or tostring(value)
end

local failed = 0
for _, entry in ipairs(WANTED) do
  local method, params = entry[1], entry[2]
  local resource, outcome = client[method](client, params, { dry_run = dry_run })
  if resource == nil then
    failed = failed + 1
    io.stderr:write(params.Name, ": ", tostring(outcome), "\n")
  else
    print(("%-6s  %s"):format(outcome.action, params.Name))
    for _, change in ipairs(outcome.changes) do
      print(("        %s: %s -> %s"):format(change.path, text(change.from), text(change.to)))
    end
  end
end
os.exit(failed == 0 and 0 or 1)
