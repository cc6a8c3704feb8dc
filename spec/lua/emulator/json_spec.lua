local core = require "appintegrations.core"
local json = require "appintegrations.emulator.json"

describe("the emulator's JSON", function()
  it("reads every kind of value", function()
    local value, arrays = json.decode(' {"a":[1,-2.5,1e3,0],"o":{},"l":[ ],"n":null,"t":true,'
      .. '"f":false,"s":"\\u00e9\\ud83d\\ude00\\n\\/\\"\\\\\127"} ')
    assert.same({ 1, -2.5, 1000, 0 }, value.a)
    assert.is_true(arrays[value.a])
    assert.is_true(arrays[value.l])
    assert.is_nil(arrays[value.o])
    assert.equal(json.null, value.n)
    assert.is_true(value.t)
    assert.is_false(value.f)
    assert.equal("\195\169\240\159\152\128\n/\"\\\127", value.s)
  end)

  for _, text in ipairs { "", " ", "{", "[", "[1,]", "[1 2]", "{,}", "{a:1}", '{"a"}', '{"a":}',
    '{"a":1,}', "01", "-", "1.", ".5", "+1", "1e", "1e+", "0x10", "nul", "True", "NaN", "Infinity",
    '"', '"\\x"', '"\\u12"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '"\n"', '"\0"',
    "[1] x", "{} {}", "'a'", ("["):rep(65) .. ("]"):rep(65) } do
    it("refuses " .. text:sub(1, 20):gsub("%c", "?"), function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.matches("at byte %d+$", message)
    end)
  end

  it("reads deep nesting up to its limit", function()
    assert.is_table((json.decode(("["):rep(63) .. ("]"):rep(63))))
  end)

  it("writes equal values as equal texts that it reads back", function()
    local text = json.encode { b = { 1, "x", true }, a = { c = 0.1, d = 2 ^ 53 },
      ["\1\"\\\n\127"] = "é" }
    assert.equal('{"\\u0001\\"\\\\\\n\\u007f":"é","a":{"c":0.10000000000000001,'
      .. '"d":9007199254740992},"b":[1,"x",true]}', text)
    assert.equal(text, json.encode((json.decode(text))))
  end)

  it("writes by shape: empty lists and maps, integers and times", function()
    local output = core.describe("get_application").output
    assert.equal('{"CreatedTime":1700000000.250,"Tags":{},"Permissions":[],'
      .. '"InitializationTimeout":5}', json.encode_shape(output, {
        Tags = {}, Permissions = {}, InitializationTimeout = 5, CreatedTime = 1700000000.25 }))
    assert.matches(":1700000001%.000}",
      json.encode_shape(output, { CreatedTime = 1700000000.9999 }))
  end)

  it("refuses to write what the model does not know or has otherwise", function()
    local output = core.describe("list_applications").output
    for message, value in pairs {
      ["emulator bug: ListApplicationsResponse: Aplications is no member of"] =
        { Aplications = {} },
      ["Applications%[1%]: name is no member of"] = { Applications = { { name = "x" } } },
      ["NextToken: expected string, got number"] = { NextToken = 5 },
      ["Applications%[1%]: expected structure, got string"] = { Applications = { "x" } },
    } do
      local done, text = pcall(json.encode_shape, output, value)
      assert.is_false(done)
      assert.matches(message, text)
    end
  end)
end)
