local base64 = require "appintegrations.emulator.base64"
local linear = require "spec.support.linear"

describe("the emulator's base64", function()
  -- RFC 4648, section 10
  for bytes, text in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
    fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\0\255\254"] = "AP/+" } do
    it("writes and reads " .. text, function()
      assert.equal(text, base64.encode(bytes))
      assert.equal(bytes, base64.decode(text))
    end)
  end

  it("refuses what it does not write", function()
    for _, text in ipairs { "Z", "Zg", "Zg=", "Zh==", "Zm9v=", "Zm-v", "Zm9v\n", "=",
      "Zg==Zg==" } do
      assert.is_nil(base64.decode(text), text)
    end
  end)

  it("reads in linear time #native", function()
    linear.all(base64.decode, { padding = linear.repeated("", "=", "x"),
      letters = linear.repeated("", "A", "="), foreign = linear.repeated("A", "-", "") })
  end)
end)
