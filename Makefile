# appintegrations: build, test, install. `make help` lists the targets.

# To GNU make this is a variable that nobody reads, to any other make an error.
define not-gnu-make:
.error This Makefile needs GNU make (as gmake, or Debian's package make)
endef

LUA         ?= lua5.4
PKG_CONFIG  ?= pkg-config
CC          ?= cc
PREFIX      ?= /usr/local
DESTDIR     ?=
WERROR      ?= 0
SANITIZE    ?= 0

# The commands name it, wherever they are called.
ifneq ($(findstring /,$(LUA)),)
override LUA := $(abspath $(LUA))
endif

# Version and headers of the Lua that $(LUA) is: 5.1 (LuaJIT too) to 5.5.
LUA_FOUND   := $(shell $(LUA) -e 'io.write((_VERSION:gsub("Lua ", "")))' 2>/dev/null)
LUA_VERSION := $(or $(LUA_FOUND),5.4)
LUA_IS_JIT  := $(shell $(LUA) -e 'io.write(jit and "1" or "")' 2>/dev/null)
LUA_PC_NAMES := $(if $(LUA_IS_JIT),luajit,lua$(LUA_VERSION) lua-$(LUA_VERSION) lua$(subst .,,$(LUA_VERSION)) lua)
LUA_PC      := $(firstword $(foreach name,$(LUA_PC_NAMES),$(shell $(PKG_CONFIG) --exists $(name) 2>/dev/null && echo $(name))))
LUA_CFLAGS  ?= $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(if $(LUA_PC),$(shell $(PKG_CONFIG) --cflags $(LUA_PC))))
CC_IS_CLANG := $(findstring clang,$(notdir $(CC)))
FLAVOUR     := $(if $(LUA_IS_JIT),luajit,$(LUA_VERSION))$(if $(filter 1,$(SANITIZE)),-sanitize)$(if \
               $(filter thread,$(SANITIZE)),-tsan)$(if $(COVERAGE),-coverage)$(if $(CC_IS_CLANG),-clang)

VERSION     := $(shell sed -n 's/^return "\(.*\)"/\1/p' lua/appintegrations/base/version.lua)
BUILD       := build/$(FLAVOUR)
MODULES     := $(BUILD)/appintegrations
INSTALL_LMOD ?= $(PREFIX)/share/lua/$(LUA_VERSION)
INSTALL_CMOD ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
INSTALL_BIN  ?= $(PREFIX)/bin
INSTALL_MAN  ?= $(PREFIX)/share/man/man1
INSTALL_COMPLETION ?= $(PREFIX)/share/bash-completion/completions
INSTALL_DOC  ?= $(PREFIX)/share/doc/appintegrations
INSTALL_LIB  ?= $(PREFIX)/lib
INSTALL_INC  ?= $(PREFIX)/include

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wvla -Wconversion
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
OPTIMIZE := -O2 -g
ifeq ($(SANITIZE),1)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined $(if $(CC_IS_CLANG),-shared-libsan)
endif
ifneq ($(COVERAGE),)
OPTIMIZE := -O0 -g --coverage -fprofile-update=atomic
endif
ifeq ($(SANITIZE),thread)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
endif
# Where LuaRocks was told that libcurl and OpenSSL are, if not in the system's folders.
OTHER_INCLUDES := $(addprefix -I,$(filter-out /usr/include,$(sort $(CURL_INCDIR) $(CRYPTO_INCDIR))))
OTHER_LIBS     := $(foreach folder,$(filter-out /usr/lib%,$(sort $(CURL_LIBDIR) $(CRYPTO_LIBDIR))),\
                  -L$(folder) -Wl,-rpath,$(folder))
# Numbers of files and times of 64 bits, where the C library's usual ones have 32.
WIDE := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
# User CFLAGS come last and are never clobbered.
REAL_CFLAGS := -std=c11 -D_GNU_SOURCE $(WIDE) -fPIC -fvisibility=hidden $(WARNINGS) \
               $(OPTIMIZE) -Isrc $(LUA_CFLAGS) $(OTHER_INCLUDES) \
               $(CFLAGS)

# What compiling needs is looked for before it begins: one sentence says what is
# missing, instead of a compiler's pages.
PREPARED := $(BUILD)/prepared

# $(call header,NAME,of what,Debian's package,more lines)
define header
	@printf '%s\n' '#include <$(1)>' $(4) | $(CC) $(REAL_CFLAGS) \
	    $$($(PKG_CONFIG) --cflags libcurl libcrypto 2>/dev/null) -E - >/dev/null 2>&1 \
	    || { echo "make: $(2) (<$(1)>): run make deps, or install them (Debian: $(3))"; exit 1; }
endef
$(PREPARED):
	@command -v $(CC) >/dev/null || { echo "make: there is no C compiler $(CC) (Debian: gcc)"; exit 1; }
	@command -v $(PKG_CONFIG) >/dev/null \
	    || { echo "make: there is no $(PKG_CONFIG): run make deps, or install it"; exit 1; }
	$(call header,stdio.h,the C library's headers are missing,libc6-dev)
	$(call header,lua.h,the headers of $(LUA) are missing; LUA_INCDIR=DIRECTORY tells where they \
	    are,$(or $(lastword $(filter %-dev,$(APT_LUA))),$(if $(LUA_IS_JIT),libluajit-5.1-dev,$(LUA))))
	$(call header,curl/curl.h,the headers of libcurl are missing,libcurl4-openssl-dev)
	$(call header,openssl/opensslv.h,the headers of OpenSSL are missing,libssl-dev)
	$(call header,openssl/opensslv.h,OpenSSL 3 or later is needed and the headers are of an older \
	    one,libssl-dev,'#if OPENSSL_VERSION_NUMBER < 0x30000000L' '#error old' '#endif')
	@mkdir -p $(@D) && touch $@

# Each shared object: its sources and the libraries it links to.
core_SOURCES := base/status base/buf base/utf8 base/json base/number base/uri base/uuid \
                base/timestamp base/clock base/descriptor base/nearest lua/luabox \
                model/model model/tables model/pattern model/endpoint model/suggest \
                core/violations core/values core/rules core/freeform core/request_line core/build \
                core/decode core/headers \
                core/describe core/system core/files core/files_lua core/process \
                core/process_lua core/bundle core/bundle_none core/core
signing_SOURCES := base/status base/buf base/field base/uri base/timestamp base/clock base/nearest \
                lua/luabox signing/crypto signing/signing_key signing/canonical signing/sigv4 \
                signing/es256 signing/tokens signing/arguments signing/signing
# Libraries that somebody has built may have no pkg-config file: then by their names.
signing_LIBS  = $(or $(shell $(PKG_CONFIG) --libs libcrypto 2>/dev/null),-lcrypto)
curl_SOURCES := base/status base/buf base/field base/clock base/descriptor lua/luabox \
                transport/libcurl transport/settings transport/tls transport/failure \
                transport/chunks transport/answer transport/no_proxy transport/transfer \
                transport/verdict transport/easy transport/sockets transport/queue transport/sigpipe transport/engine \
                transport/request_lua transport/response_lua transport/curl
core_LIBS     := -ldl
curl_LIBS     = $(or $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null),-lcurl) -lm
httpd_SOURCES := base/status base/buf base/clock lua/luabox emulator/watch emulator/output \
                emulator/output_lua emulator/endings emulator/httpd emulator/httpd_lua
httpd_LIBS     = $(shell $(PKG_CONFIG) --libs libmicrohttpd)
sqlite_SOURCES := base/status base/buf lua/luabox emulator/sqlite
sqlite_LIBS     = $(shell $(PKG_CONFIG) --libs sqlite3)
# The emulator's own, for where its libraries are.
SHARED       := core signing curl \
    $(shell $(PKG_CONFIG) --exists libmicrohttpd 2>/dev/null && echo httpd) \
    $(shell $(PKG_CONFIG) --exists sqlite3 2>/dev/null && echo sqlite)

.DEFAULT_GOAL := all
EMULATOR := $(BUILD)/bin/appintegrations-emulator
COMMAND  := $(BUILD)/bin/appintegrations
.PHONY: all
all: $(SHARED:%=$(MODULES)/%.so) $(EMULATOR) $(COMMAND) ## Build the shared objects for LUA

# What is to run with $(LUA) names it. (The objects can be built where only its headers are.)
define need_lua
	@command -v $(LUA) >/dev/null \
	    || { echo "make: there is no $(LUA): install it, or name another with LUA="; exit 1; }
endef

# The commands as they run from a checkout, wherever they are called.
$(EMULATOR): COMMAND_MODULE := appintegrations.emulator.cli
$(COMMAND):  COMMAND_MODULE := appintegrations.command
$(EMULATOR) $(COMMAND): Makefile
	$(need_lua)
	@mkdir -p $(@D)
	@printf '%s\n' '#!/usr/bin/env $(LUA)' \
	    'package.path = "$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;" .. package.path' \
	    'package.cpath = "$(CURDIR)/$(BUILD)/?.so;" .. package.cpath' \
	    'os.exit(require("$(COMMAND_MODULE)").main(arg), true)' >$@
	@chmod +x $@

# Never unloaded: Lua 5.1 and LuaJIT unload them before the finalizers of what is older
# than the module, which may call it; and libcurl's name lookups run in threads that may
# outlive the Lua state.
STAYS := -Wl,-z,nodelete
define shared_object
$(MODULES)/$(1).so: $$($(1)_SOURCES:%=$(BUILD)/obj/%.o)
	@mkdir -p $$(@D)
	@$$(if $$(V),,echo "  LINK    $$@";)
	$$(if $$(V),,@)$$(CC) -shared $$(STAYS) $$(OPTIMIZE) -o $$@ $$^ $$($(1)_LIBS) $$(OTHER_LIBS) $$(LDFLAGS)
endef
$(foreach name,$(SHARED),$(eval $(call shared_object,$(name))))

$(BUILD)/obj/%.o: src/%.c | $(PREPARED)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC      $@";)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -MMD -MP -c -o $@ $<

$(foreach name,$(filter transport/%,$(curl_SOURCES)) embed/embed,$(BUILD)/obj/$(name).o): \
    REAL_CFLAGS += $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)

-include $(shell find build $(BUILD) -name '*.d' 2>/dev/null)

# --- For programs that embed Lua -----------------------------------------------

# All but the commands and what only they need: a program that is to test itself
# against the emulator starts it. types.lua is for editors only.
LUA_SOURCES := $(filter-out %/types.lua %/strict_json.lua, \
    $(sort $(shell find lua -name '*.lua' -not -path '*/emulator/*' -not -path '*/command/*')))
STATIC_SOURCES := $(sort $(core_SOURCES) $(signing_SOURCES) $(curl_SOURCES)) embed/embed
ARCHIVE := $(BUILD)/libappintegrations.a

.PHONY: static amalgamation
static: $(ARCHIVE) ## Build libappintegrations.a, Lua sources within, and its header
amalgamation: build/appintegrations.c ## Write the module as one C file, build/appintegrations.c

build/embedded.c: src/embed/sources.lua src/base/script.lua $(LUA_SOURCES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  GEN     $@";)
	$(if $(V),,@)$(LUA) src/embed/sources.lua $(LUA_SOURCES) >$@.new && mv $@.new $@

$(BUILD)/obj/embedded.o: build/embedded.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(STATIC_SOURCES:%=$(BUILD)/obj/%.o) $(BUILD)/obj/embedded.o
	@$(if $(V),,echo "  AR      $@";)
	@rm -f $@
	$(if $(V),,@)$(AR) rcs $@ $^
	@cp src/embed/appintegrations.h $(BUILD)/appintegrations.h

build/appintegrations.c: src/embed/amalgamate.lua src/base/script.lua build/embedded.c \
    $(STATIC_SOURCES:%=src/%.c) $(wildcard src/*/*.h)
	@$(if $(V),,echo "  GEN     $@";)
	$(if $(V),,@)$(LUA) src/embed/amalgamate.lua $(VERSION) $(STATIC_SOURCES:%=src/%.c) \
	    build/embedded.c >$@.new && mv $@.new $@
	@cp src/embed/appintegrations.h build/appintegrations.h

# The examples that embed Lua; `threads` once from the library, once from the
# one file (not optimized: it is only to be seen working).
LUA_LIBS  ?= $(if $(LUA_PC),$(shell $(PKG_CONFIG) --libs $(LUA_PC)),$(error No pkg-config file \
             describes $(LUA): LUA_LIBS must tell how to link it (as -L/opt/lua/lib -llua -lm -ldl)))
EMBED_LIBS = $(LUA_LIBS) $(curl_LIBS) $(signing_LIBS) -pthread $(LDFLAGS)
EMBEDDERS := $(patsubst %,$(BUILD)/bin/%,threads threads-amalgamated memory wiping)
# What specs need of the system and Lua does not have: child processes, faults, other states.
HELPERS   := $(patsubst %,$(BUILD)/%.so,forking faults old_libcurl states \
             $(if $(COVERAGE),line_hook))
# Shared objects in which each step of C counts: see spec/support/counting.c.
COUNTED   := $(BUILD)/counted
COUNTERS  := $(COUNTED)/counting.so $(COUNTED)/appintegrations/core.so $(COUNTED)/appintegrations/signing.so

.PHONY: embedders
embedders: $(EMBEDDERS) $(HELPERS) $(COUNTERS)

$(HELPERS): $(BUILD)/%.so: spec/support/%.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -shared -o $@ $< -ldl $(HELPER_LIBS) $(LDFLAGS)
# It defines what these give other names to.
$(BUILD)/faults.so: REAL_CFLAGS := $(filter-out $(WIDE),$(REAL_CFLAGS))
$(BUILD)/old_libcurl.so: HELPER_LIBS = -Wl,--no-as-needed $(curl_LIBS)

COUNTED_CALLS := memchr memrchr memcpy memmove memset realloc memcmp strncasecmp strlen strspn \
                 strcspn strchr
COUNTED_FLAGS := -O1 -fsanitize-coverage=trace-pc -fno-builtin
counted_SOURCES := base/buf transport/answer transport/chunks transport/no_proxy
counted_LINK   = $(if $(V),,@)mkdir -p $(@D) && $(CC) -shared $(OPTIMIZE) -o $@ $(filter %.o,$^) \
                 $(COUNTED_CALLS:%=-Wl,--wrap=%) $(OTHER_LIBS) $(LDFLAGS)
# They find what counts beside their folder.
counted_LIBS   = -L$(COUNTED) -l:counting.so -Wl,-rpath,'$$ORIGIN/..'

$(COUNTED)/obj/%.o: src/%.c | $(PREPARED)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(filter-out --coverage,$(REAL_CFLAGS)) $(COUNTED_FLAGS) -MMD -MP -c -o $@ $<
$(COUNTED)/obj/counting.o: spec/support/counting.c | $(PREPARED)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(filter-out --coverage,$(REAL_CFLAGS)) -MMD -MP -c -o $@ $<
$(COUNTED)/counting.so: $(COUNTED)/obj/counting.o $(counted_SOURCES:%=$(COUNTED)/obj/%.o)
	$(counted_LINK)
$(COUNTED)/appintegrations/core.so: $(core_SOURCES:%=$(COUNTED)/obj/%.o) $(COUNTED)/counting.so
	$(counted_LINK) $(counted_LIBS) $(core_LIBS)
$(COUNTED)/appintegrations/signing.so: $(signing_SOURCES:%=$(COUNTED)/obj/%.o) $(COUNTED)/counting.so
	$(counted_LINK) $(counted_LIBS) $(signing_LIBS)

$(BUILD)/bin/threads: examples/embed/threads.c $(ARCHIVE)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -Isrc/embed -o $@ $^ $(EMBED_LIBS)

$(BUILD)/bin/memory $(BUILD)/bin/wiping: $(BUILD)/bin/%: spec/support/%.c $(ARCHIVE)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -Isrc/embed -o $@ $^ $(EMBED_LIBS)

# Registers with secrets would come to the stack where a symbol is looked up at last.
$(BUILD)/bin/wiping: EMBED_LIBS += -Wl,-z,now

$(BUILD)/bin/threads-amalgamated: examples/embed/threads.c build/appintegrations.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(filter-out -O% -Isrc,$(REAL_CFLAGS)) -O0 -Ibuild -o $@ $^ $(EMBED_LIBS)

# --- What make installs on Debian when it is missing -------------------------

APT_LUA_lua5.1 := lua5.1 liblua5.1-0-dev
APT_LUA_lua5.2 := lua5.2 liblua5.2-dev
APT_LUA_lua5.3 := lua5.3 liblua5.3-dev
APT_LUA_lua5.4 := lua5.4 liblua5.4-dev
APT_LUA_lua5.5 := lua5.5 liblua5.5-dev
# Some packages exclude each other; the one that is there will do, as other packages may need
# it: LuaJIT 2 is what nginx's Lua module of Debian 12 runs.
is_installed = dpkg-query -W -f '$${Status}' $(1) 2>/dev/null | grep -q 'ok installed'
dpkg_has = $(shell $(call is_installed,$(1)) && echo yes)
APT_LUA_luajit = $(if $(and $(LUA_IS_JIT),$(LUA_PC)),pkg-config,$(if \
             $(call dpkg_has,libluajit2-5.1-2),luajit2 libluajit2-5.1-dev,luajit libluajit-5.1-dev))
APT_CURL   = libcurl4-$(if $(call dpkg_has,libcurl4-gnutls-dev),gnutls,openssl)-dev
# A Lua of one's own, with its headers, needs none of them.
APT_LUA   := $(or $(APT_LUA_$(notdir $(LUA))),$(if $(LUA_FOUND),$(if \
             $(LUA_CFLAGS),pkg-config,$(APT_LUA_lua$(LUA_FOUND)))))
APT_BUILD  = pkg-config $(APT_CURL) libssl-dev libmicrohttpd-dev libsqlite3-dev \
             ca-certificates lua-cjson $(APT_LUA)
# What the site is built with. Debian 12 and 13 run lua-ldoc with Lua 5.1 or 5.2 alone.
APT_DOCS  := lua-ldoc lua5.1 lua-argparse
APT_TEST   = $(APT_BUILD) $(APT_DOCS) lua-busted lua-socket lua-sec lua-luv lua-copas openssl \
             locales bmake curl
APT_LINT  := clang-format clang-tidy lua-check luarocks

# $(call install,packages[,--remove]): what dpkg does not have, as root or through sudo. Nothing is
# removed for it, unless that is asked for.
# What apt-get prints goes to a log; what it comes to is one line.
define install
	$(if $(APT_LUA),,@echo "make: LUA=$(LUA) cannot be run, and no package that has it is known"; exit 1)
	@missing=; for package in $(1); do \
	    $(call is_installed,$$package) || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
	    echo "Not a Debian system: please make sure that you have what these packages have:$$missing"; \
	    exit 0; \
	fi; \
	sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; \
	    command -v sudo >/dev/null || { echo "Please install as root:$$missing"; exit 1; }; fi; \
	echo "Installing:$$missing"; \
	mkdir -p build; $$sudo apt-get update >build/apt.log 2>&1; \
	for package in $$missing; do \
	    apt-cache show $$package >/dev/null 2>&1 || absent="$$absent $$package"; \
	done; \
	[ -z "$$absent" ] || { echo "make: apt-get knows no package of these names:$$absent" \
	    "(is the network there? see build/apt.log)"; exit 1; }; \
	$$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q install -y $(or $(2),--no-remove) \
	    --no-install-recommends $$missing >>build/apt.log 2>&1 \
	    || { echo "make: apt-get could not install$$missing (is the network there? see build/apt.log)"; \
	         exit 1; }
endef

# Debian has no lua-cjson for its newest Lua yet: for that one it is compiled from
# the archive of Debian's source package, and stays in build.
CJSON := $(BUILD)/cjson.so
CJSON_SOURCES := lua_cjson.c strbuf.c fpconv.c
.PHONY: cjson
cjson:
	@$(LUA_ENV) $(LUA) -e 'require "cjson"' 2>/dev/null || ! command -v apt-get >/dev/null \
	    || $(MAKE) --no-print-directory $(CJSON)
$(CJSON):
	@echo "Building lua-cjson for $(LUA) from Debian's source package"
	@rm -rf build/cjson && mkdir -p build/cjson/lists/partial $(@D)
	@cd build/cjson && apt-get indextargets --format 'deb-src $$(SITE) $$(RELEASE) $$(COMPONENT)' \
	    'Created-By: Packages' | sort -u >sources.list; \
	own="-q -o Dir::Etc::sourcelist=$$PWD/sources.list -o Dir::Etc::sourceparts=- \
	     -o Dir::State::lists=$$PWD/lists"; \
	{ apt-get $$own update && apt-get $$own source --tar-only lua-cjson \
	    && tar -xzf lua-cjson_*.orig.tar.gz --strip-components=1; } >../apt.log 2>&1 \
	    || { echo "make: apt-get has no source of lua-cjson (see build/apt.log);" \
	         "please install lua-cjson for $(LUA) by hand"; exit 1; }
	@$(CC) -O2 -fPIC -shared -DNDEBUG $(LUA_CFLAGS) -o $@ $(CJSON_SOURCES:%=build/cjson/%) -lm

.PHONY: deps deps-test deps-lint deps-docs
deps: ## Install what building and running need, with apt-get
	$(call install,$(APT_BUILD) lua-argparse)
	@$(MAKE) --no-print-directory cjson
deps-test:
	$(call install,$(APT_TEST))
	@$(MAKE) --no-print-directory cjson
deps-lint: ; $(call install,$(APT_LINT))
deps-docs: deps ; $(call install,$(APT_DOCS))

# --- The two commands ------------------------------------------------------------

.PHONY: demo
demo: deps ## Build, start the emulator, run the quickstart against it
	@$(MAKE) --no-print-directory run-demo

.PHONY: test
test: deps-test ## Build and run every spec (SANITIZE=1: under ASan and UBSan)
	@$(MAKE) --no-print-directory spec

# From 5.2 on a Lua that finds LUA_PATH_5_4 (of its own version) does not look at LUA_PATH: what the
# one holds goes into the other.
LUA_SUFFIX := $(if $(filter-out 5.1,$(LUA_VERSION)),_$(subst .,_,$(LUA_VERSION)))
PLAIN_ENV  := env -u LUA_PATH$(LUA_SUFFIX) -u LUA_CPATH$(LUA_SUFFIX)
OLD_PATH   := $${LUA_PATH$(LUA_SUFFIX)-$$LUA_PATH}
OLD_CPATH  := $${LUA_CPATH$(LUA_SUFFIX)-$$LUA_CPATH}
LUA_ENV := $(PLAIN_ENV) LUA_PATH="lua/?.lua;lua/?/init.lua;$(OLD_PATH);" \
           LUA_CPATH="$(BUILD)/?.so;$(OLD_CPATH);"
BUSTED  ?= $(or $(shell command -v busted),/usr/bin/busted)
# Without libmicrohttpd there is no command to run specs against, without SQLite no
# emulator at all: they are left out.
ABSENT    = $(filter-out $(SHARED),httpd sqlite)
OF_ABSENT = $(if $(ABSENT),$(shell grep -rlE 'support\.(emulator|service|nginx|example_host)|integrations\.httpd$(if \
              $(filter sqlite,$(ABSENT)),|support\.(world|account)|testing\.lua|integrations\.(emulator|sqlite))' spec --include='*_spec.lua'))
SPECS   ?= $(if $(ABSENT),$(filter-out $(OF_ABSENT),$(shell find spec -name '*_spec.lua')),spec)
ifeq ($(SANITIZE),1)
# The interpreter itself is not instrumented: the runtimes come first. What it
# keeps until exit is not ours to free.
SANITIZERS = $(if $(CC_IS_CLANG),libclang_rt.asan-$(shell uname -m).so,libasan.so libubsan.so)
SPEC_ENV = LD_PRELOAD="$(foreach name,$(SANITIZERS),$(shell $(CC) -print-file-name=$(name)))" \
            ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
            UBSAN_OPTIONS=print_stacktrace=1
endif
# Seconds after which a spec that is not done counts as one that hangs.
SPEC_LIMIT ?= $(if $(filter 1,$(SANITIZE)),600,180)

.PHONY: spec
spec: all embedders ## Run the specs without installing anything (SPECS=path for some)
	@$(if $(ABSENT),echo "Left out (Debian: $(patsubst sqlite,libsqlite3-dev,$(patsubst \
	    httpd,libmicrohttpd-dev,$(ABSENT)))): $(OF_ABSENT)",:)
	@$(LUA_ENV) $(SPEC_ENV) LUA="$(LUA)" BUILD="$(BUILD)" BUSTED="$(BUSTED)" \
	    SPEC_LIMIT="$(SPEC_LIMIT)" EVERY_FAULT="$(EVERY_FAULT)" SOAK_CALLS="$(SOAK_CALLS)" \
	    spec/support/run $(RUNNER) $(LUA) $(BUSTED) $(SPECS)

# Each Lua is set up by a make of its own, as for that one alone. LUAS names some;
# without it, it is all that are here or that Debian has. JOBS folders of specs run
# at a time.
JOBS ?= 1
EVERY_LUA := lua5.5 lua5.4 lua5.3 lua5.2 lua5.1 luajit
.PHONY: test-all run-test-all
test-all: ## Run every spec under each Lua that Debian has, print a table (LUAS=some JOBS=n)
	@set -e; luas="$(LUAS)"; [ -n "$$luas" ] || for lua in $(EVERY_LUA); do \
	    if command -v $$lua >/dev/null || apt-cache show $$lua >/dev/null 2>&1; then \
	        luas="$$luas $$lua"; fi; done; \
	for lua in $$luas; do \
	    $(MAKE) --no-print-directory deps-test LUA=$$lua; \
	    $(MAKE) --no-print-directory all embedders LUA=$$lua; done; \
	$(MAKE) --no-print-directory run-test-all LUAS="$$luas"
run-test-all:
	@$(firstword $(LUAS)) spec/support/matrix.lua "$(MAKE)" $(JOBS) $(LUAS)
.PHONY: $(EVERY_LUA:%=deps-%) $(EVERY_LUA:%=build-%)
$(EVERY_LUA:%=deps-%): deps-%:
	@$(MAKE) --no-print-directory deps-test LUA=$*
$(EVERY_LUA:%=build-%): build-%:
	@$(MAKE) --no-print-directory all LUA=$*

# MACHINE is a command that runs its second argument in a fresh clone of this
# checkout on the Debian that its first names.
SYSTEMS ?= bookworm trixie sid
.PHONY: test-systems
test-systems: ## Run demo and test-all on each of SYSTEMS, for the README's table (MACHINE=command)
	$(if $(MACHINE),,@echo "make: MACHINE must be a command that runs another: MACHINE SYSTEM COMMAND"; exit 1)
	@$(LUA) spec/support/systems.lua "$(MACHINE)" "$(LUAS)" $(SYSTEMS)

# ARCH is Debian's name of an architecture; what this processor cannot run, QEMU emulates, but for
# what #native specs need (see valgrind).
ARCH ?= s390x
.PHONY: test-machine
test-machine: ## Run spec/src on another machine, as root (ARCH=s390x, i386, armhf, arm64 …)
	$(call install,debootstrap qemu-user-static)
	@spec/support/machine $(ARCH) 'make deps-test LUA=$(LUA) && make spec LUA=$(LUA) \
	    $(if $(filter %i386 %amd64,$(ARCH)),,BUSTED="$$(command -v busted) --exclude-tags=native") \
	    SPECS="$(if $(filter spec,$(SPECS)),spec/src,$(SPECS))" SPEC_LIMIT=3600'

# Specs with dates that come to pass. What is tagged #native has no business with faketime, which is
# preloaded, opens a descriptor of its own and polls for less than it is told.
LATER ?= +5y
.PHONY: test-later
test-later: ## Run spec/lua with the clock put forward by LATER (installs faketime)
	$(call install,$(APT_TEST) faketime)
	@$(MAKE) --no-print-directory spec RUNNER="faketime --exclude-monotonic -f $(LATER)" \
	    BUSTED="$(BUSTED) --exclude-tags=native" SPEC_LIMIT=600 \
	    SPECS="$(or $(filter-out spec,$(SPECS)),spec/lua)"

# HAProxy, nginx and Kamailio as Debian packages them, each with the Lua that it
# is linked to, run the examples that are made for them.
HOST_LUAS = luajit lua5.1 $(shell haproxy -vv | sed -n 's/^Built with Lua version : Lua \(5\.[0-9]\).*/lua\1/p')
.PHONY: test-hosts deps-hosts run-test-hosts
test-hosts: deps-test ## Run the examples inside HAProxy, nginx and Kamailio (installs them)
	$(call install,haproxy nginx libnginx-mod-http-lua kamailio kamailio-lua-modules,--remove)
	@$(MAKE) --no-print-directory deps-hosts
	@$(MAKE) --no-print-directory run-test-hosts
deps-hosts:
	@$(MAKE) --no-print-directory $(HOST_LUAS:%=deps-%)
run-test-hosts:
	@$(MAKE) --no-print-directory $(HOST_LUAS:%=build-%)
	@$(MAKE) --no-print-directory spec SPECS=spec/hosts

# 8 threads of 1,000 calls under ThreadSanitizer. The emulator is not part of it.
.PHONY: tsan run-tsan
tsan: deps ## Run the threaded example under ThreadSanitizer
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory SANITIZE=thread EMULATOR=$(EMULATOR) run-tsan
run-tsan: $(BUILD)/bin/threads
	@TSAN_OPTIONS=exitcode=66 examples/with-emulator $(EMULATOR) $(BUILD)/bin/threads 1000 8
	@TSAN_OPTIONS=exitcode=66 examples/with-emulator $(EMULATOR) $(BUILD)/bin/threads 10 8 host
	@TSAN_OPTIONS=exitcode=66 examples/with-emulator $(EMULATOR) $(BUILD)/bin/threads 500 8 loop

# The specs of `make test` sample these; here each call of each kind fails once.
.PHONY: faults
faults: deps-test ## Fail every system call and allocation of each scenario in turn
	@$(MAKE) --no-print-directory spec EVERY_FAULT=1 SPEC_LIMIT=1200 \
	    SPECS="spec/src/system_faults_spec.lua spec/src/memory_spec.lua"

CALLS ?= 500000
.PHONY: soak
soak: deps-test ## Make CALLS mixed calls (500,000), show what they leave behind
	@$(MAKE) --no-print-directory spec SOAK_CALLS=$(CALLS) SPEC_LIMIT=36000 \
	    SPECS=spec/src/soak_spec.lua

.PHONY: finalizers
finalizers: deps-test ## Run a finalizer at every allocation of each scenario, sanitized
	@$(MAKE) --no-print-directory spec SANITIZE=1 EVERY_FAULT=1 SPEC_LIMIT=1200 \
	    SPECS=spec/src/finalizers_spec.lua

# What is tagged #native measures time, or needs system calls that valgrind does not
# have. spec/make runs other processes only.
VALGRIND := valgrind --error-exitcode=99 --leak-check=full --num-callers=30 \
            --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
            --child-silent-after-fork=yes --log-file=build/valgrind.log
.PHONY: valgrind run-valgrind
valgrind: ## Run the specs under memcheck (installs valgrind; SPECS=some)
	$(call install,$(APT_TEST) valgrind)
	@$(MAKE) --no-print-directory run-valgrind SPECS="$(or $(filter-out spec,$(SPECS)),spec/src \
	    spec/lua spec/examples)"
run-valgrind:
	@code=0; $(MAKE) --no-print-directory spec RUNNER="$(VALGRIND)" SPEC_LIMIT=1800 \
	    BUSTED="$(BUSTED) --exclude-tags=native" || code=$$?; \
	sed '/HEAP SUMMARY/,$$d' build/valgrind.log | grep -v '^--' | head -n 200; \
	grep 'lost:\|ERROR SUMMARY' build/valgrind.log; exit $$code

.PHONY: run-demo
run-demo: all
	@$(LUA_ENV) examples/with-emulator $(EMULATOR) $(LUA) examples/quickstart.lua

BENCH := build/bench/$(FLAVOUR)
BENCH_ENV = $(PLAIN_ENV) LUA_PATH="./?.lua;lua/?.lua;lua/?/init.lua;$(OLD_PATH);" \
    LUA_CPATH="$(BUILD)/?.so;$(BENCH)/?.so;$(OLD_CPATH);" \
    LUA="$(LUA)" BENCH_DIR="$(CURDIR)/$(BENCH)" BENCH_PEERS="$(CURDIR)/$(PEERS)" \
    TMPDIR="$(CURDIR)/$(BENCH)"
# What the module is compared with.
BENCH_HELPERS := $(BENCH)/minimum.so $(BENCH)/raw.so

$(BENCH_HELPERS): $(BENCH)/%.so: spec/benchmarks/%.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -shared -o $@ $< \
	    $$($(PKG_CONFIG) --cflags --libs libcurl libcrypto) $(LDFLAGS)

.PHONY: bench-installed
bench-installed: all
	@mkdir -p $(BENCH)
	@$(MAKE) --no-print-directory install PREFIX="$(CURDIR)/$(BENCH)/installed" >/dev/null

.PHONY: bench run-bench
bench: ## Compare the costs of calls with a hand-written minimum (installs nginx)
	$(call install,$(APT_TEST) nginx-light)
	@$(MAKE) --no-print-directory run-bench
run-bench: bench-installed $(BENCH_HELPERS) $(BUILD)/states.so
	@$(BENCH_ENV) $(LUA) spec/benchmarks/run.lua

# The JavaScript SDK stays below build; nothing else of the project needs npm.
PEERS := build/bench/peers
.PHONY: bench-peers
bench-peers: ## Install the SDKs of other languages for bench to compare with
	$(call install,python3-botocore $(if $(shell command -v npm),,nodejs npm))
	@mkdir -p $(PEERS) && cd $(PEERS) && npm install --no-audit --no-fund --prefix . \
	    @aws-sdk/client-appintegrations

# The figures are a matter of this Lua, libcurl, OpenSSL and compiler too: where those are
# others, they are only printed beside those of spec/benchmarks/instructions.txt.
.PHONY: bench-instructions run-bench-instructions
bench-instructions: ## Count instructions under callgrind beside the figures kept (RECORD=1 keeps these)
	$(call install,$(APT_TEST) nginx-light valgrind)
	@$(MAKE) --no-print-directory run-bench-instructions
run-bench-instructions: bench-installed
	@$(BENCH_ENV) RECORD="$(RECORD)" $(LUA) spec/benchmarks/instructions.lua

COUNT ?= 10000
FIRST ?= 1
.PHONY: stress
stress: ## Run COUNT random schedules of tasks from seed FIRST on, or that of SEED alone
	@STRESS="$(COUNT)" FIRST="$(FIRST)" SEED="$(if $(filter file,$(origin SEED)),,$(SEED))" $(MAKE) --no-print-directory spec \
	    SPECS=spec/lua/loop/stress_spec.lua

.PHONY: bench-loop
bench-loop: all ## Many calls at once beside the same calls in sequence
	@mkdir -p $(BENCH)
	@$(BENCH_ENV) $(LUA) spec/benchmarks/loop.lua

# --- Fuzzing ---------------------------------------------------------------------

# A target is spec/fuzz/NAME.c, linked with what fuzz_NAME_SOURCES and fuzz_NAME_LIBS
# say, or spec/fuzz/NAME.lua, which spec/fuzz/lua.c runs. Its seeds are in
# spec/fuzz/corpus/NAME. What a run has come upon stays in build/fuzz/corpus/NAME,
# what made it fail in build/fuzz/NAME.*.
FUZZ_C   := pattern headers chunks number httpd
FUZZ_LUA := build decode json response time uri sigv4 tokens profiles sts urls http1 texts \
            emulator
TARGET   ?= $(FUZZ_C) $(FUZZ_LUA)
TIME     ?= 60
APT_FUZZ  = $(APT_BUILD) clang libclang-rt-dev libpcre2-dev

fuzz_pattern_SOURCES := base/utf8 model/pattern model/model model/tables
fuzz_pattern_LIBS    := -lpcre2-8
fuzz_chunks_SOURCES  := transport/chunks
fuzz_headers_SOURCES := base/buf transport/answer transport/chunks
fuzz_number_SOURCES  := base/buf base/json base/number base/utf8
fuzz_httpd_SOURCES   := base/status base/buf base/clock emulator/watch emulator/output emulator/endings emulator/httpd
fuzz_httpd_LIBS       = $(httpd_LIBS)
fuzz_lua_SOURCES     := $(sort $(core_SOURCES) $(signing_SOURCES) $(sqlite_SOURCES))
fuzz_lua_LIBS         = $(LUA_LIBS) $(signing_LIBS) $(sqlite_LIBS) -ldl

FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE -O1 -g -Isrc $(LUA_CFLAGS) \
               -fno-sanitize-recover=undefined -fno-omit-frame-pointer
build/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CLANG   $@";)
	$(if $(V),,@)clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

define fuzzer
build/fuzz/$(1): spec/fuzz/$(1).c spec/fuzz/check.h $$(fuzz_$(1)_SOURCES:%=build/fuzz/obj/%.o)
	@mkdir -p $$(@D)
	@$$(if $$(V),,echo "  CLANG   $$@";)
	$$(if $$(V),,@)clang $$(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -o $$@ \
	    $$< $$(filter %.o,$$^) $$(fuzz_$(1)_LIBS) -lm
endef
$(foreach name,$(FUZZ_C) lua,$(eval $(call fuzzer,$(name))))

# The words of a target: spec/fuzz/KIND.dict.
fuzz_httpd_WORDS := http
fuzz_http1_WORDS := http
fuzz_headers_WORDS := http
fuzz_chunks_WORDS := http
fuzz_decode_WORDS := json
fuzz_json_WORDS := json
fuzz_response_WORDS := json
fuzz_emulator_WORDS := json
fuzz_profiles_WORDS := profiles
fuzz_sts_WORDS := sts
fuzz_time_WORDS := time
fuzz_urls_WORDS := urls
fuzz_pattern_WORDS := urls
fuzz_build_WORDS := urls

# $(call run_fuzzer,target,options,inputs)
define run_fuzzer
	@mkdir -p build/fuzz/corpus/$(1)
	@LUA_PATH="./?.lua;lua/?.lua;lua/?/init.lua;;" FUZZ_TARGET=spec/fuzz/$(1).lua \
	    build/fuzz/$(if $(filter $(FUZZ_C),$(1)),$(1),lua) -detect_leaks=0 -timeout=10 $(2) \
	    -print_final_stats=1 -artifact_prefix=build/fuzz/$(1). \
	    $(fuzz_$(1)_WORDS:%=-dict=spec/fuzz/%.dict) $(3) >build/fuzz/$(1).log 2>&1 \
	    || { tail -n 60 build/fuzz/$(1).log; echo "make: fuzzing $(1) has found something"; exit 1; }
	@$(LUA) spec/support/fuzz_log.lua $(1) build/fuzz/$(1).log

endef
FUZZERS = $(sort $(patsubst %,build/fuzz/%,$(filter $(FUZZ_C),$(TARGET)) \
              $(if $(filter-out $(FUZZ_C),$(TARGET)),lua)))

.PHONY: fuzz run-fuzz fuzz-replay run-fuzz-replay
fuzz: ## Random bytes for each target of spec/fuzz, TIME seconds each (TARGET=some; installs clang)
	$(call install,$(APT_FUZZ))
	@$(MAKE) --no-print-directory run-fuzz
run-fuzz: $(FUZZERS)
	$(foreach target,$(TARGET),$(call run_fuzzer,$(target),-max_total_time=$(TIME) -max_len=1024,\
	    build/fuzz/corpus/$(target) spec/fuzz/corpus/$(target)))
fuzz-replay: ## The seeds of spec/fuzz/corpus only, under the sanitizers (installs clang)
	$(call install,$(APT_FUZZ))
	@$(MAKE) --no-print-directory run-fuzz-replay
run-fuzz-replay: $(FUZZERS)
	$(foreach target,$(TARGET),$(call run_fuzzer,$(target),-runs=0,spec/fuzz/corpus/$(target)))

# The worst that can be made of fragments, for each reader of foreign bytes.
TRIES ?= 1000
.PHONY: slowest
slowest: all $(COUNTERS) ## Search for texts that a reader takes more than linear time for (TARGET=… TRIES=n SEED=n)
	@$(LUA_ENV) $(LUA) spec/support/slowest.lua $(COUNTED) $(TRIES) $(SEED) \
	    $(if $(filter file,$(origin TARGET)),,"$(TARGET)")

# --- Coverage --------------------------------------------------------------------

COVERAGE_DIR := $(CURDIR)/build/coverage
.PHONY: coverage run-coverage
coverage: deps-test ## Run every spec, print which share of lines and branches it runs, by file
	@rm -rf $(COVERAGE_DIR) build/$(LUA_VERSION)-coverage && mkdir -p $(COVERAGE_DIR)
	@$(MAKE) --no-print-directory all embedders COVERAGE=1
	@LUA_INIT="@$(CURDIR)/spec/support/line_coverage.lua" COVERAGE_DIR=$(COVERAGE_DIR) \
	    LINE_HOOK="$(CURDIR)/build/$(LUA_VERSION)-coverage/line_hook.so" \
	    $(MAKE) --no-print-directory spec COVERAGE=1 SPEC_LIMIT=900 || true
	@$(LUA) spec/support/coverage.lua build/$(LUA_VERSION)-coverage $(COVERAGE_DIR)

# BUDGET: the seconds of specs that a mutant that none notices is tried with.
MUTANTS ?= 300
SEED    ?= 1
BUDGET  ?= 300
.PHONY: mutate
mutate: deps-test ## Break the sources in MUTANTS places, print what no spec notices (SEED=n)
	@BUSTED="$(BUSTED)" $(LUA) spec/support/mutate.lua $(MUTANTS) $(SEED) $(BUDGET)

.PHONY: check-emulator
check-emulator: all ## Kill, fuzz, fill and time the emulator at length (ONLY="kill disk shared fuzz cpu memory")
	@$(LUA_ENV) LUA="$(LUA)" BUILD="$(BUILD)" ONLY="$(ONLY)" $(LUA) spec/benchmarks/emulator.lua

# --- Lints ---------------------------------------------------------------------

C_FILES := $(filter-out src/model/tables.c,$(wildcard src/*/*.c spec/*/*.c examples/*/*.c))
H_FILES := $(wildcard src/*/*.h)
TIDY    := $(addprefix tidy-,$(filter-out src/model/tables.c,$(wildcard src/*/*.c)))

.PHONY: lint
lint: deps-lint ## Formatting, static analysis, layers, stale generated files, luacheck
	@clang-format --dry-run -Werror $(C_FILES) $(H_FILES)
	@luacheck -q .
	@set -e; for file in rockspec/*.rockspec; do luarocks lint $$file; done
	@$(MAKE) --no-print-directory layers model-check
	@$(MAKE) --no-print-directory -j2 tidy

.PHONY: layers
layers: ## Fail if a folder of src or lua uses a sister, or one above it
	@$(LUA) spec/support/layers.lua

.PHONY: tidy $(TIDY)
tidy: $(TIDY)
$(TIDY): tidy-%:
	@clang-tidy --quiet $* -- -std=c11 -D_GNU_SOURCE -Isrc $(LUA_CFLAGS) \
	    $$($(PKG_CONFIG) --cflags libcurl) 2>/dev/null || { echo "clang-tidy: $*"; exit 1; }

# Other compilers and C libraries: every source is compiled, nothing is kept. The
# libraries' headers are this system's; their own C library's come before them.
SYSTEM_INCLUDES = -idirafter /usr/include/$(shell $(CC) -print-multiarch) -idirafter /usr/include
COMPILERS := gcc-32 musl clang tcc
COMPILER_gcc-32 = gcc -m32 $(SYSTEM_INCLUDES) -Werror
COMPILER_musl   = musl-gcc $(SYSTEM_INCLUDES) -Werror
COMPILER_clang  = clang -Werror
COMPILER_tcc    = tcc
EVERY_SOURCE   := $(sort $(foreach name,$(SHARED),$($(name)_SOURCES))) embed/embed

.PHONY: compilers $(COMPILERS:%=compile-%)
compilers: deps ## Compile every source with gcc -m32, musl-gcc, clang and tcc (installs them)
	$(call install,gcc-multilib musl-tools clang tcc)
	@$(MAKE) --no-print-directory $(COMPILERS:%=compile-%)
$(COMPILERS:%=compile-%): compile-%: build/embedded.c
	@echo "  ALL     $*"
	@mkdir -p build/compilers
	@set -e; for source in $(EVERY_SOURCE:%=src/%.c) build/embedded.c; do \
	    $(COMPILER_$*) $(filter-out -Werror,$(REAL_CFLAGS)) \
	        $(shell $(PKG_CONFIG) --cflags libcurl) -c -o build/compilers/$*.o $$source; \
	done

# --- Documents -------------------------------------------------------------------

# src/docs/build.lua writes what LDoc reads, LDoc makes pages of it. DOCS is where
# they go.
DOCS ?= build/docs
.PHONY: docs run-docs
docs: deps-docs ## Build the site of the documents below build/docs (installs lua-ldoc)
	@$(MAKE) --no-print-directory run-docs
run-docs: all
	@$(LUA_ENV) $(LUA) src/docs/build.lua $(DOCS)-source $(abspath $(DOCS))
	@cd $(DOCS)-source && ldoc --quiet --fatalwarnings --testing .
	@echo "Documents: $(DOCS)/index.html"

# --- Installation ------------------------------------------------------------------

# The core.so to be installed: with the Lua files as this Lua compiles them.
INSTALLED_CORE := $(BUILD)/installed/core.so

$(BUILD)/bundle.c: src/core/bundle.lua src/base/script.lua $(LUA_SOURCES)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  GEN     $@";)
	$(if $(V),,@)$(LUA) src/core/bundle.lua $(LUA_SOURCES) >$@.new && mv $@.new $@

$(BUILD)/obj/bundle.o: $(BUILD)/bundle.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -MMD -MP -c -o $@ $<

$(INSTALLED_CORE): $(patsubst %/bundle_none.o,$(BUILD)/obj/bundle.o,$(core_SOURCES:%=$(BUILD)/obj/%.o))
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK    $@";)
	$(if $(V),,@)$(CC) -shared $(STAYS) $(OPTIMIZE) -o $@ $^ $(core_LIBS) $(LDFLAGS)

.PHONY: install install-module
install: install-module install-embed ## Install below PREFIX (or INSTALL_LMOD, INSTALL_CMOD, INSTALL_BIN …)
	@echo "Installed appintegrations $(VERSION) for Lua $(LUA_VERSION)"

# What Lua programs need, with the commands and what there is to read. All may read what is
# installed, whatever the umask: that of root is often one that shuts others out.
install-module: all $(INSTALLED_CORE)
	$(need_lua)
	@set -e; find lua -name '*.lua' | while read -r file; do \
	    install -D -m 644 $$file "$(DESTDIR)$(INSTALL_LMOD)/$${file#lua/}"; done
	@install -d "$(DESTDIR)$(INSTALL_CMOD)/appintegrations" "$(DESTDIR)$(INSTALL_BIN)"
	@install -m 755 $(filter-out %/core.so,$(SHARED:%=$(MODULES)/%.so)) $(INSTALLED_CORE) \
	    "$(DESTDIR)$(INSTALL_CMOD)/appintegrations"
	@set -e; for command in appintegrations-emulator:appintegrations.emulator.cli \
	    appintegrations:appintegrations.command; do \
	    file="$(DESTDIR)$(INSTALL_BIN)/$${command%%:*}"; \
	    printf '#!%s\nos.exit(require("%s").main(arg), true)\n' \
	        "$$(command -v $(LUA))" "$${command#*:}" > "$$file"; \
	    chmod 755 "$$file"; \
	done
	@$(MAKE) --no-print-directory install-command-documents
	@set -e; for file in $(DOCUMENTS); do \
	    install -D -m $$([ -x $$file ] && echo 755 || echo 644) $$file "$(DESTDIR)$(INSTALL_DOC)/$$file"; \
	done

# They lie as in the checkout, so that what they link to is there.
DOCUMENTS = README.md CHANGELOG.md LICENSE src/embed/appintegrations.h \
    $(addprefix lua/appintegrations/,sigv4.lua emulator/options.lua emulator/faults.lua) \
    $(sort $(shell find lua src -name '*.md') $(shell find examples -type f -not -name '*.pyc'))

# They are made by the command itself, which argparse is needed for.
.PHONY: install-command-documents
install-command-documents: all
	@if $(LUA_ENV) $(LUA) -e 'require "argparse"' 2>/dev/null; then \
	    install -d "$(DESTDIR)$(INSTALL_MAN)" "$(DESTDIR)$(INSTALL_COMPLETION)" && \
	    $(COMMAND) manual >"$(DESTDIR)$(INSTALL_MAN)/appintegrations.1" && \
	    $(COMMAND) completion bash >"$(DESTDIR)$(INSTALL_COMPLETION)/appintegrations" && \
	    chmod 644 "$(DESTDIR)$(INSTALL_MAN)/appintegrations.1" \
	        "$(DESTDIR)$(INSTALL_COMPLETION)/appintegrations"; \
	else \
	    echo "Without argparse for $(LUA): the command appintegrations will ask for it"; \
	fi

# What C programs need: pkg-config --cflags --libs appintegrations is all of it. The
# library is of one Lua, and carries its name; appintegrations.pc is of the last one.
LUA_NAME := $(if $(LUA_IS_JIT),luajit,lua$(LUA_VERSION))
PC_FILE  := $(INSTALL_LIB)/pkgconfig/appintegrations-$(LUA_NAME).pc
# Where no pkg-config file describes the Lua, what was given to find it is kept.
PC_LUA_LIBS = $(if $(filter-out file,$(origin LUA_LIBS)),$(LUA_LIBS))
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

.PHONY: install-embed
install-embed: $(ARCHIVE)
	@install -d "$(DESTDIR)$(INSTALL_LIB)/pkgconfig" "$(DESTDIR)$(INSTALL_INC)"
	@install -m 644 src/embed/appintegrations.h "$(DESTDIR)$(INSTALL_INC)"
	@install -m 644 $(ARCHIVE) "$(DESTDIR)$(INSTALL_LIB)/libappintegrations-$(LUA_NAME).a"
	@printf '%s\n' 'prefix=$(if $(filter /%,$(PREFIX)),,$(CURDIR)/)$(PREFIX)' \
	    'libdir=$(call below_prefix,$(INSTALL_LIB))' \
	    'includedir=$(call below_prefix,$(INSTALL_INC))' '' \
	    'Name: appintegrations' \
	    'Description: Amazon AppIntegrations for programs that embed $(LUA_NAME)' \
	    'URL: $(HOMEPAGE)' \
	    'Version: $(VERSION)' \
	    'Requires: $(LUA_PC) libcurl libcrypto' \
	    'Cflags: -I$${includedir}$(if $(LUA_PC),, $(LUA_CFLAGS))' \
	    'Libs: -L$${libdir} -lappintegrations-$(LUA_NAME)$(if $(LUA_PC),, $(PC_LUA_LIBS)) -ldl -pthread -lm' \
	    >"$(DESTDIR)$(PC_FILE)"
	@chmod 644 "$(DESTDIR)$(PC_FILE)"
	@install -m 644 "$(DESTDIR)$(PC_FILE)" "$(DESTDIR)$(INSTALL_LIB)/pkgconfig/appintegrations.pc"

.PHONY: uninstall
uninstall: ## Remove what install has put there
	rm -rf "$(DESTDIR)$(INSTALL_LMOD)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_CMOD)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_BIN)/appintegrations-emulator" \
	    "$(DESTDIR)$(INSTALL_BIN)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_MAN)/appintegrations.1" \
	    "$(DESTDIR)$(INSTALL_COMPLETION)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_INC)/appintegrations.h" \
	    "$(DESTDIR)$(INSTALL_LIB)/libappintegrations-$(LUA_NAME).a" \
	    "$(DESTDIR)$(PC_FILE)" "$(DESTDIR)$(INSTALL_LIB)/pkgconfig/appintegrations.pc"
	@cd "$(DESTDIR)$(INSTALL_DOC)" 2>/dev/null || exit 0; rm -f $(DOCUMENTS); \
	rmdir -p $(filter-out ./,$(sort $(dir $(DOCUMENTS)))) 2>/dev/null; \
	rmdir "$$PWD" 2>/dev/null || true # INSTALL_DOC may have other files

# --- A release -----------------------------------------------------------------------

# The version stands in lua/appintegrations/base/version.lua, its day in CHANGELOG.md.
HOMEPAGE := https://github.com/appintegrations/appintegrations-lua
RELEASE  := appintegrations-$(VERSION)
DIST     := build/$(RELEASE).tar.gz
ROCKSPEC := rockspec/$(RELEASE)-1.rockspec
ROCK     := build/$(RELEASE)-1.src.rock
SOURCE_DATE_EPOCH ?= $(shell date -u +%s -d "$$(sed -n 's/^## $(VERSION) - //p' CHANGELOG.md)" \
    2>/dev/null || echo 0)

# Nothing of the machine, the user or the clock is in it: two runs are equal to the bit.
.PHONY: dist
dist: ## Write the release's source archive, build/appintegrations-VERSION.tar.gz
	@mkdir -p build
	@{ [ -e .git ] && git ls-files 2>/dev/null || find . -type f -not -path './build/*' \
	    -not -path './.git/*' | sed 's,^\./,,'; } \
	    | LC_ALL=C sort | tar --create --file - --format ustar --mtime @$(SOURCE_DATE_EPOCH) \
	        --owner 0 --group 0 --numeric-owner --mode u=rwX,go=rX \
	        --transform 's,^,$(RELEASE)/,' --files-from - | gzip -n -9 >$(DIST)
	@echo $(DIST)

# The rockspec of a release is that of the checkout but for version and source.
.PHONY: rockspec
rockspec: $(ROCKSPEC) ## Write the release's rockspec
$(ROCKSPEC): rockspec/appintegrations-scm-1.rockspec lua/appintegrations/base/version.lua
	@sed -e 's|^version = .*|version = "$(VERSION)-1"|' \
	    -e 's|^  url = .*|  url = "$(HOMEPAGE)/releases/download/v$(VERSION)/$(RELEASE).tar.gz",|' \
	    $< >$@

# A source rock is the rockspec and the archive that its source.url names.
.PHONY: source-rock
source-rock: dist $(ROCKSPEC)
	@rm -f $(ROCK) && zip -q -X -j $(ROCK) $(ROCKSPEC) $(DIST)

# Installs the source rock into a clean tree and runs the quickstart from there, away
# from the checkout. Other rocks are Debian's packages: their server may be out of reach.
ROCK_TREE := $(CURDIR)/build/rock/$(FLAVOUR)
ROCK_ENV   = $(PLAIN_ENV) PATH="$(ROCK_TREE)/bin:$$PATH" \
    LUA_PATH="$(ROCK_TREE)/share/lua/$(LUA_VERSION)/?.lua;$(ROCK_TREE)/share/lua/$(LUA_VERSION)/?/init.lua;;" \
    LUA_CPATH="$(ROCK_TREE)/lib/lua/$(LUA_VERSION)/?.so;;"
APT_ROCK   = $(APT_BUILD) lua-argparse luarocks zip unzip
.PHONY: rock run-rock
rock: ## Pack the source rock, install it into build/rock, run the quickstart from there
	$(call install,$(APT_ROCK))
	@$(MAKE) --no-print-directory cjson
	@$(MAKE) --no-print-directory run-rock
run-rock: source-rock
	@rm -rf $(ROCK_TREE) && mkdir -p $(ROCK_TREE)
	@printf '%s\n' 'rocks_provided = { ["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1" }' \
	    'lua_interpreter = "$(notdir $(LUA))"' \
	    'variables = { LUA_INCDIR = "$(patsubst -I%,%,$(firstword $(filter -I%,$(LUA_CFLAGS))))" }' \
	    >$(ROCK_TREE)/config.lua
	@LUAROCKS_CONFIG=$(ROCK_TREE)/config.lua luarocks --lua-version $(LUA_VERSION) \
	    --tree $(ROCK_TREE) install $(ROCK) >$(ROCK_TREE)/log 2>&1 || { cat $(ROCK_TREE)/log; exit 1; }
	@cp examples/quickstart.lua $(ROCK_TREE)
	@cd $(ROCK_TREE) && $(ROCK_ENV) appintegrations --version && $(ROCK_ENV) \
	    $(CURDIR)/examples/with-emulator $(ROCK_TREE)/bin/appintegrations-emulator \
	    $(LUA) quickstart.lua

# Lua, LuaJIT and the newest that most rocks are for.
ROCK_LUAS := lua5.1 lua5.4 luajit
.PHONY: rocks
rocks: ## The same for Lua 5.1, 5.4 and LuaJIT
	@set -e; for lua in $(ROCK_LUAS); do \
	    $(MAKE) --no-print-directory rock LUA=$$lua; done

# A package for this Debian and this Lua; which packages have the libraries that it is
# linked to, dpkg-shlibdeps knows.
DEB_NAME := lua-appintegrations
DEB_ROOT := $(CURDIR)/build/deb/$(FLAVOUR)
DEB_ARCH  = $(shell dpkg --print-architecture)
DEB_LMOD  = /usr/share/lua/$(LUA_VERSION)
DEB_CMOD  = /usr/lib/$(shell dpkg-architecture -q DEB_HOST_MULTIARCH)/lua/$(LUA_VERSION)
DEB_DOC   = /usr/share/doc/$(DEB_NAME)
DEB       = build/$(DEB_NAME)_$(VERSION)-1_$(DEB_ARCH).deb

.PHONY: deb run-deb
deb: ## Write a Debian package for LUA, build/lua-appintegrations_VERSION_ARCH.deb
	$(call install,$(APT_BUILD) lua-argparse dpkg-dev)
	@$(MAKE) --no-print-directory run-deb
run-deb: all
	@rm -rf $(DEB_ROOT) && install -d $(DEB_ROOT)/debian $(DEB_ROOT)/root/DEBIAN
	@$(MAKE) --no-print-directory install-module DESTDIR=$(DEB_ROOT)/root PREFIX=/usr \
	    INSTALL_LMOD=$(DEB_LMOD) INSTALL_CMOD=$(DEB_CMOD) INSTALL_DOC=$(DEB_DOC)
	@strip --strip-unneeded $(DEB_ROOT)/root$(DEB_CMOD)/appintegrations/*.so
	@install -m 644 LICENSE $(DEB_ROOT)/root$(DEB_DOC)/copyright
	@gzip -n -9 $(DEB_ROOT)/root/usr/share/man/man1/* $(DEB_ROOT)/root$(DEB_DOC)/CHANGELOG.md
	@printf 'Source: $(DEB_NAME)\n\nPackage: $(DEB_NAME)\nArchitecture: any\n' \
	    >$(DEB_ROOT)/debian/control
	@cd $(DEB_ROOT) && dpkg-shlibdeps -O root$(DEB_CMOD)/*/*.so >depends 2>log || { cat log; exit 1; }
	@printf '%s\n' 'Package: $(DEB_NAME)' 'Version: $(VERSION)-1' 'Architecture: $(DEB_ARCH)' \
	    'Maintainer: The appintegrations authors <$(HOMEPAGE)>' 'Homepage: $(HOMEPAGE)' \
	    'Section: interpreters' 'Priority: optional' \
	    "Depends: $(notdir $(LUA)), lua-cjson, ca-certificates, $$(sed 's/^shlibs:Depends=//' $(DEB_ROOT)/depends)" \
	    'Recommends: lua-argparse' \
	    'Description: Amazon AppIntegrations for $(LUA_NAME), and from the shell' \
	    ' Applications, data integrations and event integrations of Amazon Connect as' \
	    ' Lua tables, with a stand-in for the service on this machine.' \
	    >$(DEB_ROOT)/root/DEBIAN/control
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) dpkg-deb --root-owner-group --build $(DEB_ROOT)/root $(DEB)

.PHONY: env
# The variable that counts is extended, what it holds is kept.
env: ## The exports that make a checkout usable from the shell
	@suffix=$(LUA_SUFFIX); for name in LUA_PATH LUA_CPATH; do \
	    eval "versioned=\$${$$name$$suffix-}"; \
	    [ -n "$$versioned" ] && variable=$$name$$suffix || variable=$$name; \
	    [ $$name = LUA_PATH ] && own='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua' \
	        || own='$(CURDIR)/$(BUILD)/?.so'; \
	    echo "export $$variable=\"$$own;\$${$$variable:-;}\""; \
	done
	@echo 'export PATH="$(CURDIR)/$(BUILD)/bin:$$PATH"'

# The service model: one description, and what follows from it. The generated
# files are kept in the repository: a build needs no Lua at generation time.
DESCRIPTION := src/model/appintegrations.model
PUBLIC_MODEL = $(MODEL)/service-2.json $(MODEL)/paginators-1.json \
               $(MODEL)/partitions.json

.PHONY: model model-check model-import
model: ## Write what follows from the service description
	$(LUA) src/model/generate.lua

model-check: ## Fail if a file that `model` writes is stale
	$(LUA) src/model/generate.lua --check

model-import: ## Import the public model (MODEL=its directory)
	$(LUA) src/model/import.lua $(PUBLIC_MODEL) $(DESCRIPTION) > $(DESCRIPTION).new || \
	  { rm -f $(DESCRIPTION).new; exit 1; }
	mv $(DESCRIPTION).new $(DESCRIPTION)
	$(LUA) src/model/generate.lua

# What specs compare with: public facts, in a form of our own. VECTORS is the
# directory of the public SigV4 suite.
DATA := service partitions signatures
data_service    = $(MODEL)/service-2.json $(MODEL)/paginators-1.json
data_partitions = $(MODEL)/partitions.json
data_signatures = $(VECTORS)

.PHONY: data data-check
data: ## Import the specs' public facts (MODEL=, VECTORS=: their directories)
	@set -e; $(foreach kind,$(DATA),$(LUA) spec/data/import.lua $(kind) $(data_$(kind)) \
	    >spec/data/$(kind).new; mv spec/data/$(kind).new spec/data/$(kind).lua;)

data-check: ## Fail if the specs' facts differ from the public ones (MODEL=, VECTORS=)
	@set -e; $(foreach kind,$(DATA),$(LUA) spec/data/import.lua $(kind) $(data_$(kind)) \
	    | cmp - spec/data/$(kind).lua;)

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf build

.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
