--- Times as servers write them, beside a reader and a calendar written here; and formatting, which
-- has to read back. Most inputs are dates with something changed in them.

local core = require "appintegrations.core"

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
  "Dec" }
for i, name in ipairs(MONTHS) do
  MONTHS[name] = i
end
local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

--- Days from 1970, year by year and month by month; nil for a day that no month has.
local function days_of(year, month, day)
  local lengths = LENGTHS[month]
  if not lengths or day < 1 or day > lengths + (month == 2 and is_leap(year) and 1 or 0) then
    return nil
  end
  local before = year - 1
  local days = before * 365 + math.floor(before / 4) - math.floor(before / 100)
    + math.floor(before / 400) - 719162 + day - 1
  for m = 1, month - 1 do
    days = days + LENGTHS[m] + (m == 2 and is_leap(year) and 1 or 0)
  end
  return days
end

local function seconds_of(year, month, day, clock)
  local hour, minute, second = clock:match "^(%d%d):(%d%d):(%d%d)$"
  local days = hour and days_of(tonumber(year), month, tonumber(day))
  if days and tonumber(hour) < 24 and tonumber(minute) < 60 and tonumber(second) <= 60 then
    return days * 86400 + hour * 3600 + minute * 60 + tonumber(second)
  end
end

local function zone_of(text)
  if text == "Z" or text == "z" then
    return 0
  end
  local sign, hours, minutes = text:match "^([+-])(%d%d):(%d%d)$"
  if sign and tonumber(hours) < 24 and tonumber(minutes) < 60 then
    return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60)
  end
end

local function parse(text)
  local year, month, day, clock, rest = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)T([%d:]+)(.*)$"
  if year then
    local fraction, zone = rest:match "^(%.%d+)(.*)$"
    local offset = zone_of(zone or rest)
    local seconds = seconds_of(year, tonumber(month), day, clock)
    return seconds and offset and seconds - offset + tonumber("0" .. (fraction or ".0"))
  end
  local name
  day, name, year, clock = text:match "^..., (%d%d) (%a%a%a) (%d%d%d%d) ([%d:]+) GMT$"
  return day and MONTHS[name]
    and seconds_of(year, MONTHS[name], day, clock) or nil
end

return function(input)
  local seconds, expected = core.parse_time(input), parse(input)
  if not seconds or not expected then
    assert(not seconds and not expected,
      ("%q: %s, not %s"):format(input, tostring(seconds), tostring(expected)))
  else
    assert(math.abs(seconds - expected) < 1e-5,
      ("%q: %.6f, not %.6f"):format(input, seconds, expected))
  end
  if #input >= 5 then
    local written = 0
    for i = 1, 5 do
      written = (written * 256 + input:byte(i)) % 253402300800
    end
    local text = core.format_time(written)
    local read = parse(text:gsub("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z$",
      "%1-%2-%3T%4:%5:%6Z"))
    assert(read == written, text)
  end
end
