-- Go on with a long listing after a crash.
-- Keeps in a file where the listing stands, page by page, and begins there the next time. A page
-- counts as done once its items have been handled, so that nothing is left out; the items of a page
-- in which the program died come again. At the end the file is removed. (A token is good for a
-- while only: if the service no longer takes it, remove the file and begin anew.)
--
--     lua5.4 examples/cookbook/resume_listing.lua listing.token
local appintegrations = require "appintegrations"

local path = arg[1] or "listing.token"

local function saved_token()
  local file = io.open(path, "r")
  local token = file and file:read "*l"
  if file then
    file:close()
  end
  return token
end

--- Written beside and renamed: the file is whole at any moment.
local function save(token)
  local file = assert(io.open(path .. ".new", "w"))
  assert(file:write(token, "\n"))
  assert(file:close()) -- a full disk is told here
  assert(os.rename(path .. ".new", path))
end

local function handle(integration)
  print(integration.Name)
end

local client = appintegrations.check(appintegrations.client())
local token = saved_token()
if token then
  io.stderr:write "going on where the last run ended\n"
end
local it = client:each_data_integration { NextToken = token, MaxResults = tonumber(arg[2]) }
for page in it:pages() do
  for _, integration in ipairs(page.DataIntegrations) do
    handle(integration)
  end
  if it.next_token then
    save(it.next_token)
  end
end
os.remove(path)
