-- What `make` says where something is missing: one sentence, before anything is compiled.
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local LUA = os.getenv "LUA" or "lua5.4"

describe("make", function()
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  --- What COMMAND prints, and its exit code.
  local function run(command)
    return shell.output("unset MAKEFLAGS MAKELEVEL; " .. command)
  end

  it("links libcurl and OpenSSL where no pkg-config file describes them", function()
    local output, code = run(("PKG_CONFIG_LIBDIR=/nowhere make -s -n -W src/signing/signing.c "
      .. "-W src/transport/curl.c V=1 LUA=%s LUA_CFLAGS=-I/nowhere all"):format(LUA))
    assert.equal(0, code, output)
    assert.matches("/signing%.so [^\n]* %-lcrypto", output)
    assert.matches("/curl%.so [^\n]* %-lcurl", output)
  end)

  it("runs its Lua programs where the Lua's own variables for paths are set", function()
    local version = _VERSION:gsub("Lua (%d)%.(%d)", "%1_%2")
    local output, code = run(("LUA_PATH_%s='/nowhere/?.lua;;' LUA_CPATH_%s='/nowhere/?.so;;' "
      .. "make -s LUA=%s run-demo"):format(version, version, LUA))
    assert.equal(0, code, output)
    assert.matches("\nUpdated: [^\n]*\n$", output)
  end)

  --- What looking for what compiling needs says under SETTINGS, without make's own line.
  local function prepare(settings)
    local prepared = dir:file "prepared"
    local output, code = run(("make -s LUA=%s BUILD=%s %s %s"):format(LUA, dir.path, settings,
      prepared))
    assert.equal(code == 0, workdir.shell("test -e " .. prepared))
    return (output:gsub("make: %*%*%*[^\n]*\n$", "")), code
  end

  it("goes on where everything is there", function()
    assert.same({ "", 0 }, { prepare "" })
  end)

  it("refuses an OpenSSL that is too old", function()
    assert(workdir.shell("mkdir " .. dir:file "openssl"))
    dir:write("openssl/opensslv.h", "#define OPENSSL_VERSION_NUMBER 0x1010100fL\n")
    local output, code = prepare("CFLAGS=-I" .. dir.path)
    assert.equal("make: OpenSSL 3 or later is needed and the headers are of an older one "
      .. "(<openssl/opensslv.h>): run make deps, or install them (Debian: libssl-dev)\n", output)
    assert.equal(2, code)
  end)

  it("says which headers are missing, and which package has them", function()
    local output, code = prepare "LUA_INCDIR=/nowhere"
    assert.matches("^make: the headers of lua%S+ are missing; LUA_INCDIR=DIRECTORY tells where "
      .. "they are %(<lua.h>%): run make deps, or install them %(Debian: lib%S+%-dev%)\n$", output)
    assert.equal(2, code)
    -- curl/curl.h alone becomes one that cannot be read.
    assert(workdir.shell("mkdir " .. dir:file "curl"))
    dir:write("curl/curl.h", '#error "not to be found"\n')
    output = prepare("CFLAGS=-I" .. dir.path)
    assert.equal("make: the headers of libcurl are missing (<curl/curl.h>): run make deps, or "
      .. "install them (Debian: libcurl4-openssl-dev)\n", output)
  end)

  it("says that a compiler or pkg-config is missing", function()
    assert.equal("make: there is no C compiler nocc (Debian: gcc)\n", (prepare "CC=nocc"))
    assert.equal("make: there is no nopc: run make deps, or install it\n",
      (prepare "PKG_CONFIG=nopc"))
  end)

  it("installs no other Lua than the one that was asked for", function()
    local output, code = run "make deps LUA=lua9.9"
    assert.matches("^make: LUA=lua9.9 cannot be run, and no package that has it is known\n", output)
    assert.equal(2, code)
  end)

  it("is advice of one line where packages cannot be had", function()
    dir:script("apt-get", "echo 'E: forty lines' >&2; exit 100")
    dir:script("id", "echo 0") -- root needs no sudo
    local output, code = run(("PATH=%s:$PATH make deps-lint APT_LINT=no-such-package")
      :format(dir.path))
    assert.is_nil(output:find("forty lines", 1, true))
    assert.matches("make: apt%-get knows no package of these names: no%-such%-package "
      .. "%(is the network there%? see build/apt.log%)\n", output)
    assert.equal(2, code)
  end)

  --- What apt-get is asked to install for the Make variables NAMES by TARGET, where dpkg has
  -- INSTALLED alone.
  local function asked_for(target, variables, installed)
    dir:script("apt-get", ('[ "$1" = update ] || echo "$@" >>%s'):format(dir:file "asked"))
    dir:script("apt-cache", "exit 0")
    dir:script("dpkg-query", ('case $4 in %s) echo "install ok installed" ;; *) exit 1 ;; esac')
      :format(installed))
    dir:script("id", "echo 0")
    local output, code = run(("PATH=%s:$PATH make %s %s"):format(dir.path, target, variables))
    assert.equal(0, code, output)
    return dir:read "asked"
  end

  it("installs beside what nginx and others need, and removes nothing", function()
    local variables = "LUA_IS_JIT= APT_LINT='$(APT_LUA_luajit) $(APT_CURL)'"
    assert.equal("-q install -y --no-remove --no-install-recommends luajit libluajit-5.1-dev "
      .. "libcurl4-openssl-dev\n", asked_for("deps-lint", variables, "none"))
    dir:write("asked", "")
    assert.equal("-q install -y --no-remove --no-install-recommends luajit2 libluajit2-5.1-dev\n",
      asked_for("deps-lint", variables, "libluajit2-5.1-2|libcurl4-gnutls-dev"))
  end)

  it("is GNU's: another one says so at once", function()
    if not workdir.shell "command -v bmake >/dev/null" then
      return pending "bmake is absent"
    end
    local output, code = run "bmake all"
    assert.matches("line %d+: This Makefile needs GNU make", output)
    assert.not_equal(0, code)
    assert.equal(1, select(2, output:gsub("\n", "\n")))
  end)

  if _VERSION >= "Lua 5.2" then
    it("builds shared objects that ask which Lua has loaded them", function()
      local build = os.getenv "BUILD" or "build/5.4"
      local output = shell.output(("for file in %s/appintegrations/*.so; do "
        .. "nm -D $file | grep -q ' U luaL_checkversion_$' || echo $file; done"):format(build))
      assert.equal("", output)
    end)
  end

  if _VERSION >= "Lua 5.4" then
    it("refuses a Lua whose numbers are small", function()
      local output, code = run(("pkg-config --cflags-only-I lua%s"):format(
        _VERSION:match "%d%.%d"))
      local headers = code == 0 and output:match "%-I(%S+)" or "/usr/include"
      if not workdir.shell(("test -e %s/luaconf.h"):format(headers)) then
        return pending "the headers of this Lua are not found"
      end
      assert(workdir.shell(("cp %s/l*.h %s"):format(headers, dir.path)))
      assert(workdir.shell(("sed -i 's/^.*#define LUA_32BITS.*/#define LUA_32BITS 1/' %s"):format(
        dir:file "luaconf.h")))
      local object = dir:file "obj/lua/luabox.o"
      output, code = run(("make -s LUA=%s BUILD=%s LUA_CFLAGS=-I%s %s"):format(LUA, dir.path,
        dir.path, object))
      assert.equal(2, code)
      assert.matches("appintegrations needs a Lua whose numbers are doubles", output, 1, true)
      assert.matches("appintegrations needs a Lua whose integers have 64 bits", output, 1, true)
    end)
  end
end)
