-- SPDX-License-Identifier: MIT
--- Small things that are done to texts, whoever wrote them: each takes linear time.
-- @module appintegrations.base.text

local math = require("appintegrations.base.compat").math

local M = {}

-- Letters by capitals, as far as any were met.
local LOWER = setmetatable({}, { __index = function(letters, capital)
  local letter = string.char(capital:byte() + 32)
  letters[capital] = letter
  return letter
end })

--- VALUE of the program as a text: what makes one of it may raise.
---@param value any
---@return string
---@nodiscard
function M.of(value)
  local ok, text = pcall(tostring, value)
  return ok and text or "a value without a text"
end

--- ASCII's control characters, to stand in a set of a pattern. %c goes by the locale that the host
-- has set: in an 8-bit one, it has bytes of UTF-8 too.
M.CONTROLS = "%z\1-\31\127"

local CONTROL = "[" .. M.CONTROLS .. "]"

--- TEXT without what would drive a terminal or break a line: the control characters of ASCII and
-- those that Unicode has beside them.
---@param text string
---@return string
---@nodiscard
function M.printable(text)
  return (text:gsub(CONTROL, " "):gsub("\194[\128-\159]", " "))
end

--- TEXT with ASCII's capitals in lower case. string.lower goes by the locale that the host has
-- set: to Turkish, "IPv6" has no small letters.
---@param text string
---@return string
---@nodiscard
function M.lower(text)
  return (text:gsub("[A-Z]", LOWER))
end

--- TEXT without the white space around it. (`^%s*(.-)%s*$` takes quadratic time for
-- white space within.)
---@param text string
---@return string
---@nodiscard
function M.trim(text)
  return text:match("^.*%S", (text:find "%S")) or ""
end

--- TEXT without the white space at its end. (`%s+$` takes quadratic time for white space within, as
-- `/+$` does for slashes.)
---@param text string
---@return string
---@nodiscard
function M.trim_end(text)
  return text:match "^.*%S" or ""
end

--- TEXT without the slashes at its end.
---@param text string
---@return string
---@nodiscard
function M.without_end_slashes(text)
  return text:match "^.*[^/]" or ""
end

--- The number that TEXT is, or nil. A fraction stands behind a point, whatever the host's locale
-- has there, which is what tonumber goes by.
---@param text string
---@return number?
---@nodiscard
function M.number(text)
  if text:find(",", 1, true) then
    return nil
  end
  return tonumber(text) or tonumber((text:gsub("%.", (("%.1f"):format(1 / 2):sub(2, -2)), 1)))
end

--- NUMBER as FORMAT, one of string.format's for floats, has it, with a point in every locale.
---@param format string
---@param number number
---@return string
---@nodiscard
function M.decimal(format, number)
  return (format:format(number):gsub("(%d)[^%d+e-]+(%d)", "%1.%2"))
end

--- The digits of NUMBER, which is whole. Where Lua has no integers, %d is for a C long, which has
-- 32 bits on many a machine.
---@param number number
---@return string
---@nodiscard
function M.integer(number)
  local exact = math.type and math.type(number) == "integer"
  return (exact and "%d" or "%.0f"):format(exact and number or number + 0.0) -- no -0
end

--- SECONDS for people, in three digits, to the microsecond at most: "0.25", "2", "86400".
---@param seconds number
---@return string
---@nodiscard
function M.seconds(seconds)
  local decimals = 0
  while decimals < 6 and seconds * 10 ^ decimals < 99.95 do
    decimals = decimals + 1
  end
  local text = M.decimal("%." .. decimals .. "f", seconds)
  return decimals == 0 and text or (text:gsub("%.?0+$", ""))
end

--- WORD as a shell takes it for one: in quotes where it has to be.
---@param word string
---@return string
---@nodiscard
function M.shell_word(word)
  if word:find "^[A-Za-z0-9_@%%+=:,./-]+$" then
    return word
  end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

return M
