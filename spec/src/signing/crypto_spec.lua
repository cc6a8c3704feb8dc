local signing = require "appintegrations.signing"

local function bytes(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

describe("SHA-256", function()
  -- FIPS 180-4 and its examples.
  local cases = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { ("a"):rep(1000000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
  }
  for _, case in ipairs(cases) do
    it(("hashes the example of %d bytes"):format(#case[1]), function()
      assert.equal(case[2], signing.hex(signing.sha256(case[1])))
    end)
  end

  it("answers with 32 raw bytes and begins anew each time", function()
    local first = signing.sha256("x")
    signing.sha256("something else")
    assert.equal(32, #first)
    assert.equal(first, signing.sha256("x"))
  end)
end)

describe("HMAC-SHA-256", function()
  -- RFC 4231, test cases 1 to 4, 6 and 7.
  local long_key = ("\170"):rep(131)
  local cases = {
    { ("\11"):rep(20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "Jefe", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { ("\170"):rep(20), ("\221"):rep(50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { bytes "0102030405060708090a0b0c0d0e0f10111213141516171819", ("\205"):rep(50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
    { long_key, "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { long_key, "This is a test using a larger than block-size key and a larger than block-size "
      .. "data. The key needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
  }
  for i, case in ipairs(cases) do
    it("computes published case " .. i, function()
      assert.equal(case[3], signing.hex(signing.hmac_sha256(case[1], case[2])))
    end)
  end

  it("takes an empty key as a key of its own, and an empty message", function()
    signing.hmac_sha256("another key", "message")
    assert.equal("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
      signing.hex(signing.hmac_sha256("", "")))
  end)
end)

describe("hexadecimal digits", function()
  it("are lower case, two for each byte", function()
    assert.equal("00017f80abff", signing.hex("\0\1\127\128\171\255"))
    assert.equal("", signing.hex(""))
    for byte = 0, 255 do
      assert.equal(("%02x"):format(byte), signing.hex(string.char(byte)))
    end
  end)
end)

describe("wrong arguments of the hash functions", function()
  it("are errors of the caller", function()
    for _, name in ipairs { "sha256", "hex", "uri_encode", "uri_canonicalize" } do
      assert.has_error(function() signing[name](nil) end)
      assert.has_error(function() signing[name] {} end)
    end
    assert.has_error(function() signing.hmac_sha256("key") end)
  end)
end)
