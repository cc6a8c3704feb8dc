-- SPDX-License-Identifier: MIT
--- A command line as a list of words, as a POSIX shell would split it without
-- expanding anything: quotes and backslashes, no variables, no operators.
-- The same as Python's shlex.split, which botocore reads credential_process with.
-- @module appintegrations.credentials.words

local M = {}

-- Each state reads from POSITION and returns the text it got, and where to go on;
-- nil for a quote without its end.
local read = {}

function read.single(text, position)
  local finish = text:find("'", position, true)
  if finish then
    return text:sub(position, finish - 1), finish + 1
  end
end

--- Between double quotes a backslash protects only itself and a double quote.
function read.double(text, position)
  local parts = {}
  while true do
    local plain, mark, after = text:match('^([^"\\]*)(["\\])()', position)
    if not plain then
      return nil
    end
    parts[#parts + 1] = plain
    if mark == '"' then
      return table.concat(parts), after
    end
    local escaped = text:sub(after, after)
    parts[#parts + 1] = escaped:find '^["\\]' and escaped or "\\" .. escaped
    position = after + 1
  end
end

function read.escape(text, position)
  if position <= #text then
    return text:sub(position, position), position + 1
  end
end

local MARKS = { ["'"] = "single", ['"'] = "double", ["\\"] = "escape" }

--- One word from POSITION on, which is no white space.
local function read_word(text, position)
  local parts = {}
  while position <= #text do
    local plain, after = text:match("^([^%s'\"\\]*)()", position)
    parts[#parts + 1], position = plain, after
    local state = MARKS[text:sub(position, position)]
    if not state then
      break
    end
    local piece, next_position = read[state](text, position + 1)
    if not piece then
      return nil
    end
    parts[#parts + 1], position = piece, next_position
  end
  return table.concat(parts), position
end

--- Splits TEXT.
---@param text string
---@return string[]? words
---@return string? problem
---@nodiscard
function M.split(text)
  local words = {}
  local position = text:match "^%s*()"
  while position <= #text do
    local word, after = read_word(text, position)
    if not word then
      return nil, "a quote without its end"
    end
    words[#words + 1] = word
    position = text:match("^%s*()", after)
  end
  return words
end

return M
