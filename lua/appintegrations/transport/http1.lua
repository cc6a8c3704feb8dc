-- SPDX-License-Identifier: MIT
--- One HTTP/1.1 exchange over whatever carries bytes (RFC 9112): the text of a
-- request, and the reading of its response. For transports over a host's own sockets;
-- the one over libcurl does not need it. Does no I/O and keeps no time.
-- @module appintegrations.transport.http1

local M = {}

-- Of the status line and all header fields; the other transport's limit too.
local MAX_HEAD_BYTES = 256 * 1024

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

--- The text of REQUEST up to its body: with content-length wherever there is one.
---@param request appintegrations.TransportRequest
---@return string
---@nodiscard
function M.head(request)
  local target = request.url:match("^%a+://[^/?]*(.*)$")
  if target:sub(1, 1) ~= "/" then
    target = "/" .. target
  end
  local lines = { ("%s %s HTTP/1.1"):format(request.method, target) }
  for name, value in pairs(request.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if request.body then
    lines[#lines + 1] = "content-length: " .. #request.body
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
---@field head_bytes integer   read as lines

--- Gets more bytes; false and the problem at the end.
local function fill(self)
  local bytes, reason = self.receive()
  if not bytes then
    local ended = problem("ConnectionError", "the connection was closed before the answer's end")
    ended.source, ended.closed = reason, reason == "closed"
    return false, ended
  end
  self.got_any = true
  self.pending = self.pending:sub(self.at) .. bytes
  self.at = 1
  return true
end

--- The next line without its end; MAX counts all lines of a head together.
local function read_line(self)
  local seen = 0 -- bytes that hold no line end
  while true do
    local last = self.pending:find("\n", self.at + seen, true)
    seen = #self.pending - self.at + 1
    if self.head_bytes + (last and last - self.at or seen) > MAX_HEAD_BYTES then
      return nil, malformed("its header has more than 256 KiB")
    end
    if last then
      local line = self.pending:sub(self.at, last - 1):gsub("\r$", "")
      self.head_bytes = self.head_bytes + last - self.at
      self.at = last + 1
      return line
    end
    local ok, err = fill(self)
    if not ok then
      return nil, err
    end
  end
end

--- Appends exactly COUNT bytes to PARTS.
local function read_exactly(self, count, parts)
  while count > 0 do
    if self.at > #self.pending then
      local ok, err = fill(self)
      if not ok then
        return false, err
      end
    end
    local part = self.pending:sub(self.at, self.at + count - 1)
    self.at = self.at + #part
    parts[#parts + 1] = part
    count = count - #part
  end
  return true
end

-- ---- head ------------------------------------------------------------------------

--- Header fields up to the empty line; repeated ones joined.
local function read_fields(self)
  local fields = {}
  while true do
    local line, err = read_line(self)
    if not line then
      return nil, err
    end
    if line == "" then
      return fields
    end
    local name, value = line:match("^([^%s:]+):[ \t]*(.-)[ \t]*$")
    if not name then
      return nil, malformed("a header line without a name")
    end
    name = name:lower()
    fields[name] = fields[name] and fields[name] .. ", " .. value or value
  end
end

--- Status line and fields of the final response: interim ones are passed over.
local function read_head(self)
  while true do
    local line, err = read_line(self)
    if not line then
      return nil, err
    end
    local minor, status = line:match("^HTTP/1%.(%d) (%d%d%d)%f[%D]")
    status = tonumber(status)
    if not status then
      return nil, malformed("its first line is no status line")
    end
    local fields
    fields, err = read_fields(self)
    if not fields then
      return nil, err
    end
    if status >= 200 then
      return { status = status, headers = fields, minor = tonumber(minor) }
    end
    self.head_bytes = 0
  end
end

-- ---- body ------------------------------------------------------------------------

local function too_large(limit)
  return problem("ResponseTooLarge", ("the answer has more than %d bytes"):format(limit))
end

local function read_chunked(self, limit, parts)
  local total = 0
  while true do
    local line, err = read_line(self)
    if not line then
      return false, err
    end
    local digits = line:match("^(%x+)[ \t]*$") or line:match("^(%x+)[ \t]*;")
    local size = digits and #digits <= 12 and tonumber(digits, 16)
    if not size then
      return false, malformed("a chunk without its size")
    end
    total = total + size
    if total > limit then
      return false, too_large(limit)
    end
    self.head_bytes = 0
    if size == 0 then
      local trailer
      trailer, err = read_fields(self)
      return trailer ~= nil, err
    end
    local ok
    ok, err = read_exactly(self, size, parts)
    if ok then
      line, err = read_line(self)
    end
    if not ok or not line then
      return false, err
    end
    if line ~= "" then
      return false, malformed("a chunk that is longer than its size")
    end
  end
end

local function read_to_end(self, limit, parts)
  local total = 0
  while true do
    local part = self.pending:sub(self.at)
    self.at = #self.pending + 1
    parts[#parts + 1] = part
    total = total + #part
    if total > limit then
      return false, too_large(limit)
    end
    local ok, err = fill(self)
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
  for other in text:gmatch("[^,%s]+") do -- a repeated field, joined
    if other ~= first then
      return false
    end
  end
  return tonumber(first) or false
end

--- Reads the body of RESPONSE into PARTS; true, or false and the problem. The body that
-- only the connection's end delimits makes the connection useless for another exchange.
local function read_body(self, response, limit, parts)
  local encoding = response.headers["transfer-encoding"]
  if response.status == 204 or response.status == 304 then
    return true
  end
  if encoding then
    if encoding:lower() ~= "chunked" then
      return false, malformed("a transfer encoding other than chunked")
    end
    return read_chunked(self, limit, parts)
  end
  local length = length_of(response.headers)
  if length == false then
    return false, malformed("its content-length is no number")
  end
  if not length then
    response.keep_alive = false
    return read_to_end(self, limit, parts)
  end
  if length > limit then
    return false, too_large(limit)
  end
  return read_exactly(self, length, parts)
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
  local self = { receive = receive, pending = "", at = 1, got_any = false, head_bytes = 0 }
  local response, err = read_head(self)
  local ok, parts = response ~= nil, {}
  if response then
    local connection = (response.headers.connection or ""):lower()
    response.keep_alive = response.minor >= 1 and not connection:find("close", 1, true)
    ok, err = read_body(self, response, limit or 1 / 0, parts)
  end
  if not ok then
    err.got_any = self.got_any
    return nil, err
  end
  response.body = table.concat(parts)
  response.keep_alive = response.keep_alive and self.at > #self.pending
  return response
end

return M
