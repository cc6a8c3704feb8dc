local text = require "appintegrations.base.text"

describe("base.text", function()
  it("trims white space around a text, and none within", function()
    assert.are.equal("a \t b", text.trim " \r\n a \t b \n")
    assert.are.equal("a", text.trim "a")
    assert.are.equal("", text.trim " \n ")
    assert.are.equal("", text.trim "")
    assert.are.equal("a\0b", text.trim " a\0b ")
  end)

  it("cuts white space, or slashes, off a text's end alone", function()
    assert.are.equal(" a \t b", text.trim_end " a \t b \r\n")
    assert.are.equal("", text.trim_end " \n ")
    assert.are.equal("a\0", text.trim_end "a\0 ")
    assert.are.equal("/a//b", text.without_end_slashes "/a//b//")
    assert.are.equal("", text.without_end_slashes "//")
    assert.are.equal("", text.without_end_slashes "")
  end)

  it("shows seconds in three digits", function()
    for shown, seconds in pairs { ["2"] = 1.99987, ["0.25"] = 0.25, ["0.0313"] = 0.03128,
      ["12.3"] = 12.345, ["100"] = 99.96, ["86400"] = 86400, ["1235"] = 1234.6,
      ["1000000"] = 1000000, ["0.00001"] = 0.00001, ["0.000021"] = 0.0000212, ["0"] = 1e-9,
      ["10"] = 9.9996, ["3600"] = 3600 } do
      assert.are.equal(shown, text.seconds(seconds))
    end
  end)

  it("writes whole numbers to the last digit, whatever a C long is", function()
    for digits, number in pairs { ["0"] = -0.0, ["-7"] = -7, ["1440938160"] = 1440938160,
      ["4440938160"] = 4440938160, ["9007199254740991"] = 2 ^ 53 - 1,
      ["-9007199254740991"] = 1 - 2 ^ 53 } do
      assert.are.equal(digits, text.integer(number))
    end
    if math.type then
      assert.are.equal("9223372036854775807", text.integer(math.maxinteger))
    end
  end)

  it("quotes a word as a shell needs it", function()
    assert.are.equal("prod-1", text.shell_word "prod-1")
    assert.are.equal("'my dev'", text.shell_word "my dev")
    assert.are.equal([['it'\''s']], text.shell_word "it's")
    assert.are.equal("'$(x)'", text.shell_word "$(x)")
    assert.are.equal("''", text.shell_word "")
  end)
end)
