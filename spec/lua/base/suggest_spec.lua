local suggest = require "appintegrations.base.suggest"

describe("the nearest name", function()
  local names = { status = true, times = true, latency = true, ThrottlingException = true }

  for text, expected in pairs { stauts = "status", Status = "status", time = "times",
    latancy = "latency", throttlingexception = "ThrottlingException",
    TrottlingException = "ThrottlingException" } do
    it("to " .. text .. " is " .. expected, function()
      assert.equal(expected, suggest.nearest(text, names))
      assert.equal(('; did you mean "%s"?'):format(expected), suggest.hint(text, names))
    end)
  end

  it("is none when nothing is near", function()
    for _, text in ipairs { "", "colour", ("x"):rep(1e6), 5 } do
      assert.is_nil(suggest.nearest(text, names))
      assert.equal("", suggest.hint(text, names))
    end
  end)
end)
