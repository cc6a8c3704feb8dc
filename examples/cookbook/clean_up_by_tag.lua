-- Delete what has a tag, and collect the errors.
-- For what tests and trials leave behind: data integrations, event integrations and applications
-- that carry the tag. One that fails (as a data integration that still has associations) does not
-- stop the others; all failures are told at the end. Without --delete it only lists.
--
--     lua5.4 examples/cookbook/clean_up_by_tag.lua stage trial --delete
local appintegrations = require "appintegrations"

local key, value, confirmed = arg[1], arg[2], arg[3] == "--delete"
if not value then
  io.stderr:write "usage: clean_up_by_tag.lua KEY VALUE [--delete]\n"
  os.exit(2)
end

local client = appintegrations.check(appintegrations.client())
local failures = {}

local function note(name, err)
  failures[#failures + 1] = ("%s: %s: %s"):format(name, err.code, err.message)
end

--- Whether the resource has the tag; nil where it cannot be told.
local function is_tagged(name, arn)
  local output, err = client:list_tags_for_resource { resourceArn = arn }
  if not output then
    return note(name, err)
  end
  return (output.tags or {})[key] == value
end

--- Goes over a listing; DELETE(item) is the call that deletes one.
local function clean(kind, items, arn_member, delete)
  for item in items do
    if is_tagged(item.Name, item[arn_member]) then
      local output, err = {}, nil
      if confirmed then
        output, err = delete(item)
      end
      if output then
        print((confirmed and "deleted " or "would delete ") .. kind .. " " .. item.Name)
      else
        note(item.Name, err)
      end
    end
  end
end

clean("application", client:each_application(), "Arn", function(item)
  return client:delete_application { Arn = item.Arn }
end)
clean("data integration", client:each_data_integration(), "Arn", function(item)
  return client:delete_data_integration { DataIntegrationIdentifier = item.Arn }
end)
clean("event integration", client:each_event_integration(), "EventIntegrationArn", function(item)
  return client:delete_event_integration { Name = item.Name }
end)

for _, failure in ipairs(failures) do
  io.stderr:write("failed: ", failure, "\n")
end
os.exit(#failures == 0 and 0 or 1)
