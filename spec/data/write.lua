-- SPDX-License-Identifier: MIT
--- Writes a table of tables, strings, numbers and booleans as a Lua file that people can read:
-- lists as lists, keys in order, a text of many lines one line below the other.

local WIDTH = 96
local PIECE = 66 -- characters of a long line: escapes make it longer
local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function quote(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(byte)
    return ESCAPES[byte] or ("\\%03d"):format(byte:byte())
  end) .. '"'
end

--- TEXT in pieces that fit: cut behind each line's end, and where it becomes too long.
local function pieces_of(text, width)
  local pieces = {}
  for line in text:gmatch "[^\n]*\n?" do
    while #line > width do
      pieces[#pieces + 1] = line:sub(1, width)
      line = line:sub(width + 1)
    end
    if line ~= "" then
      pieces[#pieces + 1] = line
    end
  end
  return pieces
end

local function string_lines(text, indent)
  local whole = quote(text)
  if #indent + #whole <= WIDTH - 28 then
    return whole
  end
  local quoted = {}
  for i, piece in ipairs(pieces_of(text, PIECE)) do
    quoted[i] = quote(piece)
  end
  return table.concat(quoted, "\n" .. indent .. ".. ")
end

local value_text -- needed by the next but one

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    if type(key) == "string" then
      keys[#keys + 1] = key
    end
  end
  -- What something is called comes first.
  table.sort(keys, function(a, b)
    if (a == "name") ~= (b == "name") then
      return a == "name"
    end
    return a < b
  end)
  return keys
end

local function table_text(map, indent)
  local inner, items = indent .. "  ", {}
  for i, item in ipairs(map) do
    items[i] = value_text(item, inner)
  end
  for _, key in ipairs(sorted_keys(map)) do
    local name = key:find "^[%a_][%w_]*$" and key or "[" .. quote(key) .. "]"
    local text = value_text(map[key], inner)
    local below = type(map[key]) == "string"
      and (text:find("\n", 1, true) or #inner + #name + #text > WIDTH)
    items[#items + 1] = name .. (below and " =\n" .. inner or " = ") .. text
  end
  local line = #items == 0 and "{}" or "{ " .. table.concat(items, ", ") .. " }"
  if #indent + #line <= WIDTH - 28 and not line:find("\n", 1, true) then
    return line
  end
  return "{\n" .. inner .. table.concat(items, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

function value_text(value, indent)
  if type(value) == "table" then
    return table_text(value, indent)
  elseif type(value) == "string" then
    return string_lines(value, indent)
  elseif type(value) == "number" then
    return ("%.14g"):format(value)
  end
  return tostring(value)
end

return function(value)
  return "return " .. value_text(value, "") .. "\n"
end
