local json = require "appintegrations.base.json"

describe("json", function()
  it("decodes objects", function()
    assert.same({ a = { 1, "b", true } }, json.decode_object ' \n{"a":[1,"b",true]}')
  end)

  it("decodes nothing else", function()
    for _, text in ipairs { "", "[]", "null", "1", '"{}"', "{", '{"a":NaN}', "{}}",
      "\239\187\191{}", ('{"a":'):rep(2000) } do
      assert.is_nil(json.decode_object(text))
    end
  end)

  it("encodes what it has decoded", function()
    local text = json.encode(json.decode_object '{"a":{"n":null,"s":"x/\\u00e9\\n","l":["b",2]}}')
    assert.same(json.decode_object '{"a":{"n":null,"s":"x/\\u00e9\\n","l":["b",2]}}',
      json.decode_object(text))
  end)

  it("leaves the settings of others alone", function()
    local cjson = require "cjson"
    json.decode_object "{}"
    assert.is_true(cjson.decode_invalid_numbers())
  end)
end)
