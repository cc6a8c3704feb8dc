--- string.find, match, gmatch and gsub written in Lua, after the manual's section on patterns: each
-- step that a pattern takes is an instruction of the VM, which a hook counts. The library's own
-- take any number of steps within one instruction.
--
--     local patterns = require "spec.support.counted_patterns"
--     patterns.install()                   -- before what is to be counted is required
--     patterns.counting(true) … (false)    -- until then, and after, the library's own run

local M = {}

local byte, char, real = string.byte, string.char, {}
for _, name in ipairs { "find", "match", "gmatch", "gsub" } do
  real[name] = string[name]
end

-- Since Lua 5.3.3 an empty match does not begin where the last one ended.
local SKIPS_EMPTY = select(2, real.gsub("a", "a*", "")) == 1
local OPEN, POSITION = -1, -2 -- in place of a capture's length

-- ---- what a pattern is made of -----------------------------------------------------------------

--- The bytes that CLASS, one character of a pattern, stands for: the library itself is asked.
local function bytes_of(class)
  local set = {}
  for b = 0, 255 do
    set[b] = real.find(char(b), "^" .. class) ~= nil
  end
  return set
end

--- From AT on MATCH tries ITEMS from I on; it gives the end, or nil.
local function match(m, i, at)
  local item = m.items[i]
  if not item then
    return at
  end
  return item.run(m, item, i, at)
end

local function is_in(m, item, at)
  return item.set[byte(m.text, at) or -1]
end

local run = {}

function run.once(m, item, i, at)
  if is_in(m, item, at) then
    return match(m, i + 1, at + 1)
  end
end

run["?"] = function(m, item, i, at)
  return is_in(m, item, at) and match(m, i + 1, at + 1) or match(m, i + 1, at)
end

local function longest(m, item, i, at, least)
  local stop = at
  while is_in(m, item, stop) do
    stop = stop + 1
  end
  for from = stop, at + least, -1 do
    local found = match(m, i + 1, from)
    if found then
      return found
    end
  end
end

run["*"] = function(m, item, i, at) return longest(m, item, i, at, 0) end
run["+"] = function(m, item, i, at) return longest(m, item, i, at, 1) end

run["-"] = function(m, item, i, at)
  while true do
    local found = match(m, i + 1, at)
    if found or not is_in(m, item, at) then
      return found
    end
    at = at + 1
  end
end

run["$"] = function(m, _, _, at)
  return at == #m.text + 1 and at or nil
end

run["("] = function(m, item, i, at)
  local level = m.level + 1
  m.level, m.starts[level], m.lengths[level] = level, at, item.length
  local found = match(m, i + 1, at)
  if not found then
    m.level = m.level - 1
  end
  return found
end

run[")"] = function(m, _, i, at)
  local level = m.level
  while m.lengths[level] ~= OPEN do
    level = level - 1
  end
  m.lengths[level] = at - m.starts[level]
  local found = match(m, i + 1, at)
  if not found then
    m.lengths[level] = OPEN
  end
  return found
end

function run.balance(m, item, i, at)
  if byte(m.text, at) ~= item.first then
    return nil
  end
  local depth, stop = 1, at + 1
  while depth > 0 do
    local b = byte(m.text, stop)
    if not b then
      return nil
    end
    depth = depth + (b == item.last and -1 or b == item.first and 1 or 0)
    stop = stop + 1
  end
  return match(m, i + 1, stop)
end

function run.frontier(m, item, i, at)
  if not item.set[byte(m.text, at - 1) or 0] and item.set[byte(m.text, at) or 0] then
    return match(m, i + 1, at)
  end
end

function run.again(m, item, i, at)
  local first, length = m.starts[item.level], m.lengths[item.level]
  for k = 0, length - 1 do
    if byte(m.text, first + k) ~= byte(m.text, at + k) then
      return nil
    end
  end
  return match(m, i + 1, at + length)
end

--- What PATTERN has at AT besides a class: an item and what follows it.
local function special(pattern, at)
  local two = pattern:sub(at, at + 1)
  if two == "()" then
    return { run = run["("], length = POSITION }, at + 2
  elseif two:sub(1, 1) == "(" then
    return { run = run["("], length = OPEN }, at + 1
  elseif two:sub(1, 1) == ")" then
    return { run = run[")"] }, at + 1
  elseif two == "$" and at == #pattern then
    return { run = run["$"] }, at + 1
  elseif two == "%b" then
    local first, last = byte(pattern, at + 2, at + 3)
    return { run = run.balance, first = first, last = last }, at + 4
  elseif two == "%f" then
    local class = assert(real.match(pattern, "^%[%^?%]?[^%]]*%]", at + 2))
    return { run = run.frontier, set = bytes_of(class) }, at + 2 + #class
  elseif real.find(two, "^%%%d") then
    return { run = run.again, level = tonumber(two:sub(2)) }, at + 2
  end
end

--- The class that stands at AT: "a", ".", "%d" or "[…]".
local function class_at(pattern, at)
  if byte(pattern, at) == 37 then
    return pattern:sub(at, at + 1)
  elseif byte(pattern, at) ~= 91 then
    return pattern:sub(at, at)
  end
  local stop = at + 1
  if byte(pattern, stop) == 94 then
    stop = stop + 1
  end
  repeat -- a bracket that comes first is one of the set
    stop = stop + (byte(pattern, stop) == 37 and 2 or 1)
  until byte(pattern, stop) == 93
  return pattern:sub(at, stop)
end

local function items_of(pattern, at)
  local items = {}
  while at <= #pattern do
    local item, after = special(pattern, at)
    if not item then
      local class = class_at(pattern, at)
      after = at + #class
      local suffix = real.match(pattern, "^[*+?-]", after)
      item = { run = run[suffix or "once"], set = bytes_of(class == "^" and "%^" or class) }
      after = after + (suffix and 1 or 0)
    end
    items[#items + 1], at = item, after
  end
  return items
end

local known = {}

--- PATTERN in items; whether it is anchored, which in gmatch none is.
local function compile(pattern, never_anchored)
  local key = (never_anchored and "g" or "f") .. pattern
  if not known[key] then
    local anchored = not never_anchored and byte(pattern, 1) == 94
    known[key] = { items = items_of(pattern, anchored and 2 or 1), anchored = anchored }
  end
  return known[key]
end

-- ---- the functions -----------------------------------------------------------------------------

--- The first match from AT on: where it begins and what follows it. AFTER: where it must not end.
local function search(m, at, anchored, after)
  repeat
    m.level = 0
    local stop = match(m, 1, at)
    if stop and stop ~= after then
      return at, stop
    end
    at = at + 1
  until anchored or at > #m.text + 1
end

local function capture(m, level)
  if m.lengths[level] == POSITION then
    return m.starts[level]
  end
  return m.text:sub(m.starts[level], m.starts[level] + m.lengths[level] - 1)
end

--- The captures from LEVEL on; the whole match where there is none.
local function captures(m, first, stop, level)
  if m.level == 0 then
    return m.text:sub(first, stop - 1)
  elseif level < m.level then
    return capture(m, level), captures(m, first, stop, level + 1)
  end
  return capture(m, level)
end

local function start(text, pattern, never_anchored)
  local compiled = compile(pattern, never_anchored)
  return { text = text, items = compiled.items, starts = {}, lengths = {}, level = 0 },
    compiled.anchored
end

local function first_place(text, init)
  init = init or 1
  return math.max(1, init < 0 and #text + init + 1 or init)
end

local function find_plain(text, wanted, at)
  for first = at, #text - #wanted + 1 do
    local same = 0
    while same < #wanted and byte(text, first + same) == byte(wanted, same + 1) do
      same = same + 1
    end
    if same == #wanted then
      return first, first + same - 1
    end
  end
  return nil
end

local counted = {}

function counted.find(text, pattern, init, plain)
  local at = first_place(text, init)
  if at > #text + 1 then
    return real.find(text, pattern, init, plain)
  elseif plain or not real.find(pattern, "[%^$*+?.()[%%-]") then
    return find_plain(text, pattern, at)
  end
  local m, anchored = start(text, pattern)
  local first, stop = search(m, at, anchored)
  if first and m.level > 0 then
    return first, stop - 1, captures(m, first, stop, 1)
  elseif first then
    return first, stop - 1
  end
  return nil
end

function counted.match(text, pattern, init)
  local at = first_place(text, init)
  if at > #text + 1 then
    return real.match(text, pattern, init)
  end
  local m, anchored = start(text, pattern)
  local first, stop = search(m, at, anchored)
  if first then
    return captures(m, first, stop, 1)
  end
  return nil
end

function counted.gmatch(text, pattern)
  local m = start(text, pattern, true)
  local at, after = 1, nil
  return function()
    if at > #text + 1 then
      return nil
    end
    local first, stop = search(m, at, false, SKIPS_EMPTY and after)
    if not first then
      at = #text + 2
      return nil
    end
    at, after = stop, stop
    if not SKIPS_EMPTY and stop == first then
      at = stop + 1
    end
    return captures(m, first, stop, 1)
  end
end

--- What comes in place of a match.
local function replacement(m, first, stop, by)
  local whole = m.text:sub(first, stop - 1)
  local new
  if type(by) == "table" then
    new = by[(captures(m, first, stop, 1))]
  elseif type(by) == "function" then
    new = by(captures(m, first, stop, 1))
  else
    new = real.gsub(by, "%%(.)", function(c)
      if c == "0" or c == "1" and m.level == 0 then
        return whole
      end
      return real.find(c, "%d") and capture(m, tonumber(c)) or c
    end)
  end
  return new or whole
end

function counted.gsub(text, pattern, by, most)
  local m, anchored = start(text, pattern)
  local parts, at, count, after = {}, 1, 0, nil
  while not most or count < most do
    m.level = 0
    local stop = match(m, 1, at)
    if stop and not (SKIPS_EMPTY and stop == after) then
      count = count + 1
      parts[#parts + 1] = replacement(m, at, stop, by)
      after = stop
    else
      stop = nil
    end
    if stop and stop > at then
      at = stop
    elseif at <= #text then
      parts[#parts + 1] = text:sub(at, at)
      at = at + 1
    else
      break
    end
    if anchored then
      break
    end
  end
  parts[#parts + 1] = text:sub(at)
  return table.concat(parts), count
end

-- ---- in place of the library's -----------------------------------------------------------------

local is_counting = false

---@param on boolean
function M.counting(on)
  is_counting = on
end

local function counting_one(its, f)
  return function(text, pattern, ...)
    if not is_counting then
      return its(text, pattern, ...)
    end
    return f(tostring(text), tostring(pattern), ...)
  end
end

--- From here on the string library counts, as long as counting(true) holds.
function M.install()
  local library = _G.string
  for name, f in pairs(counted) do
    library[name] = counting_one(real[name], f)
  end
end

M.functions = counted

return M
