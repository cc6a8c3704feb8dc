local times = require "appintegrations.base.times"

describe("the text of a time", function()
  it("is in UTC, to the second", function()
    assert.equal("1970-01-01T00:00:00Z", times.text(0))
    assert.equal("2026-11-22T10:20:30Z", times.text(1795342830))
    assert.equal("2026-11-22T10:20:30Z", times.text(1795342830.999))
    assert.equal("9999-12-31T23:59:59Z", times.text(253402300799.5))
  end)

  it("is none for what no year of four digits has", function()
    for _, seconds in ipairs { -1, 253402300800, 1 / 0, -1 / 0, 0 / 0 } do
      assert.is_nil(times.text(seconds))
    end
  end)
end)
