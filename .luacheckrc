std = "min"
max_line_length = 100
codes = true
include_files = { "lua", "spec", "examples", "src", "rockspec/*.rockspec", ".luacheckrc" }
exclude_files = { "build" }
files["spec"] = { std = "min+busted" }
files["rockspec"] = { std = "rockspec" }
files[".luacheckrc"] = { std = "luacheckrc" }
