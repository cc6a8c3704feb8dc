-- SPDX-License-Identifier: MIT
--- Random texts around a pattern, the same ones in every run and under every Lua.

local backtrack = require "spec.support.backtrack"

local M = {}

--- A generator of 1 to n (the minimal standard one of Park and Miller).
---@param seed integer
---@return fun(n: integer): integer
function M.generator(seed)
  local state = seed
  return function(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end
end

--- Characters that matter to PATTERN, and some that matter to classes in general.
---@param pattern string
---@return string[]
function M.alphabet(pattern)
  local list, seen = {}, {}
  for c in (pattern .. "aZ09_- \n:/\127"):gmatch("%C") do
    if not seen[c] then
      seen[c] = true
      list[#list + 1] = c
    end
  end
  for _, c in ipairs { "\n", "é", "€", "😀" } do
    list[#list + 1] = c
  end
  return list
end

local function mutate(text, random, alphabet)
  local at = random(#text + 1)
  local c = alphabet[random(#alphabet)]
  local choice = random(4)
  -- Only at the edges of ASCII characters: the texts stay valid UTF-8.
  if text:byte(at) and text:byte(at) > 127 or text:byte(at - 1) and text:byte(at - 1) > 127 then
    return c .. text
  elseif choice == 1 then
    return text:sub(1, at - 1) .. text:sub(at + 1):gsub("^[\128-\191]+", "")
  elseif choice == 2 then
    return text:sub(1, at - 1) .. c .. text:sub(at)
  elseif choice == 3 then
    return text .. c
  end
  return c .. text
end

--- COUNT texts: random ones, samples of PATTERN, and samples with some changes.
---@param pattern string
---@param count integer
---@return string[]
function M.around(pattern, count)
  local random, alphabet = M.generator(#pattern + 4711), M.alphabet(pattern)
  local tree, texts = backtrack.parse(pattern), { "" }
  while #texts < count do
    local text = {}
    for i = 1, random(8) do
      text[i] = alphabet[random(#alphabet)]
    end
    texts[#texts + 1] = table.concat(text)
    local sample = backtrack.sample(tree, random, alphabet)
    texts[#texts + 1] = sample
    for _ = 1, 3 do
      sample = mutate(sample, random, alphabet)
      texts[#texts + 1] = sample
    end
  end
  return texts
end

return M
