-- SPDX-License-Identifier: MIT
--- Compiles the patterns of the model into small tables for src/model/pattern.c.
--
-- Pattern -> syntax tree -> position automaton (Glushkov) -> deterministic automaton (subset
-- construction) -> minimal one (Moore) -> rows over classes of characters. A text is decided
-- in one step a character, whatever the pattern.
--
-- A symbol is an ASCII character (0 to 127), "any other code point" (128), the begin (129) or
-- the end of the text (130): so `^` and `$` are ordinary characters of the automaton, and a
-- pattern is searched for, as the SDKs do, by letting anything stand before and after it.
--
-- A bounded repetition of one class, as {0,1023}, would need a state for each count. It
-- becomes one position with a counter instead: see `step`. Where the count could be ambiguous
-- the repetition is written out after all.
--
-- The syntax is the part of ECMA's that service models use; everything else is an error that
-- names the pattern. \w, \d and \s are ASCII, `.` matches line ends too.
-- @module model.regex

local M = {}

local OTHER, BEGIN, END = 128, 129, 130

-- A repetition whose count varies by fewer than this is always written out.
local COUNTER_FROM = 16

-- Beyond these a pattern is a mistake or an attack on the build.
local MAX_POSITIONS, MAX_STATES = 4096, 2048

-- What the matcher knows about rows: a transition with RESET sets the counter to one.
M.RESET = 0x8000
M.REJECT, M.ACCEPT = 0, 1 -- states that nothing leaves
M.SYMBOLS = OTHER + 1

---@class model.Matcher
---@field classes number    how many classes of characters there are
---@field class_of number[] [symbol] -> class, from index 0 to 128
---@field start number      the state after the begin of the text
---@field states number     their number; REJECT and ACCEPT are the first two
---@field accepting number  states from this one on accept at the end of the text
---@field rows number[][]   [row][class] -> state, or'ed with RESET; a row for each state, then
---                         those for exhausted counters; from index 0
---@field limits? table<number, number>  [state] -> limit of its counter
---@field full? table<number, number>    [state] -> its row when the limit is reached

-- Parsing: a tree of set, seq, alt and repeat nodes -------------------------------------

local function fail(parser, what)
  error(("pattern %s: %s at character %d"):format(parser.text, what, parser.at), 0)
end

local function peek(parser, count)
  return parser.text:sub(parser.at, parser.at + (count or 1) - 1)
end

local function accept(parser, text)
  if peek(parser, #text) == text then
    parser.at = parser.at + #text
    return true
  end
  return false
end

local function set_of(first, last)
  local set = {}
  for symbol = first, last or first do
    set[symbol] = true
  end
  return set
end

local function add_all(set, other)
  for symbol in pairs(other) do
    set[symbol] = true
  end
  return set
end

--- All characters that are not in SET: every other code point too, unless SET has them.
local function negation(set)
  local result = {}
  for symbol = 0, OTHER do
    if not set[symbol] then
      result[symbol] = true
    end
  end
  return result
end

local function set_of_string(text)
  local set = {}
  for i = 1, #text do
    set[text:byte(i)] = true
  end
  return set
end

local DIGITS = set_of(48, 57)
local SPACES = set_of_string(" \t\n\v\f\r")
local WORDS = add_all(add_all(add_all(set_of_string("_"), set_of(65, 90)), set_of(97, 122)),
  DIGITS)

local CLASS_ESCAPES = {
  d = DIGITS, s = SPACES, w = WORDS,
  D = negation(DIGITS), S = negation(SPACES), W = negation(WORDS),
}

local CONTROL_ESCAPES = { n = "\n", r = "\r", t = "\t", f = "\f", v = "\v" }

--- One character or escape: its set, and its symbol if it is a single one.
local function parse_character(parser)
  local escaped = accept(parser, "\\")
  local c = peek(parser)
  if c == "" then
    fail(parser, "unexpected end")
  elseif c:byte() > 127 then
    fail(parser, "unsupported character outside ASCII")
  elseif escaped and c:find("%w") then
    if CLASS_ESCAPES[c] then
      parser.at = parser.at + 1
      return CLASS_ESCAPES[c]
    end
    c = CONTROL_ESCAPES[c] or fail(parser, "unsupported escape \\" .. c)
  end
  parser.at = parser.at + 1
  return set_of(c:byte()), c:byte()
end

--- The end of a range after "-", or nil where the "-" is the last of its class.
local function parse_range_end(parser, first)
  if peek(parser) ~= "-" or peek(parser, 2) == "-]" then
    return nil
  end
  parser.at = parser.at + 1
  local _, last = parse_character(parser)
  if not first or not last or last < first then
    fail(parser, "unsupported range")
  end
  return last
end

--- A class, after its opening bracket.
local function parse_class(parser)
  local negated = accept(parser, "^")
  local set = {}
  if peek(parser) == "]" then
    fail(parser, "unsupported empty class")
  end
  while not accept(parser, "]") do
    local part, first = parse_character(parser)
    local last = parse_range_end(parser, first)
    add_all(set, last and set_of(first, last) or part)
  end
  return negated and negation(set) or set
end

local parse_alternation -- a group holds one

--- (?!literal), which may stand only directly after a leading ^.
local function parse_lookahead(parser)
  if parser.text:sub(1, parser.at - 1) ~= "^(?!" then
    fail(parser, "unsupported lookahead away from the begin")
  end
  parser.forbidden = {}
  while not accept(parser, ")") do
    if peek(parser):find("[%[%]().*+?{}|^$]") then
      fail(parser, "unsupported lookahead of more than a literal")
    end
    local _, symbol = parse_character(parser)
    table.insert(parser.forbidden, symbol or fail(parser, "unsupported class in a lookahead"))
  end
  return { type = "seq" }
end

local function parse_group(parser)
  if accept(parser, "?!") then
    return parse_lookahead(parser)
  elseif peek(parser) == "?" and not accept(parser, "?:") then
    fail(parser, "unsupported group")
  end
  local node = parse_alternation(parser)
  if not accept(parser, ")") then
    fail(parser, "missing )")
  end
  return node
end

local ANCHORS = { ["^"] = BEGIN, ["$"] = END }

local function parse_atom(parser)
  local c = peek(parser)
  if ANCHORS[c] then
    parser.at = parser.at + 1
    return { type = "set", set = set_of(ANCHORS[c]), anchor = true }
  elseif accept(parser, "(") then
    return parse_group(parser)
  elseif accept(parser, "[") then
    return { type = "set", set = parse_class(parser) }
  elseif accept(parser, ".") then
    return { type = "set", set = set_of(0, OTHER) }
  elseif c:find("[*+?{}%]]") then
    fail(parser, "unexpected " .. c)
  end
  return { type = "set", set = (parse_character(parser)) }
end

--- min, max (nil: no limit) of a quantifier, or nothing.
local function parse_quantifier(parser)
  if accept(parser, "*") then
    return 0
  elseif accept(parser, "+") then
    return 1
  elseif accept(parser, "?") then
    return 0, 1
  end
  local min, comma, max, after = parser.text:match("^{(%d+)(,?)(%d*)}()", parser.at)
  if not min then
    return nil
  end
  parser.at = after
  if comma == "" and max ~= "" or max ~= "" and tonumber(max) < tonumber(min) then
    fail(parser, "unsupported quantifier")
  end
  return tonumber(min), comma == "" and tonumber(min) or tonumber(max)
end

local function parse_repetition(parser)
  local node = parse_atom(parser)
  local min, max = parse_quantifier(parser)
  if not min then
    return node
  elseif node.anchor or node.type == "seq" and #node == 0 then
    fail(parser, "unsupported quantifier of nothing")
  elseif peek(parser):find("[*+?{]") then
    fail(parser, "unsupported quantifier of a quantifier")
  end
  return { type = "repeat", node = node, min = min, max = max }
end

local function parse_sequence(parser)
  local seq = { type = "seq" }
  while peek(parser) ~= "" and not peek(parser):find("[|)]") do
    seq[#seq + 1] = parse_repetition(parser)
  end
  return #seq == 1 and seq[1] or seq
end

function parse_alternation(parser)
  local alt = { type = "alt" }
  repeat
    alt[#alt + 1] = parse_sequence(parser)
  until not accept(parser, "|")
  return #alt == 1 and alt[1] or alt
end

local function parse(text)
  local parser = { text = text, at = 1 }
  local tree = parse_alternation(parser)
  if parser.at <= #text then
    fail(parser, "unexpected )")
  elseif parser.forbidden and tree.type == "alt" then
    fail(parser, "unsupported lookahead in one of several branches")
  end
  return tree, parser.forbidden
end

-- Position automaton --------------------------------------------------------------------

--- What Glushkov keeps of a part: may it be empty, which positions begin and end it.
local function empty_part()
  return { nullable = true, first = {}, last = {} }
end

local function append(list, other)
  for _, value in ipairs(other) do
    list[#list + 1] = value
  end
  return list
end

local function connect(automaton, from, to)
  for _, p in ipairs(from) do
    for _, q in ipairs(to) do
      automaton.follow[p][q] = true
    end
  end
end

local function concatenate(automaton, a, b)
  connect(automaton, a.last, b.first)
  return {
    nullable = a.nullable and b.nullable,
    first = a.nullable and append(append({}, a.first), b.first) or a.first,
    last = b.nullable and append(append({}, b.last), a.last) or b.last,
  }
end

local function new_position(automaton, node, counter)
  local p = #automaton.sets + 1
  if p > MAX_POSITIONS then
    error(("pattern %s: too large"):format(automaton.pattern), 0)
  end
  automaton.sets[p] = node.set
  automaton.follow[p] = {}
  automaton.counters[p] = counter
  return { nullable = counter ~= nil, first = { p }, last = { p } }
end

local build -- recursive

local BUILDERS = {}

function BUILDERS.set(automaton, node)
  return new_position(automaton, node)
end

function BUILDERS.seq(automaton, node)
  local part = empty_part()
  for _, child in ipairs(node) do
    part = concatenate(automaton, part, build(automaton, child))
  end
  return part
end

function BUILDERS.alt(automaton, node)
  local part = { nullable = false, first = {}, last = {} }
  for _, child in ipairs(node) do
    local branch = build(automaton, child)
    part.nullable = part.nullable or branch.nullable
    append(part.first, branch.first)
    append(part.last, branch.last)
  end
  return part
end

--- X{0,COUNT}: one counted position where that is possible, else (X(X(X)?)?)?.
local function build_optional(automaton, node, count)
  local child = node.node
  if count >= automaton.counter_from and child.type == "set" and not automaton.unroll[node] then
    return new_position(automaton, child, { limit = count, node = node })
  end
  local part = empty_part()
  for _ = 1, count do
    part = concatenate(automaton, build(automaton, child), part)
    part.nullable = true
  end
  return part
end

--- X{MIN,MAX}: MIN copies, the last of them in a loop if there is no MAX, else optional ones.
BUILDERS["repeat"] = function(automaton, node)
  local part = empty_part()
  for i = 1, node.max and node.min or math.max(node.min, 1) do
    local copy = build(automaton, node.node)
    if not node.max and i >= node.min then
      connect(automaton, copy.last, copy.first)
      copy.nullable = copy.nullable or node.min == 0
    end
    part = concatenate(automaton, part, copy)
  end
  if node.max then
    part = concatenate(automaton, part, build_optional(automaton, node, node.max - node.min))
  end
  return part
end

function build(automaton, node)
  return BUILDERS[node.type](automaton, node)
end

--- `^^` would have to read the begin twice.
local function refuse_double_anchors(automaton)
  for p, follow in ipairs(automaton.follow) do
    for q in pairs(follow) do
      for symbol = BEGIN, END do
        if automaton.sets[p][symbol] and automaton.sets[q][symbol] then
          error(("pattern %s: unsupported double anchor"):format(automaton.pattern), 0)
        end
      end
    end
  end
end

--- The automaton of TREE. Position 0 stands for "not begun yet": it reads anything.
local function position_automaton(pattern, tree, forbidden, options)
  local automaton = {
    pattern = pattern, sets = {}, follow = {}, counters = {}, ends = {},
    forbidden = forbidden, unroll = options.unroll, counter_from = options.counter_from,
  }
  local whole = build(automaton, tree)
  automaton.nullable = whole.nullable
  automaton.sets[0] = set_of(0, END)
  automaton.follow[0] = { [0] = true }
  connect(automaton, { 0 }, whole.first)
  for _, p in ipairs(whole.last) do
    automaton.ends[p] = true
  end
  refuse_double_anchors(automaton)
  return automaton
end

-- Deterministic automaton ---------------------------------------------------------------

--- Classes of symbols that no set tells apart, in order of their first symbol.
local function character_classes(automaton)
  local class_of, examples, known = {}, {}, {}
  local sets = {}
  for _, set in ipairs(automaton.sets) do
    if not sets[set] then
      sets[set] = true
      sets[#sets + 1] = set
    end
  end
  for _, symbol in ipairs(automaton.forbidden or {}) do
    sets[#sets + 1] = set_of(symbol)
  end
  for symbol = 0, OTHER do
    local bits = {}
    for i, set in ipairs(sets) do
      bits[i] = set[symbol] and "1" or "0"
    end
    local key = table.concat(bits)
    if not known[key] then
      known[key] = #examples
      examples[#examples + 1] = symbol
    end
    class_of[symbol] = known[key]
  end
  return class_of, examples
end

-- A state: the positions just read, sorted; how much of the forbidden literal has been read
-- (nil: the text is known to begin otherwise); whether the pattern has been found.

local function key_of(state)
  return table.concat(state.positions, ",") .. (state.guard and "!" .. state.guard or "")
    .. (state.found and "+" or "")
end

--- The guard after SYMBOL: false for the forbidden literal's last one.
local function next_guard(automaton, guard, symbol)
  local literal = automaton.forbidden
  if not guard or symbol ~= literal[guard + 1] then
    return nil
  end
  return guard + 1 < #literal and guard + 1
end

--- Raised (as a value) by `step`; `determinise` writes the repetition out and starts again.
local function conflict(counter)
  error({ conflict = counter.node }, 0)
end

--- A state has one counter register: of two counters that may run at the same time, and of
-- one that may start anew while it runs, one is written out.
local function single_counter(automaton, entered, looped)
  local counter, reset = nil, false
  for p, one in pairs(automaton.counters) do
    if entered[p] and looped[p] then
      conflict(one)
    elseif entered[p] or looped[p] then
      if counter then
        conflict(one.limit < counter.limit and one or counter)
      end
      counter, reset = one, entered[p] or false
    end
  end
  return counter and counter.limit, reset
end

--- The state after STATE and SYMBOL, and whether it begins a count. A counted position also
-- follows itself, as long as its count is below the limit, that is unless FULL.
local function step(automaton, state, symbol, full)
  local entered, looped, positions = {}, {}, {}
  for _, p in ipairs(state.positions) do
    for q in pairs(automaton.follow[p]) do
      if automaton.sets[q][symbol] then
        entered[q] = true
      end
    end
    if automaton.counters[p] and not full and automaton.sets[p][symbol] then
      looped[p] = true
    end
  end
  local guard = next_guard(automaton, state.guard, symbol)
  local target = { positions = positions, guard = guard or nil, found = state.found }
  for q = 0, #automaton.sets do
    if entered[q] or looped[q] then
      positions[#positions + 1] = q
      target.found = target.found or automaton.ends[q] or false
    end
  end
  if guard == false then
    target.positions, target.found, target.rejected = {}, false, true
  elseif target.found then
    target.positions = {}
  end
  local limit, reset = single_counter(automaton, entered, looped)
  target.limit = #target.positions > 0 and limit or nil
  return target, reset and target.limit ~= nil
end

--- Whether STATE accepts when the text ends here.
local function accepts(automaton, state)
  if state.found or state.rejected then
    return state.found
  end
  return step(automaton, { positions = state.positions, found = false }, END, true).found
end

--- All states that can be reached, as a list with rows of { target, reset }.
local function subset_construction(automaton, examples)
  local states, known = {}, {}
  local function intern(state)
    local key = state.rejected and "rejected" or key_of(state)
    if not known[key] then
      known[key] = state
      states[#states + 1] = state
      if #states > MAX_STATES then
        error(("pattern %s: too many states"):format(automaton.pattern), 0)
      end
    end
    return known[key]
  end
  local function row(state, full)
    local result = {}
    for i, symbol in ipairs(examples) do
      local target, reset = step(automaton, state, symbol, full)
      result[i] = { target = intern(target), reset = reset }
    end
    return result
  end
  local zero = { positions = { 0 }, found = automaton.nullable }
  local start = step(automaton, zero, BEGIN)
  start.guard = automaton.forbidden and 0
  local i = 0
  intern(start)
  while states[i + 1] do
    i = i + 1
    local state = states[i]
    state.accepts = accepts(automaton, state)
    state.row = row(state, false)
    state.full = state.limit and row(state, true)
  end
  return states
end

--- Writes out as many counted repetitions as it takes.
local function determinise(pattern, options)
  local tree, forbidden = parse(pattern)
  options = { counter_from = options and options.counter_from or COUNTER_FROM, unroll = {} }
  while true do
    local automaton = position_automaton(pattern, tree, forbidden, options)
    local class_of, examples = character_classes(automaton)
    local ok, states = pcall(subset_construction, automaton, examples)
    if ok then
      return states, class_of, examples
    elseif type(states) ~= "table" then
      error(states, 0)
    end
    options.unroll[states.conflict] = true
  end
end

-- Minimising ----------------------------------------------------------------------------

--- A count matters only where a text may still be found: forget it elsewhere.
local function forget_hopeless(states)
  local changed = true
  while changed do
    changed = false
    for _, state in ipairs(states) do
      local hope = state.accepts
      for _, edge in ipairs(state.row) do
        hope = hope or edge.target.hope
      end
      if hope and not state.hope then
        state.hope, changed = true, true
      end
    end
  end
  for _, state in ipairs(states) do
    if not state.hope then
      state.limit, state.full = nil, nil
    end
  end
end

local function row_key(row)
  local parts = {}
  for i, edge in ipairs(row or {}) do
    parts[i] = edge.target.block .. (edge.reset and edge.target.limit and "!" or "")
  end
  return table.concat(parts, ",")
end

--- Moore: splits blocks until all states of a block go to the same blocks.
local function minimise(states)
  forget_hopeless(states)
  for _, state in ipairs(states) do
    state.block = (state.accepts and "+" or "-") .. (state.limit or "")
  end
  local count = 0
  while true do
    local blocks, number, keys = {}, 0, {}
    for i, state in ipairs(states) do
      keys[i] = table.concat({ state.block, row_key(state.row), row_key(state.full) }, ";")
      if not blocks[keys[i]] then
        number = number + 1
        blocks[keys[i]] = number
      end
    end
    for i, state in ipairs(states) do
      state.block = blocks[keys[i]]
    end
    if number == count then
      return
    end
    count = number
  end
end

local function is_trap(state)
  for _, edge in ipairs(state.row) do
    if edge.target.block ~= state.block then
      return false
    end
  end
  return not state.limit
end

--- One state for each block in its final order: REJECT, ACCEPT, the rest, those that accept.
local function order_blocks(states)
  local number_of, kept, first_accepting = {}, { [0] = false, [1] = false }, nil
  for _, state in ipairs(states) do
    if is_trap(state) then
      number_of[state.block] = state.accepts and M.ACCEPT or M.REJECT
    end
  end
  for _, wanted in ipairs { false, true } do
    first_accepting = #kept + 1
    for _, state in ipairs(states) do
      if not number_of[state.block] and state.accepts == wanted then
        kept[#kept + 1] = state
        number_of[state.block] = #kept
      end
    end
  end
  return number_of, kept, first_accepting
end

local function constant_row(classes, value)
  local row = {}
  for class = 0, classes - 1 do
    row[class] = value
  end
  return row
end

--- Compiles PATTERN; raises a text for what is not supported.
---@param pattern string
---@param options? { counter_from: number }  from which variation on repetitions are counted
---@return model.Matcher
function M.compile(pattern, options)
  local states, class_of, examples = determinise(pattern, options)
  minimise(states)
  local number_of, kept, accepting = order_blocks(states)
  local matcher = {
    classes = #examples, class_of = class_of, start = number_of[states[1].block],
    states = #kept + 1, accepting = accepting,
    rows = { [0] = constant_row(#examples, M.REJECT), constant_row(#examples, M.ACCEPT) },
  }
  local function encode(row)
    local result = {}
    for i, edge in ipairs(row) do
      local reset = edge.reset and edge.target.limit and M.RESET or 0
      result[i - 1] = number_of[edge.target.block] + reset
    end
    return result
  end
  for number = 2, #kept do
    matcher.rows[number] = encode(kept[number].row)
  end
  for number = 2, #kept do
    if kept[number].limit then
      matcher.limits = matcher.limits or {}
      matcher.full = matcher.full or {}
      matcher.limits[number] = kept[number].limit
      matcher.rows[#matcher.rows + 1] = encode(kept[number].full)
      matcher.full[number] = #matcher.rows
    end
  end
  return matcher
end

--- Runs MATCHER over TEXT (valid UTF-8): what src/model/pattern.c does, for the tools.
---@param matcher model.Matcher
---@param text string
---@return boolean
function M.match(matcher, text)
  local state, count = matcher.start, 0
  for i = 1, #text do
    local byte = text:byte(i)
    if byte < 0x80 or byte >= 0xC0 then
      local row = state
      if matcher.limits and matcher.limits[state] == count then
        row = matcher.full[state]
      end
      local edge = matcher.rows[row][matcher.class_of[math.min(byte, OTHER)]]
      count = edge >= M.RESET and 1 or count + 1
      state = edge % M.RESET
    end
  end
  return state == M.ACCEPT or state >= matcher.accepting
end

return M
