-- SPDX-License-Identifier: MIT
package.path = "src/docs/?.lua;src/model/?.lua;" .. package.path
local core = require "appintegrations.core"
local description = require "description"
local reference = require "reference"
local snippets = require "spec.support.snippets"

local load_text = loadstring or load -- luacheck: ignore 113
local model = description.read "src/model/appintegrations.model"

describe("the page of the operations", function()
  local page = reference.operations(model)
  local examples = snippets.blocks(page, "lua")

  it("has an example for each, which is Lua", function()
    for _, code in ipairs(examples) do
      assert(load_text(code))
    end
    assert.equal(#core.operations(), #examples)
  end)

  it("has examples without a violation in the strictest mode", function()
    local called = {}
    local client = setmetatable({}, { __index = function(_, method)
      return function(_, params)
        called[#called + 1] = { method:gsub("^(each_.*)$", "%1s"):gsub("^each_", "list_"), params }
        return function() end
      end
    end })
    for _, code in ipairs(examples) do
      assert(load_text("local client = ...\n" .. code))(client)
    end
    for _, call in ipairs(called) do
      local request, violations = core.build(call[1], call[2], "strict")
      assert.truthy(request, call[1] .. ": " .. (violations and violations[1]
        and violations[1].path .. ": " .. violations[1].message or ""))
    end
    assert.equal(#core.operations(), #called)
  end)

  it("has a section for every method, with each member and error", function()
    for _, operation in ipairs(model.operations) do
      local section = page:match("\n## " .. operation.method_name .. "\n(.-)\nErrors: [^\n]+")
      assert.is_string(section, operation.method_name)
      for _, member in ipairs(model.shapes[operation.input].members) do
        assert.truthy(section:find("| `" .. member.name .. "` |", 1, true), member.name)
      end
    end
  end)

  it("says where members go that are not in the body", function()
    assert.truthy(page:find("Sent in the query as `maxResults`.", 1, true))
    assert.truthy(page:find("Sent in the path.", 1, true))
  end)
end)

describe("the page of the shapes", function()
  local page = reference.shapes(model)

  it("has every shape that the operations link to", function()
    local seen = {}
    for name in (reference.operations(model) .. page):gmatch("%]%(shapes%.md#([%w]+)%)") do
      seen[name] = true
    end
    assert.is_true(seen.fileconfiguration)
    for heading in page:gmatch("\n## (%w+)\n") do
      seen[heading:lower()] = nil
    end
    assert.same({}, seen)
  end)

  it("has what each value of an enumeration means", function()
    assert.truthy(page:find("\n* `ON_DEMAND`: %u"))
  end)
end)
