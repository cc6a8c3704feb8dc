local canonical = require "appintegrations.emulator.canonical"

describe("the emulator's canonical request", function()
  for path, expected in pairs {
    ["/"] = "/", [""] = "/", ["/a"] = "/a", ["/a/"] = "/a/", ["//a//b"] = "/a/b",
    ["/a/./b"] = "/a/b", ["/a/../b"] = "/b", ["/.."] = "/", ["/../../a"] = "/a",
    ["/a/.."] = "/", ["/a/b/.."] = "/a", ["/a/."] = "/a", ["/a/./"] = "/a/",
    ["/a%2Fb"] = "/a%252Fb", ["/%e2%82"] = "/%25e2%2582",
    ["/a~b_c.d-e"] = "/a~b_c.d-e", ["/a:b@c"] = "/a%3Ab%40c",
  } do
    it("has the path " .. expected .. " for " .. path, function()
      assert.equal(expected, canonical.path(path))
    end)
  end

  for query, expected in pairs {
    [""] = "", ["b=1&a=2"] = "a=2&b=1", ["a=2&a=10"] = "a=10&a=2", ["a"] = "a=",
    ["a=b=c"] = "a=b%3Dc",
    ["a=%7e%2f"] = "a=~%2F", ["A=1&a=2&_=3"] = "A=1&_=3&a=2", ["a=+"] = "a=%2B",
    ["&&a=1&"] = "a=1", ["ab=1&a=2"] = "a=2&ab=1",
  } do
    it("has the query " .. expected .. " for " .. query, function()
      assert.equal(expected, canonical.query(query))
    end)
  end

  it("leaves out what is to be left out", function()
    assert.equal("a=1", canonical.query("X-Amz-Signature=00&a=1", { ["X-Amz-Signature"] = true }))
  end)

  it("trims, folds and joins headers", function()
    assert.equal("host:h\nx-a:1 2,3,\n", canonical.headers(
      { { "X-A", "  1 \t 2 " }, { "HOST", "h" }, { "x-a", "3" }, { "X-a", "" }, { "other", "x" } },
      { "host", "x-a" }))
    assert.same({ nil, "x-b" }, { canonical.headers({ { "x-a", "1" } }, { "x-a", "x-b" }) })
  end)

  it("knows byte order", function()
    assert.is_true(canonical.in_order { "a", "b", "x-a", "x-aa", "x-b" })
    assert.is_true(canonical.in_order {})
    assert.is_false(canonical.in_order { "a", "a" })
    assert.is_false(canonical.in_order { "b", "a" })
    assert.is_true(canonical.in_order { "x-amz-date", "x_a" })
  end)
end)
