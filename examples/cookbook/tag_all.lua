-- Give every resource a tag.
-- Adds tags to all applications, data integrations and event integrations of the account in this
-- region. Other tags stay; what has the tags already is left alone.
--
--     lua5.4 examples/cookbook/tag_all.lua team=support cost-center=42
local appintegrations = require "appintegrations"

local wanted = {}
for i = 1, math.max(#arg, 1) do
  local key, value = (arg[i] or ""):match "^([^=]+)=(.*)$"
  if not key then
    io.stderr:write "usage: tag_all.lua KEY=VALUE...\n"
    os.exit(2)
  end
  wanted[key] = value
end

local client = appintegrations.check(appintegrations.client())

--- What of the wanted tags the resource does not have; nil if it has all.
local function missing(arn)
  local tags = appintegrations.check(client:list_tags_for_resource { resourceArn = arn }).tags or {}
  local result
  for key, value in pairs(wanted) do
    if tags[key] ~= value then
      result = result or {}
      result[key] = value
    end
  end
  return result
end

local function tag(name, arn)
  local tags = missing(arn)
  if tags then
    appintegrations.check(client:tag_resource { resourceArn = arn, tags = tags })
    print("tagged " .. name)
  end
end

for application in client:each_application() do
  tag(application.Name, application.Arn)
end
for integration in client:each_data_integration() do
  tag(integration.Name, integration.Arn)
end
for integration in client:each_event_integration() do
  tag(integration.Name, integration.EventIntegrationArn)
end
