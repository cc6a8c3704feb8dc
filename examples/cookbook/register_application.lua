-- Register an agent's application.
-- A page that agents get in their workspace: registered if its namespace is new, brought up to date
-- otherwise. Prints its ARN, which Amazon Connect wants to know for the instance.
--
--     lua5.4 examples/cookbook/register_application.lua https://desk.example.com
local appintegrations = require "appintegrations"

local url = arg[1] or "https://desk.example.com"

local params = {
  Name = "Case desk",
  Namespace = "example.case-desk",
  Description = "Cases of the customer who calls",
  ApplicationSourceConfig = {
    ExternalUrlConfig = { AccessUrl = url, ApprovedOrigins = { url } },
  },
  Permissions = { "User.Details.View", "Contact.Details.View" },
  ApplicationConfig = { ContactHandling = { Scope = "PER_CONTACT" } },
}

local client = appintegrations.check(appintegrations.client())
local application, outcome = client:ensure_application(params)
if application == nil then
  io.stderr:write(tostring(outcome), "\n")
  os.exit(outcome.code == "AccessDeniedException" and 3 or 1)
end
for _, change in ipairs(outcome.changes) do
  print("changed " .. change.path)
end
print(({ create = "registered", update = "updated", none = "as it was" })[outcome.action])
print(application.Arn)
