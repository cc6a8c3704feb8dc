-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local core = require "appintegrations.core"
local emit_types = require "emit_types"
local generate = require "generate"
local read = require("spec.support.files").read
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

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

  it("and the description itself has the layout of an import, whoever has written it", function()
    local dir = workdir.new()
    workdir.shell(("mkdir -p %s/src && cp -r lua %s && cp -r src/model %s/src")
      :format(dir.path, dir.path, dir.path))
    local path = dir:file "src/model/appintegrations.model"
    local text = read(path)
    local from, to = text:find("\n  SourceURI +SourceURI\n")
    dir:write("src/model/appintegrations.model", text:sub(1, from) .. "  SourceURI SourceURI\n"
      .. text:sub(to + 1))
    assert.equal("src/model/appintegrations.model", generate.stale(dir.path .. "/")[1].path)
    local output, code = shell.output(("%s %s/src/model/generate.lua"):format(
      os.getenv "LUA" or "lua5.4", dir.path))
    assert.equal(0, code, output)
    assert.is_true(read(path) == text)
    dir:remove()
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
    local elsewhere = { Error = true, Explanation = true, Iterator = true, Loop = true,
      Timings = true, Violation = true }
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
