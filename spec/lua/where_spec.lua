-- Errors say where the program called, whichever way they come about; `check` keeps them.
local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local worlds = require "spec.support.world"

local ARN = "arn:aws:app-integrations:us-east-1:1:application/x"
local ID = { Identifier = "x" }
local NOWHERE = { env = {}, files = false }
local JOB = { DataIntegrationIdentifier = "x", DataIntegrationAssociationIdentifier = "y" }

--- Asserts that the error that CALL returns second names the line of CALL in this file.
local function is_here(call)
  local result, err = call()
  assert.is_nil(result)
  assert.is_true(appintegrations.is_error(err), tostring(err))
  local line = debug.getinfo(call, "S").linedefined
  assert.matches("where_spec%.lua:" .. line .. "$", err.where or "nowhere")
  assert.matches("at [^\n]*where_spec%.lua:" .. line .. "$", tostring(err))
end

describe("an error says where the program called", function()
  local world, client
  before_each(function()
    world = worlds.new { retry_mode = "off" }
    client = world.client
  end)

  it("an operation", function()
    is_here(function() local a, b = client:get_data_integration(ID) return a, b end)
    is_here(function() local a, b = client:get_data_integration {} return a, b end)
    world.service:inject { fault = "reset" }
    is_here(function() local a, b = client:get_data_integration(ID) return a, b end)
  end)

  it("an iterator", function()
    world.service:inject { code = "AccessDeniedException", times = 3 }
    is_here(function() local a, b = client:each_application():next() return a, b end)
    is_here(function() local _, b = pcall(client:each_application()) return nil, b end)
  end)

  it("a helper", function()
    is_here(function() local a, b = client:wait_for_execution(JOB) return a, b end)
    is_here(function() local a, b = client:sync_tags(ARN, {}) return a, b end)
    world.service:inject { code = "AccessDeniedException" }
    is_here(function() local a, b = client:find_application "x" return a, b end)
  end)

  it("the making of a client", function()
    is_here(function() local a, b = appintegrations.client(NOWHERE) return a, b end)
    local spaced = { region = "us-east-1", credentials = {
      access_key_id = "AKID ", secret_access_key = "secret" } }
    is_here(function() local a, b = appintegrations.client(spaced) return a, b end)
  end)

  it("from a task", function()
    local loop = appintegrations.loop()
    local inside = fake.client({ fake.json(404, "{}") }, { loop = loop })
    local task = loop:spawn(function()
      is_here(function() local a, b = inside:get_data_integration(ID) return a, b end)
      return true
    end)
    loop:run()
    assert.is_true(task:result())
  end)
end)

describe("calls that fail for the same reason", function()
  it("have an error each", function()
    local loop = appintegrations.loop()
    local client = fake.client({}, { loop = loop, credentials = function()
      loop:sleep(0)
      return nil, "no"
    end })
    local errors = {}
    for i, operation in ipairs { "list_applications", "list_data_integrations" } do
      loop:spawn(function()
        local _, err = client[operation](client)
        errors[i] = err
      end)
    end
    loop:run()
    assert.same({ "CredentialsProviderError", "list_applications" },
      { errors[1].code, errors[1].operation })
    assert.same({ "CredentialsProviderError", "list_data_integrations" },
      { errors[2].code, errors[2].operation })
  end)
end)

describe("check", function()
  it("returns what it is given where that is a result", function()
    assert.same({ 1, "meta", 3 }, { appintegrations.check(1, "meta", 3) })
  end)

  it("raises the error object itself, with position and traceback", function()
    local world = worlds.new { retry_mode = "off" }
    local ok, err = pcall(function()
      appintegrations.check(world.client:get_data_integration { Identifier = "x" })
    end)
    assert.is_false(ok)
    assert.is_true(appintegrations.is_error(err, "ResourceNotFoundException"))
    assert.matches("where_spec%.lua:%d+$", err.where)
    assert.matches("^stack traceback:\n[^\n]*where_spec", err.traceback)
    assert.matches("\nstack traceback:\n", tostring(err))
  end)

  it("raises other values as they are, and says so where there is none", function()
    local ok, err = pcall(appintegrations.check, nil, "text")
    assert.is_false(ok)
    assert.matches("text$", err)
    ok, err = pcall(function() appintegrations.check(nil) end)
    assert.is_false(ok)
    assert.matches("where_spec%.lua:%d+: check: expected a result, got nil", err)
  end)
end)
