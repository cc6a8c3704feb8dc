-- SPDX-License-Identifier: MIT
--- Foreign texts for an error message: what another program wrote to its error
-- output is shown to people, without control characters, bounded, and without
-- what looks like a secret.
-- @module appintegrations.redact

local M = {}

local MASK = "***"

--- Shorter ones are words; an access key's secret has 40 characters.
local SHORTEST_SECRET = 32

--- Whether RUN looks random: letters of both cases and a digit, no path.
local function looks_secret(run)
  return #run >= SHORTEST_SECRET and run:find "%l" and run:find "%u" and run:find "%d"
    and run:sub(1, 1) ~= "/"
end

--- TEXT with secrets masked: the value after a telling name, and long runs of
-- base64 letters.
local function masked(text)
  text = text:gsub("([%w_%-]*[\"']?%s*[:=]%s*[\"']?)([^%s\"',;&]+)", function(name, value)
    local lower = name:lower()
    if lower:find "secret" or lower:find "token" or lower:find "passw" then
      return name .. MASK
    end
    return name .. value
  end)
  return (text:gsub("[%w+/=_-]+", function(run)
    return looks_secret(run) and MASK or nil
  end))
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
  text = text:match "^%s*(.-)%s*$"
  if #text > limit then
    text = "…" .. text:sub(-limit)
  end
  return text
end

return M
