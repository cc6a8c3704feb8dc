-- Find what lacks a tag.
-- Asks for the tags of all resources, up to 16 at a time, and prints the ARNs of those without the
-- key: for a rule that everything has to have an owner.
--
--     lua5.4 examples/cookbook/find_untagged.lua team
local appintegrations = require "appintegrations"

local key = arg[1]
if not key then
  io.stderr:write "usage: find_untagged.lua KEY\n"
  os.exit(2)
end

local loop = appintegrations.loop()
local client = appintegrations.check(appintegrations.client { loop = loop })

local arns = {}
for application in client:each_application() do
  arns[#arns + 1] = application.Arn
end
for integration in client:each_data_integration() do
  arns[#arns + 1] = integration.Arn
end
for integration in client:each_event_integration() do
  arns[#arns + 1] = integration.EventIntegrationArn
end

local outputs, errors, failed = loop:map(arns, function(arn)
  return client:list_tags_for_resource { resourceArn = arn }
end, 16)

local untagged = 0
for i, arn in ipairs(arns) do
  if not outputs[i] then
    io.stderr:write(arn, ": ", tostring(errors[i]), "\n")
  elseif not (outputs[i].tags or {})[key] then
    untagged = untagged + 1
    print(arn)
  end
end
loop:close()
os.exit((untagged + failed) == 0 and 0 or 1)
