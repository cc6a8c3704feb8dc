-- SPDX-License-Identifier: MIT
--- The page at `/` for people: what is stored, the last requests and answers, the faults set. One
-- file without a script; its Content-Security-Policy allows nothing but its own style.
-- @module appintegrations.emulator.page

local calendar = require "appintegrations.emulator.calendar"
local json = require "appintegrations.emulator.json"

local M = {}

local RESOURCES, REQUESTS, TEXT = 200, 50, 20000 -- rows, rows, bytes of one text

local STYLE = [[
:root { color-scheme: light dark; --line: #8884; --soft: #888; --bad: #c33; --good: #283 }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0; color: var(--soft) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0;
  border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: normal } td.number { text-align: right }
code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
pre { white-space: pre-wrap; margin: .3rem 0 }
summary { cursor: pointer } .bad { color: var(--bad) } .good { color: var(--good) }
nav a { margin-right: 1rem }
]]

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["'"] = "&#39;" }

local function escape(value)
  return (tostring(value):gsub("[&<>\"']", ESCAPES):gsub("[%z\1-\8\11-\31\127]", "\239\191\189"))
end

local function shortened(text)
  return #text > TEXT and text:sub(1, TEXT) .. " …" or text
end

--- A table with the columns HEADS of ROWS, which are lists of HTML; WORDS where there are none.
local function html_table(heads, rows, words)
  if #rows == 0 then
    return "<p>" .. words .. "</p>"
  end
  local lines = { "<table><thead><tr><th>" .. table.concat(heads, "<th>") .. "</thead><tbody>" }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = "<tr><td>" .. table.concat(row, "<td>")
  end
  lines[#lines + 1] = "</tbody></table>"
  return table.concat(lines, "\n")
end

local function code(text)
  return "<code>" .. escape(text) .. "</code>"
end

--- SUMMARY, which opens to show TEXT.
local function details(summary, text)
  return ("<details><summary>%s</summary><pre>%s</pre></details>"):format(summary,
    escape(shortened(text)))
end

local function label(kind)
  return (kind:gsub("_", " "))
end

local function stored(service)
  local rows = {}
  for _, record in ipairs(service.store:page_of_all(0, RESOURCES)) do
    rows[#rows + 1] = { label(record.kind), details(escape(record.name or record.id),
      json.encode(record.fields)), code(record.arn), escape(json.encode(record.tags)) }
  end
  return html_table({ "Kind", "Name or id", "ARN", "Tags" }, rows, "Nothing is stored.")
end

local function counted(service)
  local rows, counts, total = {}, service.store:counts(), 0
  for kind, count in pairs(counts) do
    total = total + count
    if count > 0 then
      rows[#rows + 1] = ("%s: %d"):format(label(kind), count)
    end
  end
  table.sort(rows)
  local note = total > RESOURCES and (" The first %d are shown."):format(RESOURCES) or ""
  return total > 0 and "<p>" .. table.concat(rows, " · ") .. "." .. note .. "</p>\n" or ""
end

local function received(service)
  local rows, list = {}, service:requests { limit = REQUESTS }
  for i = #list, 1, -1 do
    local entry = list[i]
    local parameters = entry.parameters and json.encode(entry.parameters) or entry.body or ""
    rows[#rows + 1] = {
      calendar.amz(entry.time), details(escape(entry.operation or entry.method), parameters),
      code(entry.method .. " " .. entry.path),
      details(('<span class="%s">%d %s</span>'):format(entry.status < 400 and "good" or "bad",
        entry.status, escape(entry.code or "")), entry.answer),
    }
  end
  return html_table({ "Time", "Operation, parameters", "Request", "Answer" }, rows,
    "Nothing has been received.")
end

local function faulty(service)
  local rows = {}
  for _, rule in ipairs(service:pending_faults()) do
    rows[#rows + 1] = { escape(rule.fault or rule.code or rule.status or "a fault"),
      escape(rule.operation or "every operation"), escape(rule.times or "without end"),
      code(json.encode(rule)) }
  end
  return html_table({ "Fault", "Operation", "Times", "Rule" }, rows, "No faults are set.")
end

--- The answer to a request for the page.
---@param service table
---@return appintegrations.emulator.Response
function M.response(service)
  local now = service.clock()
  local body = table.concat {
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">', -- or browsers ask for one: a request that nobody made
    "<title>appintegrations-emulator</title><style>", STYLE, "</style></head><body>\n",
    "<h1>Amazon AppIntegrations, emulated</h1>\n",
    ("<p>Region %s, account %s, signatures %s, time %s.</p>\n"):format(escape(service.region),
      escape(service.account_id), service.verify_signatures and "verified" or "ignored",
      calendar.amz(now)),
    '<nav><a href="/">Look again</a><a href="/_emulator/health">health</a>',
    '<a href="/_emulator/requests">requests</a><a href="/_emulator/faults">faults</a>',
    '<a href="/_emulator/state">state</a></nav>\n',
    "<h2>Stored</h2>\n", counted(service), stored(service),
    "<h2>Last requests</h2>\n", received(service), "<h2>Faults</h2>\n", faulty(service),
    "</body></html>\n",
  }
  return { status = 200, body = body, headers = {
    ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store",
    ["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; "
      .. "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  } }
end

return M
