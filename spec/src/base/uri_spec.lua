local signing = require "appintegrations.signing"

local UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

describe("percent-encoding", function()
  it("leaves the unreserved characters and encodes every other byte", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      local expected = UNRESERVED:find(c, 1, true) and c or ("%%%02X"):format(byte)
      assert.equal(expected, signing.uri_encode(c))
    end
  end)

  it("encodes a slash unless it is to be kept", function()
    assert.equal("a%2Fb%20c", signing.uri_encode("a/b c"))
    assert.equal("a/b%20c", signing.uri_encode("a/b c", true))
  end)

  it("encodes nothing to nothing and long texts in full", function()
    assert.equal("", signing.uri_encode(""))
    assert.equal(("%FF"):rep(100000), signing.uri_encode(("\255"):rep(100000)))
  end)

  it("does not depend on the locale", function()
    local before = os.setlocale(nil, "ctype")
    os.setlocale("", "ctype")
    local encoded = signing.uri_encode("\228\246\252é")
    os.setlocale(before, "ctype")
    assert.equal("%E4%F6%FC%C3%A9", encoded)
  end)
end)

describe("canonical percent-encoding", function()
  local cases = {
    { "plain", "plain" },
    { "a b", "a%20b", "bytes that need it are encoded" },
    { "%2f%3a", "%2F%3A", "escapes get upper-case digits" },
    { "%41%7E%2d", "A~-", "escaped unreserved characters are decoded" },
    { "%", "%25", "a stray per cent sign is encoded" },
    { "100%", "100%25" },
    { "%4", "%254" },
    { "%zz", "%25zz" },
    { "%%41", "%25A" },
    { "%2541", "%2541", "an escaped per cent sign stays escaped" },
    { "a+b", "a%2Bb" },
    { "", "" },
  }
  for _, case in ipairs(cases) do
    it(("turns '%s' into '%s'"):format(case[1], case[2]), function()
      assert.equal(case[2], signing.uri_canonicalize(case[1]))
    end)
  end

  it("never makes a separator of an encoded slash", function()
    assert.equal("/a/%2F", signing.uri_canonicalize("/a/%2f", true))
    assert.equal("%2Fa%2F%2F", signing.uri_canonicalize("/a/%2f"))
  end)

  it("changes nothing when it is applied again", function()
    for _, text in ipairs { "a b%", "%zz%41", "%%25%2", "/x y/%2f", "\1\255" } do
      local once = signing.uri_canonicalize(text)
      assert.equal(once, signing.uri_canonicalize(once))
    end
  end)
end)
