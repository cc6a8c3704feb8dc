-- SPDX-License-Identifier: MIT
--- Lua code as HTML in which comments, texts, numbers and keywords are told apart, with the class
-- names that LDoc's pages of examples have.
-- @module docs.highlight

local M = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch("%a+") do
  KEYWORDS[word] = true
end

-- What a token begins with, in the order in which it is tried, and its class.
local TOKENS = {
  { "^%-%-%[(=*)%[.-%]%1%]", "comment" },
  { "^%-%-[^\n]*", "comment" },
  { "^%[(=*)%[.-%]%1%]", "string" },
  { '^"[^"\n\\]*"', "string" },
  { "^'[^'\n\\]*'", "string" },
  { '^"[^\n]-[^\\]"', "string" }, -- with escapes
  { "^0x%x+", "number" },
  { "^%d+%.?%d*", "number" },
  { "^[%a_][%w_]*", "word" },
}

--- Where the token at POSITION ends, and its class; nil for what is none.
local function token_at(code, position)
  for _, token in ipairs(TOKENS) do
    local _, last = code:find(token[1], position)
    if last then
      return last, token[2]
    end
  end
end

--- CODE as HTML.
---@param code string
---@param escape fun(text: string): string
---@return string
function M.lua(code, escape)
  local out, position = {}, 1
  while position <= #code do
    local last, class = token_at(code, position)
    last = last or position
    local text = code:sub(position, last)
    if class == "word" then
      class = KEYWORDS[text] and "keyword" or nil
    end
    out[#out + 1] = class and ('<span class="%s">%s</span>'):format(class, escape(text))
      or escape(text)
    position = last + 1
  end
  return table.concat(out)
end

return M
