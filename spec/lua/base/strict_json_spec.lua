local json = require "appintegrations.base.strict_json"

describe("the strict reader of JSON", function()
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

  it("says where it stopped", function()
    for text, message in pairs {
      ["[12.x]"] = "unexpected character at byte 4",
      ['{"a": 1\n\n"b": 2}'] = "expected , or } in line 3 at byte 1",
      ['{\r\n "a": 1,\r\n}'] = "expected a member's name in line 3 at byte 1",
    } do
      assert.equal(message, select(2, json.decode(text)))
    end
  end)

  it("remembers the order of keys in each object where it is asked to", function()
    local order = {}
    local value = json.decode('{"z":1,"a":{"y":2,"b":3},"m":[{"k":1,"c":2,"k":3}]}', order)
    assert.same({ "z", "a", "m" }, order[value])
    assert.same({ "y", "b" }, order[value.a])
    assert.same({ "k", "c", "k" }, order[value.m[1]])
    assert.equal(3, value.m[1].k)
    assert.is_nil(order[value.m])
  end)

  it("reads what looks nearly like a number in linear time #native", function()
    for _, text in ipairs {
      ("1"):rep(1e6) .. "x", ("1"):rep(1e6) .. "--",
      "-" .. ("1"):rep(1e6) .. ".", "1." .. ("0"):rep(1e6) .. "e+",
      ("1e"):rep(5e5), ("-"):rep(1e6), (" "):rep(1e6), '"' .. ("\\u00e9"):rep(1e5),
    } do
      local steps = 0
      debug.sethook(function()
        steps = steps + 1
      end, "", 1000)
      local started = os.clock()
      local value, message = json.decode(text)
      debug.sethook()
      assert.is_nil(value)
      assert.is_string(message)
      assert.is_true(steps < 1e4, steps)
      assert.is_true(os.clock() - started < 2)
    end
  end)

  it("needs nothing that is built first: importers read with it", function()
    local output = require("spec.support.shell").output(([[LUA_PATH='lua/?.lua' \
      LUA_CPATH=/none/?.so %s -e '
        print(require("appintegrations.base.strict_json").decode("[7]")[1])']])
      :format(os.getenv "LUA" or "lua5.4"))
    assert.equal("7\n", output)
  end)
end)
