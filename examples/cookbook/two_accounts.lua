-- Compare two accounts.
-- Lists the event integrations that only one of two profiles has; each profile brings its own
-- credentials and region. The exit code is 1 if there is a difference.
--
--     lua5.4 examples/cookbook/two_accounts.lua staging production
local appintegrations = require "appintegrations"

if not arg[2] then
  io.stderr:write "usage: two_accounts.lua PROFILE PROFILE\n"
  os.exit(2)
end

local function names_of(profile)
  local client = appintegrations.check(appintegrations.client { profile = profile })
  local names = {}
  for integration in client:each_event_integration() do
    names[integration.Name] = true
  end
  client:close()
  return names
end

local function only_in(names, others)
  local list = {}
  for name in pairs(names) do
    list[#list + 1] = not others[name] and name or nil
  end
  table.sort(list)
  return list
end

local first, second = names_of(arg[1]), names_of(arg[2])
local differences = 0
for _, side in ipairs { { arg[1], only_in(first, second) }, { arg[2], only_in(second, first) } } do
  for _, name in ipairs(side[2]) do
    print(("only in %s: %s"):format(side[1], name))
    differences = differences + 1
  end
end
os.exit(differences == 0 and 0 or 1)
