local core = require "appintegrations.core"
local logged_in = require "spec.support.logged_in"
local signing = require "appintegrations.signing"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local PEM = logged_in.KEY

local P384 = [[
-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDA=
-----END EC PRIVATE KEY-----
]]

--- Runs openssl with ARGUMENTS; whether it succeeded, and what it printed.
local function openssl(arguments)
  local output, code = shell.output("openssl " .. arguments)
  return code == 0, output
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
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  it("tells the public point of a key", function()
    local x, y = signing.es256_public(PEM)
    assert.equal("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", signing.base64url(x))
    assert.equal("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", signing.base64url(y))
  end)

  it("reads PKCS #8 too", function()
    local key = dir:write("key", PEM)
    local ok, pkcs8 = openssl("pkcs8 -topk8 -nocrypt -in " .. key)
    assert.is_true(ok)
    assert.equal((signing.es256_public(PEM)), (signing.es256_public((pkcs8:gsub("0\n$", "")))))
  end)

  it("signs so that another program accepts the signature", function()
    local key, message = dir:write("key", PEM), dir:write("message", "header.payload")
    for _ = 1, 20 do -- numbers with leading zeros come up now and then
      local raw = assert(signing.es256_sign(PEM, "header.payload"))
      assert.equal(64, #raw)
      local function integer(text)
        text = text:gsub("^%z+", "")
        text = text:byte() >= 128 and "\0" .. text or text
        return "\2" .. string.char(#text) .. text
      end
      local sequence = integer(raw:sub(1, 32)) .. integer(raw:sub(33))
      local signature = dir:write("signature", "\48" .. string.char(#sequence) .. sequence)
      local ok, output = openssl(("dgst -sha256 -prverify %s -signature %s %s")
        :format(key, signature, message))
      assert.is_true(ok, output)
    end
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
    local key = dir:write("key", PEM)
    local ok, pem = openssl("ec -aes128 -passout pass:x -in " .. key)
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

describe("errors that the host has pending in OpenSSL", function()
  -- In a process of its own, whose queue nobody else has filled: LuaSec shows the oldest error
  -- and leaves the others.
  local SCRIPT = [[
    local context = require "ssl.context"
    local signing = require "appintegrations.signing"
    local tls = context.create "tlsv1_2"
    local function failing()
      return (select(2, context.loadkey(tls, "/nonexistent", "")))
    end
    print(failing())
    if %s then
      assert(not signing.es256_public "garbage")
      assert(not signing.es256_sign("garbage", "text"))
      signing.sha1_hex "text"
      signing.sha256 "text"
    end
    print(failing())
  ]]

  it("stay there when a key cannot be read", function()
    local dir = require("spec.support.workdir").new()
    local lua = os.getenv "LUA" or "lua5.4"
    local function output(with_ours)
      local path = dir:write("script.lua", SCRIPT:format(tostring(with_ours)))
      return (shell.output(lua .. " " .. path))
    end
    local expected = output(false)
    local first, second = expected:match "^(.-)\n(.-)\n$"
    assert.truthy(first and first ~= second, expected) -- else nothing would be seen
    assert.equal(expected, output(true))
    dir:remove()
  end)
end)
