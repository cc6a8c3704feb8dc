-- SPDX-License-Identifier: MIT
--- Epoch seconds to and from the texts that HTTP and SigV4 use, without `os`, time zones or
-- locale. Days are counted as in Howard Hinnant's "chrono-compatible low-level date
-- algorithms": years begin in March, 400 of them are an era.
-- @module appintegrations.emulator.calendar

local M = {}

local floor = math.floor

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
  "Dec" }
local WEEKDAYS = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" } -- 1970-01-01 was the first

--- Days since 1970-01-01 of a date.
local function days_of(year, month, day)
  if month <= 2 then
    year = year - 1
  end
  local era = floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + floor(year_of_era / 4) - floor(year_of_era / 100)
    + day_of_year
  return era * 146097 + day_of_era - 719468
end

--- Year, month, day of days since 1970-01-01.
local function date_of(days)
  days = days + 719468
  local era = floor(days / 146097)
  local day_of_era = days - era * 146097
  local year_of_era = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era
    - (365 * year_of_era + floor(year_of_era / 4) - floor(year_of_era / 100))
  local shifted = floor((5 * day_of_year + 2) / 153)
  local month = (shifted + 2) % 12 + 1
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return year, month, day_of_year - floor((153 * shifted + 2) / 5) + 1
end

--- Year, month, day, hour, minute, second, days since 1970-01-01.
local function parts(epoch)
  local seconds = floor(epoch)
  local days = floor(seconds / 86400)
  local rest = seconds - days * 86400
  local year, month, day = date_of(days)
  return year, month, day, floor(rest / 3600), floor(rest / 60) % 60, rest % 60, days
end

--- `20260203T040506Z`, the form of x-amz-date.
---@param epoch number
---@return string
function M.amz(epoch)
  local year, month, day, hour, minute, second = parts(epoch)
  return ("%04d%02d%02dT%02d%02d%02dZ"):format(year, month, day, hour, minute, second)
end

--- Epoch seconds of `20260203T040506Z`, or nil if TEXT is no such time.
---@param text string
---@return integer?
function M.from_amz(text)
  local year, month, day, hour, minute, second =
    text:match("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z$")
  if not year then
    return nil
  end
  local epoch = days_of(tonumber(year), tonumber(month), tonumber(day)) * 86400
    + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
  -- A 31st of February comes back as another day.
  return M.amz(epoch) == text and epoch or nil
end

local MONTH_NUMBERS = {}
for number, name in ipairs(MONTHS) do
  MONTH_NUMBERS[name] = number
end

--- Epoch seconds of `Tue, 03 Feb 2026 04:05:06 GMT`, or nil if TEXT is no such time.
---@param text string
---@return integer?
function M.from_http(text)
  local day, month, year, hour, minute, second =
    text:match("^[A-Z][a-z][a-z], (%d%d) ([A-Z][a-z][a-z]) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  month = MONTH_NUMBERS[month]
  return month and M.from_amz(("%s%02d%sT%s%s%sZ"):format(year, month, day, hour, minute, second))
    or nil
end

--- `Tue, 03 Feb 2026 04:05:06 GMT` (RFC 9110, 5.6.7).
---@param epoch number
---@return string
function M.http(epoch)
  local year, month, day, hour, minute, second, days = parts(epoch)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(WEEKDAYS[days % 7 + 1], day, MONTHS[month],
    year, hour, minute, second)
end

return M
