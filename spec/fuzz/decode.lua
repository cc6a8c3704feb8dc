--- Answers of any bytes, after a byte that picks the operation, or none. What is a JSON object is
-- one again with white space around it, not without its last byte. lua-cjson finds the same in it.
-- By an operation's shape the same texts are objects.

local bytes = require "spec.fuzz.bytes"
local cjson = require("cjson").new()
local core = require "appintegrations.core"
local strict_json = require "appintegrations.base.strict_json"

cjson.decode_invalid_numbers(false)
cjson.decode_max_depth(core.json_depth)
local operations = core.operations()
local NULL = require("cjson").null

--- VALUE with what NULL stands for taken out, as decode has it.
local function without(value, null)
  if type(value) == "table" then
    for key, entry in pairs(value) do
      if entry == null then
        value[key] = nil
      else
        without(entry, null)
      end
    end
  end
  return value
end

--- Where decode and the others differ by design: it closes gaps in lists, keeps more digits, and
-- takes what are no characters.
local function is_special(text)
  return text:find "%[[^%]]*null" or text:find "\\u" or text:find(("%d"):rep(15))
    or text:find "[%z\1-\31]"
end

local function compare(text, output)
  if output then
    local done, expected = pcall(cjson.decode, text)
    assert(done, expected)
    bytes.same(output, without(expected, NULL))
  end
  local expected = strict_json.decode(text)
  if type(expected) == "table" and text:find "^%s*{" then
    assert(output, "the strict reader finds an object")
    bytes.same(output, without(expected, strict_json.null))
  end
end

local function decode(operation, text)
  local output, problem, at = core.decode(operation, text)
  assert(output and type(output) == "table" or not output and type(problem) == "string"
    and at >= 1 and at <= #text + 1)
  return output
end

return function(input)
  local operation, text = operations[input:byte() or 0], input:sub(2)
  local output = decode(nil, text)
  if not is_special(text) then
    compare(text, output)
  end
  local shaped = decode(operation, text)
  assert((output == nil) == (shaped == nil), "the shape decides whether it is JSON")
  if output then
    assert(decode(operation, " \n" .. text .. "\r\t"))
    assert(not decode(operation, (text:gsub("}%s*$", ""))))
  end
end
