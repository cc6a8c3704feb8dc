local calendar = require "appintegrations.emulator.calendar"

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
    for epoch = 0, 4200000000, 86400 * 97 + 3607 do
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
end)
