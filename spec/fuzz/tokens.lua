--- Keys in PEM, base64 and proofs of possession: base64 of any bytes beside one written here, keys
-- of any text and such with something changed, and the proofs that they make.

local base64 = require "appintegrations.emulator.base64"
local bytes = require "spec.fuzz.bytes"
local dpop = require "appintegrations.credentials.dpop"
local logged_in = require "spec.support.logged_in"
local signing = require "appintegrations.signing"

local PEM = logged_in.KEY
local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Six bits at a time, from a text of bits.
local function encode(text)
  local bits = text:gsub(".", function(c)
    local byte, digits = c:byte(), ""
    for _ = 1, 8 do
      digits, byte = byte % 2 .. digits, math.floor(byte / 2)
    end
    return digits
  end)
  local encoded = (bits .. ("0"):rep(-#bits % 6)):gsub("......", function(six)
    local value = tonumber(six, 2)
    return DIGITS:sub(value + 1, value + 1)
  end)
  return encoded .. ("="):rep(-#encoded % 4)
end

local function check_base64(from)
  local text = from:text(100)
  local expected = encode(text)
  assert(base64.encode(text) == expected, "encode")
  assert(base64.decode(expected) == text, "decode")
  assert(signing.base64url(text) == expected:gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
  local foreign = from:rest()
  local decoded = base64.decode(foreign)
  assert(not decoded or encode(decoded) == foreign, "another form was taken")
end

local function check_key(from)
  local at = from:byte() % #PEM + 1
  local pem = from:below(2) == 0 and from:rest()
    or PEM:sub(1, at - 1) .. from:text(4) .. PEM:sub(at + from:below(4))
  local x, y = signing.es256_public(pem)
  if not x then
    assert(type(y) == "string" and (#pem < 40 or not y:find(pem, 1, true)))
    assert(not signing.es256_sign(pem, "message"))
    return
  end
  assert(#x == 32 and #y == 32)
  local header, claims, signature = dpop.proof(pem, "POST", "https://x.example/v1/token", 1000)
    :match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  assert(header and claims and #signature == 86)
end

local CHECKS = { check_base64, check_key }

return function(input)
  local from = bytes.new(input)
  from:choice(CHECKS)(from)
end
