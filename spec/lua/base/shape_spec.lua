local appintegrations = require "appintegrations"
local shape = require "appintegrations.base.shape"

local function problem(operation, value)
  return shape.problem(shape.describe(operation).output, value)
end

describe("a value is checked against a shape", function()
  it("and passes with some of its members", function()
    assert.is_nil(problem("get_application", {}))
    assert.is_nil(problem("get_application", {
      Name = "desk", CreatedTime = 1.5, InitializationTimeout = 5000, IsService = false,
      ApplicationType = "MCP_SERVER", Tags = { team = "a" },
      Publications = { { Event = "e", Schema = "{}" } },
    }))
    assert.is_nil(problem("delete_application", {}))
  end)

  for text, case in pairs {
    ['Nmae is no member of GetApplicationResponse; did you mean "Name"?'] = { Nmae = "x" },
    ["Tags: expected map, got string"] = { Tags = "x" },
    ["Tags[\"team\"]: expected string, got number"] = { Tags = { team = 1 } },
    ["Tags: expected strings as keys, got a number"] = { Tags = { "team" } },
    ["Publications: expected a list with the keys 1 to n; position 1 is nil"] =
      { Publications = { [2] = { Event = "e" } } },
    ['Publications[1]: Evnt is no member of Publication; did you mean "Event"?'] = {
      Publications = { { Evnt = "" } } },
    ["InitializationTimeout: expected an integer, got 1.5"] = { InitializationTimeout = 1.5 },
    ["InitializationTimeout: expected integer, got string"] = { InitializationTimeout = "5" },
    ['ApplicationType: "STANDART" is none of '] = { ApplicationType = "STANDART" },
    ["IsService: expected boolean, got string"] = { IsService = "true" },
    ["CreatedTime: expected timestamp, got string"] = { CreatedTime = "2026-11-22" },
    ["expected structure, got string"] = "x",
  } do
    it("and is refused: " .. text, function()
      local found = problem("get_application", case)
      assert.equal(text, found and found:sub(1, #text))
    end)
  end

  it("and no member can be given to an output that has none", function()
    assert.equal("Id is no member of DeleteApplicationResponse (it has none)",
      problem("delete_application", { Id = "x" }))
  end)
end)

describe("the kept descriptions", function()
  it("are the model's, and nil for what is no operation", function()
    assert.same(appintegrations.describe "get_application", shape.describe "get_application")
    assert.equal(shape.describe "get_application", shape.describe "get_application")
    assert.is_nil(shape.describe "get_nothing")
  end)
end)
