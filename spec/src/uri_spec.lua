local core = require "appintegrations.core"

local UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

describe("percent-encoding", function()
  it("leaves the unreserved characters and encodes every other byte", function()
    for byte = 0, 255 do
      local c = string.char(byte)
      local expected = UNRESERVED:find(c, 1, true) and c or ("%%%02X"):format(byte)
      assert.equal(expected, core.uri_encode(c))
    end
  end)

  it("encodes a slash unless it is to be kept", function()
    assert.equal("a%2Fb%20c", core.uri_encode("a/b c"))
    assert.equal("a/b%20c", core.uri_encode("a/b c", true))
  end)

  it("encodes nothing to nothing and long texts in full", function()
    assert.equal("", core.uri_encode(""))
    assert.equal(("%FF"):rep(100000), core.uri_encode(("\255"):rep(100000)))
  end)

  it("does not depend on the locale", function()
    local before = os.setlocale(nil, "ctype")
    os.setlocale("", "ctype")
    local encoded = core.uri_encode("\228\246\252é")
    os.setlocale(before, "ctype")
    assert.equal("%E4%F6%FC%C3%A9", encoded)
  end)
end)

describe("percent-decoding", function()
  it("undoes the encoding of every byte", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[#bytes + 1] = string.char(byte)
    end
    local all = table.concat(bytes)
    assert.equal(all, core.uri_decode(core.uri_encode(all)))
    assert.equal("", core.uri_decode(""))
  end)

  it("reads digits in either case and takes '+' as it is", function()
    assert.equal("\171\205/+", core.uri_decode("%aB%Cd%2f+"))
  end)

  it("decodes once only", function()
    assert.equal("%2F", core.uri_decode("%252F"))
  end)

  for _, text in ipairs { "%", "a%", "%2", "%2g", "%g2", "% 2", "%-1", "%%20", "ok%zz" } do
    it("refuses " .. text, function()
      assert.is_nil((core.uri_decode(text)))
    end)
  end
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
      assert.equal(case[2], core.uri_canonicalize(case[1]))
    end)
  end

  it("never makes a separator of an encoded slash", function()
    assert.equal("/a/%2F", core.uri_canonicalize("/a/%2f", true))
    assert.equal("%2Fa%2F%2F", core.uri_canonicalize("/a/%2f"))
  end)

  it("changes nothing when it is applied again", function()
    for _, text in ipairs { "a b%", "%zz%41", "%%25%2", "/x y/%2f", "\1\255" } do
      local once = core.uri_canonicalize(text)
      assert.equal(once, core.uri_canonicalize(once))
    end
  end)
end)
