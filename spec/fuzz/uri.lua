--- Percent-encoding, beside one written here: a byte that picks what is done, then the text.

local signing = require "appintegrations.signing"

local function encode(text, keep)
  return (text:gsub(keep and "[^A-Za-z0-9%-._~/]" or "[^A-Za-z0-9%-._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- As a receiver sees it: each escape once more, what is none encoded.
local function canonicalize(text, keep)
  local parts, at = {}, 1
  while at <= #text do
    local digits = text:match("^%%(%x%x)", at)
    if digits then
      parts[#parts + 1] = encode(string.char(tonumber(digits, 16)), false)
    else
      parts[#parts + 1] = encode(text:sub(at, at), keep)
    end
    at = at + (digits and 3 or 1)
  end
  return table.concat(parts)
end

return function(input)
  local keep, text = (input:byte() or 0) % 2 == 1, input:sub(2)
  assert(signing.uri_encode(text, keep) == encode(text, keep), "encode")
  local canonical = signing.uri_canonicalize(text, keep)
  assert(canonical == canonicalize(text, keep), "canonicalize")
  assert(canonical == signing.uri_canonicalize(canonical, keep), "canonicalize twice")
end
