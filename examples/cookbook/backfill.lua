-- Move the data of a year, month by month.
-- One run of an association after the other, each for the period of a month, so that a failure
-- costs one month. Begins with the month that is given, and says with which to begin again.
--
--     lua5.4 examples/cookbook/backfill.lua crm-cases ASSOCIATION-ID 2026-01 2026-06
local appintegrations = require "appintegrations"

local integration, association, first, last = arg[1], arg[2], arg[3], arg[4]

local function is_month(text)
  local month = text:match "^%d%d%d%d%-(%d%d)$"
  return month and month >= "01" and month <= "12"
end

if not (last and is_month(first) and is_month(last) and first <= last) then
  io.stderr:write "usage: backfill.lua INTEGRATION ASSOCIATION FIRST-MONTH LAST-MONTH\n"
  os.exit(2)
end

local client = appintegrations.check(appintegrations.client())

--- Days from 1970 to the first of a month, in the Gregorian calendar.
local function days(year, month)
  local y = month > 2 and year or year - 1
  local m = (month + 9) % 12
  return 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
    + math.floor((153 * m + 2) / 5) - 719468
end

local function milliseconds(year, month)
  return ("%.0f"):format(days(year, month) * 86400000)
end

local function run(year, month)
  local next_year, next_month = year, month + 1
  if month == 12 then
    next_year, next_month = year + 1, 1
  end
  local output, err = client:update_data_integration_association {
    DataIntegrationIdentifier = integration,
    DataIntegrationAssociationIdentifier = association,
    ExecutionConfiguration = {
      ExecutionMode = "ON_DEMAND",
      OnDemandConfiguration = { StartTime = milliseconds(year, month),
        EndTime = milliseconds(next_year, next_month) },
    },
  }
  if output then
    output, err = client:wait_for_execution({
      DataIntegrationIdentifier = integration,
      DataIntegrationAssociationIdentifier = association,
    }, { interval = tonumber(os.getenv "INTERVAL") or 5 })
  end
  return output, err, next_year, next_month
end

local year, month = first:match "(%d+)-(%d+)"
year, month = tonumber(year), tonumber(month)
while ("%04d-%02d"):format(year, month) <= last do
  local name = ("%04d-%02d"):format(year, month)
  local ended, err, next_year, next_month = run(year, month)
  if not ended then
    io.stderr:write(("%s: %s\nbegin again with %s\n"):format(name, tostring(err), name))
    os.exit(1)
  end
  print(name .. " moved")
  year, month = next_year, next_month
end
