-- SPDX-License-Identifier: MIT
-- What the core knows of the service, compared with the public model member by member.
local cjson = require "cjson"
local core = require "appintegrations.core"

package.path = "src/model/?.lua;" .. package.path
local json = require "json"

local PUBLIC = "../shared/model/"

local function read(name)
  local file = io.open(PUBLIC .. name, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local service_text = read "service-2.json"
if not service_text then
  describe("the core's model", function()
    pending("is compared with the public one: ../shared/model is absent")
  end)
  return
end

local public = cjson.decode(service_text)
local pagination = cjson.decode(read "paginators-1.json").pagination
-- Only the importer's reader keeps the order of keys.
local ordered, order_of = json.decode(service_text)

local TYPES = { long = "integer", double = "float" }
local LOCATIONS = { uri = "label", querystring = "query" }

--- lua-cjson gives floats; the core gives integers where Lua has them.
local function whole(number)
  return number and tonumber(("%d"):format(number))
end

local expected_shape

local function expected_members(name_of_shape, shape, expected)
  local required = {}
  for _, name in ipairs(shape.required or {}) do
    required[name] = true
  end
  expected.members, expected.required_members = {}, {}
  expected.order = order_of[ordered.shapes[name_of_shape].members]
  for _, name in ipairs(expected.order) do
    local member = shape.members[name]
    local described = expected_shape(member.shape)
    described.wire = member.locationName or name
    described.location = LOCATIONS[member.location] or "body"
    described.required = required[name]
    described.idempotency_token = member.idempotencyToken
    described.deprecated = member.deprecated and (member.deprecatedSince or true) or nil
    expected.members[name] = described
    if required[name] then
      table.insert(expected.required_members, name)
    end
  end
end

--- What describe() must say of the public shape NAME.
function expected_shape(name)
  local shape = public.shapes[name]
  local expected = {
    shape = name, type = TYPES[shape.type] or shape.type,
    min = whole(shape.min), max = whole(shape.max), pattern = shape.pattern,
  }
  if shape.enum then
    expected.enum = {}
    for i, value in ipairs(shape.enum) do
      expected.enum[i] = value
    end
    table.sort(expected.enum)
  end
  if shape.type == "structure" then
    expected_members(name, shape, expected)
  elseif shape.type == "list" then
    expected.member = expected_shape(shape.member.shape)
  elseif shape.type == "map" then
    expected.key = expected_shape(shape.key.shape)
    expected.value = expected_shape(shape.value.shape)
  end
  return expected
end

local function method_name(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

local function has_body(shape)
  for _, member in pairs(shape.members) do
    if not member.location then
      return true
    end
  end
  return false
end

describe("the core's model", function()
  it("has the operations of the public one, sorted by method name", function()
    local names = {}
    for name in pairs(public.operations) do
      names[#names + 1] = method_name(name)
    end
    table.sort(names)
    assert.equal(23, #names)
    assert.same(names, core.operations())
  end)

  for name, operation in pairs(public.operations) do
    local described = core.describe(method_name(name))

    it("has method, path and status of " .. name, function()
      assert.equal(name, described.name)
      assert.equal(operation.http.method, described.method)
      assert.equal(operation.http.requestUri, described.path)
      assert.equal(operation.http.responseCode or 200, described.status)
      assert.equal(has_body(public.shapes[operation.input.shape]), described.has_body)
    end)

    it("has the input of " .. name, function()
      assert.same(expected_shape(operation.input.shape), described.input)
    end)

    it("has the output of " .. name, function()
      assert.same(expected_shape(operation.output.shape), described.output)
    end)

    it("has the errors of " .. name, function()
      local errors = {}
      for i, reference in ipairs(operation.errors) do
        local shape = public.shapes[reference.shape]
        errors[i] = { name = reference.shape, status = whole(shape.error.httpStatusCode) }
      end
      assert.same(errors, described.errors)
    end)

    it("has the pagination of " .. name, function()
      assert.same(pagination[name], described.pagination)
    end)
  end
end)
