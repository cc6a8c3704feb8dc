local http1 = require "appintegrations.transport.http1"

--- A receive function that gives TEXT in pieces of SIZE bytes, then "closed".
local function source(text, size)
  local at = 1
  return function()
    if at > #text then
      return nil, "closed"
    end
    local piece = text:sub(at, at + size - 1)
    at = at + size
    return piece
  end
end

--- Reads TEXT in pieces of every size that makes a difference; all must agree.
local function read(text, limit)
  local response, problem = http1.read(source(text, #text + 1), limit)
  for _, size in ipairs { 1, 2, 3, 7 } do
    local other, other_problem = http1.read(source(text, size), limit)
    assert.same(response and response.body, other and other.body)
    assert.same(response and response.headers, other and other.headers)
    assert.same(problem and problem.code, other_problem and other_problem.code)
  end
  return response, problem
end

local function code_of(text, limit)
  local response, problem = read(text, limit)
  assert.is_nil(response)
  return problem.code
end

describe("a request", function()
  it("is a line, headers and content-length, with the target as it stands in the URL", function()
    local head = http1.head { method = "POST", url = "http://h:1/a%2Fb?c=d", body = "{}",
      headers = { host = "h:1" } }
    assert.equal("POST /a%2Fb?c=d HTTP/1.1\r\nhost: h:1\r\ncontent-length: 2\r\n\r\n", head)
  end)

  it("has no content-length without a body", function()
    local head = http1.head { method = "GET", url = "https://h", headers = { host = "h" } }
    assert.equal("GET / HTTP/1.1\r\nhost: h\r\n\r\n", head)
    assert.is_nil(http1.head { method = "DELETE", url = "https://h", headers = {} }:find "length")
  end)

  it("has one of 0 where there might be a body, as for the metadata service's token", function()
    local head = http1.head { method = "PUT", url = "http://h/latest/api/token", headers = {} }
    assert.equal("PUT /latest/api/token HTTP/1.1\r\ncontent-length: 0\r\n\r\n", head)
  end)
end)

describe("a response", function()
  it("has a status, headers in lower case, and the body that content-length gives", function()
    local response = read("HTTP/1.1 404 Not Found\r\nX-Amzn-ErrorType: A:b\r\nx-a:  1 \r\n"
      .. "X-A: 2\r\nContent-Length: 4\r\n\r\nbody")
    assert.equal(404, response.status)
    assert.equal("A:b", response.headers["x-amzn-errortype"])
    assert.equal("1, 2", response.headers["x-a"])
    assert.equal("body", response.body)
    assert.is_true(response.keep_alive)
  end)

  it("may be chunked, with extensions and trailers", function()
    local response = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n")
    assert.equal("abc0123456789", response.body)
    assert.is_true(response.keep_alive)
  end)

  it("may end with the connection, which then serves no other", function()
    local response = read("HTTP/1.1 200 OK\r\n\r\nto the end")
    assert.equal("to the end", response.body)
    assert.is_false(response.keep_alive)
  end)

  it("may follow interim responses", function()
    local response = read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 X\r\nA: b\r\n\r\n"
      .. "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert.equal(200, response.status)
    assert.is_nil(response.headers.a)
  end)

  it("has no body with status 204 or 304", function()
    assert.equal("", read("HTTP/1.1 204 No Content\r\n\r\n").body)
  end)

  it("ends the connection with HTTP/1.0, with close, and with bytes that nobody asked for",
    function()
      assert.is_false(read("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na").keep_alive)
      assert.is_false(read("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n")
        .keep_alive)
      assert.is_false(http1.read(source("HTTP/1.1 204 A\r\n\r\nmore", 99)).keep_alive)
    end)

  it("that ends early is a ConnectionError", function()
    for _, text in ipairs {
      "", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
    } do
      assert.equal("ConnectionError", code_of(text))
    end
  end)

  it("that is no HTTP is an InvalidResponse", function()
    for _, text in ipairs {
      "\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno name\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    } do
      assert.equal("InvalidResponse", code_of(text), text)
    end
  end)

  it("is bounded, however its length is told", function()
    local head = "HTTP/1.1 200 OK\r\n"
    assert.equal("ResponseTooLarge", code_of(head .. "Content-Length: 5\r\n\r\nabcde", 4))
    assert.equal("ResponseTooLarge",
      code_of(head .. "Content-Length: 99999999999999999999\r\n\r\n", 4))
    assert.equal("ResponseTooLarge", code_of(head .. "\r\nabcde", 4))
    assert.equal("ResponseTooLarge",
      code_of(head .. "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 4))
    assert.equal("abcd", read(head .. "Content-Length: 4\r\n\r\nabcd", 4).body)
  end)

  it("has a bounded header", function()
    local endless = function()
      return ("x"):rep(4096)
    end
    local _, problem = http1.read(endless)
    assert.equal("ResponseTooLarge", problem.code)
  end)

  it("is refused when all but its content is endless", function()
    local ok = "HTTP/1.1 200 OK\r\n"
    local chunked = ok .. "transfer-encoding: chunked\r\n\r\n"
    for beginning, piece in pairs {
      ["HTTP/1.1 200 "] = "O", [ok] = "a: b\r\n", [ok .. "x: y\r\n"] = "a:\r\n",
      [ok .. "a: "] = "b", [ok .. "a:"] = " ", [""] = "HTTP/1.1 100 Continue\r\n\r\n",
      [chunked .. "1;"] = "x",
      [chunked .. "1 "] = " ", [chunked] = "1;" .. ("x"):rep(100) .. "\r\n \r\n",
      [chunked .. "0\r\n"] = "a: b\r\n", [chunked .. "0\r\na: "] = "b",
    } do
      for _, size in ipairs { 16, 4096 } do
        local begun = false
        local _, problem = http1.read(function()
          local bytes = piece:rep(math.max(1, math.floor(size / #piece)))
          bytes, begun = begun and bytes or beginning .. bytes, true
          return bytes
        end, 1024 * 1024)
        assert.equal("ResponseTooLarge", problem.code, beginning)
      end
    end
  end)

  it("may have many short chunks, which need no more memory than their content", function()
    local content, piece = 1024 * 1024, ("1\r\nx\r\n"):rep(10000)
    local sent, most = -1, 0
    collectgarbage()
    local before = collectgarbage "count"
    local response = http1.read(function()
      collectgarbage()
      most = math.max(most, collectgarbage "count" - before)
      sent = sent + 1
      if sent == 0 then
        return "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
      elseif (sent - 1) * 10000 >= content then
        return "0\r\n\r\n"
      end
      return piece
    end, 2 * content)
    assert.is_true(#response.body >= content)
    assert.is_true(most < 2 * content / 1024, ("%.0f KiB"):format(most))
  end)

  it("is read in linear time, in pieces of any size #native", function()
    local linear = require "spec.support.linear"
    local repeated = linear.repeated
    local ok = "HTTP/1.1 200 OK\r\n"
    local chunked = ok .. "transfer-encoding: chunked\r\n\r\n"
    local function within(make) -- what a header may have
      return function(n)
        return make(math.min(n, 200 * 1024))
      end
    end
    local texts = {
      ["white space in a header"] = within(repeated(ok .. "a: b", " ", "c\r\n\r\n")),
      ["white space at a header's end"] = within(repeated(ok .. "a: b", " \t", "\r\n\r\n")),
      ["white space in a name"] = within(repeated(ok, " ", ": c\r\n\r\n")),
      ["carriage returns"] = within(repeated(ok .. "a: ", "\r", "b\r\n\r\n")),
      ["commas in a length"] = within(repeated(ok .. "content-length: 1", ", 1", "\r\n\r\na")),
      ["digits of a length"] = within(repeated(ok .. "content-length: ", "1", "\r\n\r\na")),
      ["repeated headers"] = function(n)
        local field = "a: " .. ("x"):rep(100) .. "\r\n"
        return ok .. field:rep(math.floor(math.min(n / 100, 1900))) .. "\r\n"
      end,
      ["a chunk's extension"] = within(repeated(chunked .. "1;", " ", "\r\na\r\n0\r\n\r\n")),
      ["chunks of one byte"] = repeated(chunked, "1\r\nx\r\n", "0\r\n\r\n"),
      ["a body"] = repeated(ok .. "\r\n", "x", ""),
    }
    for name, make in pairs(linear.WORST) do
      texts[name] = make
    end
    linear.all(function(text) return http1.read(source(text, 65536)) end, texts)
    for _, name in ipairs { "white space in a header", "chunks of one byte", "a body" } do
      linear.check(function(text) return http1.read(source(text, 2)) end, texts[name], name)
    end
  end)

  it("that fails carries the reason of the receive function", function()
    local _, problem = http1.read(function()
      return nil, "timeout"
    end)
    assert.equal("timeout", problem.source)
    assert.is_false(problem.got_any)
    _, problem = http1.read(source("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 9))
    assert.equal("closed", problem.source)
    assert.is_true(problem.got_any)
  end)
end)
