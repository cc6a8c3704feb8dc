--- What programs and services say, on its way into an error message: what was masked is gone, the
-- result is one line of bounded length, and words are split as they were joined.

local bytes = require "spec.fuzz.bytes"
local exchange = require "appintegrations.credentials.exchange"
local redact = require "appintegrations.call.redact"
local text_of = require "appintegrations.base.text"
local words = require "appintegrations.credentials.words"

local SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

local function check_masks(from)
  local secret, before = from:text(40), from:text(60)
  local text = before .. secret .. from:rest()
  local masked = redact.without(text, { secret })
  assert(#secret < 6 or not masked:gsub("%*%*%*", ""):find(secret, 1, true)
    or masked:find("***", 1, true), masked)
  local clean = exchange.clean(text, { secret })
  assert(#clean <= 303 and not clean:find "[%c]", clean)
end

local function check_text(from)
  local before, after = from:text(80), from:text(80)
  local said = redact.text(before .. " " .. SECRET .. " " .. after)
  -- Behind a slash it may be a path's part, which is not masked: only ours has to be.
  local is_masked = not said:find(SECRET, 1, true)
    or (before .. " " .. after):find("/" .. SECRET, 1, true)
  assert(is_masked and not said:find "%c" and #said <= 503, said)
  said = redact.text(before .. "\nsecret_access_key = " .. SECRET)
  assert(said:sub(-3) == "***", said)
end

local function check_trim(from)
  local text = from:rest()
  local trimmed = text_of.trim(text)
  assert(trimmed == text:gsub("^%s+", ""):gsub("%s+$", ""), trimmed)
  assert(text_of.lower(text) == text:lower())
  assert(#text_of.shell_word(text) >= #text)
end

local function check_words(from)
  local list, joined = {}, {}
  for i = 1, from:below(6) + 1 do
    list[i] = from:text(30)
    joined[i] = from:below(2) == 0 and "'" .. list[i]:gsub("'", "'\\''") .. "'"
      or '"' .. list[i]:gsub('[\\"]', "\\%0") .. '"'
  end
  bytes.same(list, assert(words.split(table.concat(joined, " "))))
  local split, problem = words.split(from:rest())
  assert(split or problem)
end

local CHECKS = { check_masks, check_text, check_trim, check_words }

return function(input)
  local from = bytes.new(input)
  from:choice(CHECKS)(from)
end
