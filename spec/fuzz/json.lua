--- The emulator's JSON: any text for its strict reader, beside lua-cjson's and the core's; what it
-- read is written and read again.

local bytes = require "spec.fuzz.bytes"
local cjson = require("cjson").new()
local json = require "appintegrations.emulator.json"
local text_of = require "appintegrations.base.text"

cjson.decode_invalid_numbers(false)
local NULL = require("cjson").null

--- EXPECTED of lua-cjson is VALUE of the strict reader.
local function compare(value, expected)
  if value == json.null then
    assert(expected == NULL)
  elseif type(value) == "table" then
    for key, entry in pairs(value) do
      compare(entry, expected[key])
    end
    for key in pairs(expected) do
      assert(value[key] ~= nil)
    end
  else
    assert(value == expected, tostring(value))
  end
end

return function(input)
  local order = {}
  local value, arrays = json.decode(input, order)
  if value == nil then
    assert(type(arrays) == "string" and arrays:find " at byte %d+$", arrays)
    return
  end
  local is_exact = not input:find(("%d"):rep(15)) and not input:find "%z" and not input:find "\\u"
  if is_exact and type(value) == "table" then
    compare(value, cjson.decode(input))
  end
  for object, keys in pairs(order) do
    assert(not arrays[object])
    for _, key in ipairs(keys) do
      assert(object[key] ~= nil, key)
    end
  end
  local has_huge = input:find "%d[eE]%+?%d%d%d" -- an infinity has no text
  if not has_huge and not input:find(("%d"):rep(300)) then
    local written = json.encode(value)
    bytes.same(json.decode(written), value)
    assert(json.encode(json.decode(written)) == written)
  end
  assert(text_of.number("1.5") == 1.5)
end
