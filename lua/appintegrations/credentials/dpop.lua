-- SPDX-License-Identifier: MIT
--- Proofs of possession (DPoP, RFC 9449): a token that shows, for one request, that
-- the sender has the private key.
-- @module appintegrations.credentials.dpop

local core = require "appintegrations.core"
local math = require("appintegrations.compat").math

local M = {}

--- A proof for a request. Nothing in it has to be escaped in JSON: base64url, a
-- method, an encoded URL, a UUID.
---@param pem string     private key on P-256; raises for one that es256_public refuses
---@param method string
---@param url string     encoded, without query
---@param now number     epoch seconds
---@return string proof
---@nodiscard
function M.proof(pem, method, url, now)
  local signing = require "appintegrations.signing" -- libcrypto comes with it
  local x, y = assert(signing.es256_public(pem))
  local header = ('{"typ":"dpop+jwt","alg":"ES256",'
    .. '"jwk":{"kty":"EC","crv":"P-256","x":"%s","y":"%s"}}')
    :format(signing.base64url(x), signing.base64url(y))
  local claims = ('{"htm":"%s","htu":"%s","iat":%d,"jti":"%s"}'):format(method, url,
    math.floor(now), core.uuid())
  local signed = signing.base64url(header) .. "." .. signing.base64url(claims)
  return signed .. "." .. signing.base64url(assert(signing.es256_sign(pem, signed)))
end

return M
