-- What goes onto the wire, and how answers are read: over real sockets, as transfer.c has no
-- other way to be reached.
local cleanup = require "spec.support.cleanup"
local servers = require "spec.support.server"
local transport = require "appintegrations.transport.curl"

local function with(script, options)
  local server = servers.start(script, options)
  cleanup(function() server:stop() end)
  return server, assert(transport.new())
end

--- The one answer of a server that gives these bytes, and closes.
local function read(raw, fields)
  local server, client = with { { raw = raw, close = true } }
  return client:send(server:request("/", fields))
end

describe("a request", function()
  it("has no headers but those given, and ends there", function()
    local server, client = with { { body = "" } }
    assert(client:send(server:request("/x")))
    assert.equal("GET /x HTTP/1.1\r\nHost: " .. server.host .. "\r\n\r\n", server:requests()[1].raw)
  end)

  it("with a body adds its length alone", function()
    local server, client = with { { body = "" } }
    assert(client:send(server:request("/x", { method = "POST", body = '{"a":1}' })))
    assert.equal("POST /x HTTP/1.1\r\nHost: " .. server.host
      .. '\r\nContent-Length: 7\r\n\r\n{"a":1}', server:requests()[1].raw)
  end)

  it("is framed by its method when it has no body, or an empty one", function()
    local server, client = with { { body = "" } }
    for _, method in ipairs { "GET", "DELETE", "POST", "PUT", "PATCH" } do
      assert(client:send(server:request("/", { method = method })))
      assert(client:send(server:request("/", { method = method, body = "" })))
      assert(client:send(server:request("/", { method = method, body = "{}" })))
    end
    local lengths = {}
    for _, request in ipairs(server:requests()) do
      lengths[#lengths + 1] = request.method .. "=" .. (request.headers["content-length"] or "none")
      assert.is_nil(request.headers["content-type"])
      assert.is_nil(request.headers["expect"])
    end
    assert.equal("GET=none GET=0 GET=2 DELETE=none DELETE=0 DELETE=2 POST=0 POST=0 POST=2 "
      .. "PUT=0 PUT=0 PUT=2 PATCH=0 PATCH=0 PATCH=2", table.concat(lengths, " "))
    assert.equal(1, server:connections())
  end)

  it("HEAD expects no body", function()
    local server, client = with { { raw = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n" } }
    local response = assert(client:send(server:request("/", { method = "HEAD" })))
    assert.equal("", response.body)
    assert.equal("99", response.headers["content-length"])
  end)

  it("keeps path and query as they are", function()
    local server, client = with { { body = "" } }
    local target = "/a/../b%2F%2f/./c//d;e=f%3A%3a/?q=%20+&q&r='()*~%7E"
    assert(client:send(server:request(target)))
    assert.equal(target, server:requests()[1].target)
  end)

  it("keeps path and query as they are on the way to a proxy", function()
    local server = with { { body = "" } }
    local client = assert(transport.new { proxy = server.url })
    for given, sent in pairs { ["/a/../b%2F%2f?q=%3a"] = "/a/../b%2F%2f?q=%3a", [""] = "/",
      ["?%3a"] = "/?%3a" } do
      assert(client:send { method = "GET", url = "http://x.invalid" .. given, headers = {} })
      local seen = server:requests()
      assert.equal("http://x.invalid" .. sent, seen[#seen].target)
    end
  end)

  it("has a path, though its URL has none", function()
    local server, client = with { { body = "" } }
    assert(client:send(server:request("")))
    assert(client:send(server:request("?a=%2f")))
    assert.equal("/", server:requests()[1].target)
    assert.equal("/?a=%2f", server:requests()[2].target)
  end)

  it("goes to each host that its URL names, one after another", function()
    local one, client = with { { body = "1" } }
    local other = with { { body = "2" } }
    for _ = 1, 2 do
      assert.equal("1", assert(client:send(one:request("/"))).body)
      assert.equal("2", assert(client:send(other:request("/"))).body)
    end
  end)

  it("is refused when URL and headers are more than libcurl sends", function()
    local client = assert(transport.new())
    local long = ("x"):rep(900 * 1024)
    for _, request in ipairs {
      { url = "http://127.0.0.1:9/" .. long, headers = {} },
      { url = "http://127.0.0.1:9/?" .. long, headers = {} },
      { url = "http://127.0.0.1:9/" .. long:sub(1, 450 * 1024), headers = {
        ["x-a"] = long:sub(1, 225 * 1024), ["x-b"] = long:sub(1, 225 * 1024) } },
      { url = "http://127.0.0.1:9/", headers = { ["x-a"] = long:sub(1, 256 * 1024) } },
    } do
      request.method = "GET"
      local response, err = client:send(request)
      assert.is_nil(response)
      assert.equal("config/InvalidConfig", err.kind .. "/" .. err.code)
      assert.matches("more than %d+ KiB", err.message)
    end
  end)

  it("may have a URL and headers of 800 KiB, and a body", function()
    local server, client = with { { body = "" } }
    local long = ("x"):rep(255 * 1024)
    local request = server:request("/" .. long, { method = "POST", body = ("y"):rep(65536) })
    request.headers["x-a"], request.headers["x-b"] = long, long
    assert(client:send(request))
    local seen = server:requests()[1]
    assert.is_true(seen.headers["x-a"] == long and seen.headers["x-b"] == long)
    assert.equal(#long + 1, #seen.target)
  end)

  it("is not sent again when the service refuses to be asked whether it may", function()
    local server, client = with { { status = 417, body = "no" }, { body = "" } }
    local request = server:request("/", { method = "POST", body = "{}" })
    request.headers.expect = "100-continue"
    assert.equal(417, assert(client:send(request)).status)
    assert.equal(1, #server:requests())
  end)

  it("keeps all bytes of a body, zeros too, and sends a large one without a pause", function()
    local server, client = with { { body = "" } }
    local body = ("\0\1\255\r\n"):rep(400000)
    assert(client:send(server:request("/", { method = "POST", body = body })))
    assert.is_true(server:requests()[1].body == body)
    assert.is_nil(server:requests()[1].headers.expect)
  end)

  it("sends given headers with their values, empty ones too, and content-length once", function()
    local server, client = with { { body = "" } }
    assert(client:send(server:request("/", { method = "POST", body = "{}", headers = {
      host = "elsewhere.example", ["content-type"] = "application/json", ["accept"] = "a/b",
      ["user-agent"] = "spec/1", ["x-empty"] = "", ["content-length"] = "2", ["x-high"] = "\195",
    } })))
    local request = server:requests()[1]
    assert.same({
      host = "elsewhere.example", ["content-type"] = "application/json", ["accept"] = "a/b",
      ["user-agent"] = "spec/1", ["x-empty"] = "", ["content-length"] = "2", ["x-high"] = "\195",
    }, request.headers)
    assert.equal(7, #request.order)
  end)

  it("is refused when a header could become two, or none", function()
    local client = assert(transport.new())
    for name, value in pairs {
      ["x-a"] = "b\r\nx-c: d", ["x-b"] = "b\nc", ["x-c"] = "b\rc", ["x-d"] = "b\0c",
      ["x e"] = "v-1", ["x:g"] = "v-2", [""] = "v-3", ["x-\195\164"] = "v-4", ["x-k\0"] = "v-5",
      ["transfer-encoding"] = "chunked",
    } do
      local response, err = client:send {
        method = "GET", url = "http://127.0.0.1:9/", headers = { [name] = value },
      }
      assert.is_nil(response)
      assert.equal("InvalidConfig", err.code, name)
      assert.is_nil(err.message:find(value, 1, true), "the message shows the value")
    end
  end)

  it("may have headers of any byte but control characters, wherever these stand", function()
    local server, client = with { { body = "x" } }
    local allowed = {}
    for byte = 0, 255 do
      local c = string.char(byte)
      if byte >= 32 and byte ~= 127 or byte == 9 then
        allowed[#allowed + 1] = c
      else
        for place = 0, 20 do
          local value = ("v"):rep(place) .. c .. ("v"):rep(20 - place)
          local response, err = client:send {
            method = "GET", url = "http://127.0.0.1:9/", headers = { ["x-a"] = value },
          }
          assert.is_nil(response)
          assert.equal("InvalidConfig", err.code, ("byte %d at %d"):format(byte, place))
        end
      end
    end
    local value = "v" .. table.concat(allowed) .. "v"
    assert(client:send(server:request("/", { headers = { ["x-a"] = value } })))
    assert.equal(value, server:requests()[1].headers["x-a"])
  end)

  it("may have its headers as lines, and then has those of the answer so", function()
    local server, client = with { { body = "{}", headers = { ["X-A"] = "1" } } }
    local request = server:request("/", { method = "POST", body = "{}", headers = false,
      header_lines = "host: elsewhere.example\nx-bare:1\nx-space:  2 \nx-empty: \n"
        .. "content-type: a/b\ncontent-length: 2\nx-last: : 3" })
    local response = assert(client:send(request))
    assert.is_nil(response.headers)
    assert.equal("x-a:1\ncontent-length:2\n", response.header_lines)
    assert.is_nil(response.timings)
    assert.equal("POST / HTTP/1.1\r\nHost: elsewhere.example\r\nx-bare: 1\r\nx-space:  2 \r\n"
      .. "x-empty:\r\ncontent-type: a/b\r\nx-last: : 3\r\nContent-Length: 2\r\n\r\n{}",
      server:requests()[1].raw)
  end)

  it("is refused with lines that are no headers", function()
    local client = assert(transport.new())
    for _, line in ipairs {
      "x-a: b\r", "x-a: b\0c", "x e: secret", "secret", "", ": secret",
      "transfer-encoding: chunked",
    } do
      local response, err = client:send {
        method = "GET", url = "http://127.0.0.1:9/",
        header_lines = "x-a: b\n" .. line .. "\nx-c: d\n",
      }
      assert.is_nil(response)
      assert.equal("InvalidConfig", err.code, line)
      assert.is_nil(err.message:find("secret", 1, true))
    end
  end)

  it("is refused when its URL would not be sent as it stands", function()
    local client = assert(transport.new())
    for _, url in ipairs {
      "", "/", "127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x",
      "http://user:word@127.0.0.1/", "http://127.0.0.1/#f", "http://127.0.0.1/a b",
      "http://127.0.0.1/\r\nx: y", "http://127.0.0.1/\0", "http://127.0.0.1/\195\164",
      "HTTP://127.0.0.1/",
    } do
      local response, err = client:send { method = "GET", url = url, headers = {} }
      assert.is_nil(response)
      assert.equal("InvalidConfig", err.code, url)
      assert.is_nil(err.message:find("word", 1, true))
    end
  end)

  it("is refused when its method is none", function()
    local client = assert(transport.new())
    local _, err = client:send { method = "GET /x HTTP/1.1\r\n", url = "http://a/", headers = {} }
    assert.equal("InvalidConfig", err.code)
  end)
end)

describe("an answer", function()
  it("has its status, headers in lower case, body and timings", function()
    local server, client = with {
      { status = 201, body = "{}", headers = { { "X-Amzn-RequestId", "1a2B" }, { "X-E", "" } } },
    }
    local response = assert(client:send(server:request("/")))
    assert.equal(201, response.status)
    assert.same({ ["x-amzn-requestid"] = "1a2B", ["x-e"] = "", ["content-length"] = "2" },
      response.headers)
    assert.equal("{}", response.body)
    local timings = response.timings
    assert.is_true(timings.connect > 0 and timings.first_byte >= timings.connect)
    assert.is_true(timings.total >= timings.first_byte and timings.total < 10)
    assert.equal(0, timings.tls)
  end)

  it("joins repeated headers, and those folded onto several lines", function()
    local response = assert(read("HTTP/1.1 200 OK\r\nX-A: 1\r\nx-b: z\r\nx-a:2\r\n"
      .. "X-Folded: one\r\n  two\t\r\n\tthree\r\nX-A: \t 3 \t\r\n\r\n"))
    assert.same({ ["x-a"] = "1, 2, 3", ["x-b"] = "z", ["x-folded"] = "one two three" },
      response.headers)
  end)

  it("is the one after interim answers", function()
    local server, client = with {
      { before = "HTTP/1.1 100 Continue\r\nx-i: 1\r\n\r\nHTTP/1.1 103 Early\r\nx-b: c\r\n\r\n",
        status = 200, headers = { ["x-final"] = "1" }, body = "ok" },
    }
    local response = assert(client:send(server:request("/", { method = "POST", body = "{}" })))
    assert.equal(200, response.status)
    assert.same({ ["x-final"] = "1", ["content-length"] = "2" }, response.headers)
    assert.equal("ok", response.body)
  end)

  it("may come in chunks, whose trailers are nobody's headers", function()
    local response = assert(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-a: 1\r\n\r\n"
      .. "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nx-amzn-errortype: Forged\r\n\r\n"))
    assert.equal("abcde", response.body)
    assert.same({ ["transfer-encoding"] = "chunked", ["x-a"] = "1" }, response.headers)
  end)

  local CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

  it("may come in chunks of any form that RFC 9112 knows", function()
    for raw, body in pairs {
      ["0\r\n\r\n"] = "", ["000\r\n\r\n"] = "", ["A\r\n0123456789\r\n0\r\n\r\n"] = "0123456789",
      ["0a\r\n0123456789\r\n0\r\n\r\n"] = "0123456789",
      ["1 ; a=\"b\"\r\nx\r\n1;\r\n\n\r\n0;x\r\na: b\r\nc:\r\n\r\n"] = "x\n",
      ["2\r\n\r\n\r\n0\r\n\r\nmore"] = "\r\n",
      [("1\r\nx\r\n"):rep(1000) .. "0\r\n\r\n"] = ("x"):rep(1000),
      ["2;" .. ("e"):rep(1000) .. "\r\nab\r\n0\r\n\r\n"] = "ab",
    } do
      for _, piece in ipairs { 1, 65536 } do
        local server, client = with { { raw = CHUNKED .. raw, piece = piece, close = true } }
        local response, err = client:send(server:request("/", { max_response_bytes = 1000 }))
        assert.equal(body, response and response.body, raw .. tostring(err))
      end
    end
  end)

  it("in broken chunks is none", function()
    for _, raw in ipairs {
      "x\r\n", "\r\n\r\n", "-1\r\n", "1\r\nxy\r\n0\r\n\r\n", "1x\r\nx\r\n0\r\n\r\n",
      "ffffffffffffffff1\r\nx", "1\0\r\nx\r\n0\r\n\r\n",
    } do
      local response, err = read(CHUNKED .. raw)
      assert.is_nil(response)
      assert.equal("response/InvalidResponse", err.kind .. "/" .. err.code, raw)
    end
  end)

  it("in chunks without their end has broken off", function()
    for _, raw in ipairs { "", "1", "1\r\n", "1\r\nx", "1\r\nx\r\n", "1\r\nx\r\n0\r\n",
      "1\r\nx\r\n0\r\na: b\r\n" } do
      local response, err = read(CHUNKED .. raw)
      assert.is_nil(response)
      assert.equal("transport/ConnectionError", err.kind .. "/" .. err.code, raw)
    end
  end)

  it("in chunks is refused when they are too large, or hold too little beside their framing",
    function()
      for _, raw in ipairs {
        "6\r\n", "fffffffffffffff\r\n", "3\r\nabc\r\n3\r\n", "1;" .. ("x"):rep(300 * 1024),
        "0\r\n" .. ("a: b\r\n"):rep(100000), "0\r\na: " .. ("b"):rep(300 * 1024),
        ("1;" .. ("x"):rep(1000) .. "\r\nx\r\n"):rep(4) .. "1;" .. ("x"):rep(300 * 1024),
      } do
        local server, client = with { { raw = CHUNKED .. raw } } -- and stays open
        local response, err = client:send(server:request("/", { max_response_bytes = 5 }))
        assert.is_nil(response)
        assert.equal("response/ResponseTooLarge", err.kind .. "/" .. err.code)
      end
    end)

  it("to HEAD may have a content-length above max_response_bytes", function()
    local server, client = with { { raw = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n" },
      { raw = CHUNKED }, { raw = "HTTP/1.1 304 Not\r\ncontent-length: 99\r\n\r\n" } }
    for _, method in ipairs { "HEAD", "HEAD", "GET" } do
      assert(client:send(server:request("/", { method = method, max_response_bytes = 5 })))
    end
    assert.equal(1, server:connections())
  end)

  it("may end with its connection, as in HTTP/1.0", function()
    local response = assert(read("HTTP/1.0 200 OK\r\n\r\nto the end"))
    assert.equal("to the end", response.body)
  end)

  it("may come byte by byte", function()
    local server, client = with { { piece = 1, body = "fragments", headers = { ["x-a"] = "b" } } }
    local response = assert(client:send(server:request("/")))
    assert.equal("fragments", response.body)
    assert.equal("b", response.headers["x-a"])
  end)

  it("keeps all bytes, unasked compression too", function()
    local body = "\31\139\8\0\255\0\r\n"
    local server, client = with { { headers = { ["content-encoding"] = "gzip" }, body = body } }
    local response = assert(client:send(server:request("/")))
    assert.is_true(response.body == body)
    assert.is_nil(server:requests()[1].headers["accept-encoding"])
  end)

  it("is not followed when it redirects", function()
    local server, client = with { { status = 301, headers = { location = "/elsewhere" } } }
    local response = assert(client:send(server:request("/")))
    assert.equal(301, response.status)
    assert.equal("/elsewhere", response.headers.location)
    assert.equal(1, #server:requests())
  end)

  it("may hold exactly max_response_bytes", function()
    local response = assert(read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345",
      { max_response_bytes = 5 }))
    assert.equal("12345", response.body)
  end)

  it("may be allowed more bytes than a machine can address", function()
    for _, most in ipairs { 2 ^ 32 + 1, 2 ^ 64, math.huge } do
      local response = assert(read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345",
        { max_response_bytes = most }))
      assert.equal("12345", response.body)
    end
  end)

  it("is refused for its content-length, without waiting for the body", function()
    local server, client = with {
      { raw = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n" },
    }
    local response, err = client:send(server:request("/", { max_response_bytes = 5 }))
    assert.is_nil(response)
    assert.equal("response", err.kind)
    assert.equal("ResponseTooLarge", err.code)
  end)

  it("is refused while it comes, when it does not say its length", function()
    local response, err = read("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(100000),
      { max_response_bytes = 99999 })
    assert.is_nil(response)
    assert.equal("ResponseTooLarge", err.code)
  end)

  it("is refused for endless headers", function()
    local response, err = read("HTTP/1.1 200 OK\r\n" .. ("x-a: b\r\n"):rep(40000) .. "\r\n")
    assert.is_nil(response)
    assert.equal("ResponseTooLarge", err.code)
  end)

  it("is refused for one endless line, and for many short ones", function()
    for _, raw in ipairs {
      "HTTP/1.1 200 OK\r\nx-a: " .. ("a"):rep(1024 * 1024) .. "\r\n\r\n",
      "HTTP/1.1 200 " .. ("O"):rep(1024 * 1024) .. "\r\n\r\n",
      "HTTP/1.1 200 OK\r\n" .. ("a:\r\n"):rep(2001) .. "\r\n",
    } do
      local response, err = read(raw)
      assert.is_nil(response)
      assert.equal("response", err.kind)
      assert.equal("ResponseTooLarge", err.code)
    end
  end)

  it("without HTTP in it is none", function()
    for _, raw in ipairs {
      "SSH-2.0-OpenSSH_9.2\r\n", "<html></html>",
      "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    } do
      local response, err = read(raw)
      assert.is_nil(response)
      assert.equal("response", err.kind, raw)
      assert.equal("InvalidResponse", err.code, raw)
    end
  end)
end)
