-- SPDX-License-Identifier: MIT
--- Base64 (RFC 4648, section 4) with padding, for pagination tokens. Its `+`, `/` and `=` are
-- welcome there: a client has to encode them in a query.
-- @module appintegrations.emulator.base64

local M = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

---@param bytes string
---@return string
function M.encode(bytes)
  local text = bytes:gsub("..?.?", function(group)
    local a, b, c = group:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    local digits = ""
    for _ = 1, 4 do
      digits = ALPHABET:sub(bits % 64 + 1, bits % 64 + 1) .. digits
      bits = math.floor(bits / 64)
    end
    return digits:sub(1, #group + 1) .. ("="):rep(3 - #group)
  end)
  return text
end

--- The bytes of TEXT, or nil if it is not what encode writes.
---@param text string
---@return string?
function M.decode(text)
  local digits = text:match("^[A-Za-z0-9+/]*")
  local bytes = digits:gsub("...?.?", function(group)
    local bits = 0
    for i = 1, 4 do
      local digit = ALPHABET:find(group:sub(i, i), 1, true)
      bits = bits * 64 + (i <= #group and digit or 1) - 1
    end
    return string.char(math.floor(bits / 65536), math.floor(bits / 256) % 256, bits % 256)
      :sub(1, #group - 1)
  end)
  -- One check for foreign characters, wrong padding and unused bits that are set.
  return M.encode(bytes) == text and bytes or nil
end

return M
