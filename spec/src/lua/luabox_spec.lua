-- Userdata that own what plain C has acquired.
local appintegrations = require "appintegrations"
local apart = require "spec.support.apart"
local files = require "spec.support.files"

local VERSION = appintegrations._VERSION

describe("the kinds of userdata", function()
  it("have names that no other version of the module has", function()
    local output = apart [[
      require "appintegrations"
      for _, name in ipairs { "signing", "curl" } do
        require("appintegrations." .. name)
      end
      for name in pairs(debug.getregistry()) do
        if type(name) == "string" and name:find "^appintegrations" then
          print(name)
        end
      end
    ]]
    local count = 0
    for name in output:gmatch "[^\n]+" do
      count = count + 1
      assert.is_truthy(name:find(" " .. VERSION, 1, true), name)
    end
    assert.is_true(count >= 5, output)
  end)

  it("have the version that the Lua files have", function()
    assert.equal(VERSION, files.read("src/lua/luabox.h"):match 'define APPINT_VERSION "([^"]+)"')
  end)
end)
