-- SPDX-License-Identifier: MIT
-- The compiler of patterns, on patterns that use each of its features: its tables are run by
-- src/model/pattern.c in a program of their own, by the compiler's own matcher, and compared with a
-- backtracking matcher.
local backtrack = require "spec.support.backtrack"
local random_texts = require "spec.support.random_texts"
local workdir = require "spec.support.workdir"

package.path = "src/model/?.lua;" .. package.path
local emit_tables = require "emit_tables"
local regex = require "regex"
local shell = require "spec.support.shell"

-- Counters from this variation on: small, so that short texts reach the limits.
local COUNTED = { counter_from = 2 }

local PATTERNS = {
  -- plain, anchors, alternation, groups
  "", "a", "abc", "^a", "a$", "^a$", "^$", "$", "^", "a|b", "^a|b$", "(^a)|(b$)|cd", "(ab|a)c",
  "(?:ab)+c", "a^b", "a$b", "(a|)b", "^(|a)$", "()a", "^a.$|^.b$", "a$b*",
  -- classes, escapes
  "[abc]", "[^abc]", "^[^a]$", "[a-c]x", "[a-]", "[-a]", "[\\w.-]", "^[\\s]+$", "[^\\s]b",
  "^\\d\\D\\w\\W\\s\\S$", "\\.\\/\\-\\$\\:", "[\\]\\\\]", "[.]", "[+-=]", "\\t\\n", "^[^\\d\\s]$",
  "[a^]", "[^^]a", "^[\\D]$",
  -- any character: whole code points, line ends too
  ".", "^.$", "^..$", "a.b", "^.a", "^.*$", ".*", ".*\\S.*", "^[^a]{2}$", "\\S\\S",
  -- quantifiers
  "^a*$", "^a+$", "^a?$", "a{2}", "^a{2}$", "^a{1,2}$", "^a{2,}$", "^a{0}$", "^(ab){2}$",
  "^(a|b)*c$", "^(a*)*$", "^(a*b*)*c$", "^(a?){3}$", "(a+)+b", "^(a{2}){2}$", "^(a{1,2}){2}$",
  "^(?:a{2}|b)+$", "^(a+|b?)c{2}$", "^a{0,}b$", "^(a|b{2,})+$",
  -- counted repetitions: alone, in sequence, ambiguous, in loops and in alternatives
  "^a{0,4}$", "^a{2,6}$", "a{3,5}", "^a{0,3}b{0,3}$", "^a{0,3}a$", "^a{0,3}a{0,4}$",
  "^[ab]{0,4}(b|c)$", "^[ab]{0,4}(:b)?$", "^[a:]{0,4}(:[ab]+)?$", "^(a{0,3}b)*$",
  "^(a{0,3}|b{0,4})$", "^(a{0,3}|ab{0,4})$", "^(a{0,3}|aab{0,4})c$", "^(a{0,3})*$",
  "^(a{0,3}){2}$", "^x[ab]{0,3}:[ab]{0,3}$", "^[^a]{0,3}$", "^.{0,3}$", "^.{2,4}b$",
  "^(ab){0,3}$", "^(a[bc]{0,3}d)+$", "[ab]{0,3}c$", "^(?:a|b{0,3}c)+$", "^a{1,4}|b{0,3}$",
  -- a forbidden beginning
  "^(?!ab)[a-c]+$", "^(?!a)", "^(?!ab)", "^(?!ab).*c", "^(?!a:)[ab:]{0,3}$", "^(?!\\.a)[.a]+$",
  "^(?!aab)a{0,3}b$",
}

--- A C program that reads lines "number hex" and answers 1 or 0 for each.
local function program(compiled)
  local out = { '#include <stdio.h>', '#include <stdlib.h>', '#include <model/pattern.h>' }
  for i, matcher in ipairs(compiled) do
    emit_tables.write_matcher(out, tostring(i), matcher)
  end
  out[#out + 1] = "static const struct appint_pattern *const all[] = {"
  for i = 1, #compiled do
    out[#out + 1] = ("    &pattern_%d,"):format(i)
  end
  out[#out + 1] = [[
};
int main(void)
{
    static char hex[4096], text[2048];
    unsigned long number;

    while (scanf("%lu x%4095[0-9a-f]", &number, hex) >= 1) {
        size_t len = 0;

        for (; hex[2 * len] != '\0'; len++) {
            char digits[3] = {hex[2 * len], hex[2 * len + 1], '\0'};

            text[len] = (char)strtoul(digits, NULL, 16);
        }
        putchar(appint_pattern_match(all[number], text, len) ? '1' : '0');
        hex[0] = '\0';
        if (getchar() == EOF) {
            break;
        }
    }
    return 0;
}]]
  return table.concat(out, "\n") .. "\n"
end

local function to_hex(text)
  return (text:gsub(".", function(c)
    return ("%02x"):format(c:byte())
  end):gsub("\n", "0a"))
end

--- What src/model/pattern.c says to CASES, a list of { matcher number from 1, text }: a string of
--- "1" and "0".
local function run_in_c(compiled, cases)
  local dir = workdir.new()
  local lines = {}
  for i, case in ipairs(cases) do
    lines[i] = ("%d x%s\n"):format(case[1] - 1, to_hex(case[2]))
  end
  local source = dir:write("matchers.c", program(compiled))
  local command = ("%s -std=c11 -Wall -Wextra -Werror -Isrc -o %s %s src/model/pattern.c"
    .. " && %s < %s"):format(os.getenv("CC") or "cc", dir:file "matchers", source,
    dir:file "matchers", dir:write("cases", table.concat(lines)))
  local answer = shell.output("unset LD_PRELOAD; " .. command)
  dir:remove()
  return answer
end

--- The error for PATTERN.
local function refusal(pattern)
  local ok, message = pcall(regex.compile, pattern)
  assert.is_false(ok, "compiled: " .. pattern)
  return message
end

describe("a compiled pattern", function()
  for name, options in pairs { plain = {}, counted = COUNTED } do
    it("decides as a backtracking matcher does, in Lua and in C: " .. name, function()
      local compiled, cases, expected = {}, {}, {}
      for i, pattern in ipairs(PATTERNS) do
        compiled[i] = regex.compile(pattern, options)
        local tree = backtrack.parse(pattern)
        for _, text in ipairs(random_texts.around(pattern, 150)) do
          local matches = backtrack.match(tree, text)
          assert.equal(matches, regex.match(compiled[i], text),
            ("%s against %q"):format(pattern, text))
          cases[#cases + 1] = { i, text }
          expected[#expected + 1] = matches and "1" or "0"
        end
      end
      local answer = run_in_c(compiled, cases)
      assert.equal(#cases, #answer)
      for i, case in ipairs(cases) do
        assert.equal(expected[i], answer:sub(i, i),
          ("in C: %s against %q"):format(PATTERNS[case[1]], case[2]))
      end
    end)
  end

  it("counts instead of having a state for each count", function()
    local matcher = regex.compile "^[a-z]{0,1023}:[a-z]{0,62}$"
    assert.is_true(matcher.states < 8)
    assert.is_true(regex.match(matcher, ("a"):rep(1023) .. ":" .. ("b"):rep(62)))
    assert.is_false(regex.match(matcher, ("a"):rep(1024) .. ":"))
    assert.is_false(regex.match(matcher, ("a"):rep(1023) .. ":" .. ("b"):rep(63)))
  end)

  it("counts code points, not bytes", function()
    local matcher = regex.compile "^.{0,40}$"
    assert.is_truthy(matcher.limits)
    assert.is_true(regex.match(matcher, ("€"):rep(40)))
    assert.is_false(regex.match(matcher, ("€"):rep(41)))
  end)

  it("writes an ambiguous count out", function()
    local matcher = regex.compile "^[ab]{0,30}[bc]{0,30}$"
    assert.is_true(regex.match(matcher, ("a"):rep(30) .. ("c"):rep(30)))
    assert.is_true(regex.match(matcher, ("b"):rep(60)))
    assert.is_false(regex.match(matcher, ("b"):rep(61)))
    assert.is_false(regex.match(matcher, ("a"):rep(31) .. "c"))
    assert.is_false(regex.match(matcher, "a" .. ("c"):rep(31)))
  end)

  it("knows at once what nothing can change any more", function()
    assert.equal(regex.ACCEPT, regex.compile(".*").start)
    assert.equal(regex.ACCEPT, regex.compile("^.*$").start)
    assert.equal(regex.REJECT, regex.compile("a^").start)
    assert.equal(2, regex.compile("").states)
  end)

  it("is as small as it can be", function()
    assert.equal(regex.compile("a").states, regex.compile("a|aa|a.*|(a|a)b?").states)
  end)
end)

describe("the compiler of patterns", function()
  it("refuses what it does not support and names the pattern", function()
    for pattern, why in pairs {
      ["a(?=b)"] = "unsupported group", ["(?<n>a)"] = "unsupported group",
      ["(?i)a"] = "unsupported group", ["a(?!b)"] = "away from the begin",
      ["(?!a)b"] = "away from the begin", ["^(?!a+)b"] = "more than a literal",
      ["^(?!a|b)c"] = "more than a literal", ["^(?!a)b|c"] = "one of several branches",
      ["^(?!\\d)b"] = "class in a lookahead", ["\\bword"] = "unsupported escape",
      ["(a)\\1"] = "unsupported escape", ["\\p{L}"] = "unsupported escape",
      ["\\u0041"] = "unsupported escape", ["é"] = "outside ASCII", ["[é]"] = "outside ASCII",
      ["a*?"] = "quantifier of a quantifier", ["a++"] = "quantifier of a quantifier",
      ["a{2}{3}"] = "quantifier of a quantifier", ["[b-a]"] = "unsupported range",
      ["[\\w-z]"] = "unsupported range", ["[a-\\d]"] = "unsupported range",
      ["[]"] = "empty class", ["[^]"] = "empty class", ["a{3,2}"] = "unsupported quantifier",
      ["^*a"] = "quantifier of nothing", ["(){2}"] = "quantifier of nothing",
      ["^^a"] = "double anchor", ["(^|a)(^|b)c"] = "double anchor", ["a$$"] = "double anchor",
    } do
      local message = refusal(pattern)
      assert.truthy(message:find(why, 1, true), pattern .. ": " .. message)
      assert.truthy(message:find(pattern, 1, true), message)
    end
  end)

  it("refuses what is no pattern", function()
    for _, pattern in ipairs { "(a", "a)", "[a", "[a-", "*a", "+", "a|*", "\\", "{2}", "a{",
      "a]" } do
      refusal(pattern)
    end
  end)

  it("refuses what would take a giant table", function()
    assert.truthy(refusal("(a{0,70}b){70}"):find("too large", 1, true))
    assert.truthy(refusal("(a|b)*a(a|b){15}"):find("too many states", 1, true))
  end)
end)
