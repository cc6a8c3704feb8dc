-- SPDX-License-Identifier: MIT
--- Verifies SigV4 signatures, in the Authorization header or in the query, from the raw request
-- line, headers and body. Codes and messages are those of the real front end.
-- @module appintegrations.emulator.auth

local text_of = require "appintegrations.base.text"
local calendar = require "appintegrations.emulator.calendar"
local canonical = require "appintegrations.emulator.canonical"
local signing = require "appintegrations.signing"
local errors = require "appintegrations.emulator.errors"
local uri = require "appintegrations.emulator.uri"

local decimal, lower = text_of.decimal, text_of.lower

local M = {}

local Verifier = {}
Verifier.__index = Verifier

local ALGORITHM = "AWS4-HMAC-SHA256"
local SERVICE = "app-integrations"
local MAX_EXPIRES = 604800 -- a week, the limit of presigned requests

local MISMATCH = "The request signature we calculated does not match the signature you provided. "
  .. "Check your AWS Secret Access Key and signing method. Consult the service documentation for "
  .. "details."

---@class appintegrations.emulator.Credential
---@field secret string
---@field session_token? string  the request must have it
---@field expiration? number     epoch seconds; later: ExpiredTokenException
---@field account_id? string     whose resources it sees; default: the service's
---@field deny? string[]|string  operations that are refused with AccessDeniedException; "*": all

local function incomplete(message, ...)
  return nil, errors.new("IncompleteSignatureException", message, ...)
end

local function invalid(message, ...)
  return nil, errors.new("InvalidSignatureException", message, ...)
end

--- The only value of header NAME; nil if there is none, and nil, true if there are several.
local function single_header(headers, name)
  local value
  for _, header in ipairs(headers) do
    if lower(header[1]) == name then
      if value then
        return nil, true
      end
      value = header[2]
    end
  end
  return value
end

-- ---- what the client says ----------------------------------------------------------------------

--- The time of a request in the form of X-Amz-Date, and the header that has it. Without an
-- X-Amz-Date it is Date, in either form.
local function date_of(headers)
  local date = single_header(headers, "x-amz-date")
  if date then
    return date, "x-amz-date"
  end
  date = single_header(headers, "date")
  local time = date and calendar.from_http(date)
  return time and calendar.amz(time) or date, "date"
end

--- The claim in an Authorization header.
local function claim_of_header(text, headers)
  local scheme, rest = text:match("^(%S+)%s*(.*)$")
  if scheme ~= ALGORITHM then
    return incomplete("Unsupported AWS 'algorithm': only %s is.", ALGORITHM)
  end
  local fields = {}
  for field in rest:gmatch("[^,%s]+") do
    local name, value = field:match("^([A-Za-z0-9]+)=(.+)$")
    if name then
      fields[name] = value
    end
  end
  local missing = {}
  for _, name in ipairs { "Credential", "Signature", "SignedHeaders" } do
    if not fields[name] then
      missing[#missing + 1] = ("Authorization header requires '%s' parameter."):format(name)
    end
  end
  local date, date_header = date_of(headers)
  if not date then
    missing[#missing + 1] = "Authorization header requires existence of either a 'X-Amz-Date' or "
      .. "a 'Date' header."
  end
  if #missing > 0 then
    return incomplete("%s", table.concat(missing, " "))
  end
  return { credential = fields.Credential, signature = fields.Signature,
    signed_headers = fields.SignedHeaders, date_header = date_header,
    date = date,
    token = single_header(headers, "x-amz-security-token") }
end

--- The claim in a presigned query, or nil, nil if there is none.
local function claim_of_query(query)
  local fields = {}
  for _, pair in ipairs(uri.pairs(query)) do
    fields[pair[1]] = uri.decode(pair[2])
  end
  if not fields["X-Amz-Algorithm"] and not fields["X-Amz-Signature"] then
    return nil
  elseif fields["X-Amz-Algorithm"] ~= ALGORITHM then
    return incomplete("Unsupported AWS 'algorithm': only %s is.", ALGORITHM)
  end
  for _, name in ipairs { "Credential", "Signature", "SignedHeaders", "Date", "Expires" } do
    if not fields["X-Amz-" .. name] then
      return incomplete("AWS query-string parameters must include 'X-Amz-%s'. Re-examine the "
        .. "query-string parameters.", name)
    end
  end
  local expires = fields["X-Amz-Expires"]:find("^%d+$") and tonumber(fields["X-Amz-Expires"])
  if not expires or expires > MAX_EXPIRES then
    return incomplete("X-Amz-Expires must be a number of seconds of at most %d.", MAX_EXPIRES)
  end
  return { credential = fields["X-Amz-Credential"], signature = fields["X-Amz-Signature"],
    signed_headers = fields["X-Amz-SignedHeaders"], date = fields["X-Amz-Date"],
    expires = expires, token = fields["X-Amz-Security-Token"], presigned = true }
end

local function read_claim(request)
  local _, query = uri.split(request.target)
  local authorization, repeated = single_header(request.headers, "authorization")
  local claim, problem = claim_of_query(query)
  if repeated or (authorization and (claim or problem)) then
    return incomplete("The request has more than one signature.")
  elseif authorization then
    return claim_of_header(authorization, request.headers)
  elseif not claim and not problem then
    problem = errors.new("MissingAuthenticationTokenException", "Missing Authentication Token")
  end
  return claim, problem
end

-- ---- is it so? ---------------------------------------------------------------------------------

--- Fills in the parts of the credential scope: key, date, region, service.
function Verifier:check_scope(claim)
  local key, date, region, service, terminator =
    claim.credential:match("^([^/]+)/([^/]*)/([^/]*)/([^/]*)/([^/]*)$")
  if not key then
    return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. "
      .. "keyid/date/region/service/term.")
  end
  claim.key, claim.scope_date = key, date
  claim.region = region
  claim.scope = table.concat({ date, region, service, terminator }, "/")
  if not self.regions[region] then
    return invalid("Credential should be scoped to a valid region, not '%s'.", region)
  elseif service ~= SERVICE then
    return invalid("Credential should be scoped to correct service: '%s'.", SERVICE)
  elseif terminator ~= "aws4_request" then
    return invalid("Credential should be scoped with a valid terminator: 'aws4_request', not "
      .. "'%s'.", terminator)
  end
  return true
end

function Verifier:check_time(claim)
  local time, now = calendar.from_amz(claim.date), math.floor(self.clock())
  if not time then
    return incomplete("Date must be in ISO-8601 'basic format'. Got '%s'.", claim.date)
  elseif claim.scope_date ~= claim.date:sub(1, 8) then
    return invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
      .. "date from HTTP: '%s' != '%s', from '%s'.", claim.scope_date, claim.date:sub(1, 8),
      claim.date)
  end
  local minutes = decimal("%g", self.skew / 60)
  local lifetime = claim.expires or self.skew
  if time + lifetime < now then
    return invalid("Signature expired: %s is now earlier than %s (%s - %s min.)", claim.date,
      calendar.amz(now - lifetime), calendar.amz(now), decimal("%g", lifetime / 60))
  elseif time - self.skew > now then
    return invalid("Signature not yet current: %s is still later than %s (%s + %s min.)",
      claim.date, calendar.amz(now + self.skew), calendar.amz(now), minutes)
  end
  return true
end

local function check_identity(claim, credential, now)
  if not credential or (credential.session_token or "") ~= (claim.token or "") then
    return nil, errors.new("UnrecognizedClientException",
      "The security token included in the request is invalid.")
  elseif credential.expiration and now >= credential.expiration then
    return nil, errors.new("ExpiredTokenException",
      "The security token included in the request is expired")
  end
  return true
end

--- host, what dates the request, and every x-amz-* header must be signed, or anyone on the way
-- could change them.
local function check_signed_headers(claim, headers)
  local names, signed = {}, {}
  for name in claim.signed_headers:gmatch("[^;]+") do
    names[#names + 1], signed[name] = name, true
  end
  if not canonical.in_order(names) or lower(claim.signed_headers) ~= claim.signed_headers then
    return invalid("SignedHeaders must be in lower case, sorted and without repetition.")
  elseif not signed.host then
    return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  end
  for _, header in ipairs(headers) do
    local name = lower(header[1])
    if (name:find("^x%-amz%-") or name == claim.date_header) and not signed[name] then
      return invalid("'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
    end
  end
  claim.names = names
  return true
end

--- The key that is derived for date, region and service.
local function signing_key(secret, scope)
  local key = "AWS4" .. secret
  for part in scope:gmatch("[^/]+") do
    key = signing.hmac_sha256(key, part)
  end
  return key
end

local function canonical_request(request, claim, payload_hash)
  local path, query = uri.split(request.target)
  local lines, missing = canonical.headers(request.headers, claim.names)
  if not lines then
    return invalid("The signed header '%s' is not in the request.", missing)
  end
  local omit = claim.presigned and { ["X-Amz-Signature"] = true } or nil
  return table.concat({ request.method, canonical.path(path), canonical.query(query, omit),
    lines, claim.signed_headers, payload_hash }, "\n")
end

local function check_signature(request, claim, credential)
  local payload_hash = signing.hex(signing.sha256(request.body))
  local declared = single_header(request.headers, "x-amz-content-sha256")
  if declared and declared ~= payload_hash then
    return invalid("The value of x-amz-content-sha256 is not the hash of the body.")
  end
  local canonical_text, problem = canonical_request(request, claim, payload_hash)
  if not canonical_text then
    return nil, problem
  end
  local string_to_sign = table.concat({ ALGORITHM, claim.date, claim.scope,
    signing.hex(signing.sha256(canonical_text)) }, "\n")
  local key = signing_key(credential.secret, claim.scope)
  if signing.hex(signing.hmac_sha256(key, string_to_sign)) ~= claim.signature then
    -- As some services do: without this nobody finds out what differs. The token is a secret.
    local shown = claim.token and canonical_text:gsub("x%-amz%-security%-token:[^\n]*",
      "x-amz-security-token:***"):gsub("X%-Amz%-Security%-Token=[^&\n]*",
      "X-Amz-Security-Token=***") or canonical_text
    return invalid("%s\n\nThe Canonical String for this request should have been\n'%s'\n\n"
      .. "The String-to-Sign should have been\n'%s'\n", MISMATCH, shown, string_to_sign)
  end
  return true
end

--- The credential that signed REQUEST; nil and a problem if it is not signed as it must be.
---@param request table  method, target, headers (list of pairs), body: as received
---@return appintegrations.emulator.Credential?
---@return appintegrations.emulator.Problem?
---@return string? access_key_id
---@return string? region
function Verifier:verify(request)
  local claim, problem = read_claim(request)
  local done = claim ~= nil
  if done then
    done, problem = self:check_scope(claim)
  end
  local credential = done and self.credentials[claim.key]
  if done then
    done, problem = check_identity(claim, credential, self.clock())
  end
  if done then
    done, problem = self:check_time(claim)
  end
  if done then
    done, problem = check_signed_headers(claim, request.headers)
  end
  if done then
    done, problem = check_signature(request, claim, credential)
  end
  if not done then
    return nil, problem
  end
  return credential, nil, claim.key, claim.region
end

--- The credential that REQUEST names, unverified: for a service that does not verify.
---@return appintegrations.emulator.Credential?
---@return string? access_key_id
---@return string? region
function Verifier:named(request)
  local claim = read_claim(request)
  local key, region
  if claim then
    key, region = claim.credential:match("^([^/]+)/[^/]*/([^/]+)")
  end
  return self.credentials[key or ""], key, region
end

--- A verifier.
---@param options table  credentials (by access key id), regions (a set), clock, skew (seconds)
---@return table
function M.new(options)
  return setmetatable({
    credentials = options.credentials, regions = options.regions, clock = options.clock,
    skew = options.skew,
  }, Verifier)
end

return M
