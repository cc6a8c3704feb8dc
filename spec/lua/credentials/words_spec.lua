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

  it("agrees with Python's shlex where that is there", function()
    local pipe = io.popen "python3 -c 'import shlex' 2>&1 && echo ok"
    local found = pipe:read "*a" == "ok\n"
    pipe:close()
    if not found then
      pending "python3 is absent"
      return
    end
    local text = [[a 'b  c'"d\"e\\f\g" \h\  "" x'y'z $A\n]]
    pipe = io.popen("python3 -c 'import shlex, sys; print(\"|\".join(shlex.split(sys.argv[1])))' '"
      .. text:gsub("'", "'\\''") .. "'")
    local expected = pipe:read "*l"
    pipe:close()
    assert.equal(expected, table.concat(words.split(text), "|"))
  end)
end)
