local dpop = require "appintegrations.credentials.dpop"
local json = require "appintegrations.base.json"
local logged_in = require "spec.support.logged_in"

local PEM = logged_in.KEY

--- What TEXT encodes, by a decoder that is not ours.
local function decode(text)
  local base64 = text:gsub("-", "+"):gsub("_", "/")
  base64 = base64 .. ("="):rep(-#base64 % 4)
  return require("mime").unb64(base64)
end

describe("a proof of possession", function()
  it("says what it is for, and with which key", function()
    local header, claims, signature = dpop.proof(PEM, "POST", "https://x.example/v1/token", 1000.7)
      :match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
    assert.same({
      typ = "dpop+jwt", alg = "ES256",
      jwk = { kty = "EC", crv = "P-256", x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" },
    }, json.decode_object(decode(header)))
    claims = json.decode_object(decode(claims))
    assert.matches("^%x+%-%x+%-4%x+%-%x+%-%x+$", claims.jti)
    claims.jti = nil
    assert.same({ htm = "POST", htu = "https://x.example/v1/token", iat = 1000 }, claims)
    assert.equal(64, #decode(signature))
  end)

  it("is another one each time", function()
    local function id()
      local claims = dpop.proof(PEM, "POST", "https://x.example/", 1000):match "%.([%w_-]+)%."
      return json.decode_object(decode(claims)).jti
    end
    assert.not_equal(id(), id())
  end)

  it("cannot be made without a key", function()
    assert.error_matches(function()
      dpop.proof("SECRET", "POST", "https://x.example/", 1000)
    end, "not a private key")
  end)
end)
