-- The patterns whose steps are counted do what those of the string library do.
local counted = require("spec.support.counted_patterns").functions
local random_texts = require "spec.support.random_texts"

local PARTS = { "a", "b", ".", "%a", "%A", "%d", "[ab]", "[^a]", "[%a_-]", "[]a]", "[^]b]", "%%",
  "%.", "-", "(a)", "(.-)", "(%d*)", "()", "(a(b))", "%f[%a]", "%bab", "[%]]", "a*", ".-", "%d+",
  "b?", "[a-]-", "%s*" }
local TEXTS = { "", "a", "ab", "aab", "a1b2", "aabbab", " a b ", "-a-]b%", "12 ab", "é\0a",
  "a.b.c" }
local BY = { "<%0>", "x", "%%", { a = "A", b = false, ["1"] = 7 },
  function(c) return c == "a" and "!" end }

local function results(f, ...)
  local packed = { n = select("#", pcall(f, ...)), pcall(f, ...) }
  if packed[1] == false then
    return { false }
  end
  return packed
end

--- What gmatch gives, all of it.
local function all(gmatch, text, pattern)
  local list = {}
  for a, b in gmatch(text, pattern) do
    list[#list + 1] = { a, b }
  end
  return list
end

describe("counted patterns", function()
  local random = random_texts.generator(2026)

  local function pattern()
    local parts = { random(5) == 1 and "^" or "" }
    for i = 1, random(4) do
      parts[i + 1] = PARTS[random(#PARTS)]
    end
    parts[#parts + 1] = random(5) == 1 and "$" or ""
    return table.concat(parts)
  end

  --- Both do the same with the same arguments.
  local function check(name, ...)
    assert.same(results(string[name], ...), results(counted[name], ...),
      ("%s %q %q"):format(name, ...))
  end

  it("find, match and replace as the library does", function()
    for _ = 1, 3000 do
      local text, p, init = TEXTS[random(#TEXTS)], pattern(), random(7) - 3
      check("find", text, p, init)
      check("find", text, p, init, true)
      check("match", text, p, init)
      local most = random(4)
      check("gsub", text, p, BY[random(#BY)], most > 1 and most or nil)
      if p:sub(1, 1) ~= "^" then -- which means something else there, and not the same in each Lua
        assert.same(all(string.gmatch, text, p), all(counted.gmatch, text, p), text .. " " .. p)
      end
    end
  end)
end)
