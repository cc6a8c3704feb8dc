# appintegrations: build, test, install. `make help` lists the targets.

LUA         ?= lua5.4
PKG_CONFIG  ?= pkg-config
CC          ?= cc
PREFIX      ?= /usr/local
DESTDIR     ?=
WERROR      ?= 0
SANITIZE    ?= 0

# Version and headers of the Lua that $(LUA) is: 5.1 (LuaJIT too) to 5.4.
LUA_VERSION := $(shell $(LUA) -e 'io.write((_VERSION:gsub("Lua ", "")))' 2>/dev/null)
ifeq ($(LUA_VERSION),)
LUA_VERSION := 5.4
endif
LUA_IS_JIT  := $(shell $(LUA) -e 'io.write(jit and "1" or "")' 2>/dev/null)
LUA_PC_NAMES := $(if $(LUA_IS_JIT),luajit,lua$(LUA_VERSION) lua-$(LUA_VERSION) lua$(subst .,,$(LUA_VERSION)) lua)
LUA_PC      := $(firstword $(foreach name,$(LUA_PC_NAMES),$(shell $(PKG_CONFIG) --exists $(name) 2>/dev/null && echo $(name))))
LUA_CFLAGS  ?= $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(if $(LUA_PC),$(shell $(PKG_CONFIG) --cflags $(LUA_PC))))
FLAVOUR     := $(if $(LUA_IS_JIT),luajit,$(LUA_VERSION))$(if $(filter 1,$(SANITIZE)),-sanitize)$(if \
               $(filter thread,$(SANITIZE)),-tsan)

VERSION     := $(shell sed -n 's/^return "\(.*\)"/\1/p' lua/appintegrations/version.lua)
BUILD       := build/$(FLAVOUR)
MODULES     := $(BUILD)/appintegrations
INSTALL_LMOD ?= $(PREFIX)/share/lua/$(LUA_VERSION)
INSTALL_CMOD ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
INSTALL_BIN  ?= $(PREFIX)/bin

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wvla -Wconversion
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
OPTIMIZE := -O2 -g
ifeq ($(SANITIZE),1)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=undefined
endif
ifeq ($(SANITIZE),thread)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
endif
# User CFLAGS come last and are never clobbered.
REAL_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) \
               $(OPTIMIZE) -Isrc $(LUA_CFLAGS) \
               $(CFLAGS)

# Each shared object: its sources and the libraries it links to.
core_SOURCES := status buf utf8 json uri uuid timestamp suggest \
                model model/tables pattern endpoint \
                violations rules freeform build reshape describe system files process host \
                luabox core
signing_SOURCES := status buf uri timestamp crypto signing_key canonical sigv4 luabox signing
signing_SOURCES += es256 tokens
signing_LIBS  = $(shell $(PKG_CONFIG) --libs libcrypto)
# Never unloaded: libcurl's name lookups run in threads that may outlive the
# Lua state.
curl_SOURCES := status buf transfer easy transport curl
curl_LIBS     = $(shell $(PKG_CONFIG) --libs libcurl) -lm -Wl,-z,nodelete
httpd_SOURCES := status buf httpd httpd_lua
httpd_LIBS     = $(shell $(PKG_CONFIG) --libs libmicrohttpd)
SHARED       := core signing curl $(shell $(PKG_CONFIG) --exists libmicrohttpd 2>/dev/null && echo httpd)

.DEFAULT_GOAL := all
EMULATOR := $(BUILD)/bin/appintegrations-emulator
.PHONY: all
all: $(SHARED:%=$(MODULES)/%.so) $(EMULATOR) ## Build the shared objects for LUA

# The command as it runs from a checkout, wherever it is called.
$(EMULATOR): Makefile
	@mkdir -p $(@D)
	@printf '%s\n' '#!/usr/bin/env $(LUA)' \
	    'package.path = "$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;" .. package.path' \
	    'package.cpath = "$(CURDIR)/$(BUILD)/?.so;" .. package.cpath' \
	    'os.exit(require("appintegrations.emulator.cli").main(arg), true)' >$@
	@chmod +x $@

define shared_object
$(MODULES)/$(1).so: $$($(1)_SOURCES:%=$(BUILD)/obj/%.o)
	@mkdir -p $$(@D)
	@$$(if $$(V),,echo "  LINK    $$@";)
	$$(if $$(V),,@)$$(CC) -shared $$(OPTIMIZE) -o $$@ $$^ $$($(1)_LIBS) $$(LDFLAGS)
endef
$(foreach name,$(SHARED),$(eval $(call shared_object,$(name))))

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC      $@";)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -MMD -MP -c -o $@ $<

$(foreach name,easy transfer transport curl embed,$(BUILD)/obj/$(name).o): \
    REAL_CFLAGS += $(shell $(PKG_CONFIG) --cflags libcurl)

-include $(shell find build -name '*.d' 2>/dev/null)

# --- For programs that embed Lua -----------------------------------------------

# All but the emulator: a program that is to test itself against that one
# starts the command. types.lua is for editors only.
LUA_SOURCES := $(filter-out lua/appintegrations/types.lua, \
    $(sort $(shell find lua -name '*.lua' -not -path '*/emulator/*')))
STATIC_SOURCES := $(sort $(core_SOURCES) $(signing_SOURCES) $(curl_SOURCES)) embed
ARCHIVE := $(BUILD)/libappintegrations.a

.PHONY: static amalgamation
static: $(ARCHIVE) ## Build libappintegrations.a, Lua sources within, and its header
amalgamation: build/appintegrations.c ## Write the module as one C file, build/appintegrations.c

build/embedded.c: src/embed/sources.lua $(LUA_SOURCES)
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
	@cp src/appintegrations.h $(BUILD)/appintegrations.h

build/appintegrations.c: src/embed/amalgamate.lua build/embedded.c \
    $(STATIC_SOURCES:%=src/%.c) $(wildcard src/*.h)
	@$(if $(V),,echo "  GEN     $@";)
	$(if $(V),,@)$(LUA) src/embed/amalgamate.lua $(VERSION) $(STATIC_SOURCES:%=src/%.c) \
	    build/embedded.c >$@.new && mv $@.new $@
	@cp src/appintegrations.h build/appintegrations.h

# The examples that embed Lua; `threads` once from the library, once from the
# one file (not optimized: it is only to be seen working).
LUA_LIBS   = $(if $(LUA_PC),$(shell $(PKG_CONFIG) --libs $(LUA_PC)))
EMBED_LIBS = $(LUA_LIBS) $(curl_LIBS) $(signing_LIBS) -pthread $(LDFLAGS)
EMBEDDERS := $(BUILD)/bin/threads $(BUILD)/bin/threads-amalgamated $(BUILD)/bin/memory

.PHONY: embedders
embedders: $(EMBEDDERS)

$(BUILD)/bin/threads: examples/embed/threads.c $(ARCHIVE)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -o $@ $^ $(EMBED_LIBS)

$(BUILD)/bin/memory: spec/support/memory.c $(ARCHIVE)
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(REAL_CFLAGS) -o $@ $^ $(EMBED_LIBS)

$(BUILD)/bin/threads-amalgamated: examples/embed/threads.c build/appintegrations.c
	@mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(filter-out -O% -Isrc,$(REAL_CFLAGS)) -O0 -Ibuild -o $@ $^ $(EMBED_LIBS)

# --- What make installs on Debian when it is missing -------------------------

APT_LUA_lua5.1 := lua5.1 liblua5.1-0-dev
APT_LUA_lua5.2 := lua5.2 liblua5.2-dev
APT_LUA_lua5.3 := lua5.3 liblua5.3-dev
APT_LUA_lua5.4 := lua5.4 liblua5.4-dev
# Either LuaJIT will do: nginx's packages bring LuaJIT 2, which replaces luajit.
APT_LUA_luajit := $(if $(and $(LUA_IS_JIT),$(LUA_PC)),pkg-config,luajit libluajit-5.1-dev)
APT_BUILD := pkg-config libcurl4-openssl-dev libssl-dev libmicrohttpd-dev \
             lua-cjson $(or $(APT_LUA_$(notdir $(LUA))),$(APT_LUA_lua5.4))
APT_TEST  := $(APT_BUILD) lua-busted lua-socket lua-luv lua-copas openssl
APT_LINT  := clang-format clang-tidy lua-check luarocks

# $(call install,packages): what dpkg does not have, as root or through sudo.
define install
	@missing=; for package in $(1); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	        || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
	    echo "Not a Debian system: please make sure that you have what these packages have:$$missing"; \
	    exit 0; \
	fi; \
	sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; \
	    command -v sudo >/dev/null || { echo "Please install as root:$$missing"; exit 1; }; fi; \
	echo "Installing:$$missing"; \
	$$sudo apt-get -qq update && $$sudo env RUNLEVEL=1 \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing >/dev/null
endef

.PHONY: deps deps-test deps-lint
deps: ; $(call install,$(APT_BUILD))
deps-test: ; $(call install,$(APT_TEST))
deps-lint: ; $(call install,$(APT_LINT))

# --- The two commands ------------------------------------------------------------

.PHONY: demo
demo: deps ## Build, start the emulator, run the quickstart against it
	@$(MAKE) --no-print-directory run-demo

.PHONY: test
test: deps-test ## Build and run every spec (SANITIZE=1: under ASan and UBSan)
	@$(MAKE) --no-print-directory spec

LUA_ENV := LUA_PATH="lua/?.lua;lua/?/init.lua;$$LUA_PATH;" \
           LUA_CPATH="$(BUILD)/?.so;$$LUA_CPATH;"
BUSTED  ?= $(or $(shell command -v busted),/usr/bin/busted)
SPECS   ?= spec
ifeq ($(SANITIZE),1)
# The interpreter itself is not instrumented: the runtimes come first. What it
# keeps until exit is not ours to free.
SPEC_ENV := LD_PRELOAD="$(shell $(CC) -print-file-name=libasan.so) \
            $(shell $(CC) -print-file-name=libubsan.so)" \
            ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
            UBSAN_OPTIONS=print_stacktrace=1
endif

.PHONY: spec
spec: all embedders ## Run the specs without installing anything (SPECS=path for some)
	@$(LUA_ENV) $(SPEC_ENV) LUA="$(LUA)" BUILD="$(BUILD)" $(LUA) $(BUSTED) $(SPECS)

# All that Debian has. Each is set up by a make of its own, as for one of them.
LUAS := lua5.4 lua5.3 lua5.2 lua5.1 luajit
.PHONY: test-all run-test-all
test-all: $(LUAS:%=deps-%) ## Run every spec under each Lua that Debian has, print a table
	@$(MAKE) --no-print-directory run-test-all
run-test-all: $(LUAS:%=build-%)
	@$(LUA) spec/support/matrix.lua "$(MAKE)" $(LUAS)
.PHONY: $(LUAS:%=deps-%) $(LUAS:%=build-%)
$(LUAS:%=deps-%): deps-%:
	@$(MAKE) --no-print-directory deps-test LUA=$*
$(LUAS:%=build-%): build-%:
	@$(MAKE) --no-print-directory all LUA=$*

# HAProxy, nginx and Kamailio as Debian packages them, each with the Lua that it
# is linked to, run the examples that are made for them.
HOST_LUAS := luajit lua5.3 lua5.1
.PHONY: test-hosts run-test-hosts
test-hosts: deps-test $(HOST_LUAS:%=deps-%) ## Run the examples inside HAProxy, nginx and Kamailio (installs them)
	$(call install,haproxy nginx libnginx-mod-http-lua kamailio kamailio-lua-modules)
	@$(MAKE) --no-print-directory run-test-hosts
run-test-hosts: $(HOST_LUAS:%=build-%)
	@$(MAKE) --no-print-directory spec SPECS=spec/hosts

# 8 threads of 1,000 calls under ThreadSanitizer. The emulator is not part of it.
.PHONY: tsan run-tsan
tsan: deps ## Run the threaded example under ThreadSanitizer
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory SANITIZE=thread EMULATOR=$(EMULATOR) run-tsan
run-tsan: $(BUILD)/bin/threads
	@TSAN_OPTIONS=exitcode=66 examples/with-emulator $(EMULATOR) $(BUILD)/bin/threads 1000 8
	@TSAN_OPTIONS=exitcode=66 examples/with-emulator $(EMULATOR) $(BUILD)/bin/threads 10 8 host

.PHONY: run-demo
run-demo: all
	@$(LUA_ENV) examples/with-emulator $(EMULATOR) $(LUA) examples/quickstart.lua

BENCH := build/bench/$(FLAVOUR)

$(BENCH)/minimum.so: spec/bench/minimum.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -fPIC -shared $(LUA_CFLAGS) -o $@ $< \
	    $$($(PKG_CONFIG) --cflags --libs libcurl libcrypto)

.PHONY: bench run-bench
bench: ## Compare the costs of calls with a hand-written minimum (installs nginx)
	$(call install,$(APT_TEST) nginx-light)
	@$(MAKE) --no-print-directory run-bench
run-bench: all $(BENCH)/minimum.so
	@LUA_PATH="lua/?.lua;lua/?/init.lua;$$LUA_PATH;" \
	    LUA_CPATH="$(BUILD)/?.so;$(BENCH)/?.so;$$LUA_CPATH;" \
	    LUA="$(LUA)" BENCH_DIR="$(CURDIR)/$(BENCH)" $(LUA) spec/bench/run.lua

.PHONY: bench-loop
bench-loop: all ## Many calls at once beside the same calls in sequence
	@LUA_PATH="./?.lua;lua/?.lua;lua/?/init.lua;$$LUA_PATH;" \
	    LUA_CPATH="$(BUILD)/?.so;$$LUA_CPATH;" LUA="$(LUA)" $(LUA) spec/bench/loop.lua

# --- Lints ---------------------------------------------------------------------

C_FILES := $(filter-out src/model/tables.c,$(wildcard src/*.c spec/*/*.c examples/*/*.c))
H_FILES := $(wildcard src/*.h)
TIDY    := $(addprefix tidy-,$(wildcard src/*.c))

.PHONY: lint
lint: deps-lint ## Formatting, static analysis, stale generated files, luacheck
	@clang-format --dry-run -Werror $(C_FILES) $(H_FILES)
	@luacheck -q .
	@luarocks lint rockspec/*.rockspec
	@$(MAKE) --no-print-directory model-check
	@$(MAKE) --no-print-directory -j2 tidy

.PHONY: tidy $(TIDY)
tidy: $(TIDY)
$(TIDY): tidy-%:
	@clang-tidy --quiet $* -- -std=c11 -D_GNU_SOURCE -Isrc $(LUA_CFLAGS) \
	    $$($(PKG_CONFIG) --cflags libcurl) 2>/dev/null || { echo "clang-tidy: $*"; exit 1; }

# --- Installation ------------------------------------------------------------------

.PHONY: install
install: all ## Install below PREFIX (or INSTALL_LMOD, INSTALL_CMOD, INSTALL_BIN)
	@set -e; cd lua; find . -name '*.lua' | while read -r file; do \
	    install -D -m 644 $$file "$(DESTDIR)$(INSTALL_LMOD)/$$file"; done
	@install -d "$(DESTDIR)$(INSTALL_CMOD)/appintegrations" "$(DESTDIR)$(INSTALL_BIN)"
	@install -m 755 $(SHARED:%=$(MODULES)/%.so) "$(DESTDIR)$(INSTALL_CMOD)/appintegrations"
	@printf '#!%s\nos.exit(require("appintegrations.emulator.cli").main(arg), true)\n' \
	    "$$(command -v $(LUA))" > "$(DESTDIR)$(INSTALL_BIN)/appintegrations-emulator"
	@chmod 755 "$(DESTDIR)$(INSTALL_BIN)/appintegrations-emulator"
	@echo "Installed appintegrations $(VERSION) for Lua $(LUA_VERSION)"

.PHONY: uninstall
uninstall: ## Remove what install has put there
	rm -rf "$(DESTDIR)$(INSTALL_LMOD)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_CMOD)/appintegrations" \
	    "$(DESTDIR)$(INSTALL_BIN)/appintegrations-emulator"

# Installs the rock into a clean tree and runs the quickstart from there, away
# from the checkout. lua-cjson is Debian's: its server may be out of reach.
ROCK_TREE := $(CURDIR)/build/rock
.PHONY: rock
rock: ## Install the rock into build/rock and run the quickstart from there
	@rm -rf $(ROCK_TREE) && mkdir -p $(ROCK_TREE)
	@echo 'rocks_provided = { ["lua-cjson"] = "2.1.0-1" }' > $(ROCK_TREE)/config.lua
	@LUAROCKS_CONFIG=$(ROCK_TREE)/config.lua luarocks --lua-version $(LUA_VERSION) \
	    --tree $(ROCK_TREE) make rockspec/appintegrations-scm-1.rockspec >$(ROCK_TREE)/log 2>&1 \
	    || { cat $(ROCK_TREE)/log; exit 1; }
	@cp examples/quickstart.lua $(ROCK_TREE)
	@cd $(ROCK_TREE) && LUA_PATH="$(ROCK_TREE)/share/lua/$(LUA_VERSION)/?.lua;$(ROCK_TREE)/share/lua/$(LUA_VERSION)/?/init.lua;;" \
	    LUA_CPATH="$(ROCK_TREE)/lib/lua/$(LUA_VERSION)/?.so;;" \
	    $(CURDIR)/examples/with-emulator $(ROCK_TREE)/bin/appintegrations-emulator \
	    $(LUA) quickstart.lua

.PHONY: env
env: ## The exports that make a checkout usable from the shell
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(BUILD)/?.so;;"'

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
	$(LUA) src/model/import.lua $(PUBLIC_MODEL) > $(DESCRIPTION).new || \
	  { rm -f $(DESCRIPTION).new; exit 1; }
	mv $(DESCRIPTION).new $(DESCRIPTION)
	$(LUA) src/model/generate.lua

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf build

.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
