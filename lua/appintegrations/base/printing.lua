-- SPDX-License-Identifier: MIT
--- Outputs, `meta` and descriptions as text: for people (`print(output)`), and as JSON.
--
-- What a table's members are, and in which order, is known by its kind, which its metatable has:
-- `order` (names, or nil), `of(key)` (the kind of a value), `is_list` (nil where only the table can
-- tell) and `is_time`.
-- @module appintegrations.base.printing

local text_of = require "appintegrations.base.text"
local math = require("appintegrations.base.compat").math
local metatables = require "appintegrations.base.metatables"
local shapes = require("appintegrations.base.compat").lazy "appintegrations.base.shape"
local times = require "appintegrations.base.times"

local M = {}

-- What a text shows of a list or a map, of a string, and on one line; and columns of indentation:
-- what is deeper is no output of the model's.
local MOST_ITEMS, MOST_BYTES, WIDTH, DEEPEST = 10, 300, 76, 40

-- ---- kinds ------------------------------------------------------------------------

local ANY = { of = function() return nil end }

local kind_of_shape

local function new_kind(shape)
  local kind = { order = shape.order, is_time = shape.type == "timestamp" }
  if shape.type == "structure" or shape.type == "map" then
    kind.is_list = false
  elseif shape.type == "list" then
    kind.is_list = true
  end
  function kind.of(key)
    local inner = shape.members and shape.members[key] or shape.member or shape.value
    return inner and kind_of_shape(inner)
  end
  return kind
end

local kinds = setmetatable({}, { __mode = "k" })

function kind_of_shape(shape)
  kinds[shape] = kinds[shape] or new_kind(shape)
  return kinds[shape]
end

--- A kind of tables with members in this ORDER, in which LISTS are lists.
local function fixed_kind(order, lists, of)
  local kind = { order = order, is_list = false }
  local list = { is_list = true, of = function() return of and kind end }
  function kind.of(key)
    return lists[key] and list or of and of(key, kind)
  end
  return kind
end

local META = fixed_kind({ "request_id", "status", "attempts", "elapsed", "polls", "headers",
  "advisories" }, { advisories = true })

local LISTS = { order = true, required_members = true, enum = true, errors = true }
local DESCRIPTION = fixed_kind({ "name", "method", "path", "status", "has_body", "shape", "type",
  "required", "deprecated", "min", "max", "pattern", "enum", "location", "wire", "input", "output",
  "order", "required_members", "members", "key", "value", "member", "errors", "pagination" }, LISTS,
  function(key, kind)
    return key == "members" and { is_list = false, of = function() return kind end } or kind
  end)

-- By the names that metatables have for them.
local FIXED = { meta = META, description = DESCRIPTION }

--- The kind that METATABLE stands for.
local function kind_of(metatable)
  local kind = metatable.kind
  if type(kind) == "string" then
    kind = FIXED[kind]
  elseif kind == nil and metatable.shape then
    local shape = shapes.find(metatable.shape)
    kind = shape and kind_of_shape(shape)
  end
  return kind or ANY
end

--- A metatable for tables of a module's own with members in this ORDER. LISTS names the lists
-- among them, with the shape of their items, or true.
---@param name string
---@param order string[]
---@param lists table<string, table|true>
---@return table
---@nodiscard
function M.new_metatable(name, order, lists)
  local kind = { order = order, is_list = false }
  function kind.of(key)
    local item = lists[key]
    return item and { is_list = true, of = function()
      return type(item) == "table" and kind_of_shape(item) or nil
    end }
  end
  return { __name = "appintegrations." .. name, __tostring = metatables.to_string, kind = kind }
end

-- ---- reading tables ------------------------------------------------------------------

local function is_sequence(value)
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  for i = 1, count do
    if value[i] == nil then
      return false
    end
  end
  return count > 0
end

--- Whether VALUE is a list, where KIND does not say it from its values.
local function is_list(value, kind)
  if kind.is_list and next(value) == nil then
    return true
  end
  return kind.is_list ~= false and is_sequence(value)
end

--- The keys of VALUE: those of KIND in their order, then the others, sorted.
local function keys_of(value, kind)
  local keys, known, others = {}, {}, {}
  for _, key in ipairs(kind.order or {}) do
    known[key] = true
    if value[key] ~= nil then
      keys[#keys + 1] = key
    end
  end
  for key in next, value do
    if not known[key] then
      others[#others + 1] = key
    end
  end
  table.sort(others, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(others) do
    keys[#keys + 1] = key
  end
  return keys
end

-- ---- scalars -------------------------------------------------------------------------

--- NUMBER in the shortest form that reads back as the same, whatever the locale.
local function number_text(number)
  if number % 1 == 0 and number > -2 ^ 53 and number < 2 ^ 53 then
    return text_of.integer(number)
  elseif math.type and math.type(number) == "integer" then
    return tostring(number)
  end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(number)
    if tonumber(text) == number then
      return (text:gsub("[^A-Za-z0-9+-]+", "."))
    end
  end
end

-- What is not ASCII in valid UTF-8.
local SEQUENCES = { "[\194-\223][\128-\191]", "\224[\160-\191][\128-\191]",
  "[\225-\236\238\239][\128-\191][\128-\191]", "\237[\128-\159][\128-\191]",
  "\240[\144-\191][\128-\191][\128-\191]", "[\241-\243][\128-\191][\128-\191][\128-\191]",
  "\244[\128-\143][\128-\191][\128-\191]" }

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

--- RUN, bytes beyond ASCII, with a question mark for each that is no part of a character.
local function valid_run(run)
  local parts, at = {}, 1
  while at <= #run do
    local last
    for _, valid in ipairs(SEQUENCES) do
      last = last or select(2, run:find("^" .. valid, at))
    end
    parts[#parts + 1] = last and run:sub(at, last) or "?"
    at = (last or at) + 1
  end
  return table.concat(parts)
end

--- TEXT with a question mark for each byte that is no UTF-8: JSON is nothing else.
local function valid_text(text)
  local rest = text
  for _, valid in ipairs(SEQUENCES) do
    rest = rest:gsub(valid, " ")
  end
  if not rest:find "[\128-\255]" then
    return text
  end
  return (text:gsub("[\128-\255]+", valid_run))
end

-- What stands escaped in a literal.
local ESCAPED = "[" .. text_of.CONTROLS .. '"\\]'

local function json_string(text)
  if text:find "[\128-\255]" then
    text = valid_text(text)
  end
  return '"' .. text:gsub(ESCAPED, function(char)
    return ESCAPES[char] or ("\\u%04x"):format(char:byte())
  end) .. '"'
end

--- "2026-11-22 10:20:30 UTC", or nil for what is no date.
local function date_text(time)
  local text = times.text(time)
  return text and text:gsub("T", " "):gsub("Z", " UTC")
end

--- TEXT as a Lua literal, cut between characters.
local function shown_string(text)
  local shown, rest = text, ""
  if #text > MOST_BYTES then
    local last = MOST_BYTES
    while last > MOST_BYTES - 4 and text:find("^[\128-\191]", last + 1) do
      last = last - 1
    end
    shown, rest = text:sub(1, last), ("… (%d bytes)"):format(#text)
  end
  return '"' .. shown:gsub(ESCAPED, function(char)
    return ESCAPES[char] or ("\\%03d"):format(char:byte())
  end) .. '"' .. rest
end

-- ---- for people -----------------------------------------------------------------------

local show

local function shown_key(key)
  if type(key) == "string" and key:find("^[A-Za-z_][A-Za-z0-9_]*$") then
    return key .. " = "
  end
  return "[" .. (type(key) == "string" and shown_string(key) or tostring(key)) .. "] = "
end

--- "{ a, b }" where that fits, else one entry a line. Entries with line ends never fit.
local function braces(entries, indent)
  if #entries == 0 then
    return "{}"
  end
  local line = "{ " .. table.concat(entries, ", ") .. " }"
  if #line + #indent <= WIDTH and not line:find("\n", 1, true) then
    return line
  end
  local inner = indent .. "  "
  return "{\n" .. inner .. table.concat(entries, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

local function show_table(value, kind, indent, seen)
  if seen[value] or #indent > DEEPEST then
    return "{ … }"
  end
  seen[value] = true
  local listed = is_list(value, kind)
  local keys = listed and value or keys_of(value, kind)
  local entries, count = {}, #keys
  local most = (listed or not kind.order) and MOST_ITEMS or count
  for i = 1, math.min(count, most) do
    local key = listed and i or keys[i]
    entries[i] = (listed and "" or shown_key(key))
      .. show(value[key], kind.of(key) or ANY, indent .. "  ", seen)
  end
  if count > most then
    entries[#entries + 1] = ("… %d more"):format(count - most)
  end
  seen[value] = nil
  return braces(entries, indent)
end

function show(value, kind, indent, seen)
  if type(value) == "table" then
    return show_table(value, kind, indent, seen)
  elseif type(value) == "string" then
    return shown_string(value)
  elseif type(value) == "number" then
    local text = number_text(value) or tostring(value)
    local date = kind.is_time and date_text(value)
    return date and text .. " --[[" .. date .. "]]" or text
  end
  return tostring(value)
end

--- VALUE for people: what is nested is indented, long lists and strings are cut and counted.
---@param value table  an output, a meta, a description, or a part of one
---@return string
---@nodiscard
function M.text(value)
  local metatable = getmetatable(value)
  local kind = type(metatable) == "table" and kind_of(metatable) or ANY
  return show(value, kind, "", {})
end

-- ---- JSON --------------------------------------------------------------------------------

local write

--- Appends OPEN, the values of KEYS and CLOSE to OUT; INDENT is nil for one line.
local function write_all(out, value, keys, kind, listed, indent)
  local inner = indent and indent .. "  "
  local separator = indent and "\n" .. inner or ""
  out[#out + 1] = listed and "[" or "{"
  for i, key in ipairs(keys) do
    out[#out + 1] = (i > 1 and "," or "") .. separator
    if not listed then
      out[#out + 1] = json_string(tostring(key)) .. (indent and ": " or ":")
    end
    write(out, value[key], kind.of(key) or ANY, inner)
  end
  out[#out + 1] = (indent and #keys > 0 and "\n" .. indent or "") .. (listed and "]" or "}")
end

function write(out, value, kind, indent)
  local value_type = type(value)
  if value_type == "table" then
    if out.within[value] then
      out.is_endless = true
      return
    end
    out.within[value] = true
    local listed = is_list(value, kind)
    local keys = {}
    if listed then
      for i = 1, #value do
        keys[i] = i
      end
    else
      keys = keys_of(value, kind)
    end
    write_all(out, value, keys, kind, listed, indent)
    out.within[value] = nil
  elseif value_type == "string" then
    out[#out + 1] = json_string(value)
  elseif value_type == "number" and value - value == 0 then
    out[#out + 1] = number_text(value)
  elseif value_type == "boolean" then
    out[#out + 1] = tostring(value)
  else
    out[#out + 1] = "null"
  end
end

--- VALUE as JSON: members in the model's order, empty lists as [].
---@param value any  an output, a meta, a description, or a part of one
---@param pretty? boolean  indented, one member a line
---@return string?  nil for a table that contains itself
---@nodiscard
function M.json(value, pretty)
  local metatable = getmetatable(value)
  local kind = type(value) == "table" and type(metatable) == "table" and kind_of(metatable) or ANY
  local out = { within = {}, is_endless = false }
  write(out, value, kind, pretty and "" or nil)
  return not out.is_endless and table.concat(out) or nil
end

return M
