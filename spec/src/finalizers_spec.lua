-- A finalizer that calls the module runs at each allocation of a scenario: see
-- spec/support/memory.c. `make finalizers` tries every one, under a sanitizer.
local appintegrations = require "appintegrations"
local apart = require "spec.support.apart"
local emulator = require "spec.support.emulator"
local emulator_in_process = require "appintegrations.emulator"
local finalizers = require "spec.support.finalizers"
local workdir = require "spec.support.workdir"

local BUILD = os.getenv "BUILD" or "build/5.4"

local EVERY = os.getenv "EVERY_FAULT" == "1"

local CLIENT = { "call", "cancel", "close" }
local LOOP = { "call", "cancel", "close", "step", "spawn" }

-- By scenario: what its finalizers do, and how much is left out where not all is tried.
local SCENARIOS = {
  { "call", CLIENT, 29 }, { "further_call", CLIENT, 1 }, { "create", CLIENT, 29 },
  { "violations", CLIENT, 1 }, { "failure", CLIENT, 29 }, { "listing", CLIENT, 29 },
  { "names", CLIENT, 29 }, { "sign", CLIENT, 1 }, { "describe", CLIENT, 499 },
  { "printing", CLIENT, 499 }, { "process", CLIENT, 29 }, { "map", LOOP, 29 },
  { "loop", LOOP, 29 }, { "network", CLIENT, 29 }, { "further_network_call", CLIENT, 1 },
}

describe("a finalizer at any allocation", function()
  local service, home, arguments

  setup(function()
    service, home = emulator.start(), workdir.new()
    assert(workdir.shell("mkdir " .. home:file ".aws"))
    home:write(".aws/config", "[profile process]\ncredential_process = "
      .. [[/bin/echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}']])
    arguments = { loop = service.url, network = service.url, process = home.path,
      further_network_call = service.url }
  end)

  teardown(function()
    service:stop()
    home:remove()
  end)

  local function survives(scenario, act, step)
    local pipe = assert(io.popen(("%s/bin/memory spec/support/memory_scenarios.lua %s '%s' %d %s "
      .. "2>&1"):format(BUILD, scenario, arguments[scenario] or "", step, act)))
    local text = pipe:read("*a")
    pipe:close()
    assert.matches("^%d+ finalizers survived\n$", text)
    return tonumber(text:match("^%d+"))
  end

  for _, entry in ipairs(SCENARIOS) do
    local scenario, acts, step = entry[1], entry[2], entry[3]
    for _, act in ipairs(acts) do
      it(("may %s in %s"):format(act, scenario), function()
        assert.is_true(survives(scenario, act, EVERY and 1 or step) > 0)
      end)
    end
  end

  it("may call the emulator while the emulator answers in the same process", function()
    local emulated = assert(emulator_in_process.new {})
    local client = assert(appintegrations.client {
      transport = emulated:transport(), region = "us-east-1", env = {},
      credentials = emulator.credentials, max_attempts = 1,
    })
    local function list()
      assert(client:list_event_integrations { MaxResults = 1 })
    end
    list()
    local calls = finalizers.throughout(list, function()
      for i = 1, EVERY and 20 or 2 do
        local name = "n" .. i
        assert(client:create_event_integration { Name = name, EventBridgeBus = "default",
          EventFilter = { Source = "aws.partner/example.com" } })
        assert.equal(name, assert(client:get_event_integration { Name = name }).Name)
      end
    end)
    assert.is_true(calls > 0)
    emulated:close()
  end)
end)

describe("a finalizer at the end of the Lua state", function()
  --- What is printed of ACT, a function of a client that has called, which the finalizer of
  -- something older than the module calls. (Lua 5.1 unloads shared objects before.)
  local function act_late(act)
    local service = emulator.start()
    local output = apart(([[
      local finalizers = require "spec.support.finalizers"
      local client
      finalizers.keep(function() print(pcall(%s, client)) end)
      client = assert(require("appintegrations").client {
        endpoint_url = "%s", region = "us-east-1", env = {},
        credentials = { access_key_id = "%s", secret_access_key = "%s" } })
      assert(client:list_applications {})
    ]]):format(act, service.url, emulator.credentials.access_key_id,
      emulator.credentials.secret_access_key))
    service:stop()
    return output
  end

  it("may close a client", function()
    assert.equal("true\n", act_late "function() client:close() end")
  end)

  it("is told that it cannot call any more", function()
    assert.matches("^false\t.*the Lua state is closing\n$",
      act_late "function() return client:list_applications {} end")
  end)
end)
