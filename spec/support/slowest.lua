--- Searches for texts that a reader is slow with: documents of a beginning, a fragment again and
-- again, and an end, all taken at random from the reader's seeds and words; those that cost most,
-- and those whose cost grows fastest, are changed and tried once more. What grows more than
-- linearly is told, with the line that shows it again, as is what a reader raises with.
--
--     lua spec/support/slowest.lua FOLDER TRIES SEED [READER…]
--
-- FOLDER has the counted shared objects (Makefile: slowest). Or from a spec:
--
--     local found = slowest.search(reader, { tries = 100, seed = 1, size = 128 })

package.path = "./?.lua;" .. package.path

local cost = require "spec.support.cost"
local files = require "spec.support.files"
local random_texts = require "spec.support.random_texts"

local M = {}

-- Costs are compared at a size, twice and four times that: what is added by the second step is
-- twice what is added by the first, if it grows linearly.
local SIZE, LINEAR = 256, 2
local SUSPICIOUS, PROVEN = 2.6, 2.9
-- A step that adds less than so much for a byte adds nothing.
local NOTHING = 0.5
-- Of the texts so far: the best of each kind, to change.
local KEPT = 8

-- ---- what texts are made of --------------------------------------------------------------------

local function add_words(list, name)
  for line in (files.find("spec/fuzz/" .. name .. ".dict") or ""):gmatch "[^\n]+" do
    local word = line:match '^"(.*)"$'
    list[#list + 1] = word and word:gsub("\\x(%x%x)", function(digits)
      return string.char(tonumber(digits, 16))
    end)
  end
end

local function files_of(folder)
  return files.lines_of(("LC_ALL=C find %s -type f 2>/dev/null | LC_ALL=C sort"):format(folder))
end

--- The seeds of a reader, and words: those of its dictionaries, and runs of letters, of white space
-- and of other characters in its seeds.
local function material(reader)
  local seeds, words = {}, {}
  for byte in ("a \n\0\2551/\"\\=:,?@"):gmatch "." do
    words[#words + 1] = byte
  end
  for _, name in ipairs(reader.words or {}) do
    add_words(words, name)
  end
  for _, name in ipairs(reader.seeds or {}) do
    for _, path in ipairs(files_of("spec/fuzz/corpus/" .. name)) do
      local seed = files.find(path)
      seeds[#seeds + 1] = seed
      seeds[#seeds + 1] = seed:sub(2) -- of some the first byte says what is done with the rest
    end
  end
  for _, seed in ipairs(seeds) do
    for _, class in ipairs { "%w+", "%s+", "%p+", "%p" } do
      for run in seed:gmatch(class) do
        words[#words + 1] = #words < 400 and run or nil
      end
    end
  end
  return seeds, words
end

local Maker = {}
Maker.__index = Maker

function Maker:one_of(list)
  return list[self.random(#list)]
end

--- None to MOST words, one after the other.
function Maker:some(least, most)
  local parts = {}
  for i = 1, least + self.random(most - least + 1) - 1 do
    parts[i] = self:one_of(self.words)
  end
  return table.concat(parts)
end

local function new_maker(reader, seed)
  local seeds, words = material(reader)
  return setmetatable({ seeds = seeds, words = words,
    random = random_texts.generator(seed * 7919 + #reader.name) }, Maker)
end

--- A text out of words alone, or a seed with something of it, or of the words, repeated.
function Maker:fresh()
  if not self.seeds[1] or self.random(3) == 1 then
    return { self:some(0, 2), self:some(1, 2), self:some(0, 2) }
  end
  local seed = self:one_of(self.seeds)
  local from = self.random(#seed + 1) - 1
  local to = math.min(#seed, from + self.random(8) - 1)
  local part = seed:sub(from + 1, to)
  return { seed:sub(1, from), (self.random(2) == 1 and part ~= "") and part or self:some(1, 2),
    seed:sub(self.random(2) == 1 and from + 1 or to + 1) }
end

--- A text like TEXT.
function Maker:changed(text)
  local changed = { text[1], text[2], text[3] }
  local i = self.random(3)
  local old = changed[i]
  local cut = self.random(#old + 1) - 1
  local how = self.random(3)
  if how == 1 then
    changed[i] = old:sub(1, cut) .. self:one_of(self.words) .. old:sub(cut + 1)
  elseif how == 2 then
    changed[i] = old:sub(1, cut) .. old:sub(cut + 2)
  else
    changed[i] = self:some(0, 2)
  end
  if changed[2] == "" then
    changed[2] = self:one_of(self.words)
  end
  return changed
end

function M.document(text, n)
  return text[1] .. text[2]:rep(math.ceil(n / #text[2])) .. text[3]
end

-- ---- how they grow -----------------------------------------------------------------------------

--- How much faster than the text the cost of READ grows from SIZE to four times that: 2 for linear
-- time, 4 for quadratic; what a byte cost at last; and what was raised.
local function growth(read, text, size)
  local costs = {}
  for i, n in ipairs { size, 2 * size, 4 * size } do
    local limit = costs[1] and costs[1] * 100 + 100000 or nil
    local total, raised = cost.of(read, M.document(text, n), limit)
    if raised ~= nil then
      return 0, 0, raised
    elseif total == math.huge then
      return math.huge, math.huge
    end
    costs[i] = total
  end
  local first, second = costs[2] - costs[1], costs[3] - costs[2]
  local a_byte = costs[3] / (4 * size)
  if second < NOTHING * 2 * size then
    return 0, a_byte
  end
  return second / math.max(first, NOTHING * size), a_byte
end

--- Whether it goes on growing so: limits end what has only begun like that.
local function is_proven(read, text, size)
  return growth(read, text, size * 4) > PROVEN and growth(read, text, size * 8) > PROVEN
end

local function insert(best, text, score)
  local at = #best + 1
  while at > 1 and best[at - 1].score < score do
    at = at - 1
  end
  table.insert(best, at, { text = text, score = score })
  best[KEPT + 1] = nil
end

---@class spec.Slow
---@field reader string
---@field text string[]  beginning, fragment, end
---@field growth? number
---@field raised? any

--- Looks for what READER is slow with, or raises with.
---@param reader table
---@param options { tries: integer, seed: integer, size?: integer }
---@return spec.Slow? found
---@return number a_byte    the highest cost of a byte that was seen
---@return string[]? text   where
function M.search(reader, options)
  local maker, size = new_maker(reader, options.seed), options.size or SIZE
  local fast_growing, dear, most, where = {}, {}, 0, nil
  cost.of(reader.read, "") -- what is loaded at first use is not the text's
  for i = 1, options.tries do
    local from = i % 3 == 0 and fast_growing or i % 3 == 1 and dear or {}
    local text = from[1] and maker:changed(maker:one_of(from).text) or maker:fresh()
    cost.of(reader.read, M.document(text, 1))
    local factor, a_byte, raised = growth(reader.read, text, size)
    if raised ~= nil then
      return { reader = reader.name, text = text, raised = raised }, most, where
    elseif factor > SUSPICIOUS and is_proven(reader.read, text, size) then
      return { reader = reader.name, text = text, growth = factor }, most, where
    end
    insert(fast_growing, text, factor)
    insert(dear, text, a_byte)
    if a_byte > most and a_byte < math.huge then
      most, where = a_byte, text
    end
  end
  return nil, most, where
end

--- FOUND for people.
function M.told(found)
  return ("%s: %s with (%q):rep(n) between %q and %q"):format(found.reader,
    found.raised ~= nil and "raises " .. tostring(found.raised)
      or ("grows by %.1f, not %d, when the text doubles"):format(found.growth, LINEAR),
    found.text[2], found.text[1], found.text[3])
end

--- The readers whose names begin with one of NAMES; all of them without.
function M.readers(names)
  local chosen = {}
  for _, reader in ipairs(require "spec.support.readers") do
    local wanted = not names[1]
    for _, name in ipairs(names) do
      wanted = wanted or reader.name:sub(1, #name) == name
    end
    chosen[#chosen + 1] = wanted and reader or nil
  end
  return chosen
end

local function main(folder, tries, seed, ...)
  cost.load(folder)
  local failures = 0
  for _, reader in ipairs(M.readers { ... }) do
    local found, most, where = M.search(reader, { tries = tonumber(tries), seed = tonumber(seed) })
    if found then
      failures = failures + 1
      print(M.told(found))
      print(("  again: make slowest TARGET='%s' TRIES=%s SEED=%s"):format(reader.name, tries, seed))
    elseif where then
      local text, started = M.document(where, 1024 * 1024), os.clock()
      reader.read(text)
      print(("%-36s %5.0f steps a byte at most; 1 MiB of that in %.3f s"):format(reader.name, most,
        os.clock() - started))
    end
  end
  os.exit(failures == 0 and 0 or 1)
end

if arg and arg[0] and arg[0]:find "slowest%.lua$" then
  main(...)
end

return M
