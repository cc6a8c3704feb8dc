--- Answers of any bytes for the reader of HTTP/1.1, after a byte that says in which pieces they
-- come: the pieces do not matter, and what was read can be written and reads back as the same.

local bytes = require "spec.fuzz.bytes"
local http1 = require "appintegrations.transport.http1"

local LIMIT = 2000
local CODES = { ConnectionError = true, InvalidResponse = true, ResponseTooLarge = true }

local function read(text, size)
  local at = 1
  return http1.read(function()
    if at > #text then
      return nil, "closed"
    end
    at = at + size
    return text:sub(at - size, at - 1)
  end, LIMIT)
end

local function written(response)
  local lines = { ("HTTP/1.1 %d OK"):format(response.status) }
  for name, value in pairs(response.headers) do
    if name ~= "content-length" and name ~= "transfer-encoding" then
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  lines[#lines + 1] = "Content-Length: " .. #response.body
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. response.body
end

return function(input)
  local text = input:sub(2)
  local response, problem = read(text, (input:byte() or 0) % 16 + 1)
  local other, other_problem = read(text, #text + 1)
  if not response then
    assert(not other and other_problem.code == problem.code, "the pieces matter")
    assert(CODES[problem.code] and problem.message)
    return
  end
  -- What follows an answer is seen only where it comes with its last piece.
  assert(response.keep_alive or not other.keep_alive)
  other.keep_alive = response.keep_alive
  bytes.same(response, other)
  assert(response.status >= 200 and response.status <= 999 and #response.body <= LIMIT)
  for name, value in pairs(response.headers) do
    assert(not name:find "[%s:A-Z]", name)
    assert(not value:find "^[ \t]" and not value:find "[\t\n]$", value)
    assert(not value:find " $" or value:find ", $", value) -- the last of those joined is empty
  end
  if response.status ~= 204 and response.status ~= 304 then
    local again = assert(read(written(response), 5))
    assert(again.body == response.body and again.status == response.status)
  end
end
