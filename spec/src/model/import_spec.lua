-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local description = require "description"
local import = require "import"
local public_model = require "spec.support.public_model"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"
local read = require("spec.support.files").read

local PAGINATORS = '{"pagination": {}}'
local PARTITIONS = '{"partitions": []}'

--- A small model of one operation; MEMBER and SHAPE are the JSON of its member and of that
--- member's shape, both with defaults, OPERATION what else the operation has.
local function service(member, shape, operation)
  return ([[{
    "metadata": { "serviceId": "Small", "serviceFullName": "Small", "apiVersion": "1",
      "protocol": "rest-json", "endpointPrefix": "small" },
    "operations": { "Do": { "name": "Do", "http": { "method": "POST", "requestUri": "/" },
      "input": { "shape": "In" }, "output": { "shape": "In" } %s } },
    "shapes": {
      "In": { "type": "structure", "members": { "Field": %s } },
      "Inner": %s
    } }]]):format(operation or "", member or '{ "shape": "Inner" }',
      shape or '{ "type": "string" }')
end

local function refusal(...)
  local ok, message = pcall(import.import, service(...), PAGINATORS, PARTITIONS)
  assert.is_false(ok, "imported")
  return message
end

describe("the importer", function()
  it("makes the description of the project from the public model", function()
    local result = import.import(public_model.service(), public_model.paginators(),
      public_model.partitions())
    description.keep_words(result, description.read "src/model/appintegrations.model")
    assert.equal(read "src/model/appintegrations.model", description.write(result))
  end)

  it("does so as a program", function()
    local dir = workdir.new()
    local output = shell.output(("%s src/model/import.lua %s %s %s src/model/appintegrations.model")
      :format(os.getenv "LUA" or "lua",
      dir:write("service-2.json", public_model.service()),
      dir:write("paginators-1.json", public_model.paginators()),
      dir:write("partitions.json", public_model.partitions())))
    dir:remove()
    assert.equal(read "src/model/appintegrations.model", output)
  end)

  it("takes a model without anything special", function()
    local result = import.import(service(), PAGINATORS, PARTITIONS)
    assert.equal("small", result.service.signing_name)
    assert.same({ name = "Field", shape = "Inner", location = "body", wire = "Field" },
      result.shapes.In.members[1])
  end)

  it("refuses text that is no JSON, a null, and a key that stands twice", function()
    for message, text in pairs {
      ["expected a member's name at byte 18"] = '{"pagination":{},}',
      ['key "pagination" is null'] = '{"pagination": null}',
      ['key "pagination" stands twice'] = '{"pagination": {}, "pagination": {}}',
    } do
      local ok, found = pcall(import.import, service(), text, PARTITIONS)
      assert.is_false(ok)
      assert.matches(message, found, 1, true)
    end
  end)

  it("names shape and member of what it cannot carry", function()
    local cases = {
      { 'shape In, member Field: unsupported location "header"',
        '{ "shape": "Inner", "location": "header" }' },
      { 'shape In, member Field: unsupported location "statusCode"',
        '{ "shape": "Inner", "location": "statusCode" }' },
      { 'shape In, member Field: unsupported trait "streaming"',
        '{ "shape": "Inner", "streaming": true }' },
      { 'shape In, member Field: unsupported trait "jsonvalue"',
        '{ "shape": "Inner", "jsonvalue": true }' },
      { 'shape Inner: unsupported type "blob"', nil, '{ "type": "blob" }' },
      { 'shape Inner: unsupported trait "document"', nil,
        '{ "type": "structure", "document": true, "members": {} }' },
      { 'shape Inner: unsupported trait "sensitive"', nil,
        '{ "type": "string", "sensitive": true }' },
      { 'shape Inner: unsupported trait "timestampFormat"', nil,
        '{ "type": "timestamp", "timestampFormat": "iso8601" }' },
      { 'shape Inner: unsupported trait "union"', nil,
        '{ "type": "structure", "union": true, "members": {} }' },
      { 'shape Inner, its member: unsupported trait "locationName"', nil,
        '{ "type": "list", "member": { "shape": "In", "locationName": "x" } }' },
      { 'shape Inner: "a b" is not one word', nil, '{ "type": "string", "enum": ["a b"] }' },
      { "shape Inner: a pattern on several lines", nil,
        '{ "type": "string", "pattern": "a\\nb" }' },
      { 'operation Do: unsupported trait "endpoint"', nil, nil, ', "endpoint": {}' },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[1], refusal(case[2], case[3], case[4]))
    end
  end)

  it("refuses a model that is not complete or not REST and JSON", function()
    assert.truthy(refusal('{ "shape": "Nothing" }'):find("no shape Nothing", 1, true))
    local ok, message = pcall(import.import, (service():gsub("rest%-json", "query")), PAGINATORS,
      PARTITIONS)
    assert.is_false(ok)
    assert.equal('unsupported protocol "query"', message)
  end)

  it("refuses a shape that contains itself", function()
    assert.truthy(refusal(nil, '{ "type": "list", "member": { "shape": "In" } }')
      :find("contains itself", 1, true))
  end)
end)
