--- Parameters of any kind for any operation: a table is made of the input's bytes, mostly with the
-- members and types of the shape. Nothing raises. What strict mode lets pass, standard mode sends
-- as well, and what that sends goes out unchecked too, byte for byte. The body is JSON and says
-- what the parameters say; path and query keep to their characters and their place.

local bytes = require "spec.fuzz.bytes"
local core = require "appintegrations.core"
local strict_json = require "appintegrations.base.strict_json"
local null = require("cjson").null

local operations, inputs = core.operations(), {}
for i, name in ipairs(operations) do
  inputs[i] = core.describe(name).input
end

local TEXTS = { "", "a", ".", "..", "arn:aws:s3:::x", "aws:x", "\255", "é", ("x"):rep(300), "a/b c",
  "0123abcd-0123-abcd-0123-0123456789ab", "s3://bucket/x", "{}", "rate(1 hour)", "\0", "%2e%2e",
  "\"\\\b\31\127", "\237\160\128", "ALL", "SUCCESSFUL", "2026-11-22T10:20:30Z" }
local NUMBERS = { 0, 1, -1, 50, 51, 1.5, 2 ^ 53, 1 / 0, -1 / 0, 0 / 0, 2 ^ 63, 1e300, -0.0,
  math.maxinteger, math.mininteger, 1700000000 }

local function text_of(from)
  return from:below(3) == 0 and from:choice(TEXTS) or from:text(40)
end

local any
local MAKERS = {}

function MAKERS.structure(from, shape, depth)
  local result = {}
  for _, name in ipairs(shape.order or {}) do
    if from:below(4) > 0 then
      result[name] = any(from, shape.members[name], depth - 1)
    end
  end
  if from:below(16) == 0 then
    result[text_of(from)] = any(from, nil, depth - 1)
  end
  return result
end

function MAKERS.list(from, shape, depth)
  local result = {}
  for i = 1, from:below(5) do
    result[from:below(12) == 0 and i + 1 or i] = any(from, shape.member, depth - 1)
  end
  return result
end

function MAKERS.map(from, shape, depth)
  local result = {}
  for _ = 1, from:below(4) do
    local value = any(from, shape.value, depth - 1)
    result[from:below(12) == 0 and -from:below(3) or text_of(from)] = value
  end
  return result
end

function MAKERS.string(from) return text_of(from) end
function MAKERS.integer(from) return from:below(8) == 0 and from:choice(NUMBERS) or from:byte() end
function MAKERS.boolean(from) return from:below(2) == 0 end
MAKERS.float, MAKERS.timestamp = MAKERS.integer, MAKERS.integer

local KINDS = { "structure", "list", "map", "string", "integer", "boolean" }

--- A value for SHAPE, or now and then one of another kind.
function any(from, shape, depth)
  local kind = shape and from:below(16) > 0 and shape.type or from:choice(KINDS)
  if depth == 0 or from:below(40) == 0 then
    return null
  end
  local is_shapes = shape and kind == shape.type
  return MAKERS[kind](from, is_shapes and shape or {}, depth)
end

--- What was read back from the body is what stood in VALUE; SHAPE may be unknown.
local function compare(value, read, shape, path)
  if type(value) == "table" and type(read) == "table" then
    for key, entry in pairs(value) do
      local member = shape and (shape.members and shape.members[key] or shape.member or shape.value)
      if entry ~= null and not (member and member.location and member.location ~= "body") then
        local wire = member and shape.members and member.wire or key
        compare(entry, read[wire], member, path .. "." .. tostring(key))
      end
    end
  elseif value ~= null then
    local same = value == read or type(value) == "number" and type(read) == "number"
      and math.abs(value - read) <= math.abs(value) * 1e-15
    assert(same, ("%s: %s became %s"):format(path, tostring(value), tostring(read)))
  end
end

local function check_findings(findings)
  for _, finding in ipairs(findings) do
    assert(type(finding.path) == "string" and type(finding.rule) == "string"
      and type(finding.message) == "string")
  end
end

local function check_request(params, input, path, query, body)
  assert(path:find "^/[A-Za-z0-9%-._~%%/]*$" and not (path .. "/"):find("/%.%.?/"), path)
  assert(not query or query:find "^[A-Za-z0-9%-._~%%&=]+$", query)
  if body then
    local read, problem = strict_json.decode(body)
    assert(type(read) == "table", problem)
    compare(params, read, input, "")
  end
end

return function(input)
  local from = bytes.new(input)
  local number = from:below(#operations) + 1
  local operation, shape = operations[number], inputs[number]
  local params = MAKERS.structure(from, shape, 8)
  local strict = { core.build(operation, params, "strict", nil, "token") }
  local standard = { core.build(operation, params, "standard", nil, "token") }
  local off = { core.build(operation, params, false, nil, "token") }
  if strict[1] then
    assert(standard[1], "strict mode lets pass what standard mode does not")
  end
  if standard[1] then
    check_request(params, shape, standard[2], standard[3], standard[4])
    check_findings(standard[5] or {})
    for i = 1, 4 do
      assert(standard[i] == off[i], "what is not checked is sent in another way")
    end
  else
    check_findings(standard[2])
    check_findings(strict[2])
    assert(#strict[2] >= #standard[2], "strict mode finds less")
  end
end
