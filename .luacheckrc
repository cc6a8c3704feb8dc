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
files["spec"] = { std = "min+busted" }
files["rockspec"] = { std = "rockspec" }
files[".luacheckrc"] = { std = "luacheckrc" }
