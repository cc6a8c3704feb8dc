-- The metatables of what the module hands out.
local core = require "appintegrations.core"
local metatables = require "appintegrations.base.metatables"

describe("the metatables by the numbers of shapes", function()
  it("are made as answers have tables of their shapes", function()
    local by_number, made = metatables.by_number(), {}
    local output = core.decode("list_applications", '{"Applications":[{"Name":"a"}]}', by_number)
    for number, metatable in pairs(by_number) do
      made[#made + 1] = metatable.shape
      assert.equal(core.shapes()[number], metatable.shape)
    end
    table.sort(made)
    assert.same({ "ApplicationSummary", "ApplicationsList", "ListApplicationsResponse" }, made)
    assert.equal(metatables.of "ListApplicationsResponse", getmetatable(output))
    assert.equal(metatables.of "ApplicationSummary", getmetatable(output.Applications[1]))
  end)

  it("are the same for the next answer", function()
    local by_number = metatables.by_number()
    local function metatable()
      return getmetatable(core.decode("get_application", '{"Name":"a"}', by_number))
    end
    assert.is_not_nil(metatable())
    assert.equal(metatable(), metatable())
  end)

  it("have names as far as there are shapes", function()
    local names = core.shapes()
    assert.equal(names[1], core.shape_name(1))
    assert.equal(names[#names], core.shape_name(#names))
    assert.is_nil(core.shape_name(#names + 1))
    assert.is_nil(core.shape_name(0))
  end)
end)
