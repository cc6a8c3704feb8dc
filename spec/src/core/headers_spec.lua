-- Headers as the transport hands them over: a text of lines "name:value".
local core = require "appintegrations.core"

local LINES = "date:Sun, 22 Nov 2026 10:20:30 GMT\nx-a:1\nx-ab:2\nx-empty:\nx-a:two: three\n"

describe("core.header", function()
  it("gives the value of each name, nil where there is none, and for nil", function()
    assert.same({ "2", "Sun, 22 Nov 2026 10:20:30 GMT", "" },
      { core.header(LINES, "x-ab", "date", "x-empty") })
    assert.same({ n = 4, [2] = "2" },
      { n = select("#", core.header(LINES, "x-", "x-ab", nil, "dat")),
        core.header(LINES, "x-", "x-ab", nil, "dat") })
    assert.is_nil(core.header("", "date"))
    assert.equal(0, select("#", core.header(LINES)))
  end)

  it("joins the values of a name that repeats", function()
    assert.equal("1, two: three", core.header(LINES, "x-a"))
  end)

  it("passes over lines without a colon, and takes a last one without its end", function()
    assert.equal("b", core.header("junk\nx-a\n\nx-a:b", "x-a"))
  end)
end)

describe("core.headers", function()
  it("takes one space in front of a value for none", function()
    local text = "a: 1\nb:  2 \nc: \nd:\n"
    assert.same({ a = "1", b = " 2 ", c = "", d = "" }, core.headers(text))
    assert.same({ "1", " 2 ", "", "" }, { core.header(text, "a", "b", "c", "d") })
  end)

  it("gives all by their names", function()
    assert.same({ date = "Sun, 22 Nov 2026 10:20:30 GMT", ["x-a"] = "1, two: three", ["x-ab"] = "2",
      ["x-empty"] = "" }, core.headers(LINES))
    assert.same({}, core.headers "")
    assert.same({ ["x-a"] = "b" }, core.headers "junk\n\nx-a:b")
  end)

  it("says the same as core.header", function()
    local pieces = { "a", "b", ":", "\n", ": ", "ab", "\0" }
    for seed = 1, 500 do
      local parts, state = {}, seed
      for i = 1, 30 do
        state = (state * 16807) % 2147483647
        parts[i] = pieces[state % #pieces + 1]
      end
      local text = table.concat(parts)
      for name, value in pairs(core.headers(text)) do
        assert.equal(value, core.header(text, name), text)
      end
    end
  end)

  it("joins thousands without a copy for each", function()
    local lines, expected, names = {}, {}, { "a", "b", "c" }
    for i = 1, 1900 do
      lines[i] = ("x-%s:%s%d\n"):format(names[i % 3 + 1], ("v"):rep(100), i)
      if i % 3 == 0 then
        expected[#expected + 1] = ("v"):rep(100) .. i
      end
    end
    local text = table.concat(lines)
    collectgarbage()
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    local headers = core.headers(text)
    local needed = collectgarbage "count" - before
    collectgarbage "restart"
    assert.is_true(needed < 2048, ("%.0f KiB"):format(needed))
    assert.equal(table.concat(expected, ", "), headers["x-a"])
    assert.equal(headers["x-a"], core.header(text, "x-a"))
  end)
end)
