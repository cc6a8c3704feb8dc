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
FLAVOUR     := $(if $(LUA_IS_JIT),luajit,$(LUA_VERSION))$(if $(filter 1,$(SANITIZE)),-sanitize)

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
# User CFLAGS come last and are never clobbered.
REAL_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) \
               $(OPTIMIZE) -Isrc $(LUA_CFLAGS) \
               $(if $(LUA_IS_JIT),-DAPPINT_LUAJIT) $(CFLAGS)

# Each shared object: its sources and the libraries it links to.
core_SOURCES := status buf core
core_LIBS     = $(shell $(PKG_CONFIG) --libs libcrypto)
# Never unloaded: libcurl's name lookups run in threads that may outlive the
# Lua state.
curl_SOURCES := status buf transfer easy transport curl
curl_LIBS     = $(shell $(PKG_CONFIG) --libs libcurl) -lm -Wl,-z,nodelete
SHARED       := core curl

.DEFAULT_GOAL := all
.PHONY: all
all: $(SHARED:%=$(MODULES)/%.so) ## Build the shared objects for $(LUA)

define shared_object
$(MODULES)/$(1).so: $$($(1)_SOURCES:%=$(BUILD)/obj/%.o)
	@mkdir -p $$(@D)
	$$(CC) -shared $$(OPTIMIZE) -o $$@ $$^ $$($(1)_LIBS) $$(LDFLAGS)
endef
$(foreach name,$(SHARED),$(eval $(call shared_object,$(name))))

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(REAL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/easy.o $(BUILD)/obj/transfer.o $(BUILD)/obj/transport.o $(BUILD)/obj/curl.o: \
    REAL_CFLAGS += $(shell $(PKG_CONFIG) --cflags libcurl)

-include $(shell find build -name '*.d' 2>/dev/null)

LUA_ENV := LUA_PATH="lua/?.lua;lua/?/init.lua;$$LUA_PATH;" LUA_CPATH="$(BUILD)/?.so;$$LUA_CPATH;"
BUSTED  ?= $(shell command -v busted)
SPECS   ?= spec

.PHONY: spec
spec: all ## Run the specs (SPECS=path for some of them)
	$(LUA_ENV) LUA="$(LUA)" $(LUA) $(BUSTED) $(SPECS)

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf build

.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
