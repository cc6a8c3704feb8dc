--- Many mixed calls in one process, with faults of the service, refreshes of credentials,
-- collections and cancellations, and what they leave behind:
--
--     lua5.4 spec/support/soak.lua URL CALLS
--
-- Prints memory of the process and of Lua, and descriptors, at a tenth, at half and at the end;
-- ends with 1 if they grow beyond what is allowed from the tenth on.

local appintegrations = require "appintegrations"
local files = require "spec.support.files"

local url, total = arg[1], tonumber(arg[2])

-- What may be added after the first tenth, in KiB: malloc's own fragments, and tables of Lua's
-- that have grown; LuaJIT counts its traces.
local MOST_RESIDENT, MOST_LUA = 6 * 1024, rawget(_G, "jit") and 2048 or 128
-- The connection of the last client, which a dead slot of Lua's stack may hold.
local MOST_DESCRIPTORS = 1
local ROUND = 250 -- calls until all is closed and made anew

local done, failed = 0, 0
local refreshes = 0

--- Keys of the emulator that are about to expire: calls refresh them.
local function credentials()
  refreshes = refreshes + 1
  return { access_key_id = "AKIAIOSFODNN7EXAMPLE", expiration = os.time() + 850,
    secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
end

local function new_client(loop)
  return assert(appintegrations.client { region = "us-east-1", endpoint_url = url, loop = loop,
    credentials = credentials, max_attempts = 2, timeout = 10, sleep = function() return true end,
    env = {}, files = false })
end

--- Counts a call whose RESULT is nil, and an error, where it failed.
local function count(result, err)
  done = done + 1
  if not result then
    assert(appintegrations.is_error(err), "no error object: " .. tostring(err))
    failed = failed + 1
  end
  return result
end

local number = 0

--- One life of a resource: nine calls or more, two of which cannot succeed.
local function live(client)
  number = number + 1
  local name = "soak-" .. number
  local made = count(client:create_event_integration { Name = name, EventBridgeBus = "default",
    EventFilter = { Source = "aws.partner/example.com" }, Tags = { team = "soak" } })
  count(client:get_event_integration { Name = name })
  count(client:get_event_integration { Name = "there is no such name" })
  count(client:create_event_integration { Nmae = 1 })
  count(client:list_event_integrations { MaxResults = 5 })
  if made then
    count(client:tag_resource { resourceArn = made.EventIntegrationArn, tags = { more = "x" } })
  end
  count(client:update_event_integration { Name = name, Description = ("x"):rep(500) })
  local pages = client:each_event_integration({ MaxResults = 2 }, { limit = 4 })
  local item, err = pages:next()
  count(item or err == nil, err)
  repeat -- nothing is to stay in the emulator
    local gone, why = client:delete_event_integration { Name = name }
    count(gone, why)
  until gone or why.code == "ResourceNotFoundException"
end

--- Eight tasks, one of which is cancelled.
local function live_in_tasks()
  local loop = appintegrations.loop()
  local client = new_client(loop)
  local tasks = {}
  for i = 1, 8 do
    tasks[i] = loop:spawn(live, client)
  end
  loop:spawn(function()
    return client:list_applications {}
  end):cancel()
  loop:run()
  for i = 1, 8 do
    local _, err = tasks[i]:result()
    assert(err == nil, tostring(err))
  end
  client:close()
  loop:close()
end

local function round()
  local client, finish = new_client(), done + ROUND
  live_in_tasks()
  while done < finish do
    live(client)
  end
  if number % 2 == 0 then
    client:close() -- else the collector does
  end
end

local function descriptors()
  local pipe = io.popen "LD_PRELOAD= ls /proc/$PPID/fd"
  local _, lines = pipe:read("*a"):gsub("\n", "")
  pipe:close()
  return lines
end

--- What is held now: KiB of the process, KiB of Lua, descriptors.
local function held()
  collectgarbage()
  collectgarbage()
  return { resident = tonumber(files.read("/proc/self/status"):match "VmRSS:%s*(%d+)"),
    lua = math.floor(collectgarbage "count"), descriptors = descriptors() }
end

local marks = {}
for _, share in ipairs { 0.1, 0.5, 1 } do
  while done < total * share do
    round()
  end
  local now = held()
  marks[#marks + 1] = now
  print(("%3d %%: %d calls, %d failed, %d refreshes: %d KiB, Lua %d KiB, %d descriptors"):format(
    math.floor(share * 100), done, failed, refreshes, now.resident, now.lua, now.descriptors))
  io.stdout:flush()
end

local first, last = marks[1], marks[#marks]
if last.resident - first.resident > MOST_RESIDENT or last.lua - first.lua > MOST_LUA
  or last.descriptors - first.descriptors > MOST_DESCRIPTORS then
  print "what is held grows"
  os.exit(1)
end
