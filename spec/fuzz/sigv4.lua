--- Signatures of requests of any kind, beside a canonical form that is written here, and beside the
-- emulator's; and what is signed is what is sent.

local bytes = require "spec.fuzz.bytes"
local emulators = require "appintegrations.emulator.canonical"
local signing = require "appintegrations.signing"
local sigv4 = require "appintegrations.sigv4"

local NAMES = { "Host", "X-Amz-Date", "x-amz-meta", "Content-Type", "A", "a", "User-Agent", "x-b" }
local CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRET" }

local function encode(text)
  return (text:gsub("[^A-Za-z0-9%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

--- Segments one after the other, by hand.
local function canonical_path(path)
  local stack = {}
  for segment in (path .. "/"):gmatch "([^/]*)/" do
    if segment == ".." then
      stack[#stack] = nil
    elseif segment ~= "." and segment ~= "" then
      stack[#stack + 1] = encode(segment)
    end
  end
  local directory = stack[1] and path:sub(-1) == "/"
  return "/" .. table.concat(stack, "/") .. (directory and "/" or "")
end

--- By insertion, so that what is equal stays in order.
local function sort(list, is_before)
  for i = 2, #list do
    local item, at = list[i], i
    while at > 1 and is_before(item, list[at - 1]) do
      list[at], at = list[at - 1], at - 1
    end
    list[at] = item
  end
end

local function recode(text)
  return text:find "%%" and text:gsub("%%%x%x", ""):find "%%" and encode(text) or
    encode(decode(text))
end

local function canonical_query(query)
  local list = {}
  for part in query:gmatch "[^&]+" do
    local name, value = part:match "^([^=]*)=?(.*)$"
    list[#list + 1] = { recode(name), recode(value) }
  end
  sort(list, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
  for i, pair in ipairs(list) do
    list[i] = pair[1] .. "=" .. pair[2]
  end
  return table.concat(list, "&")
end

local function request_of(from)
  local headers = { { "Host", "example.amazonaws.com" } }
  for _ = 1, from:below(5) do
    headers[#headers + 1] = { from:choice(NAMES), from:text(24) }
  end
  return { method = from:choice { "GET", "POST", "DELETE" }, headers = headers,
    path = "/" .. from:text(60), query = from:text(60), body = from:text(8) }
end

--- The lines of the canonical request: method, path, query, headers up to an empty one, the rest.
local function take_apart(text)
  return text:match "^([^\n]*)\n([^\n]*)\n([^\n]*)\n(.-)\n\n([^\n]*)\n([^\n]*)$"
end

return function(input)
  local from = bytes.new(input)
  local request = request_of(from)
  local done, added, details = pcall(sigv4.sign, request, {
    region = "us-east-1", service = "service", time = 1440938160, credentials = CREDENTIALS })
  if not done then
    assert(type(added) == "string", added)
    return -- misuse: a header that HTTP does not allow, a path with a space
  end
  local method, path, query, headers, signed, hash = take_apart(details.canonical_request)
  assert(method == request.method)
  assert(path == canonical_path(request.path), path)
  assert(path == emulators.path(request.path), path)
  if not query:find "%%25" then -- a stray "%": the emulator leaves all of it as it is
    assert(query == canonical_query(request.query), query)
    assert(query == emulators.query(request.query), query)
  end
  assert(hash == signing.hex(signing.sha256(request.body)))
  assert(signed == details.signed_headers)
  local all = {}
  for name, value in pairs(added) do
    all[#all + 1] = { name, value }
  end
  for _, header in ipairs(request.headers) do
    if not added[header[1]] then -- else it is replaced
      all[#all + 1] = header
    end
  end
  local names = {}
  for name in signed:gmatch "[^;]+" do
    names[#names + 1] = name
  end
  assert(emulators.in_order(names), signed)
  assert(#details.signature == 64 and not details.signature:find "[^0-9a-f]")
  assert(headers .. "\n" == emulators.headers(all, names), headers)
end
