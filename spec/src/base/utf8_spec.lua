-- UTF-8 by the table of RFC 3629, section 4: each first byte beside every second one.
local core = require "appintegrations.core"

--- The first bytes, and the range of the second; the others are continuations (80 to BF).
local SEQUENCES = {
  { first = 0xC2, last = 0xDF, size = 2, low = 0x80, high = 0xBF },
  { first = 0xE0, last = 0xE0, size = 3, low = 0xA0, high = 0xBF },
  { first = 0xE1, last = 0xEC, size = 3, low = 0x80, high = 0xBF },
  { first = 0xED, last = 0xED, size = 3, low = 0x80, high = 0x9F },
  { first = 0xEE, last = 0xEF, size = 3, low = 0x80, high = 0xBF },
  { first = 0xF0, last = 0xF0, size = 4, low = 0x90, high = 0xBF },
  { first = 0xF1, last = 0xF3, size = 4, low = 0x80, high = 0xBF },
  { first = 0xF4, last = 0xF4, size = 4, low = 0x80, high = 0x8F },
}

local function sequence_of(first)
  for _, sequence in ipairs(SEQUENCES) do
    if first >= sequence.first and first <= sequence.last then
      return sequence
    end
  end
end

--- The byte of TEXT that is no UTF-8 as the core tells, or nil; and the finding on its length.
local function bad_byte(text)
  local method, list, _, _, advisories = core.build("create_data_integration",
    { Name = "crm", KmsKey = "k", Description = text })
  if method then
    return nil, advisories and advisories[1].message
  end
  assert.equal("utf8", list[1].rule)
  return tonumber(list[1].message:match "^is no valid UTF%-8 %(byte (%d+)%)$")
end

describe("UTF-8", function()
  it("is what RFC 3629 lists, and nothing else", function()
    local wrong = {}
    for first = 0x80, 0xFF do
      local sequence = sequence_of(first)
      for second = 0, 0xFF do
        local size = sequence and sequence.size or 4
        local text = "ab" .. string.char(first, second) .. ("\128"):rep(size - 2) .. "c"
        local is_valid = sequence and second >= sequence.low and second <= sequence.high
        if bad_byte(text) ~= (not is_valid and 3 or nil) then
          wrong[#wrong + 1] = ("%X %X"):format(first, second)
        end
      end
    end
    assert.same({}, wrong)
  end)

  it("has no sequence that is cut short or goes on with another byte", function()
    for _, whole in ipairs { "\195\169", "\226\130\172", "\240\159\152\128" } do
      assert.is_nil((bad_byte(whole .. whole)))
      for size = 1, #whole - 1 do
        assert.equal(5, (bad_byte("abcd" .. whole:sub(1, size))))
        for _, other in ipairs { "\0", "a", "\127", "\192", "\255" } do
          assert.equal(2, (bad_byte("a" .. whole:sub(1, size) .. other .. whole:sub(size + 2))))
        end
      end
    end
  end)

  it("counts characters, wherever they stand among others", function()
    for _, character in ipairs { "a", "\195\169", "\226\130\172", "\240\159\152\128" } do
      for before = 0, 17 do -- ASCII is read eight bytes at a time
        local text = ("a"):rep(before) .. character
        local missing = 1000 - before - 1
        assert.same({}, { bad_byte(text .. ("a"):rep(missing)) })
        local _, message = bad_byte(text .. ("a"):rep(missing + 1))
        assert.matches("1001", message)
      end
    end
  end)
end)
