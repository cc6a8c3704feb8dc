-- SPDX-License-Identifier: MIT
package.path = "src/docs/?.lua;" .. package.path
local sources = require "sources"

local SOURCE = [[
-- SPDX-License-Identifier: MIT
--- Things. There are `many`
-- of them.
--
--     local thing = new()
-- @module x.things

local M = {}

--- What one is made of.
---@class appintegrations.Options
---@field name? string  how it is called
---@field private secret string
---@field on_end fun(a: string, b: table): table?, string|nil  called
---                              at the end

local methods = {}

--- Runs it.
---@param a string
---@param b? table<string, any> more of it
---@return appintegrations.Thing? thing
---@return string? err  why not
---@nodiscard
function methods:run(a, b)
  return a, b
end

--- For the module's own files.
function M.hidden() end

local function inner() end

--- Signs.
---@param text string
M.sign = inner

return M
]]

describe("the public part of a source", function()
  local text = sources.public({ name = "x.things", path = "", hidden = { hidden = true },
    objects = { methods = "thing" } }, SOURCE)

  it("has the module's words", function()
    assert.truthy(text:find("--- Things.\n-- <p>There are <code>many</code> of them.</p>", 1, true),
      text)
    assert.truthy(text:find("\n-- @module x.things\n", 1, true))
  end)

  it("has functions as a program calls them, with types and words", function()
    assert.truthy(text:find("\n-- @function thing:run\n", 1, true))
    assert.truthy(text:find("\n-- @param a <code>string</code> \n", 1, true))
    assert.truthy(text:find("\n-- @param[opt] b <code>table&lt;string, any&gt;</code> more of it\n",
      1, true), text)
    assert.truthy(text:find("\n-- @return <code>Thing?</code> thing\n", 1, true), text)
    assert.truthy(text:find("\n-- @return <code>string? err</code> why not\n", 1, true), text)
    assert.truthy(text:find("\n-- @function sign\n", 1, true))
  end)

  it("has tables without their private fields", function()
    assert.truthy(text:find("\n-- @table Options\n", 1, true))
    assert.truthy(text:find("\n-- @field name <code>string</code> (optional) how it is called\n",
      1, true), text)
    assert.truthy(text:find("string|nil</code> called at the end\n", 1, true), text)
    assert.is_nil(text:find("secret", 1, true))
  end)

  it("tells its tables, and links types to where theirs are described", function()
    local module = { name = "x.things", path = "", hidden = {}, objects = { methods = "thing" } }
    assert.same({ Options = "Options" }, sources.tables(module, SOURCE))
    sources.links.Thing = "y.html#Thing"
    local linked = sources.public(module, SOURCE)
    sources.links.Thing = nil
    assert.truthy(linked:find('<code><a href="y.html#Thing">Thing</a>?</code> thing', 1, true),
      linked)
  end)

  it("has nothing of what is hidden or local", function()
    assert.is_nil(text:find("hidden", 1, true))
    assert.is_nil(text:find("inner", 1, true))
    assert.is_nil(text:find("nodiscard", 1, true))
  end)
end)
