-- SPDX-License-Identifier: MIT
--- Foreign texts for an error message: what a service or another program says is
-- shown to people without the secrets that it was given, and without what looks
-- like one. Linear time, whatever the bytes.
-- @module appintegrations.call.redact

local text_of = require "appintegrations.base.text"

local M = {}

local MASK = "***"

--- Shorter ones are words; an access key's secret has 40 characters.
local SHORTEST_SECRET = 32

-- A secret that is known comes up by chance where it is shorter; an MFA code has 6 digits.
local SHORTEST_KNOWN = 6

--- Whether RUN looks random: letters of both cases and a digit, no path.
local function looks_secret(run)
  return #run >= SHORTEST_SECRET and run:find "[a-z]" and run:find "[A-Z]" and run:find "%d"
    and run:sub(1, 1) ~= "/"
end

local function is_telling(name)
  name = text_of.lower(name)
  return name:find "secret" or name:find "token" or name:find "passw"
end

--- TEXT with the values after telling names masked. Goes on from where each match ended: all
-- patterns are anchored, so that no byte is looked at from many places.
local function without_named(text)
  local parts, at, kept = {}, 1, 1
  while at <= #text do
    local _, name_end = text:find("^[A-Za-z0-9_%-]*", at)
    local _, delimiter_end = text:find("^[\"']?%s*[:=]%s*[\"']?", name_end + 1)
    local value_end
    if delimiter_end and is_telling(text:sub(at, name_end)) then
      _, value_end = text:find("^[^%s\"',;&]+", delimiter_end + 1)
    end
    if value_end then
      parts[#parts + 1] = text:sub(kept, delimiter_end) .. MASK
      at, kept = value_end + 1, value_end + 1
    elseif delimiter_end then
      at = delimiter_end + 1
    else
      _, at = text:find("^[^A-Za-z0-9_%-]*", name_end + 1)
      at = at + 1
    end
  end
  parts[#parts + 1] = text:sub(kept)
  return table.concat(parts)
end

--- TEXT with secrets masked: the value after a telling name, and long runs of
-- base64 letters.
local function masked(text)
  return (without_named(text):gsub("[A-Za-z0-9+/=_-]+", function(run)
    return looks_secret(run) and MASK or nil
  end))
end

--- What is secret of the credentials SIGNER.
---@param signer table
---@return string[]
---@nodiscard
function M.secrets_of(signer)
  return { signer.secret_access_key, signer.session_token or nil }
end

--- TEXT with each of SECRETS masked, should a service or a program repeat what it was given.
---@param text string
---@param secrets string[]  those too short to be told from chance are left
---@return string
---@nodiscard
function M.without(text, secrets)
  for _, secret in ipairs(secrets) do
    if #secret >= SHORTEST_KNOWN then
      local parts, from = {}, 1
      local first, last = text:find(secret, from, true)
      while first do
        parts[#parts + 1] = text:sub(from, first - 1) .. MASK
        from = last + 1
        first, last = text:find(secret, from, true)
      end
      text = parts[1] and table.concat(parts) .. text:sub(from) or text
    end
  end
  return text
end

--- The end of TEXT (where programs say what went wrong) on one line, at most
-- LIMIT bytes of it.
---@param text string
---@param limit? integer
---@return string
---@nodiscard
function M.text(text, limit)
  limit = limit or 500
  -- Masked before it is cut: half a secret is not recognised.
  text = masked(text:gsub("%c+", " "):gsub("[\128-\255]+", "?"))
  text = text_of.trim(text)
  if #text > limit then
    text = "…" .. text:sub(-limit)
  end
  return text
end

return M
