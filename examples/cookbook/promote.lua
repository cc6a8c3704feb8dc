-- Bring what one region has to another.
-- Reads the integrations and applications of one region as a document, and makes the other region
-- equal to it, but for the keys, which belong to a region: those are given. Shows the plan; with
-- --yes it is carried out.
--
--     lua5.4 examples/cookbook/promote.lua us-east-1 eu-west-2 alias/contact-center --yes
local appintegrations = require "appintegrations"

local from, to, key, confirmed = arg[1], arg[2], arg[3], arg[4] == "--yes"
if not key then
  io.stderr:write "usage: promote.lua FROM-REGION TO-REGION KMS-KEY [--yes]\n"
  os.exit(2)
end

local check = appintegrations.check
local source = check(appintegrations.client { region = from })
local target = check(appintegrations.client { region = to })

local document = check(source:export())
for _, integration in ipairs(document.DataIntegrations) do
  integration.KmsKey = key
end

-- What is there already keeps its key: nobody can change it.
local plan = check(target:apply(document, { dry_run = true, ignore = { "KmsKey" } }))
print(plan)
if confirmed then
  local report, err = target:apply(document, {
    ignore = { "KmsKey" },
    on_progress = function(step)
      if step.action ~= "none" then
        io.stderr:write(("%s %s\n"):format(step.action, step.name))
      end
    end,
  })
  if not report then
    io.stderr:write(tostring(err), "\n")
    os.exit(1)
  end
end
