-- All applications as CSV.
-- For a spreadsheet: one line for each application of the account in this region, to standard
-- output. Fields with commas, quotes or line breaks are quoted as RFC 4180 has it.
--
--     lua5.4 examples/cookbook/list_as_csv.lua >applications.csv
local appintegrations = require "appintegrations"

local COLUMNS = { "Name", "Namespace", "Id", "Arn", "ApplicationType", "LastModifiedTime" }

local function field(value)
  local text = value == nil and "" or tostring(value)
  if text:find '[,"\r\n]' then
    return '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

local client = appintegrations.check(appintegrations.client())
io.write(table.concat(COLUMNS, ","), "\r\n")
for application in client:each_application() do
  local fields = {}
  for i, name in ipairs(COLUMNS) do
    local value = application[name]
    if name == "LastModifiedTime" and value then
      value = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(value))
    end
    fields[i] = field(value)
  end
  io.write(table.concat(fields, ","), "\r\n")
end
