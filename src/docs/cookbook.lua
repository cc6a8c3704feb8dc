-- SPDX-License-Identifier: MIT
--- The cookbook as Markdown: each program of examples/cookbook with its first comment as text.
-- @module docs.cookbook

local M = {}

local HEAD = [[
# Cookbook

Whole programs for jobs that come up again and again, from `examples/cookbook`. They run as they
stand, with the credentials and region that the AWS command line would use; every one of them is
run against the [emulator](emulator.md) by the specs. To try one without an account:

```text
eval "$(make env)"
examples/with-emulator appintegrations-emulator lua5.4 examples/cookbook/list_as_csv.lua
```

]]

--- In the order of the page.
M.PROGRAMS = {
  "list_as_csv", "run_on_demand", "ensure", "clean_up_by_tag", "get_many", "resume_listing",
  "log_to_file", "two_accounts", "promote", "failed_runs", "tag_all", "find_untagged",
  "register_application", "watch_changes", "backfill",
}

--- The first comment of a program as title, text, and the code that follows it.
local function parts(source)
  local comment, code = {}, source
  while code:find("^%-%-") do
    local line, rest = code:match("^%-%- ?([^\n]*)\n(.*)$")
    comment[#comment + 1], code = line, rest
  end
  local text = table.concat(comment, "\n"):gsub("\n    ([^\n]+)$", "\n```text\n%1\n```")
  local title, more = text:match("^(.-)%.%s*(.*)$")
  return title, more, code
end

--- The page; READ gives the text of a program of the cookbook by its name.
---@param read fun(name: string): string
---@return string
function M.page(read)
  local out = { HEAD }
  for _, name in ipairs(M.PROGRAMS) do
    local title, text, code = parts(read(name))
    out[#out + 1] = ("## %s\n\n%s\n\n```lua\n%s```\n"):format(title, text, code)
  end
  return table.concat(out, "\n")
end

return M
