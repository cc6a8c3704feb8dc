local core = require "appintegrations.core"
local signing = require "appintegrations.signing"

-- The key of RFC 7515, appendix A.3, in SEC 1 form.
local PEM = [[
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END EC PRIVATE KEY-----
]]

local P384 = [[
-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDA=
-----END EC PRIVATE KEY-----
]]

--- Runs openssl with ARGUMENTS; whether it succeeded, and what it printed.
local function openssl(arguments)
  local pipe = assert(io.popen("openssl " .. arguments .. " 2>&1; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  return output:match("(%d+)\n$") == "0", output
end

local function write(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

describe("names of token files", function()
  it("are SHA-1 in hexadecimal digits", function()
    assert.equal("a9993e364706816aba3e25717850c26c9cd0d89d", signing.sha1_hex("abc"))
    assert.equal("da39a3ee5e6b4b0d3255bfef95601890afd80709", signing.sha1_hex(""))
  end)
end)

describe("base64url", function()
  it("encodes without padding", function()
    for text, encoded in pairs {
      [""] = "", f = "Zg", fo = "Zm8", foo = "Zm9v", foob = "Zm9vYg", fooba = "Zm9vYmE",
      foobar = "Zm9vYmFy", ["\255\239\190"] = "_---", ["\0\0"] = "AAA",
    } do
      assert.equal(encoded, signing.base64url(text))
    end
  end)

  it("encodes what is longer than a buffer", function()
    assert.equal(("AAAA"):rep(50000), signing.base64url(("\0"):rep(150000)))
  end)
end)

describe("ES256", function()
  it("tells the public point of a key", function()
    local x, y = signing.es256_public(PEM)
    assert.equal("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", signing.base64url(x))
    assert.equal("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", signing.base64url(y))
  end)

  it("reads PKCS #8 too", function()
    local key = write(PEM)
    local ok, pkcs8 = openssl("pkcs8 -topk8 -nocrypt -in " .. key)
    assert.is_true(ok)
    assert.equal((signing.es256_public(PEM)), (signing.es256_public((pkcs8:gsub("0\n$", "")))))
    os.remove(key)
  end)

  it("signs so that another program accepts the signature", function()
    local key, message = write(PEM), write("header.payload")
    for _ = 1, 20 do -- numbers with leading zeros come up now and then
      local raw = assert(signing.es256_sign(PEM, "header.payload"))
      assert.equal(64, #raw)
      local function integer(text)
        text = text:gsub("^%z+", "")
        text = text:byte() >= 128 and "\0" .. text or text
        return "\2" .. string.char(#text) .. text
      end
      local sequence = integer(raw:sub(1, 32)) .. integer(raw:sub(33))
      local signature = write("\48" .. string.char(#sequence) .. sequence)
      local ok, output = openssl(("dgst -sha256 -prverify %s -signature %s %s")
        :format(key, signature, message))
      os.remove(signature)
      assert.is_true(ok, output)
    end
    os.remove(key)
    os.remove(message)
  end)

  it("refuses what is no usable key, without showing it", function()
    local encrypted = PEM:gsub("EC PRIVATE", "ENCRYPTED PRIVATE")
    for _, pem in ipairs { "", "secret", PEM:gsub("MHc", "MHd"), P384, encrypted } do
      local x, message = signing.es256_public(pem)
      assert.is_nil(x)
      assert.equal("not a private key in PEM without a passphrase", message)
      assert.is_nil((signing.es256_sign(pem, "message")))
    end
  end)

  it("refuses keys of other kinds", function()
    for _, arguments in ipairs { "ecparam -name secp384r1 -genkey -noout",
      "genpkey -algorithm ed25519" } do
      local ok, pem = openssl(arguments)
      assert.is_true(ok)
      local signature, message = signing.es256_sign(pem, "message")
      assert.is_nil(signature)
      assert.equal("not a key on the elliptic curve P-256", message)
    end
  end)

  it("asks for no passphrase on the terminal", function()
    local key = write(PEM)
    local ok, pem = openssl("ec -aes128 -passout pass:x -in " .. key)
    os.remove(key)
    assert.is_true(ok)
    assert.is_nil((signing.es256_public(pem)))
  end)
end)

describe("partition", function()
  it("tells the suffixes of a region", function()
    assert.same({ "aws", "amazonaws.com", "api.aws" }, { core.partition("us-east-1") })
    assert.same({ "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
      { core.partition("cn-north-1") })
  end)

  it("refuses what would change the host", function()
    local id, message = core.partition("evil.example/#")
    assert.is_nil(id)
    assert.matches("a region consists of", message)
  end)
end)
