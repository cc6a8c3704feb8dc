-- SPDX-License-Identifier: MIT
--- AWS Signature Version 4 on its own, for requests that the module does not make itself:
-- signed headers, and presigned URLs. Nothing is sent.
--
-- What is wrong with a request or a context is a mistake in the program and raises an error at the
-- caller's line. No error text quotes a value.
-- @module appintegrations.sigv4
-- @usage
-- local sigv4 = require "appintegrations.sigv4"
-- local headers = sigv4.sign(
--   { method = "GET", path = "/applications", headers = { Host = host } },
--   { region = "us-east-1", service = "app-integrations", credentials = credentials })

local signing = require "appintegrations.signing"

-- The members are the C functions themselves, so that an error names their caller's line.
local M = {}

---@class appintegrations.sigv4.Request
---@field method string     as "GET"
---@field path? string      as it will stand on the request line; "/" if absent
---@field query? string     as it will stand on the request line, without "?"
---@field headers? table    a map of names to values, or a list of `{ name, value }` pairs, where a
---                         name may repeat. The service expects that `Host` is signed.
---@field body? string

---@class appintegrations.sigv4.Credentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token? string

---@class appintegrations.sigv4.Context
---@field region string                as "us-east-1"
---@field service string               the signing name, as "app-integrations"
---@field credentials appintegrations.sigv4.Credentials
---@field time? number                 epoch seconds, rounded down; now if absent
---@field normalize_path? boolean      resolve dot segments, merge slashes (true; S3: false)
---@field double_encode_path? boolean  encode the path once more (true; S3: false)
---@field sign_body_header? boolean    add `X-Amz-Content-Sha256` (false)
---@field omit_session_token? boolean  add the session token without signing it (false)
---@field expires? integer             presigned: seconds of validity, 1 to 604800 (3600)

---@class appintegrations.sigv4.Parts
---@field canonical_request string  holds the session token where that is signed
---@field string_to_sign string
---@field signature string          64 hexadecimal digits
---@field signed_headers string     as "host;x-amz-date"

--- Signs REQUEST by headers.
-- The result has `Authorization`, `X-Amz-Date` and, where the context asks for them,
-- `X-Amz-Security-Token` and `X-Amz-Content-Sha256`; it can be read by names in any case. They
-- replace headers of those names in the request. All other headers are signed but for those that
-- are changed on the way, such as `User-Agent` and `Connection`. An `x-amz-content-sha256` of the
-- request's own (S3 takes "UNSIGNED-PAYLOAD") is signed in place of the body's hash.
---@param request appintegrations.sigv4.Request
---@param context appintegrations.sigv4.Context
---@return table<string, string> headers  to be set on the request
---@return appintegrations.sigv4.Parts parts
---@nodiscard
M.sign = signing.sign

--- Signs REQUEST by its query, so that its URL can be passed on.
-- Whoever uses the URL sends the headers that were signed, at least `Host`.
---@param request appintegrations.sigv4.Request
---@param context appintegrations.sigv4.Context
---@return string query  encoded parameters to append to the request's query, after "?" or "&"
---@return appintegrations.sigv4.Parts parts
---@nodiscard
M.presign = signing.presign

return M
