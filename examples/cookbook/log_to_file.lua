-- A log of all calls, one JSON object in a line.
-- For machines that collect logs. Secrets are masked. A function that gets the events before they
-- are written counts the answers, and keeps how long the slowest took.
--
--     lua5.4 examples/cookbook/log_to_file.lua calls.jsonl
local appintegrations = require "appintegrations"
local log = require "appintegrations.log"

local path = arg[1] or "calls.jsonl"
local file = assert(io.open(path, "a"))
file:setvbuf "line"

local slowest, calls = 0, 0
local write = log.jsonl(file, "info") -- "debug": requests and headers, too

local client = appintegrations.check(appintegrations.client {
  logger = function(event)
    write(event)
    if event.type == "response" then
      calls, slowest = calls + 1, math.max(slowest, event.elapsed)
    end
  end,
})

appintegrations.check(client:list_applications())
appintegrations.check(client:list_data_integrations())
local missing, err = client:get_event_integration { Name = "not-there" }
assert(not missing and err.code == "ResourceNotFoundException", err)

file:close()
print(("%d calls, the slowest took %.3f s: see %s"):format(calls, slowest, path))
