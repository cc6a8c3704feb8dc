local layers = require "spec.support.layers"
local workdir = require "spec.support.workdir"

local function problems(path, text)
  return table.concat(layers.problems(path, text), "\n")
end

describe("the check of the layers", function()
  it("finds the tree in order", function()
    local found, files = layers.check_tree()
    assert.same({}, found)
    assert.is_true(files > 100)
  end)

  it("finds an #include of a sister and of a folder above", function()
    assert.equal("src/core/core.c:3: core may not use signing (signing/sigv4.h)",
      problems("src/core/core.c", '#include <stdio.h>\n\n#include "signing/sigv4.h"\n'))
    assert.equal("src/base/buf.h:1: base may not use model (model/model.h)",
      problems("src/base/buf.h", '#  include "model/model.h"'))
  end)

  it("finds Lua in plain C", function()
    assert.equal("src/model/pattern.c:1: model is plain C: it may not use lauxlib.h",
      problems("src/model/pattern.c", "#include <lauxlib.h>\n#include <limits.h>"))
    assert.equal("src/model/pattern.c:1: model may not use lua (lua/compat.h)",
      problems("src/model/pattern.c", '#include "lua/compat.h"'))
  end)

  for what, line in pairs {
    ["at once"] = 'local loop = require "appintegrations.loop"',
    ["in parentheses"] = "return require('appintegrations.loop').new {}",
    ["lazily"] = 'local map = compat.lazy("appintegrations.loop.map")',
    ["through pcall"] = 'local ok, it = pcall(require, "appintegrations.loop.task")',
    ["by a name that is put together"] = 'require("appintegrations.loop." .. name)',
  } do
    it("finds what a folder requires of a sister " .. what, function()
      assert.matches("^lua/appintegrations/config/init%.lua:2: config may not use loop",
        problems("lua/appintegrations/config/init.lua", "-- a file\n" .. line))
    end)
  end

  it("finds a folder that uses the files above all folders", function()
    for _, module in ipairs { "appintegrations", "appintegrations.client" } do
      assert.equal(("lua/appintegrations/call/init.lua:1: call may not use top (%s)")
        :format(module),
        problems("lua/appintegrations/call/init.lua", ('local m = require "%s"'):format(module)))
    end
  end)

  it("finds a library that a folder is to do without", function()
    assert.matches("emulator may not use curl.so",
      problems("lua/appintegrations/emulator/cli.lua", 'require "appintegrations.curl"'))
  end)

  it("lets a folder use what is below it, itself, and modules of others", function()
    assert.equal("", problems("lua/appintegrations/loop/init.lua", [[
      local errors = require "appintegrations.base.errors"
      local task = require "appintegrations.loop.task"
      local luv = require "luv"
      -- as require "appintegrations.client" would do]]))
    assert.equal("", problems("lua/appintegrations/client.lua",
      'require("appintegrations.transport.curl")'))
    assert.equal("", problems("src/core/core.c", '#include "core.h"\n#include "base/buf.h"'))
  end)

  it("lets a tool of src use nothing that has to be built", function()
    assert.equal("src/model/import.lua:1: a tool may not use core.so (appintegrations.core)",
      problems("src/model/import.lua", 'require "appintegrations.core"'))
    assert.equal("", problems("src/model/import.lua", 'require "regex"'))
  end)

  it("finds a folder that it does not know", function()
    assert.equal("src/new/new.c: in no folder that spec/support/layers.lua knows",
      problems("src/new/new.c", ""))
  end)

  it("fails as a program when an arrow that points up has been planted", function()
    local dir = workdir.new()
    local command = ("cd %s && mkdir -p src/base lua && %s $OLDPWD/spec/support/layers.lua 2>found")
      :format(dir.path, os.getenv "LUA" or "lua")
    assert.is_true(workdir.shell(command))
    dir:write("src/base/buf.c", '#include "core/core.h"\n')
    assert.is_false(workdir.shell(command))
    assert.equal("src/base/buf.c:1: base may not use core (core/core.h)\n", dir:read "found")
    dir:remove()
  end)
end)
