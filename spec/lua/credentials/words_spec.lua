local words = require "appintegrations.credentials.words"

describe("splitting a command line", function()
  local cases = {
    { "a b  c", { "a", "b", "c" } },
    { "  a\tb\n c ", { "a", "b", "c" } },
    { "", {} },
    { " \t", {} },
    { "'a b' \"c d\"", { "a b", "c d" } },
    { "a'b'\"c\"d", { "abcd" } },
    { "'' \"\"", { "", "" } },
    { [[a\ b \'c\"]], { "a b", "'c\"" } },
    { [["a\"b\\c\d$e"]], { [[a"b\c\d$e]] } },
    { [['a\b"']], { [[a\b"]] } },
    { "/opt/x --role 'a b' | cat > f; $HOME `x` *", { "/opt/x", "--role", "a b", "|", "cat", ">",
      "f;", "$HOME", "`x`", "*" } },
    -- As Python's shlex.split, which the public SDKs use, splits it.
    { [[a 'b  c'"d\"e\\f\g" \h\  "" x'y'z $A\n]],
      { "a", [[b  cd"e\f\g]], "h ", "", "xyz", "$An" } },
  }

  for _, case in ipairs(cases) do
    it("reads " .. ("%q"):format(case[1]), function()
      assert.same(case[2], words.split(case[1]))
    end)
  end

  it("refuses a quote or an escape without its end", function()
    for _, text in ipairs { "'a", 'a "b', [[a\]], [["a\"]], [["a\]] } do
      local list, problem = words.split(text)
      assert.is_nil(list)
      assert.equal("a quote without its end", problem)
    end
  end)
end)
