-- SPDX-License-Identifier: MIT
local core = require "appintegrations.core"

describe("describe", function()
  it("gives fresh tables that the caller may change", function()
    local first = core.describe "tag_resource"
    first.input.members.tags.key = nil
    first.errors[1] = nil
    local second = core.describe "tag_resource"
    assert.equal("TagKey", second.input.members.tags.key.shape)
    assert.equal(4, #second.errors)
  end)

  it("gives nil for a name that is no operation", function()
    for _, name in ipairs { "", "CreateApplication", "create_applicatio", "zzz", "tag_x" } do
      assert.is_nil((core.describe(name)))
    end
  end)

  it("refuses anything but a string", function()
    assert.has_error(function() core.describe(nil) end)
    assert.has_error(function() core.describe({}) end)
  end)

  it("finds every operation that it lists", function()
    for _, name in ipairs(core.operations()) do
      assert.equal(name, (core.describe(name).name:gsub("(%l)(%u)", "%1_%2"):lower()))
    end
  end)

  it("tells a label from its member", function()
    local arn = core.describe("delete_application").input.members.Arn
    assert.equal("ApplicationIdentifier", arn.wire)
    assert.equal("label", arn.location)
  end)

  it("tells a required member from the required members of a structure", function()
    local input = core.describe("create_event_integration").input
    assert.same({ "Name", "EventFilter", "EventBridgeBus" }, input.required_members)
    assert.is_true(input.members.EventFilter.required)
    assert.same({ "Source" }, input.members.EventFilter.required_members)
    local output = core.describe("get_event_integration").output
    assert.is_nil(output.members.EventFilter.required)
  end)

  it("gives whole numbers as limits", function()
    local max = core.describe("list_applications").input.members.MaxResults.max
    assert.equal("50", tostring(max))
  end)
end)
