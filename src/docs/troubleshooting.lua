-- SPDX-License-Identifier: MIT
--- The page of the error codes as Markdown: what each means and what to do, from the same words
-- as help and the command.
-- @module docs.troubleshooting

local advice = require "appintegrations.help.advice"
local markdown = require "markdown"
local names = require "appintegrations.base.names"
local words = require "appintegrations.help.words"

local M = {}

local prose = markdown.literal

local HEAD = [[
# Troubleshooting

By `err.code`: what it means, and what to do. `appintegrations.help(code)` says the same at the
prompt, `appintegrations help CODE` in a shell. Two commands find most of it:

* `print(client:explain())`, or `appintegrations doctor`, tells where region, endpoint and
  credentials come from, and why each other source was passed over.
* A [logger](logs.md), as `log.stderr "debug"`, or the command's `--debug`, tells of each attempt.

%s

## Errors of the client

]]

local SERVICE = [[
## Errors of the service

]]

local function write(out, name, kind, means, what)
  out[#out + 1] = "### " .. name .. "\n"
  out[#out + 1] = ("%s (%s)\n"):format(prose(means), kind)
  out[#out + 1] = "**What to do.** " .. prose(what) .. "\n"
end

--- The page. SYMPTOMS is Markdown on what has no code of its own.
---@param symptoms string
---@return string
function M.page(symptoms)
  local out = { HEAD:format(symptoms) }
  for _, name in ipairs(names.sorted(advice.CODES)) do
    local entry = advice.CODES[name]
    write(out, name, ('`err.kind` is "%s"'):format(entry.kind), entry.means, entry.advice)
  end
  out[#out + 1] = SERVICE
  for _, name in ipairs(names.sorted(advice.SERVICE)) do
    local shape = words.shapes[name]
    write(out, name, ("HTTP %d"):format(shape.status), shape.about, advice.SERVICE[name])
  end
  return table.concat(out, "\n")
end

return M
