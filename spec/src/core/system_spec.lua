local core = require "appintegrations.core"

describe("parse_time", function()
  it("reads the dates of HTTP and RFC 3339", function()
    assert.equal(1795342830, core.parse_time "Sun, 22 Nov 2026 10:20:30 GMT")
    assert.equal(1795342830.5, core.parse_time "2026-11-22T10:20:30.5Z")
    assert.equal(1795339230, core.parse_time "2026-11-22T10:20:30+01:00")
    assert.equal(0, core.parse_time "1970-01-01T00:00:00Z")
  end)

  it("says nil to anything else", function()
    for _, text in ipairs {
      "", "yesterday", "1795342830", "Sun, 22 Nov 2026 10:20:30", "Sun, 22 Nov 2026 10:20:30 GMT ",
      "Sun, 22 Foo 2026 10:20:30 GMT", "2026-13-22T10:20:30Z", "2026-11-22T25:20:30Z",
      "2026-11-22T10:20:30", "2026-11-22 10:20:30Z",
    } do
      assert.is_nil(core.parse_time(text), text)
    end
  end)

  it("says nil to days, fractions and zones that there are none of", function()
    for _, text in ipairs {
      "2026-02-29T10:20:30Z", "1900-02-29T10:20:30Z", "2026-04-31T10:20:30Z",
      "2026-06-00T10:20:30Z", "Sun, 31 Nov 2026 10:20:30 GMT", "2026-11-22T10:20:30.Z",
      "2026-11-22T10:20:30+24:00", "2026-11-22T10:20:30-01:60",
    } do
      assert.is_nil(core.parse_time(text), text)
    end
    assert.equal(951782400, core.parse_time "2000-02-29T00:00:00Z")
    assert.equal(1709164800, core.parse_time "2024-02-29T00:00:00.0+00:00")
    assert.equal(86400 - 23 * 3600 - 59 * 60, core.parse_time "1970-01-02T00:00:00+23:59")
  end)
end)

describe("format_time", function()
  it("writes the basic form, and cuts fractions off", function()
    assert.equal("19700101T000000Z", core.format_time(0))
    assert.equal("20150830T123600Z", core.format_time(1440938160))
    assert.equal("20150830T123600Z", core.format_time(1440938160.999))
    assert.equal("20240229T235959Z", core.format_time(1709251199))
    assert.equal("99991231T235959Z", core.format_time(253402300799))
  end)

  it("is the inverse of parse_time on every day of two centuries", function()
    for day = 0, 365 * 200, 13 do
      local seconds = day * 86400 + day % 86400
      local text = core.format_time(seconds):gsub("^(....)(..)(..)T(..)(..)", "%1-%2-%3T%4:%5:")
      assert.equal(seconds, core.parse_time(text))
    end
  end)

  it("raises for what cannot be written", function()
    for _, seconds in ipairs { -1, 253402300800, 1e300, 0 / 0 } do
      assert.is_false(pcall(core.format_time, seconds))
    end
  end)
end)

describe("sleep", function()
  it("takes at least the time, and nothing for nothing", function()
    local started = core.monotonic()
    core.sleep(0)
    core.sleep(0.02)
    assert.is_true(core.monotonic() - started >= 0.02)
  end)

  it("raises for what is no time", function()
    for _, seconds in ipairs { -1, 1e9, 0 / 0 } do
      assert.is_false(pcall(core.sleep, seconds))
    end
  end)
end)

describe("uname", function()
  it("names the system, its release and the machine", function()
    for _, text in ipairs { core.uname() } do
      assert.matches("^[%w%p ]+$", text)
    end
    assert.equal(3, select("#", core.uname()))
  end)
end)
