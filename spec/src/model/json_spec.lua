-- SPDX-License-Identifier: MIT
package.path = "src/model/?.lua;" .. package.path
local json = require "json"

local function refusal(text)
  local ok, message = pcall(json.decode, text)
  assert.is_false(ok, "read: " .. text)
  return message
end

describe("the importer's JSON reader", function()
  it("reads values of every kind that a model has", function()
    assert.same({ a = { 1, -2.5, 1e3 }, b = true, c = false, d = "", e = {} },
      (json.decode ' { "a" : [1, -2.5, 1e3], "b": true,\n"c":false, "d":"", "e":{} } '))
  end)

  it("remembers the order of keys in each object", function()
    local value, order = json.decode '{"z":1,"a":{"y":2,"b":3},"m":[{"k":1,"c":2}]}'
    assert.same({ "z", "a", "m" }, order[value])
    assert.same({ "y", "b" }, order[value.a])
    assert.same({ "k", "c" }, order[value.m[1]])
  end)

  it("reads escapes", function()
    assert.equal('"\\/\b\f\n\r\t\65\195\169\226\130\172',
      (json.decode [["\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC"]]))
  end)

  it("says in which line a mistake is", function()
    assert.equal("line 3: expected , or }", refusal '{"a": 1\n\n"b": 2}')
    assert.equal('line 2: key "a" stands twice', refusal '{"a": 1,\n"a": 2}')
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs {
      "", "{", "[", "[1", "[1,]", "{1:2}", '{"a"}', '{"a":}', '"', '"\\x"', '"\\u12"', '"\n"',
      "nil", "tru", "1 2", "[]]", "'a'", "null", '"\\ud800"',
    } do
      refusal(text)
    end
  end)
end)
