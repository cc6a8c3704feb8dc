-- SPDX-License-Identifier: MIT
-- What the core knows of the service, compared with the public model member by member.
local core = require "appintegrations.core"
local public = require "spec.data.service"

local TYPES = { long = "integer", double = "float" }
local LOCATIONS = { uri = "label", querystring = "query" }

local shapes = {}
for _, shape in ipairs(public.shapes) do
  shapes[shape.name] = shape
end

local expected_shape

local function expected_members(shape, expected)
  expected.members, expected.required_members, expected.order = {}, {}, {}
  for i, member in ipairs(shape.members) do
    local described = expected_shape(member.shape)
    described.wire = member.wire or member.name
    described.location = LOCATIONS[member.location] or "body"
    described.required = member.required
    described.idempotency_token = member.idempotency_token
    described.deprecated = member.deprecated
    expected.order[i] = member.name
    expected.members[member.name] = described
    if member.required then
      table.insert(expected.required_members, member.name)
    end
  end
end

--- What describe() must say of the public shape NAME.
function expected_shape(name)
  local shape = shapes[name]
  local expected = {
    shape = name, type = TYPES[shape.type] or shape.type,
    min = shape.min, max = shape.max, pattern = shape.pattern,
  }
  if shape.enum then
    expected.enum = { (table.unpack or unpack)(shape.enum) }
    table.sort(expected.enum)
  end
  if shape.type == "structure" then
    expected_members(shape, expected)
  elseif shape.type == "list" then
    expected.member = expected_shape(shape.member)
  elseif shape.type == "map" then
    expected.key = expected_shape(shape.key)
    expected.value = expected_shape(shape.value)
  end
  return expected
end

local function method_name(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

local function has_body(shape)
  for _, member in ipairs(shape.members) do
    if not member.location then
      return true
    end
  end
  return false
end

describe("the core's model", function()
  it("has the operations of the public one, sorted by method name", function()
    local names = {}
    for i, operation in ipairs(public.operations) do
      names[i] = method_name(operation.name)
    end
    table.sort(names)
    assert.equal(23, #names)
    assert.same(names, core.operations())
  end)

  for _, operation in ipairs(public.operations) do
    local name = operation.name
    local described = core.describe(method_name(name))

    it("has method, path and status of " .. name, function()
      assert.equal(name, described.name)
      assert.equal(operation.method, described.method)
      assert.equal(operation.path, described.path)
      assert.equal(operation.status or 200, described.status)
      assert.equal(has_body(shapes[operation.input]), described.has_body)
    end)

    it("has the input of " .. name, function()
      assert.same(expected_shape(operation.input), described.input)
    end)

    it("has the output of " .. name, function()
      assert.same(expected_shape(operation.output), described.output)
    end)

    it("has the errors of " .. name, function()
      local errors = {}
      for i, error_name in ipairs(operation.errors) do
        errors[i] = { name = error_name, status = shapes[error_name].error_status }
      end
      assert.same(errors, described.errors)
    end)

    it("has the pagination of " .. name, function()
      assert.same(operation.pagination, described.pagination)
    end)
  end
end)
