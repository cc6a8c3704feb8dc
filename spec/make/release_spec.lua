-- What a release is made of: one version everywhere, an archive that is the same each time, a
-- source rock and a Debian package.
local cleanup = require "spec.support.cleanup"
local shell = require "spec.support.shell"
local version = require "appintegrations.base.version"
local workdir = require "spec.support.workdir"
local read = require("spec.support.files").read

local LUA = os.getenv "LUA" or "lua5.4"
local MAKE = ("unset MAKEFLAGS MAKELEVEL; make -s LUA=%s "):format(LUA)

local function new_workdir()
  local dir = workdir.new()
  cleanup(function() dir:remove() end)
  return dir
end

--- What COMMAND prints, both streams.
local function output_of(command)
  return (shell.output(command))
end

local function has_program(name)
  return workdir.shell("command -v " .. name .. " >/dev/null")
end

--- The globals that the rockspec at PATH sets.
local function rockspec(path)
  local fields = {}
  local chunk = assert(loadfile(path, "t", fields))
  local setfenv = rawget(_G, "setfenv") -- 5.1
  if setfenv then
    setfenv(chunk, fields)
  end
  chunk()
  return fields
end

describe("the version", function()
  it("is that of the newest section of CHANGELOG, which has a day", function()
    local released, day = read "CHANGELOG.md":match "\n## ([%d.]+) %- (%d%d%d%d%-%d%d%-%d%d)\n"
    assert.equal(version, released)
    assert.is_string(day)
  end)

  it("is semantic, and what the module, its user agent and its rockspec say", function()
    assert.matches("^%d+%.%d+%.%d+$", version)
    assert.equal(version, require("appintegrations")._VERSION)
    assert.equal(version .. "-1",
      rockspec(("rockspec/appintegrations-%s-1.rockspec"):format(version)).version)
    local readme = read "README.md"
    for shown in readme:gmatch "appintegrations[-_](%d[%d.]+%d)" do
      assert.equal(version, shown)
    end
    assert.equal(("appintegrations-%s.tar.gz\n"):format(version),
      output_of(MAKE .. "-n dist | grep -o 'appintegrations-[0-9.]*tar.gz' | sort -u"))
  end)
end)

describe("the release's rockspec", function()
  it("is that of the checkout but for version and source", function()
    local path = ("rockspec/appintegrations-%s-1.rockspec"):format(version)
    local release, scm = rockspec(path), rockspec "rockspec/appintegrations-scm-1.rockspec"
    assert.matches("/v" .. version .. "/appintegrations%-" .. version .. "%.tar%.gz$",
      release.source.url)
    release.version, release.source = scm.version, scm.source
    assert.same(scm, release)
    local dir = new_workdir()
    output_of(MAKE .. "rockspec ROCKSPEC=" .. dir:file "again")
    assert.equal(read(path), dir:read "again")
  end)

  it("says who, where and what is needed", function()
    local description = rockspec("rockspec/appintegrations-scm-1.rockspec")
    for _, name in ipairs { "summary", "detailed", "homepage", "maintainer", "license" } do
      assert.is_string(description.description[name])
    end
    assert.same({ CURL = { library = "curl" }, CRYPTO = { library = "crypto" } },
      description.external_dependencies)
  end)
end)

describe("make dist", function()
  it("writes the same archive again: later, elsewhere, without git, for another user", function()
    local dir = new_workdir()
    output_of(MAKE .. "dist DIST=" .. dir:file "first.tar.gz")
    assert.equal("", output_of(("tar -xzf %s -C %s"):format(dir:file "first.tar.gz", dir.path)))
    local copy = dir:file("appintegrations-" .. version)
    assert.equal("", output_of(("cd %s && umask 077 && chmod -R go= . && touch README.md && %s "
      .. "TZ=Asia/Tokyo dist DIST=%s >/dev/null"):format(copy, MAKE, dir:file "second.tar.gz")))
    assert.equal("", output_of(("cmp %s %s"):format(dir:file "first.tar.gz",
      dir:file "second.tar.gz")))
  end)

  it("has what a build, its specs and a reader need, and nothing that was built", function()
    local dir = new_workdir()
    output_of(MAKE .. "dist DIST=" .. dir:file "dist.tar.gz")
    local listed = "\n" .. output_of("tar -tzf " .. dir:file "dist.tar.gz")
    for _, file in ipairs { "Makefile", "README.md", "CHANGELOG.md", "LICENSE", ".busted",
      "lua/appintegrations/init.lua", "src/core/core.c", "examples/quickstart.lua",
      "spec/make/release_spec.lua" } do
      assert.truthy(listed:find(("\nappintegrations-%s/%s\n"):format(version, file), 1, true), file)
    end
    assert.is_nil(listed:find(("\nappintegrations-%s/build/"):format(version), 1, true))
    assert.is_nil(listed:find("%.so\n"))
  end)
end)

describe("the source rock", function()
  if not has_program "zip" or not has_program "unzip" then
    return pending "zip and unzip are absent"
  end

  it("has the rockspec, and the archive under the name that its source has", function()
    local dir = new_workdir()
    output_of(("%s source-rock ROCK=%s DIST=%s"):format(MAKE, dir:file "rock.zip",
      dir:file(("appintegrations-%s.tar.gz"):format(version))))
    local source = rockspec(("rockspec/appintegrations-%s-1.rockspec"):format(version)).source.url
    assert.equal(("appintegrations-%s-1.rockspec\n%s\n"):format(version, source:match "[^/]+$"),
      output_of(("unzip -Z1 %s | LC_ALL=C sort"):format(dir:file "rock.zip")))
  end)
end)

describe("make deb", function()
  if not has_program "dpkg-shlibdeps" then
    return pending "dpkg-dev is absent"
  end

  it("writes a package that names what it needs and works where it is unpacked", function()
    local dir = new_workdir()
    local output = output_of(("umask 027; %s run-deb DEB=%s DEB_ROOT=%s"):format(MAKE,
      dir:file "package.deb", dir:file "root")) -- the umask is the builder's affair
    local info = output_of(("dpkg-deb --info %s"):format(dir:file "package.deb"))
    assert.truthy(info:find(("Version: %s-1\n"):format(version), 1, true), output .. info)
    for _, package in ipairs { "lua%-cjson", "libcurl%S*", "libssl%S*", "ca%-certificates" } do
      assert.matches("\n Depends: [^\n]*" .. package, info)
    end
    local root = dir:file "unpacked"
    output_of(("dpkg-deb --extract %s %s"):format(dir:file "package.deb", root))
    local lua_version = _VERSION:match "%d%.%d"
    local so = output_of("find " .. root .. " -name core.so"):match "^(.*)/appintegrations/core.so"
    assert.equal(("appintegrations-emulator %s\n"):format(version), output_of(
      ("cd / && LUA_PATH='%s/usr/share/lua/%s/?.lua;%s/usr/share/lua/%s/?/init.lua;;' "
      .. "LUA_CPATH='%s/?.so;;' %s/usr/bin/appintegrations-emulator --version"):format(root,
      lua_version, root, lua_version, so, root)))
    assert.equal("", output_of(("find %s/usr -name '*.so' -exec nm {} \\; 2>/dev/null")
      :format(root))) -- stripped
  end)
end)
