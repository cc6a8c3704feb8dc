local query = require "appintegrations.command.query"

describe("a path of --query", function()
  local value = { Items = { { Name = "a", Tags = { ["x.y"] = "1" }, Fields = { "p", "q" } },
    { Name = "b", Fields = { "r" } } }, Empty = {} }

  local function at(text)
    return query.at(assert(query.parse(text)), value)
  end

  it("goes to members and entries", function()
    assert.equal("a", at "Items[1].Name")
    assert.equal("b", at "Items[-1].Name")
    assert.equal("1", at 'Items[1].Tags."x.y"')
    assert.equal(value.Empty, at "Empty")
  end)

  it("goes below each entry, and leaves out what is not there", function()
    assert.same({ "a", "b" }, (at "Items[].Name"))
    assert.same({ "1" }, (at 'Items[].Tags."x.y"'))
    assert.same({ "p", "q", "r" }, (at "Items[].Fields[]"))
    assert.same({}, (at "Empty[].Name"))
    assert.is_true(select(2, at "Empty[]"))
  end)

  it("gives nil for what is nowhere", function()
    for _, text in ipairs { "None", "Items[9]", "Items[1].Name.More", "Items[-9]", "None[]" } do
      assert.is_nil((at(text)), text)
    end
  end)

  it("says from where on a text is no path", function()
    for text, rest in pairs { ["a..b"] = "..b", ["a[x]"] = "[x]", ["a[0]"] = "[0]", ["a b"] = " b",
      ["a."] = ".", ["[-]"] = "[-]", ['"a'] = '"a' } do
      local path, message = query.parse(text)
      assert.is_nil(path, text)
      assert.truthy(message:find(("%q"):format(rest), 1, true), message)
    end
    assert.is_nil((query.parse ""))
  end)

  it("knows what those mean who know another language of paths", function()
    for text, meant in pairs { ["a[0].b"] = "; the first entry is [1]",
      ["a[*].b"] = "; [] goes below each entry", ["a[?b=='c']"] = "there is jq",
      ["a|b"] = "there is jq", ["a[].[b,c]"] = "there is jq", ["a[].{x:b}"] = "there is jq",
      ["length(a)"] = "there is jq" } do
      assert.truthy(select(2, query.parse(text)):find(meant, 1, true), text)
    end
  end)
end)
