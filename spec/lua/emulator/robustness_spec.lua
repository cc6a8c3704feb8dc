--- Shorter versions of what `make check-emulator` does at length.

local fuzz = require "spec.support.emulator_fuzz"

describe("the emulator, told nonsense,", function()
  it("takes or refuses each fault, and never ends or fails", function()
    local result = fuzz.faults(300)
    assert.same({}, result.errors)
    assert.is_true(result.taken > 10 and result.refused > 10)
  end)

  it("answers each control request, and never ends or fails", function()
    local result = fuzz.control(500)
    assert.same({}, result.errors)
    assert.is_true(result.done > 10 and result.refused > 10)
  end)
end)
