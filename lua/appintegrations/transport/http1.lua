-- SPDX-License-Identifier: MIT
--- One HTTP/1.1 exchange over whatever carries bytes (RFC 9112): the text of a
-- request, and the reading of its response. For transports over a host's own sockets;
-- the one over libcurl does not need it. Does no I/O and keeps no time.
-- @module appintegrations.transport.http1

local lower = require("appintegrations.base.text").lower
local math = require("appintegrations.base.compat").math

local M = {}

-- The limits of the other transport: of status line and header fields, those of interim answers
-- included; of trailers. What is left of framing may be sixteen times the content.
local MAX_HEAD_BYTES, MAX_HEAD_LINES = 256 * 1024, 2000
local MAX_TRAILER_BYTES = 4000
local MAX_FRAMING = 16

-- A content-length of more digits is as good as this one.
local MOST_DIGITS, LONGEST = 15, 2 ^ 53

---@class appintegrations.http1.Problem
---@field code string      of the contract's transport and response errors
---@field message string
---@field source? any      what the receive function gave for its failure

local function problem(code, message)
  return { code = code, message = message }
end

local function malformed(what)
  return problem("InvalidResponse", "the answer is no HTTP/1.1: " .. what)
end

-- Methods of which nobody expects a body: others have a length even without one (RFC 9110, 8.6).
local BODILESS = { GET = true, HEAD = true, DELETE = true }

--- The text of REQUEST up to its body: with content-length wherever there is one, or might be.
---@param request appintegrations.TransportRequest
---@return string
---@nodiscard
function M.head(request)
  local target = request.url:match("^[A-Za-z]+://[^/?]*(.*)$")
  if target:sub(1, 1) ~= "/" then
    target = "/" .. target
  end
  local lines = { ("%s %s HTTP/1.1"):format(request.method, target) }
  for name, value in pairs(request.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if request.body or not BODILESS[request.method] then
    lines[#lines + 1] = "content-length: " .. #(request.body or "")
  end
  lines[#lines + 1] = "\r\n"
  return table.concat(lines, "\r\n")
end

-- ---- bytes -----------------------------------------------------------------------

---@class appintegrations.http1.Reader
---@field receive fun(): string?, any  some bytes; nil and "closed", or nil and another reason
---@field pending string       bytes received; those before `at` are used
---@field at integer
---@field got_any boolean      whether any came
---@field framing integer      bytes read as lines
---@field lines integer

local function too_large(what)
  return problem("ResponseTooLarge", "the answer has " .. what)
end

--- Gets more bytes, all others being used; false and the problem at the end.
local function fill(self)
  local bytes, reason = self.receive()
  if not bytes then
    local ended = problem("ConnectionError", "the connection was closed before the answer's end")
    ended.source, ended.closed = reason, reason == "closed"
    return false, ended
  end
  self.got_any = true
  self.pending, self.at = bytes, 1
  return true
end

--- The next line without its end; LIMIT counts all lines so far.
local function read_line(self, limit)
  local parts
  while true do
    local last = self.pending:find("\n", self.at, true)
    local part = self.pending:sub(self.at, last and last - 1)
    self.framing = self.framing + #part + (last and 1 or 0)
    if self.framing > limit then
      return nil, too_large("too much beside its content")
    end
    self.at = (last or #self.pending) + 1
    if last and not parts then
      return part:byte(-1) == 13 and part:sub(1, -2) or part
    end
    parts = parts or {}
    parts[#parts + 1] = part
    if last then
      return (table.concat(parts):gsub("\r$", ""))
    end
    local ok, err = fill(self)
    if not ok then
      return nil, err
    end
  end
end

-- Parts of the content, joined as they come: a million of one byte would need twenty times theirs.
local SMALL, FEW = 4096, 1024

---@class appintegrations.http1.Content
---@field bytes integer
---@field limit number
---@field parts string[]
---@field small string[]  the last ones, to be joined

local function join(content)
  content.parts[#content.parts + 1] = table.concat(content.small)
  content.small = {}
end

--- Adds PART; the problem when it is too much.
local function add(content, part)
  content.bytes = content.bytes + #part
  if content.bytes > content.limit then
    return too_large(("more than %d bytes"):format(content.limit))
  end
  content.small[#content.small + 1] = part
  if #part >= SMALL or #content.small >= FEW then
    join(content)
  end
end

--- Adds exactly COUNT bytes to CONTENT.
local function read_exactly(self, count, content)
  if content.bytes + count > content.limit then
    return false, too_large(("more than %d bytes"):format(content.limit))
  end
  while count > 0 do
    if self.at > #self.pending then
      local ok, err = fill(self)
      if not ok then
        return false, err
      end
    end
    local part = self.pending:sub(self.at, math.min(self.at + count - 1, #self.pending))
    self.at = self.at + #part
    add(content, part)
    count = count - #part
  end
  return true
end

-- ---- head ------------------------------------------------------------------------

--- Name and value of a header line; nil for one that has no name. (A pattern that leaves white
-- space at the end out would take time quadratic in it.)
local function parse_field(line)
  local name, from = line:match("^([^%s:]+):[ \t]*()")
  if not name then
    return nil
  end
  local last = #line
  while last >= from and (line:byte(last) == 32 or line:byte(last) == 9) do
    last = last - 1
  end
  return lower(name), line:sub(from, last)
end

--- Header fields up to the empty line; repeated ones joined. LIMIT as that of read_line.
local function read_fields(self, limit)
  local lists, fields = {}, {}
  while true do
    local line, err = read_line(self, limit)
    if not line then
      return nil, err
    end
    if line == "" then
      break
    end
    self.lines = self.lines + 1
    if self.lines > MAX_HEAD_LINES then
      return nil, too_large("too many headers")
    end
    local name, value = parse_field(line)
    if not name then
      return nil, malformed("a header line without a name")
    end
    local list = lists[name] or {}
    lists[name] = list
    list[#list + 1] = value
  end
  for name, list in pairs(lists) do
    fields[name] = table.concat(list, ", ")
  end
  return fields
end

--- Status line and fields of the final response: interim ones are passed over.
local function read_head(self)
  while true do
    local line, err = read_line(self, MAX_HEAD_BYTES)
    if not line then
      return nil, err
    end
    local minor, status = line:match("^HTTP/1%.(%d) (%d%d%d)%f[%D]")
    status = tonumber(status)
    if not status then
      return nil, malformed("its first line is no status line")
    end
    local fields
    fields, err = read_fields(self, MAX_HEAD_BYTES)
    if not fields then
      return nil, err
    end
    if status >= 200 then
      return { status = status, headers = fields, minor = tonumber(minor) }
    end
    self.lines = self.lines + 1
  end
end

-- ---- body ------------------------------------------------------------------------

--- The size of the next chunk; nil and the problem where there is none.
local function read_size(self, content)
  local line, err = read_line(self, MAX_HEAD_BYTES + MAX_FRAMING * content.bytes)
  if not line then
    return nil, err
  end
  local digits = line:match("^(%x+)[ \t]*$") or line:match("^(%x+)[ \t]*;")
  local size = digits and #digits <= 12 and tonumber(digits, 16)
  if not size then
    return nil, malformed("a chunk without its size")
  end
  return size
end

local function read_chunked(self, content)
  self.framing, self.lines = 0, 0
  while true do
    local size, err = read_size(self, content)
    if not size then
      return false, err
    end
    if size == 0 then
      local trailer
      trailer, err = read_fields(self, self.framing + MAX_TRAILER_BYTES)
      return trailer ~= nil, err
    end
    local ok, line
    ok, err = read_exactly(self, size, content)
    if ok then
      line, err = read_line(self, MAX_HEAD_BYTES + MAX_FRAMING * content.bytes)
    end
    if not ok or not line then
      return false, err
    end
    if line ~= "" then
      return false, malformed("a chunk that is longer than its size")
    end
  end
end

local function read_to_end(self, content)
  while true do
    local err = add(content, self.pending:sub(self.at))
    self.at = #self.pending + 1
    if err then
      return false, err
    end
    local ok
    ok, err = fill(self)
    if not ok then
      return err.closed, err
    end
  end
end

--- The length that content-length gives; false for one that says nothing.
local function length_of(headers)
  local text = headers["content-length"]
  if not text then
    return nil
  end
  local first = text:match("^%d+")
  if not first then
    return false
  end
  for other in text:gmatch("[^,%s]+") do -- a repeated field, joined
    if other ~= first then
      return false
    end
  end
  return #first <= MOST_DIGITS and tonumber(first) or LONGEST
end

--- Reads the body of RESPONSE into CONTENT; true, or false and the problem. The body that
-- only the connection's end delimits makes the connection useless for another exchange.
local function read_body(self, response, content)
  local encoding = response.headers["transfer-encoding"]
  if response.status == 204 or response.status == 304 then
    return true
  end
  if encoding then
    if lower(encoding) ~= "chunked" then
      return false, malformed("a transfer encoding other than chunked")
    end
    return read_chunked(self, content)
  end
  local length = length_of(response.headers)
  if length == false then
    return false, malformed("its content-length is no number")
  end
  if not length then
    response.keep_alive = false
    return read_to_end(self, content)
  end
  return read_exactly(self, length, content)
end

--- Reads one response (not to HEAD).
---@param receive fun(): string?, any  returns some bytes; or nil and "closed" at the end; or nil
---                                    and any other reason, which stands in the problem's source
---@param limit? number  most bytes of the body
---@return table? response  status, headers, body, and keep_alive: whether the connection can
---                         serve another request
---@return appintegrations.http1.Problem? problem  with got_any: whether any byte had come
---@nodiscard
function M.read(receive, limit)
  local self = { receive = receive, pending = "", at = 1, got_any = false, framing = 0, lines = 0 }
  local content = { bytes = 0, limit = limit or 1 / 0, parts = {}, small = {} }
  local response, err = read_head(self)
  local ok = response ~= nil
  if response then
    local connection = lower(response.headers.connection or "")
    response.keep_alive = response.minor >= 1 and not connection:find("close", 1, true)
    ok, err = read_body(self, response, content)
  end
  if not ok then
    err.got_any = self.got_any
    return nil, err
  end
  join(content)
  response.body = table.concat(content.parts)
  response.keep_alive = response.keep_alive and self.at > #self.pending
  return response
end

return M
