-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local annotations = require "annotations"
local core = require "appintegrations.core"
local emit_types = require "emit_types"
local options = require "appintegrations.config.options"
local read = require("spec.support.files").read

describe("annotations", function()
  it("are read with their words", function()
    local found = annotations.parse [[
--- A thing
--- of two lines.
---@class Thing : Base
---@field name string  what it is called
---                    by people
---@field find? fun(self: Thing): string?, table|nil  looks

---@alias Colour
---| "red" # like blood
---| "blue"

--- Paints it.
---@param colour Colour  the new one
---@param force? boolean
---@return boolean? done  true
---@return string err
function Thing:paint(colour, force) end
]]
    assert.same({ name = "Thing", parent = "Base", about = "A thing of two lines.", fields = {
      { name = "name", optional = false, type = "string", about = "what it is called by people" },
      { name = "find", optional = true, type = "fun(self: Thing): string?, table|nil",
        about = "looks" },
    } }, found.classes.Thing)
    assert.same({ { name = "red", about = "like blood" }, { name = "blue" } },
      found.aliases.Colour.values)
    assert.same({ { owner = "Thing", name = "paint", about = "Paints it.",
      params = { { name = "colour", optional = false, type = "Colour", about = "the new one" },
        { name = "force", optional = true, type = "boolean" } },
      returns = { { name = "done", optional = false, type = "boolean?", about = "true" },
        { name = "err", optional = false, type = "string" } } } }, found.functions)
  end)
end)

describe("types.lua", function()
  local text = read "lua/appintegrations/types.lua"
  local types = annotations.parse(text)

  local LUA_TYPES = { string = "string", integer = "integer", float = "number",
    boolean = "boolean", timestamp = "number" }

  --- The LuaCATS type of a shape as describe() has it.
  local function type_of(shape)
    if shape.enum or shape.type == "structure" then
      return "appintegrations." .. shape.shape
    elseif shape.type == "list" then
      return type_of(shape.member) .. "[]"
    elseif shape.type == "map" then
      return ("table<%s, %s>"):format(type_of(shape.key), type_of(shape.value))
    end
    return LUA_TYPES[shape.type]
  end

  --- Compares a structure and all below it with its class.
  local function compare(shape)
    if shape.type == "structure" then
      local class = types.classes["appintegrations." .. shape.shape]
      assert.truthy(class, shape.shape)
      local names = {}
      for i, field in ipairs(class.fields) do
        local member = shape.members[field.name]
        names[i] = field.name
        assert.equal(type_of(member), field.type, shape.shape .. "." .. field.name)
        assert.equal(member.required or false, not field.optional)
        assert.truthy(field.about and field.about ~= "", shape.shape .. "." .. field.name)
        compare(member)
      end
      assert.same(shape.order, names)
    elseif shape.enum then
      local alias, values = types.aliases["appintegrations." .. shape.shape], {}
      for i, value in ipairs(alias.values) do
        values[i] = value.name
        assert.truthy(value.about, value.name)
      end
      table.sort(values) -- as the core has them
      assert.same(shape.enum, values)
    end
    if shape.value or shape.member then
      compare(shape.value or shape.member)
    end
  end

  it("has every shape as describe() has it, each member with words", function()
    for _, operation in ipairs(core.operations()) do
      local description = core.describe(operation)
      compare(description.input)
      compare(description.output)
    end
  end)

  it("has the error codes of every operation", function()
    local codes = {}
    for _, value in ipairs(types.aliases["appintegrations.ServiceErrorCode"].values) do
      codes[value.name] = value.about
    end
    for _, operation in ipairs(core.operations()) do
      for _, err in ipairs(core.describe(operation).errors) do
        assert.truthy(codes[err.name], err.name)
      end
    end
  end)

  it("has every option that the module takes, and no other", function()
    for class, rules in pairs { Options = options.CLIENT, CallOptions = options.CALL } do
      local fields = {}
      for _, field in ipairs(types.classes["appintegrations." .. class].fields) do
        assert.truthy(rules[field.name], class .. "." .. field.name)
        fields[field.name] = true
      end
      for name in pairs(rules) do
        assert.truthy(fields[name], class .. " lacks " .. name)
      end
    end
  end)

  it("declares no field twice", function()
    for name, class in pairs(types.classes) do
      local seen = {}
      for _, field in ipairs(class.fields) do
        assert.is_nil(seen[field.name], name .. "." .. field.name)
        seen[field.name] = true
      end
    end
  end)

  it("has words for all that the static part declares", function()
    local static = annotations.parse(emit_types.static "")
    for name, class in pairs(static.classes) do
      assert.truthy(class.about, name)
      for _, field in ipairs(class.fields) do
        assert.truthy(field.about, name .. "." .. field.name)
      end
    end
    for _, method in ipairs(static.functions) do
      assert.truthy(method.about, method.name)
    end
  end)

  it("has every method of a client", function()
    local methods = getmetatable(require("appintegrations").client {
      region = "us-east-1", transport = { send = function() end }, files = false, env = {},
    }).__index
    local declared = {}
    for _, method in ipairs(types.functions) do
      declared[method.name] = true
    end
    for name in pairs(type(methods) == "table" and methods or {}) do
      assert.truthy(declared[name], name)
    end
  end)
end)
