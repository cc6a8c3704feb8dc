std = "min"
read_globals = {
  "jit", "unpack", "newproxy", table = { fields = { "unpack" } },
  coroutine = { fields = { "close" } },
  math = { fields = { "type", "maxinteger", "mininteger" } },
}
max_line_length = 100
codes = true
include_files = {
  "lua/**/*.lua", "spec/**/*.lua", "examples/**/*.lua", "src/**/*.lua",
  "rockspec/*.rockspec", ".luacheckrc",
}
-- Specs clean up by spec.support.cleanup (busted's `finally` keeps one function), and have their
-- files in spec.support.workdir (os.tmpname ignores TMPDIR and leaves a file).
files["spec"] = { std = "min+busted", not_globals = { "finally", "os.tmpname" } }
files["rockspec"] = { std = "rockspec", max_line_length = false } -- for its address
files[".luacheckrc"] = { std = "luacheckrc" }
-- A sandbox may lack these libraries: appintegrations.compat stands in for math,
-- and whatever needs io or os does without where they are absent.
files["lua/appintegrations"] = { not_globals = { "math", "os", "debug", "package" } }
files["lua/appintegrations/transport/resty.lua"] = { read_globals = { "ngx" } }
files["lua/appintegrations/emulator"] = { read_globals = { "math", "os", "package", "debug" } }
files["lua/appintegrations/command/documents.lua"] = { read_globals = { "loadstring" } }
-- The globals of the hosts that they are made for.
files["lua/appintegrations/transport/haproxy.lua"] = { read_globals = {
  "core", coroutine = { fields = { "yield", "isyieldable" } } } }
files["examples/nginx"] = { globals = { "ngx" } }
files["examples/haproxy"] = { read_globals = { "core", "os" }, globals = { "package" } }
files["examples/kamailio"] = { read_globals = { "KSR", "os" }, globals = {
  "package", "ksr_request_route", "appintegrations_lookup" } }
