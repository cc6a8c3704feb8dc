-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local core = require "appintegrations.core"
local description = require "description"
local emit_types = require "emit_types"
local generate = require "generate"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

describe("the generated files", function()
  it("are as the description says", function()
    local stale = {}
    for i, output in ipairs(generate.stale("")) do
      stale[i] = output.path
    end
    assert.same({}, stale, "run `make model`")
  end)

  it("are found stale by the check", function()
    local outputs = generate.OUTPUTS
    generate.OUTPUTS = { { path = "README-that-is-not-there", module = "emit_types" } }
    local stale = generate.stale("")
    generate.OUTPUTS = outputs
    assert.equal("README-that-is-not-there", stale[1].path)
  end)

  it("have a type for each method and iterator of the client", function()
    local types = read "lua/appintegrations/types.lua"
    for _, name in ipairs(core.operations()) do
      assert.truthy(types:find("\nfunction Client:" .. name .. "(params, options) end\n", 1, true),
        name)
    end
    for _, name in ipairs {
      "each_application", "each_application_association", "each_data_integration",
      "each_data_integration_association", "each_event_integration",
      "each_event_integration_association",
    } do
      assert.truthy(types:find("\nfunction Client:" .. name .. "(params, options) end\n", 1, true),
        name)
    end
  end)

  it("load as Lua without any effect", function()
    local types = assert(loadfile "lua/appintegrations/types.lua")
    assert.equal("table", type(types()))
  end)

  it("use no type that they do not define, but for the modules' own", function()
    local types = read "lua/appintegrations/types.lua"
    local elsewhere = { Error = true, Iterator = true, Loop = true, Timings = true,
      Violation = true }
    for name in types:gmatch("appintegrations%.(%u%w*)") do
      assert.truthy(elsewhere[name] or types:find("---@class appintegrations." .. name, 1, true)
        or types:find("---@alias appintegrations." .. name .. "\n", 1, true), name)
    end
  end)

  it("say what limits mean", function()
    assert.equal("1 to 9 characters", emit_types.limits_text { type = "string", min = 1, max = 9 })
    assert.equal("at most 50 entries", emit_types.limits_text { type = "list", min = 0, max = 50 })
    assert.equal("at least 2 entries", emit_types.limits_text { type = "map", min = 2 })
    assert.equal("0 to 9", emit_types.limits_text { type = "integer", min = 0, max = 9 })
    assert.is_nil(emit_types.limits_text { type = "string", min = 0 })
    assert.is_nil(emit_types.limits_text { type = "boolean" })
  end)
end)

describe("the examples of the reference page", function()
  local page = read "src/model/REFERENCE.md"
  local load_text = loadstring or load -- luacheck: ignore 113

  it("are Lua, one for each operation", function()
    local count = 0
    for code in page:gmatch("```lua\n(.-)```") do
      count = count + 1
      assert(load_text(code))
    end
    assert.equal(#core.operations(), count)
  end)

  it("have no violation in the strictest mode", function()
    local called = {}
    local client = setmetatable({}, { __index = function(_, method)
      return function(_, params)
        called[#called + 1] = { method:gsub("^(each_.*)$", "%1s"):gsub("^each_", "list_"), params }
        return function() end
      end
    end })
    for code in page:gmatch("```lua\n(.-)```") do
      assert(load_text("local client = ...\n" .. code))(client)
    end
    for _, call in ipairs(called) do
      local request, violations = core.build(call[1], call[2], "strict")
      assert.truthy(request, call[1] .. ": " .. (violations and violations[1]
        and violations[1].path .. ": " .. violations[1].message or ""))
    end
    assert.equal(#core.operations(), #called)
  end)

  it("stand under the name of every method", function()
    for _, operation in ipairs(description.read("src/model/appintegrations.model").operations) do
      assert.truthy(page:find("\n### " .. operation.method_name .. "\n", 1, true))
    end
  end)
end)
