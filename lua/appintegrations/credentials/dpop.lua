-- SPDX-License-Identifier: MIT
--- Proofs of possession (DPoP, RFC 9449): a token that shows, for one request, that
-- the sender has the private key.
-- @module appintegrations.credentials.dpop

local core = require "appintegrations.core"
local integer = require("appintegrations.base.text").integer
local math = require("appintegrations.base.compat").math

local M = {}

--- VALUE and what comes with it. The key is known to be good: what fails now is memory, whatever
-- OpenSSL says.
local function granted(value, problem)
  if not value then
    error("not enough memory: " .. problem, 0)
  end
  return value, problem
end

--- A proof for a request. Nothing in it has to be escaped in JSON: base64url, a
-- method, an encoded URL, a UUID.
---@param pem string     private key on P-256 that es256_public has not refused
---@param method string
---@param url string     encoded, without query
---@param now number     epoch seconds
---@return string proof
---@nodiscard
function M.proof(pem, method, url, now)
  local signing = require "appintegrations.signing" -- libcrypto comes with it
  local x, y = granted(signing.es256_public(pem))
  local header = ('{"typ":"dpop+jwt","alg":"ES256",'
    .. '"jwk":{"kty":"EC","crv":"P-256","x":"%s","y":"%s"}}')
    :format(signing.base64url(x), signing.base64url(y))
  local claims = ('{"htm":"%s","htu":"%s","iat":%s,"jti":"%s"}'):format(method, url,
    integer(math.floor(now)), core.uuid())
  local signed = signing.base64url(header) .. "." .. signing.base64url(claims)
  return signed .. "." .. signing.base64url(granted(signing.es256_sign(pem, signed)))
end

return M
