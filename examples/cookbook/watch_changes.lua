-- Notice what somebody has changed by hand.
-- Compares the account with a document that stands in version control (`appintegrations export
-- >account.json` has made it). Prints what `apply` would have to do to get back there, and ends
-- with 1 if that is anything. Nothing is changed.
--
--     lua5.4 examples/cookbook/watch_changes.lua account.json
local appintegrations = require "appintegrations"
local cjson = require "cjson"

local path = arg[1] or "account.json"
local file = assert(io.open(path, "r"))
local document = cjson.decode(file:read "*a")
file:close()

local client = appintegrations.check(appintegrations.client())
local plan, err = client:apply(document, { dry_run = true, prune = true })
if not plan and err.code == "ImmutableMember" then
  plan = err.report -- created anew by somebody: what cannot be changed back stands in it
end
appintegrations.check(plan, err)

local differences = 0
for _, step in ipairs(plan) do
  if step.action ~= "none" then
    differences = differences + 1
  end
end
if differences > 0 then
  print(plan)
end
os.exit(differences == 0 and 0 or 1)
