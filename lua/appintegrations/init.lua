-- SPDX-License-Identifier: MIT
--- What `require "appintegrations"` finds. The module itself is in module.lua: an installed copy
-- has that compiled in core.so, and this file alone is compiled at each start.

require "appintegrations.core" -- first: that of an installed copy brings the rest
return require "appintegrations.module"
