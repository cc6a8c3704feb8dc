local calendar = require "appintegrations.emulator.calendar"
local last_time = require "spec.support.last_time"

describe("the emulator's calendar", function()
  -- Epoch seconds from `date -u -d … +%s`.
  for text, epoch in pairs {
    ["19700101T000000Z"] = 0, ["20000229T123456Z"] = 951827696, ["20231114T221320Z"] = 1700000000,
    ["20280229T235959Z"] = 1835481599, ["21000301T000000Z"] = 4107542400,
    ["19691231T235959Z"] = -1,
  } do
    it("knows " .. text, function()
      assert.equal(text, calendar.amz(epoch))
      assert.equal(text, calendar.amz(epoch + 0.999))
      assert.equal(epoch, calendar.from_amz(text))
    end)
  end

  it("agrees with the C library on every kind of day", function()
    for epoch = 0, math.min(4200000000, last_time), 86400 * 97 + 3607 do
      assert.equal(os.date("!%Y%m%dT%H%M%SZ", epoch), calendar.amz(epoch))
      assert.equal(os.date("!%a, %d %b %Y %H:%M:%S GMT", epoch), calendar.http(epoch))
    end
  end)

  it("refuses what is no time", function()
    for _, text in ipairs { "", "20230229T000000Z", "20231301T000000Z", "20230101T240000Z",
      "20230101T006000Z", "2023-01-01T00:00:00Z", "20230101T000000", "20230100T000000Z",
      "20231114T221320Z " } do
      assert.is_nil(calendar.from_amz(text), text)
    end
  end)

  it("reads the times of HTTP, and nothing else", function()
    for _, time in ipairs { 0, 951782400, 1700000000, 253402300799 } do
      assert.equal(time, calendar.from_http(calendar.http(time)))
    end
    for _, text in ipairs { "", "Tue, 14 Nov 2023 22:13:20", "Tue, 31 Feb 2023 22:13:20 GMT",
      "Tue, 14 Foo 2023 22:13:20 GMT", "Tue, 14 Nov 2023 25:13:20 GMT", "20231114T221320Z" } do
      assert.is_nil(calendar.from_http(text))
    end
  end)
end)
