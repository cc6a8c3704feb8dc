-- SPDX-License-Identifier: MIT
--- What many of something hold and cost, each in a process of its own:
--
--     scale.lua clients COUNT URL       bytes and descriptors of each client in one state
--     scale.lua states COUNT URL        the same of each Lua state with a client
--     scale.lua states COUNT URL FILE   the same where it trusts the authorities of FILE
--     scale.lua waiting COUNT SECONDS   CPU seconds of so many tasks that wait so long
--
-- Each client has made a call to the service at URL.

local what, count = arg[1], tonumber(arg[2])

local descriptors = require "spec.support.descriptors"
local read = require("spec.support.files").read

local function resident_bytes()
  collectgarbage()
  collectgarbage()
  return tonumber(read("/proc/self/status"):match "\nVmRSS:%s*(%d+)") * 1024
end

--- Bytes and descriptors for each that MAKE makes, beyond the first one.
local function cost_of(make)
  make()
  local bytes, before = resident_bytes(), descriptors()
  for _ = 1, count do
    make()
  end
  return (resident_bytes() - bytes) / count, (descriptors() - before) / count
end

local NEW_CLIENT = [[
  local client = assert(require("appintegrations").client {
    region = "us-east-1", endpoint_url = %q, env = {}, ca_bundle = %s,
    credentials = { access_key_id = "AKIAIOSFODNN7EXAMPLE",
      secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
  })
  assert(client:create_data_integration {
    Name = require("appintegrations.core").uuid(), KmsKey = "alias/crm",
    SourceURI = "Salesforce://AppFlow/crm-cases",
  })
  return client
]]

local function clients(url)
  local new_client = assert((rawget(_G, "loadstring") or load)(NEW_CLIENT:format(url, "nil")))
  local all = {}
  return cost_of(function()
    all[#all + 1] = new_client()
  end)
end

local function states(url, authorities)
  local run, code = require("states").run, "held = (function()"
    .. NEW_CLIENT:format(url, authorities and ("%q"):format(authorities) or "nil")
    .. "end)() collectgarbage() collectgarbage()"
  return cost_of(function()
    run(code)
  end)
end

--- A URL at which calls are accepted, and never answered.
local function silence()
  local listener = assert(require("socket").bind("127.0.0.1", 0, 128))
  return ("http://127.0.0.1:%d"):format(select(2, listener:getsockname())), listener
end

local function now()
  return require("appintegrations.core").monotonic()
end

local function step_for(loop, seconds)
  local finish = now() + seconds
  while seconds > 0 do
    loop:step(seconds)
    seconds = finish - now()
  end
end

--- Half of the tasks sleep, half wait for answers.
local function waiting(seconds)
  local appintegrations = require "appintegrations"
  local loop, url, listener = appintegrations.loop(), silence()
  local client = assert(appintegrations.client {
    region = "us-east-1", endpoint_url = url, env = {}, loop = loop, timeout = 3600,
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" },
  })
  for _ = 1, count / 2 do
    loop:spawn(loop.sleep, loop, 3600)
    loop:spawn(client.list_applications, client)
  end
  step_for(loop, 0.5) -- until all of them wait
  collectgarbage()
  local before = os.clock()
  step_for(loop, tonumber(seconds))
  local cpu = os.clock() - before
  listener:close()
  return cpu
end

print(({ clients = clients, states = states, waiting = waiting })[what](arg[3], arg[4]))
