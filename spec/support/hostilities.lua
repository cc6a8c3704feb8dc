--- What a server can do to a client, as responses of spec.support.server: one table for the service
-- and for every other endpoint that is asked.
--
--     for _, hostility in ipairs(hostilities.ANSWERS) do
--       servers.start(hostilities.script(hostility, other.host), hostility.options) …
--
-- OTHER is a server that nobody must connect to. Each has
--
--   name
--   responses what the server answers, again and again
--   options   of the server, or nil
--   codes     of the errors that a client may end with; "none" where the answer is good enough
--
-- hostilities.TLS has, instead of responses, what makes a server's TLS one not to be trusted:
-- `certificate`, the name of a file of spec.support.certificates, `protocol`, `is_unknown` for an
-- authority that the client does not know.

local M = {}

local OK = "HTTP/1.1 200 OK\r\n"
local CHUNKED = OK .. "transfer-encoding: chunked\r\n\r\n"

-- `{}`, compressed.
local GZIP = "\31\139\8\0\0\0\0\0\2\255\171\174\5\0\67\191\166\163\2\0\0\0"

local TOO_LARGE = { "ResponseTooLarge" }
local BROKEN = { "ConnectionError" }
local INVALID = { "InvalidResponse" }
local LATE = { "AttemptTimeout", "DeadlineExceeded" }

--- An answer that has no end: BEGINNING, then PIECE again and again.
local function endless(name, beginning, piece, codes)
  return { name = "endless " .. name, responses = { { raw = beginning, forever = piece } },
    codes = codes or TOO_LARGE }
end

local function raw(name, bytes, codes, ending)
  local response = { raw = bytes }
  for key, value in pairs(ending or {}) do
    response[key] = value
  end
  return { name = name, responses = { response }, codes = codes }
end

--- TEXT at one byte a pause.
local function dripping(name, text)
  return { name = name, responses = { { raw = text, piece = 1, pause = 0.1 } }, codes = LATE }
end

local function body(name, text, codes, headers)
  return { name = name, responses = { { body = text, headers = headers } }, codes = codes }
end

local function without_end()
  return {
    endless("status line", "HTTP/1.1 200 ", "O"),
    endless("headers", OK, "x-a: b\r\n"),
    endless("repeated headers", OK, "date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
    endless("short headers", OK, "a:\r\n"),
    endless("header line", OK .. "x-a: ", "b"),
    endless("header name", OK, "a"),
    endless("folded header", OK .. "x-a: b\r\n", "  c\r\n"),
    endless("white space in a header", OK .. "x-a:", " "),
    endless("interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n"),
    endless("interim answers with headers", "", "HTTP/1.1 103 Early\r\nx-a: b\r\n\r\n"),
    endless("body", OK .. "\r\n", ("x"):rep(4096)),
    endless("white space as a body", OK .. "\r\n", (" "):rep(4096)),
    endless("chunks", CHUNKED, "400\r\n" .. ("x"):rep(0x400) .. "\r\n"),
    endless("chunks of one byte", CHUNKED, "1\r\n \r\n"),
    endless("chunk extension", CHUNKED .. "1;", "x"),
    endless("chunk extensions", CHUNKED, "1;" .. ("x"):rep(1000) .. "\r\n \r\n"),
    endless("trailers", CHUNKED .. "0\r\n", "a: b\r\n"),
    endless("trailer", CHUNKED .. "0\r\na: ", "b"),
    endless("digits of a chunk's size", CHUNKED, "0", INVALID),
  }
end

local function slow()
  return {
    { name = "no answer", responses = { { hang = true } }, codes = LATE },
    dripping("a status line byte by byte", OK),
    dripping("a body byte by byte", OK .. "content-length: 2\r\n\r\n{}"),
    { name = "half a header", responses = { { raw = OK .. "x-a: b\r\n" } }, codes = LATE },
    { name = "a length that is longer than the body, which stays open",
      responses = { { raw = OK .. "content-length: 9\r\n\r\n{}" } }, codes = LATE },
  }
end

local function lying()
  local closed = { close = true }
  return {
    raw("a length that is longer than the body", OK .. "content-length: 9\r\n\r\n{}", BROKEN,
      closed),
    raw("a length that is shorter than the body",
      OK .. "content-length: 2\r\n\r\n{}" .. OK .. "more",
      { "none", "ConnectionError", "InvalidResponse" }, closed),
    raw("a length beyond all memory", OK .. "content-length: 9223372036854775807\r\n\r\n{}",
      TOO_LARGE),
    raw("a length beyond all numbers", OK .. "content-length: " .. ("9"):rep(40) .. "\r\n\r\n{}",
      { "ResponseTooLarge", "InvalidResponse" }),
    raw("a length below zero", OK .. "content-length: -1\r\n\r\n{}", INVALID, closed),
    raw("two lengths", OK .. "content-length: 2\r\ncontent-length: 9\r\n\r\n{}",
      { "InvalidResponse", "ConnectionError" }, closed),
    raw("a chunk beyond all memory", CHUNKED .. "7fffffffffffffff\r\n{}", TOO_LARGE),
    raw("a chunk beyond all numbers", CHUNKED .. "ffffffffffffffffff\r\n{}", INVALID),
    raw("a chunk that is longer than its size", CHUNKED .. "1\r\n{}\r\n0\r\n\r\n", INVALID),
    raw("chunks without the last", CHUNKED .. "2\r\n{}\r\n", BROKEN, closed),
    raw("a header without its end", OK .. "content-length: 2\r\n", BROKEN, closed),
    raw("bytes before a status line", "\r\n\r\n" .. OK .. "\r\n{}",
      { "InvalidResponse", "ConnectionError", "none" }, closed),
    raw("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", INVALID, closed),
    raw("HTTP of another version", "HTTP/3.0 200 OK\r\n\r\n{}", INVALID, closed),
    raw("another protocol from here on", "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n\0\0\0\4\0",
      { "InvalidResponse", "ConnectionError", "AttemptTimeout", "101", "DeadlineExceeded" },
      closed),
    raw("nothing", "", BROKEN, closed),
    { name = "a reset", responses = { { reset = true } }, codes = BROKEN },
  }
end

local function odd_bodies()
  local deep = 100000
  return {
    body("arrays 100,000 deep", ("["):rep(deep) .. ("]"):rep(deep), INVALID),
    body("objects 100,000 deep", ("{\"a\":"):rep(deep) .. "1" .. ("}"):rep(deep), INVALID),
    body("arrays 100,000 deep in a member", "{\"x\":" .. ("["):rep(deep) .. ("]"):rep(deep) .. "}",
      { "InvalidResponse", "none" }),
    body("elements 100,000 deep", ("<a>"):rep(deep) .. ("</a>"):rep(deep), INVALID),
    body("an unclosed text", "{\"a\":\"" .. ("x"):rep(1000000), INVALID),
    body("half a megabyte of digits", "{\"a\":" .. ("1"):rep(500000) .. "}",
      { "InvalidResponse", "none" }),
    body("gzip that nobody asked for", GZIP, INVALID, { ["content-encoding"] = "gzip" }),
    raw("gzip as a transfer encoding", OK .. "transfer-encoding: gzip\r\n\r\n" .. GZIP,
      { "InvalidResponse", "ConnectionError", "none" }, { close = true }),
    raw("gzip in chunks", OK .. "transfer-encoding: gzip, chunked\r\n\r\n"
      .. ("%x\r\n"):format(#GZIP) .. GZIP .. "\r\n0\r\n\r\n",
      { "InvalidResponse", "ConnectionError" }, { close = true }),
  }
end

--- Answers that would have the request, and what is secret in it, sent to the host OTHER.
local function leading_away()
  local list = {}
  for _, status in ipairs { 300, 301, 302, 303, 307, 308 } do
    for _, target in ipairs { "http://OTHER/", "https://OTHER/", "//OTHER", "ftp://OTHER/",
      "file:///etc/passwd", "gopher://OTHER/", "/elsewhere" } do
      list[#list + 1] = { name = ("%d to %s"):format(status, target),
        responses = { { status = status, headers = { location = target }, body = "" } },
        codes = { tostring(status) } }
    end
  end
  for _, case in ipairs {
    { 401, "www-authenticate", 'Basic realm="x"' }, { 401, "www-authenticate", "NTLM" },
    { 407, "proxy-authenticate", 'Basic realm="x"' }, { 407, "proxy-authenticate", "Negotiate" },
    { 305, "location", "http://OTHER/" },
    { 401, "www-authenticate", 'Digest realm="x", nonce="y"' },
  } do
    list[#list + 1] = { name = ("%d with %s"):format(case[1], case[3]:match "^%a+"),
      responses = { { status = case[1], headers = { [case[2]] = case[3] }, body = "" } },
      codes = { tostring(case[1]) } }
  end
  list[#list + 1] = body("headers that name another host", "{}", { "none" }, {
    ["alt-svc"] = 'h2="OTHER"; ma=9999, http/1.1="OTHER"', refresh = "0; url=http://OTHER/",
    ["content-location"] = "http://OTHER/", link = "<http://OTHER/>; rel=next",
    ["strict-transport-security"] = "max-age=9999", ["set-cookie"] = "a=b",
  })
  return list
end

M.ANSWERS = {}

for _, list in ipairs { without_end(), slow(), lying(), odd_bodies(), leading_away() } do
  for _, hostility in ipairs(list) do
    M.ANSWERS[#M.ANSWERS + 1] = hostility
  end
end

local function with_host(value, other)
  if type(value) == "string" then
    return (value:gsub("OTHER", other))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = with_host(item, other)
  end
  return copy
end

--- The script of a server that is hostile so, and then, if LAST is given, answers that.
---@param hostility table
---@param other string  host and port of the server that nobody must connect to
---@param last? table
---@return table script
function M.script(hostility, other, last)
  local script = with_host(hostility.responses, other)
  script[#script + 1] = last
  return script
end

M.TLS = {
  { name = "a certificate of another name", certificate = "other" },
  { name = "a certificate that has expired", certificate = "expired" },
  { name = "a certificate that is not valid yet", certificate = "future" },
  { name = "an authority that is not known", certificate = "certificate", is_unknown = true },
  { name = "a certificate that no authority has signed", certificate = "lonely" },
  { name = "TLS 1.1", certificate = "certificate", protocol = "tlsv1_1" },
  { name = "TLS 1.0", certificate = "certificate", protocol = "tlsv1" },
}

--- Options of a server that is hostile so.
---@param hostility table  of M.TLS
---@param files table  of spec.support.certificates
---@return table
function M.server(hostility, files)
  return { tls = {
    key = files.key, certificate = files[hostility.certificate], protocol = hostility.protocol,
    ciphers = hostility.protocol and "DEFAULT@SECLEVEL=0",
  } }
end

return M
