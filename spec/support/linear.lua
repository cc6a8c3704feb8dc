--- Asserts that reading foreign bytes takes linear time: their worst is given in growing sizes,
-- up to 1 MiB. A debug hook counts the instructions of the Lua VM and ends a loop that runs away;
-- what a pattern or C does counts as one instruction, so processor time is bounded too: by what no
-- slow machine takes for linear work, and what quadratic work passes by far at the last sizes.
--
--     local linear = require "spec.support.linear"
--     linear.check(function(text) return redact.text(text) end, linear.repeated("", "a", ""))
--     linear.all(read, linear.WORST)   -- each of the texts below
--
-- READ may return what it likes, but must not raise.

local M = {}

M.SIZES = { 2048, 16384, 131072, 1048576 }

-- What a byte may cost, and what a call may cost beside its bytes.
local INSTRUCTIONS, INSTRUCTIONS_BESIDE = 100, 20000
local SECONDS, SECONDS_BESIDE = 3e-6, 2

--- A text of N bytes at least: FIRST, then MIDDLE again and again, then LAST.
function M.repeated(first, middle, last)
  return function(n)
    return first .. middle:rep(math.ceil(n / #middle)) .. last
  end
end

--- What readers are commonly slow with.
M.WORST = {
  letters = M.repeated("", "a", ""),
  ["white space"] = M.repeated("a", " ", "b"),
  ["white space alone"] = M.repeated("", " ", ""),
  ["line ends"] = M.repeated("", "\r\n", ""),
  ["carriage returns"] = M.repeated("a", "\r", "b"),
  ["zero bytes"] = M.repeated("", "\0", ""),
  ["bytes that are no UTF-8"] = M.repeated("", "\255\192", ""),
  delimiters = M.repeated("", "=:", ""),
  ["spaced words"] = M.repeated("", "a ", ""),
  brackets = M.repeated("", "[", ""),
  tags = M.repeated("", "<a>", ""),
  ["open tags"] = M.repeated("", "<", ""),
  ampersands = M.repeated("<a>", "&", "</a>"),
  entities = M.repeated("<a>", "&amp;", "</a>"),
  quotes = M.repeated("", "\"", ""),
  ["quotes and equals"] = M.repeated("", "token=\"", ""),
  backslashes = M.repeated("\"", "\\", ""),
  colons = M.repeated("", ":", ""),
  hashes = M.repeated("", "#", ""),
  slashes = M.repeated("", "/", ""),
  ["JSON objects"] = M.repeated("", "{\"a\":", ""),
  ["JSON arrays"] = M.repeated("{\"a\":", "[", ""),
}

--- Runs READ(TEXT) with instructions counted, LIMIT at most.
---@return integer instructions  to the nearest 1,000
local function count(read, text, limit)
  local done = 0
  debug.sethook(function()
    done = done + 1000
    if done > limit then
      debug.sethook()
      error(("more than %d instructions"):format(limit), 0)
    end
  end, "", 1000)
  local ok, err = pcall(read, text)
  debug.sethook()
  if not ok then
    error(("with %d bytes: %s"):format(#text, tostring(err)), 0)
  end
  return done
end

--- Asserts that READ takes linear time for what MAKE makes of a size.
---@param read fun(text: string)
---@param make fun(n: integer): string
---@param name? string  for the message
---@return integer instructions  for the longest text
---@return number seconds
function M.check(read, make, name)
  local instructions, seconds
  for _, n in ipairs(M.SIZES) do
    local text = make(n)
    local started = os.clock()
    local ok, result = pcall(count, read, text, INSTRUCTIONS_BESIDE + INSTRUCTIONS * #text)
    seconds = os.clock() - started
    local limit = SECONDS_BESIDE + SECONDS * #text
    assert(ok, ("%s: %s"):format(name or "?", tostring(result)))
    assert(seconds <= limit, ("%s: %d bytes took %.3f s, more than %.3f s"):format(name or "?",
      #text, seconds, limit))
    instructions = result
  end
  return instructions, seconds
end

--- Asserts the same for each of TEXTS (as WORST), and that none of its READ's raises.
---@param read fun(text: string)
---@param texts table<string, fun(n: integer): string>
function M.all(read, texts)
  for name, make in pairs(texts) do
    M.check(read, make, name)
  end
end

return M
