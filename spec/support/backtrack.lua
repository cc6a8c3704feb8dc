-- SPDX-License-Identifier: MIT
--- A reference for the pattern matcher: a backtracking one, as short as can be, with nothing
-- in common with src/model/regex.lua. Exponential in the worst case: for short texts only.

local M = {}

local function code_points(text)
  local list = {}
  for c in text:gmatch("[%z\1-\127\194-\244][\128-\191]*") do
    list[#list + 1] = c
  end
  return list
end

local SHORTHANDS = {
  d = "^%d$", w = "^[%w_]$", s = "^[ \t\n\v\f\r]$",
  D = "^%d$", W = "^[%w_]$", S = "^[ \t\n\v\f\r]$",
}

--- A test of one character, and the character where it is a single one.
local function atom_test(c, escaped)
  if escaped and SHORTHANDS[c] then
    local lua_pattern, negated = SHORTHANDS[c], c:find("%u") ~= nil
    return function(x)
      return (x:find(lua_pattern) ~= nil) ~= negated
    end
  end
  if escaped and c:find("[nrtfv]") then
    c = ({ n = "\n", r = "\r", t = "\t", f = "\f", v = "\v" })[c]
  end
  return function(x)
    return x == c
  end, c
end

local Parser = {}
Parser.__index = Parser

function Parser:peek(n)
  return self.text:sub(self.at, self.at + (n or 1) - 1)
end

function Parser:next()
  local c = self:peek()
  self.at = self.at + 1
  return c
end

function Parser:test()
  local c = self:next()
  if c == "\\" then
    return atom_test(self:next(), true)
  end
  return atom_test(c, false)
end

function Parser:class()
  local negated = self:peek() == "^" and self:next()
  local tests = {}
  repeat
    local test, first = self:test()
    if self:peek() == "-" and self:peek(2) ~= "-]" then
      self:next()
      local _, last = self:test()
      test = function(x)
        return #x == 1 and x >= first and x <= last
      end
    end
    tests[#tests + 1] = test
  until self:peek() == "]"
  self:next()
  return function(x)
    for _, test in ipairs(tests) do
      if test(x) then
        return not negated
      end
    end
    return negated and true or false
  end
end

function Parser:atom()
  local c = self:peek()
  if c == "^" or c == "$" then
    return { kind = self:next() }
  elseif c == "." then
    self:next()
    return { kind = "set", test = function() return true end }
  elseif c == "[" then
    self:next()
    return { kind = "set", test = self:class() }
  elseif c == "(" then
    self:next()
    local lookahead = self:peek(2) == "?!"
    if self:peek() == "?" then
      self.at = self.at + 2
    end
    local inner = self:alternation()
    self:next()
    return lookahead and { kind = "not", inner } or inner
  end
  return { kind = "set", test = (self:test()) }
end

function Parser:piece()
  local atom = self:atom()
  local min, comma, max, after = self.text:match("^{(%d+)(,?)(%d*)}()", self.at)
  if min then
    self.at = after
    max = comma == "" and tonumber(min) or tonumber(max) or math.huge
    return { kind = "repeat", atom, min = tonumber(min), max = max }
  elseif self:peek():find("[*+?]") then
    local c = self:next()
    return { kind = "repeat", atom, min = c == "+" and 1 or 0, max = c == "?" and 1 or math.huge }
  end
  return atom
end

function Parser:sequence()
  local seq = { kind = "seq" }
  while self:peek() ~= "" and not self:peek():find("[|)]") do
    seq[#seq + 1] = self:piece()
  end
  return seq
end

function Parser:alternation()
  local alt = { kind = "alt", self:sequence() }
  while self:peek() == "|" do
    self:next()
    alt[#alt + 1] = self:sequence()
  end
  return alt
end

---@param pattern string
---@return table tree
function M.parse(pattern)
  return setmetatable({ text = pattern, at = 1 }, Parser):alternation()
end

-- Matching: each kind gets the text, a position and what must match after it.

local MATCH = {}

local function run(node, text, i, continue)
  return MATCH[node.kind](node, text, i, continue)
end

function MATCH.set(node, text, i, continue)
  return text[i] ~= nil and node.test(text[i]) and continue(i + 1)
end

MATCH["^"] = function(_, _, i, continue)
  return i == 1 and continue(i)
end

MATCH["$"] = function(_, text, i, continue)
  return i == #text + 1 and continue(i)
end

MATCH["not"] = function(node, text, i, continue)
  return not run(node[1], text, i, function() return true end) and continue(i)
end

function MATCH.seq(node, text, i, continue)
  local function from(n, at)
    if n > #node then
      return continue(at)
    end
    return run(node[n], text, at, function(after) return from(n + 1, after) end)
  end
  return from(1, i)
end

function MATCH.alt(node, text, i, continue)
  for _, branch in ipairs(node) do
    if run(branch, text, i, continue) then
      return true
    end
  end
  return false
end

MATCH["repeat"] = function(node, text, i, continue)
  local function more(count, at)
    if count < node.max and run(node[1], text, at, function(after)
      return (after > at or count < node.min) and more(count + 1, after)
    end) then
      return true
    end
    return count >= node.min and continue(at)
  end
  return more(0, i)
end

--- Whether TEXT contains a match of the tree of a pattern.
---@param tree table
---@param text string
---@return boolean
function M.match(tree, text)
  local characters = code_points(text)
  for i = 1, #characters + 1 do
    if run(tree, characters, i, function() return true end) then
      return true
    end
  end
  return false
end

-- Sampling: texts that match, but for anchors and lookaheads, which are left out.

--- A text that the tree likely matches. RANDOM(n) gives 1 to n; ALPHABET is a list of
--- characters to choose from; unlimited and long repetitions stay below 4.
---@return string
function M.sample(node, random, alphabet)
  if node.kind == "set" then
    local fitting = {}
    for _, c in ipairs(alphabet) do
      if node.test(c) then
        fitting[#fitting + 1] = c
      end
    end
    return fitting[1] and fitting[random(#fitting)] or ""
  elseif node.kind == "seq" then
    local parts = {}
    for i, child in ipairs(node) do
      parts[i] = M.sample(child, random, alphabet)
    end
    return table.concat(parts)
  elseif node.kind == "alt" then
    return M.sample(node[random(#node)], random, alphabet)
  elseif node.kind == "repeat" then
    local parts = {}
    local extra = math.min(node.max - node.min, 3)
    for i = 1, node.min + random(extra + 1) - 1 do
      parts[i] = M.sample(node[1], random, alphabet)
    end
    return table.concat(parts)
  end
  return ""
end

return M
