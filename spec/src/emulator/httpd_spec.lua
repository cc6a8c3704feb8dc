local httpd = require "appintegrations.httpd"
local socket = require "socket"
local eventually = require "spec.support.eventually"

-- Server and clients share this process: a client sends, the server is polled,
-- its answer is read. Loopback buffers hold what is in between.

describe("httpd", function()
  local server, clients, waiting

  before_each(function()
    server = assert(httpd.listen { port = 0 })
    clients, waiting = {}, {}
  end)

  after_each(function()
    for _, client in ipairs(clients) do
      client:close()
    end
    server:close()
    collectgarbage()
  end)

  local function connect()
    local client = assert(socket.connect("127.0.0.1", server:port()))
    client:settimeout(5)
    client:setoption("tcp-nodelay", true)
    clients[#clients + 1] = client
    return client
  end

  --- Lets the server run until CLIENT has something to read (or its end).
  local function serve_until_readable(client)
    for _ = 1, 500 do
      waiting[#waiting + 1] = server:poll(0.005)
      if #socket.select({ client }, nil, 0) > 0 then
        return
      end
    end
    error("nothing came")
  end

  --- The answer on CLIENT: status line, headers by lower-case name, body.
  local function receive(client)
    serve_until_readable(client)
    local status_line = assert(client:receive("*l"))
    local headers = {}
    for line in function() return client:receive("*l") end do
      if line == "" then
        break
      end
      local name, value = line:match("^([^:]+):%s*(.-)%s*$")
      headers[name:lower()] = value
    end
    local length = tonumber(headers["content-length"])
    local body = length and length > 0 and assert(client:receive(length)) or ""
    return status_line, headers, body
  end

  local function next_request()
    return table.remove(waiting, 1) or assert(server:poll(5))
  end

  local function request(text)
    local client = connect()
    assert(client:send(text))
    return client, next_request()
  end

  it("reports the free port that it was given for port 0, on loopback only", function()
    assert.is_true(server:port() > 0)
    assert.equal("127.0.0.1", (connect():getpeername()))
  end)

  it("says why it cannot listen", function()
    local other, message = httpd.listen { port = server:port() }
    assert.is_nil(other)
    assert.equal("cannot listen on 127.0.0.1:" .. server:port() .. ": Address already in use",
      message)
  end)

  it("refuses wrong arguments", function()
    assert.has_error(function() httpd.listen { port = 65536 } end)
    assert.has_error(function() httpd.listen { port = "x" } end)
    assert.has_error(function() httpd.listen { max_body = -1 } end)
    assert.has_error(function() server:respond(1, 99, {}, "") end)
    assert.has_error(function() server:respond(1, 200, { [1] = "x" }, "") end)
    assert.has_error(function() server:watch("everything") end)
    assert.has_error(function() server.poll({}) end)
  end)

  it("hands out the request as it was received", function()
    local client, got = request("POST /a%2Fb//c/../d%25?x=%20+&&y=a/b HTTP/1.1\r\nHost: here\r\n"
      .. "X-One:  1  2 \r\nx-two: \r\nX-ONE: again\r\nContent-Length: 5\r\n\r\nhello")
    assert.equal("POST", got.method)
    assert.equal("/a%2Fb//c/../d%25?x=%20+&&y=a/b", got.target)
    assert.equal("hello", got.body)
    assert.same({ "Host", "X-One", "x-two", "X-ONE", "Content-Length" }, {
      got.headers[1][1], got.headers[2][1], got.headers[3][1], got.headers[4][1],
      got.headers[5][1],
    })
    assert.equal("here", got.headers[1][2])
    assert.equal("1  2", (got.headers[2][2]:gsub("%s+$", "")))
    assert.equal("", got.headers[3][2])
    assert.equal("again", got.headers[4][2])
    assert.is_true(server:respond(got.id, 201, { ["X-Answer"] = "yes" }, "hi"))
    local status_line, headers, body = receive(client)
    assert.equal("HTTP/1.1 201 Created", status_line)
    assert.equal("yes", headers["x-answer"])
    assert.equal("2", headers["content-length"])
    assert.is_string(headers.date)
    assert.equal("hi", body)
  end)

  for _, target in ipairs { "/", "//", "/..", "/./a", "/%2e%2E/%", "/a%zz", "/?", "/?a=b=c&a",
    "/caf\195\169", "/a;b=c:d@e!$'()*,~", "/" .. ("x"):rep(8000) } do
    it("keeps the target " .. target:sub(1, 30), function()
      local _, got = request("GET " .. target .. " HTTP/1.1\r\nHost: here\r\n\r\n")
      assert.equal(target, got.target)
      assert.equal("", got.body)
    end)
  end

  it("passes any method and every byte of a body", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[#bytes + 1] = string.char(byte)
    end
    local body = table.concat(bytes)
    local client, got = request("PATCH /x HTTP/1.1\r\nHost: h\r\nContent-Length: 256\r\n\r\n"
      .. body)
    assert.equal("PATCH", got.method)
    assert.equal(body, got.body)
    server:respond(got.id, 200, {}, body)
    assert.equal(body, (select(3, receive(client))))
  end)

  it("puts a chunked body together", function()
    local _, got = request("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert.equal("abcde", got.body)
  end)

  it("takes a body of several megabytes that comes in pieces", function()
    local body = ("0123456789abcdef"):rep(4 * 65536)
    local client = connect()
    client:settimeout(0)
    local text = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
    local sent = 0
    local got = eventually("the request", function()
      local last, _, partial = client:send(text, sent + 1)
      sent = last or partial
      return (server:poll(0.01))
    end)
    assert.equal(#text, sent)
    assert.is_true(got.body == body)
    server:respond(got.id, 200, { Connection = "close" }, body)
    -- The answer does not fit the buffers: serve and read in turns.
    local pieces = {}
    eventually("the end of the answer", function()
      server:poll(0)
      local chunk, reason, partial = client:receive(65536)
      pieces[#pieces + 1] = chunk or partial
      return reason == "closed"
    end)
    assert.is_true(table.concat(pieces):sub(-#body) == body)
  end)

  it("refuses a body above the limit, announced or not, with 413", function()
    server:close()
    server = assert(httpd.listen { max_body = 10 })
    local client = connect()
    client:send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n")
    assert.matches("^HTTP/1.1 413 ", (receive(client)))
    client = connect()
    client:send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n")
    assert.matches("^HTTP/1.1 413 ", (receive(client)))
    local _, got = request("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789")
    assert.equal("0123456789", got.body)
  end)

  it("asks for a body that the client holds back with Expect: 100-continue", function()
    local client = connect()
    client:send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert.equal("HTTP/1.1 100 Continue", (receive(client)))
    client:send("ok")
    assert.equal("ok", assert(server:poll(5)).body)
  end)

  it("serves requests on one connection one after the other", function()
    local client
    for i = 1, 3 do
      client = client or connect()
      client:send("GET /" .. i .. " HTTP/1.1\r\nHost: h\r\n\r\n")
      local got = assert(server:poll(5))
      assert.equal("/" .. i, got.target)
      server:respond(got.id, 200, {}, "answer " .. i)
      assert.equal("answer " .. i, (select(3, receive(client))))
    end
  end)

  it("answers pipelined requests in their order", function()
    local client = connect()
    client:send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\n"
      .. "Content-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: h\r\n\r\n")
    for i = 1, 3 do
      local got = next_request()
      assert.equal("/" .. i, got.target)
      assert.equal(i == 2 and "abc" or "", got.body)
      server:respond(got.id, 200, {}, tostring(i))
      assert.equal(tostring(i), (select(3, receive(client))))
    end
  end)

  it("holds many connections and answers them in any order", function()
    local held, by_target = {}, {}
    for i = 1, 50 do
      local client = connect()
      client:send("GET /" .. i .. " HTTP/1.1\r\nHost: h\r\n\r\n")
      held["/" .. i] = client
    end
    for _ = 1, 50 do
      local got = assert(server:poll(5))
      by_target[got.target] = got.id
    end
    for i = 50, 1, -1 do
      server:respond(by_target["/" .. i], 200, {}, "for " .. i)
    end
    for i = 1, 50 do
      assert.equal("for " .. i, (select(3, receive(held["/" .. i]))))
    end
  end)

  it("answers a request once, and knows no other ids", function()
    local _, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert.is_true(server:respond(got.id, 204, {}))
    assert.same({ nil, "no such request is waiting" }, { server:respond(got.id, 200, {}, "") })
    assert.is_nil((server:drop(got.id)))
    assert.is_nil((server:write(4711, "x")))
  end)

  it("takes Date and Connection from the answer's headers", function()
    local client, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server:respond(got.id, 200,
      { Date = "Thu, 01 Jan 1970 00:00:00 GMT", Connection = "close" }, "bye")
    local _, headers = receive(client)
    assert.equal("Thu, 01 Jan 1970 00:00:00 GMT", headers.date)
    assert.equal("close", headers.connection)
    serve_until_readable(client)
    assert.same({ nil, "closed", "" }, { client:receive(1) })
  end)

  it("refuses a header that would split the answer", function()
    local _, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert.has_error(function()
      server:respond(got.id, 200, { ["x-a"] = "b\r\nx-c: d" }, "")
    end, "header x-a cannot be sent")
    assert.is_true(server:respond(got.id, 200, {}, ""))
  end)

  it("writes raw bytes and closes", function()
    local client, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert.is_true(server:write(got.id, "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n"))
    assert.is_true(server:write(got.id, "half"))
    assert.is_true(server:drop(got.id))
    serve_until_readable(client)
    assert.equal("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhalf", client:receive("*a"))
  end)

  it("closes without a word", function()
    local client, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server:drop(got.id)
    serve_until_readable(client)
    assert.is_nil(client:getoption("error"))
    assert.same({ nil, "closed", "" }, { client:receive(1) })
  end)

  it("resets a connection, also behind the first bytes", function()
    local client, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server:drop(got.id, true)
    serve_until_readable(client)
    assert.equal("closed", client:getoption("error")) -- ECONNRESET; nil after FIN
    client, got = request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server:write(got.id, "HTTP/1.1 200")
    server:drop(got.id, true)
    serve_until_readable(client)
    server:poll(0.01)
    assert.equal("closed", client:getoption("error"))
    assert.equal("HTTP/1.1 200", (select(3, client:receive(100))))
  end)

  it("survives clients that leave early", function()
    for _, text in ipairs { "GET / HT",
      "nonsense\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n" } do
      local client = connect()
      client:send(text)
      client:close()
      local got = server:poll(0.05)
      if got then
        server:respond(got.id, 200, {}, ("x"):rep(100000))
        server:poll(0.01)
      end
    end
    local _, got = request("GET /still HTTP/1.1\r\nHost: h\r\n\r\n")
    assert.equal("/still", got.target)
  end)

  describe("whose client has ended its half of the connection", function()
    local GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    local POST = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"
    local CHUNKED = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n"

    local held

    --- Lets the server look ROUNDS times.
    local function look(rounds)
      for _ = 1, rounds do
        held = server:poll(0.001) or held
      end
    end

    --- Moves the connections on, and answers what is asked; whether CLIENT has been closed, and
    --- what it has received.
    local function is_closed(client)
      client:settimeout(0)
      local text = ""
      for _ = 1, 100 do
        look(5)
        if held then
          server:respond(held.id, 200, { ["x-target"] = held.target }, "fine")
          held = nil
        end
        local all, problem, partial = client:receive("*a")
        text = text .. (all or partial)
        if problem ~= "timeout" then
          return true, text
        end
      end
      return false, text
    end

    it("closes what is not, and will not be, a request", function()
      for _, text in ipairs { "", "GET /a", GET:sub(1, -3), POST, POST .. "half", CHUNKED,
        CHUNKED .. "half", POST:gsub("\r\n\r\n", "\r\nExpect: 100-continue%0") } do
        for _, rounds in ipairs { { 0, 0 }, { 3, 0 }, { 0, 3 }, { 3, 3 } } do
          local client = connect()
          look(rounds[1])
          client:send(text)
          look(rounds[2])
          client:shutdown("send")
          assert.is_true(is_closed(client), ("%q"):format(text))
        end
      end
    end)

    it("answers a request that is whole, however its bytes came, and closes", function()
      connect():send("GET /other") -- another request is on its way
      for cut = 0, #POST + 9, 7 do
        for _, text in ipairs { GET, POST .. "123456789", GET .. "GET /b HTT" } do
          local client = connect()
          look(cut % 3)
          client:send(text:sub(1, cut))
          look(cut % 4)
          client:send(text:sub(cut + 1))
          client:shutdown("send")
          local closed, answer = is_closed(client)
          assert.is_true(closed)
          assert.matches("^HTTP/1.1 200 OK\r\n.*x%-target: /a\r\n.*\r\n\r\nfine$", answer)
        end
      end
    end)
  end)

  it("returns nil when the time is over", function()
    assert.same({}, { server:poll(0) })
    assert.same({}, { server:poll(-1) })
  end)

  it("can be closed at any time, more than once", function()
    request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    local client = connect()
    client:send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    server:close()
    server:close()
    assert.has_error(function() server:poll(0) end, "the server is closed")
    assert.same({ nil, "closed", "" }, { client:receive(1) })
  end)

  it("leaves no descriptor behind, closed or collected", function()
    local descriptors = require "spec.support.descriptors"
    collectgarbage()
    collectgarbage()
    local before = descriptors()
    for i = 1, 10 do
      local other = assert(httpd.listen {})
      assert(other:watch("signals"))
      if i % 2 == 0 then
        other:close()
      end
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, descriptors())
  end)
end)

describe("httpd with limits", function()
  local limited, clients

  before_each(function()
    limited = assert(httpd.listen { max_connections = 2, idle_seconds = 1, request_seconds = 1 })
    clients = {}
  end)

  after_each(function()
    for _, client in ipairs(clients) do
      client:close()
    end
    limited:close()
  end)

  local function connect(text)
    local client = assert(socket.connect("127.0.0.1", limited:port()))
    client:settimeout(0)
    clients[#clients + 1] = client
    client:send(text or "")
    limited:poll(0)
    return client
  end

  --- What CLIENT receives until it is closed, or for SECONDS.
  local function received(client, seconds)
    local text, deadline = "", socket.gettime() + seconds
    repeat
      local request = limited:poll(0.02)
      if request then
        limited:respond(request.id, 200, {}, "fine")
      end
      local piece, problem, partial = client:receive("*a")
      text = text .. (piece or partial)
      if problem ~= "timeout" then
        return text, true
      end
    until socket.gettime() > deadline
    return text, false
  end

  local REQUEST = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

  it("answers a connection too many with 503, and others as before", function()
    connect()
    connect()
    local text, closed = received(connect(REQUEST), 5)
    assert.matches("^HTTP/1.1 503 .*retry%-after: 1\r\n.*Too many connections", text)
    assert.is_true(closed)
    clients[1]:send(REQUEST)
    assert.matches("^HTTP/1.1 200 ", (received(clients[1], 0.3)))
  end)

  it("answers though many more say nothing", function()
    for _ = 1, 40 do
      connect()
    end
    assert.matches("^HTTP/1.1 [25]0", (received(connect(REQUEST), 8)))
  end)

  it("ends a request that does not come to its end, though bytes keep coming", function()
    local client = connect("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
    local text, deadline, closed = "", socket.gettime() + 5
    repeat
      client:send("x")
      local piece, ended = received(client, 0.1)
      text, closed = text .. piece, ended
    until closed or socket.gettime() > deadline
    assert.is_true(closed)
    assert.matches("^HTTP/1.1 408 ", text)
  end)
end)
