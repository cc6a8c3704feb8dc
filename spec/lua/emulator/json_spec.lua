local core = require "appintegrations.core"
local json = require "appintegrations.emulator.json"

describe("the emulator's JSON", function()
  it("writes equal values as equal texts that it reads back", function()
    local text = json.encode { b = { 1, "x", true }, a = { c = 0.1, d = 2 ^ 53 },
      ["\1\"\\\n\127"] = "é" }
    assert.equal('{"\\u0001\\"\\\\\\n\\u007f":"é","a":{"c":0.1,'
      .. '"d":9007199254740992},"b":[1,"x",true]}', text)
    assert.equal(text, json.encode((json.decode(text))))
  end)

  it("writes by shape: empty lists and maps, integers and times", function()
    local output = core.describe("get_application").output
    assert.equal('{"CreatedTime":1700000000.250,"Tags":{},"Permissions":[],'
      .. '"InitializationTimeout":5}', json.encode_shape(output, {
        Tags = {}, Permissions = {}, InitializationTimeout = 5, CreatedTime = 1700000000.25 }))
    assert.matches(":1700000001%.000}",
      json.encode_shape(output, { CreatedTime = 1700000000.9999 }))
  end)

  it("refuses to write what the model does not know or has otherwise", function()
    local output = core.describe("list_applications").output
    for message, value in pairs {
      ["emulator bug: ListApplicationsResponse: Aplications is no member of"] =
        { Aplications = {} },
      ["Applications%[1%]: name is no member of"] = { Applications = { { name = "x" } } },
      ["NextToken: expected string, got number"] = { NextToken = 5 },
      ["Applications%[1%]: expected structure, got string"] = { Applications = { "x" } },
    } do
      local done, text = pcall(json.encode_shape, output, value)
      assert.is_false(done)
      assert.matches(message, text)
    end
  end)
end)
