-- What `make install` puts where, and what `make env` exports.
local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local emulator = require "spec.support.emulator"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local LUA = os.getenv "LUA" or "lua5.4"
local VERSION = _VERSION:match "%d%.%d"
local MAKE = ("unset MAKEFLAGS MAKELEVEL; make -s LUA=%s "):format(LUA)

--- What COMMAND prints, both streams.
local function output_of(command)
  return (shell.output(command))
end

--- A fresh installation, by one whose files others may not read.
local function install()
  local dir = workdir.new()
  local text = output_of("umask 027; " .. MAKE .. "install PREFIX=" .. dir.path)
  assert.truthy(text:find("Installed appintegrations", 1, true), text)
  return dir
end

describe("make install", function()
  local has_argparse = pcall(require, "argparse")
  local dir

  setup(function()
    dir = install()
  end)

  teardown(function()
    dir:remove()
  end)

  it("installs both commands, and takes all away again", function()
    local own = install()
    cleanup(function() own:remove() end)
    local paths = ("LUA_PATH='%s/share/lua/%s/?.lua;%s/share/lua/%s/?/init.lua;;' "
      .. "LUA_CPATH='%s/lib/lua/%s/?.so;;' "):format(own.path, VERSION, own.path, VERSION,
      own.path, VERSION)
    for _, name in ipairs { "appintegrations-emulator", has_argparse and "appintegrations" } do
      assert.equal(name .. " " .. require "appintegrations.base.version" .. "\n",
        output_of(("cd / && env %s %s/bin/%s --version"):format(paths, own.path, name)))
    end
    output_of(MAKE .. "uninstall PREFIX=" .. own.path)
    assert.equal("", output_of("find " .. own.path .. " -type f -o -name doc -not -empty"))
  end)

  it("installs below a PREFIX or a DESTDIR that is relative", function()
    local own = workdir.new()
    cleanup(function() own:remove() end)
    local here = output_of("realpath --relative-to=. " .. own.path):match "[^\n]+"
    output_of(MAKE .. "install DESTDIR=" .. here .. " PREFIX=/staged")
    output_of(MAKE .. "install PREFIX=" .. here .. "/prefix")
    for _, root in ipairs { "staged", "prefix" } do
      assert.truthy(own:read(("%s/share/lua/%s/appintegrations/init.lua"):format(root, VERSION)))
    end
    assert.truthy(own:read "prefix/lib/pkgconfig/appintegrations.pc":find "^prefix=/")
    output_of(MAKE .. "uninstall PREFIX=" .. here .. "/prefix")
    assert.equal("", output_of("find " .. own.path .. "/prefix -type f"))
  end)

  it("has commands that run anywhere where LUA is a relative path", function()
    local own = workdir.new()
    cleanup(function() own:remove() end)
    local here = output_of("realpath --relative-to=. " .. own.path):match "[^\n]+"
    output_of(("ln -s $(command -v %s) %s/lua"):format(LUA, own.path))
    output_of(("unset MAKEFLAGS MAKELEVEL; make -s install LUA=%s/lua PREFIX=%s"):format(here,
      own.path))
    assert.equal(("#!%s/lua\n"):format(own.path), output_of(("head -n 1 %s/bin/appintegrations")
      :format(own.path)))
  end)

  it("takes away what it has put into a folder of documents, and nothing else", function()
    local own = workdir.new()
    cleanup(function() own:remove() end)
    local where = (" PREFIX=%s/there INSTALL_DOC=%s/doc"):format(own.path, own.path)
    output_of(MAKE .. "install" .. where)
    assert.truthy(own:read "doc/examples/quickstart.lua")
    own:write("doc/README", "another program's")
    output_of(MAKE .. "uninstall" .. where)
    assert.equal("doc/README\n", output_of(("cd %s && find doc -type f -o -type d -empty")
      :format(own.path)))
  end)

  it("lets all read what it has installed, whatever the umask", function()
    assert.equal("", output_of(("find %s/* -not -perm -o=r"):format(dir.path)))
  end)

  if has_argparse then
    it("installs the manual page and bash's completion", function()
        assert.truthy(dir:read "share/man/man1/appintegrations.1":find("^%.TH APPINTEGRATIONS 1"))
      assert.truthy(dir:read "share/bash-completion/completions/appintegrations"
        :find("list-applications", 1, true))
    end)
  else
    pending("installs the manual page and bash's completion: argparse is missing for this Lua")
  end

  it("has what a C program is built from: pkg-config tells all of it", function()
    if (os.getenv "BUILD" or ""):find("sanitize", 1, true) then
      pending "a sanitized archive needs the sanitizers' libraries as well"
      return
    end
    -- pkgconf warns of libcrypto.pc of Debian 13, of all places on standard output.
    assert.equal("", output_of(("cd %s/share/doc/appintegrations/examples/embed && "
      .. "export PKG_CONFIG_PATH=%s/lib/pkgconfig && "
      .. "pkg-config --validate appintegrations >/dev/null && "
      .. "cc -Wall -Wextra -Werror -o %s/minimal minimal.c "
      .. "$(pkg-config --cflags --libs appintegrations 2>/dev/null)")
      :format(dir.path, dir.path, dir.path)))
    local service = emulator.start()
    cleanup(function() service:stop() end)
    local environment = ("AWS_ENDPOINT_URL_APPINTEGRATIONS=%s AWS_REGION=us-east-1 "
      .. "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s"):format(service.url,
      emulator.credentials.access_key_id, emulator.credentials.secret_access_key)
    assert(appintegrations.client { endpoint_url = service.url, region = "us-east-1",
      credentials = emulator.credentials }:create_application { Name = "desk", Namespace = "desk",
      ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://desk.example" } } })
    -- No path leads to Lua files of the module: they are in the library.
    assert.equal("desk\n", output_of(("cd / && env LUA_PATH=/nowhere/?.lua %s %s/minimal")
      :format(environment, dir.path)))
    assert.matches("^minimal: NoRegion: ", output_of(("cd / && env -u AWS_REGION HOME=/nowhere "
      .. "%s AWS_REGION= %s/minimal"):format(environment, dir.path)))
  end)

  it("names the library for its Lua, and its version", function()
    local name = rawget(_G, "jit") and "luajit" or "lua" .. VERSION
    assert.truthy(dir:read "include/appintegrations.h":find("appintegrations_preload", 1, true))
    local text = dir:read("lib/pkgconfig/appintegrations-" .. name .. ".pc")
    assert.equal(text, dir:read "lib/pkgconfig/appintegrations.pc")
    assert.truthy(text:find("\nVersion: " .. appintegrations._VERSION .. "\n", 1, true))
    assert.truthy(text:find("-lappintegrations-" .. name .. " -ldl -pthread -lm\n", 1, true))
  end)

  it("has all that its pages link to", function()
    local docs = dir:file "share/doc/appintegrations"
    local pages = output_of(("cd %s && find . -name '*.md'"):format(docs))
    assert.truthy(pages:find("./README.md\n", 1, true))
    for page in pages:gmatch "%./([^\n]+)" do
      local text = dir:read("share/doc/appintegrations/" .. page)
      for link in text:gmatch "%]%(([^)#%s]+)" do
        if not link:find "^%a+:" then
          local folder = page:match "^(.*/)" or ""
          assert.is_true(workdir.shell(("test -e %s/%s%s"):format(docs, folder, link)),
            page .. " links to " .. link)
        end
      end
    end
  end)

  it("has the types for editors beside the module", function()
    local types = dir:read(("share/lua/%s/appintegrations/types.lua"):format(VERSION))
    assert.truthy(types:find("\n---@meta", 1, true), types:sub(1, 80))
  end)
end)

describe("make env", function()
  local VERSIONED = "_" .. VERSION:gsub("%.", "_")

  --- What COMMAND prints in a shell with the exports, after SETTINGS.
  local function in_env(settings, command)
    return output_of(("unset LUA_PATH LUA_CPATH LUA_PATH%s LUA_CPATH%s; %s\n"):format(VERSIONED,
      VERSIONED, settings) .. ('eval "$(%s env)"; %s'):format(MAKE, command))
  end

  it("keeps what LUA_PATH holds, and the default path where it is unset", function()
    assert.truthy(in_env("export LUA_PATH='/x/?.lua;;'", 'echo "$LUA_PATH"')
      :find("/lua/?/init.lua;/x/?.lua;;\n", 1, true))
    assert.truthy(in_env("", 'echo "$LUA_PATH"'):find("/lua/?/init.lua;;\n", 1, true))
  end)

  it("extends the variable of the Lua's own version where that is set", function()
    local name = "LUA_PATH" .. (VERSION == "5.1" and "" or VERSIONED) -- 5.1 has no such variable
    assert.truthy(in_env(("export %s='/x/?.lua;;'"):format(name), ('echo "$%s"'):format(name))
      :find("/lua/?/init.lua;/x/?.lua;;\n", 1, true))
    local both = ("export LUA_PATH='/y/?.lua;;' LUA_PATH%s='/x/?.lua;;'"):format(VERSIONED)
    assert.truthy(in_env(both, ('echo "$%s"'):format(name))
      :find(VERSION == "5.1" and "/init.lua;/y/?" or "/init.lua;/x/?", 1, true))
    if VERSION ~= "5.1" then
      assert.equal("\n", in_env(("export %s='/x/?.lua;;'"):format(name), 'echo "$LUA_PATH"'))
    end
  end)

  it("puts the commands on PATH", function()
    assert.equal("appintegrations-emulator " .. require "appintegrations.base.version" .. "\n",
      in_env("", "cd /; appintegrations-emulator --version"))
  end)
end)
