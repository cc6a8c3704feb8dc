-- How transfers fail, one real failure for each code; trust and proxies.
local certificates = require "spec.support.certificates"
local servers = require "spec.support.server"
local socket = require "socket"
local transport = require "appintegrations.transport.curl"

local function start(...)
  local server = servers.start(...)
  finally(function() server:stop() end)
  return server
end

--- The error of a request that has to fail, after the checks that hold for all of them.
local function failure(client, request)
  local response, err = client:send(request)
  assert.is_nil(response)
  assert.is_nil(tostring(err):find("secret", 1, true), "a secret stands in: " .. tostring(err))
  return err
end

local function assert_error(kind, code, err)
  assert.equal(kind .. "/" .. code, err.kind .. "/" .. err.code, err.message)
end

local secrets = { authorization = "secret-1" }

local function get(url, fields)
  local request = { method = "GET", url = url, headers = secrets, timeout = 10 }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

describe("a failed transfer is classified:", function()
  local client

  before_each(function()
    client = assert(transport.new())
  end)

  after_each(function()
    client:close()
  end)

  it("a host that does not exist", function()
    local err = failure(client, get("http://no-such-host.invalid:8080/?t=secret"))
    assert_error("transport", "DNSError", err)
    assert.matches("no-such-host.invalid:8080", err.message, 1, true)
  end)

  it("a port where nothing listens", function()
    local server = servers.start {}
    server:stop()
    local err = failure(client, get(server.url .. "/?t=secret"))
    assert_error("transport", "ConnectionError", err)
    assert.matches("could not connect to " .. server.host .. ": Connection refused", err.message,
      1, true)
  end)

  it("a connection that is closed instead of an answer", function()
    local server = start { { close = true } }
    local err = failure(client, get(server.url))
    assert_error("transport", "ConnectionError", err)
    assert.matches(server.host .. " closed the connection", err.message, 1, true)
  end)

  it("a connection that is reset, before the answer, in its header, in its body", function()
    local server = start {
      { reset = true }, { cut = 20, body = "x", reset = true }, { cut = 60, body = ("x"):rep(99),
        reset = true },
    }
    for _ = 1, 3 do
      assert_error("transport", "ConnectionError", failure(client, get(server.url)))
    end
  end)

  it("a body that ends before its content-length, or its last chunk", function()
    local server = start {
      { raw = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345", close = true },
      { raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123", close = true },
    }
    for _ = 1, 2 do
      local err = failure(client, get(server.url))
      assert_error("transport", "ConnectionError", err)
      assert.matches("ended before it was complete", err.message, 1, true)
    end
  end)

  it("a connection that is not accepted in time", function()
    -- The queue of a listener that nobody accepts from is full soon; then handshakes wait.
    local listener = assert(socket.bind("127.0.0.1", 0, 0))
    local host, port = listener:getsockname()
    local queued = {}
    for i = 1, 4 do
      queued[i] = socket.tcp()
      queued[i]:settimeout(0)
      queued[i]:connect(host, port)
    end
    local url = "http://127.0.0.1:" .. port
    local err = failure(client, get(url, { connect_timeout = 0.05 }))
    assert_error("timeout", "ConnectTimeout", err)
    assert.matches("no connection to 127.0.0.1:" .. port, err.message, 1, true)
    assert_error("timeout", "ConnectTimeout", failure(client, get(url, { timeout = 0.05 })))
    for _, connection in ipairs(queued) do
      connection:close()
    end
    listener:close()
  end)

  it("an answer that does not come in time, on a new connection and on one reused", function()
    local server = start { { hang = true }, { body = "" }, { hang = true } }
    assert_error("timeout", "AttemptTimeout", failure(client, get(server.url, { timeout = 0.05 })))
    assert(client:send(get(server.url)))
    local err = failure(client, get(server.url, { timeout = 0.0001 }))
    assert_error("timeout", "AttemptTimeout", err)
    assert.is_true(err.timings.total > 0)
  end)

  it("an answer that is not complete in time", function()
    local server = start { { body = ("x"):rep(100), piece = 1, pause = 0.01 } }
    assert_error("timeout", "AttemptTimeout", failure(client, get(server.url, { timeout = 0.1 })))
  end)

  it("a host that is none", function()
    for _, host in ipairs { "[::1", "a:b:c", "127.0.0.1:99999", "host:port" } do
      local err = failure(client, get("http://" .. host .. "/?t=secret"))
      assert_error("config", "InvalidConfig", err)
    end
  end)
end)

describe("TLS", function()
  local files = certificates.make()

  teardown(function()
    if files then
      files:remove()
    end
  end)

  local function test(name, run)
    it(name, function()
      if not files then
        pending("the openssl program is absent")
        return
      end
      run()
    end)
  end

  local function start_tls(tls, script)
    tls.key = files.key
    tls.certificate = tls.certificate or files.certificate
    return start(script or { { body = "secure" } }, { tls = tls })
  end

  test("trusts the authorities in ca_bundle, and times its handshake", function()
    local server = start_tls {}
    local client = assert(transport.new { ca_bundle = files.authority })
    local response = assert(client:send(get(server.url)))
    assert.equal("secure", response.body)
    assert.is_true(response.timings.tls >= response.timings.connect)
    assert.equal("secure", assert(client:send(get(server.url))).body)
    assert.equal(1, server:connections())
    client:close()
  end)

  test("fails for an authority that is not known, and says what to do", function()
    local server = start_tls {}
    local err = failure(assert(transport.new()), get(server.url))
    assert_error("transport", "TLSError", err)
    assert.matches("ca_bundle", err.message, 1, true)
  end)

  test("fails for a certificate of another host", function()
    local server = start_tls { certificate = files.other }
    local client = assert(transport.new { ca_bundle = files.authority })
    assert_error("transport", "TLSError", failure(client, get(server.url)))
  end)

  test("accepts any certificate with verify_tls = false, for that transport alone", function()
    local server = start_tls { certificate = files.other }
    local client = assert(transport.new { verify_tls = false })
    assert.equal("secure", assert(client:send(get(server.url))).body)
    assert_error("transport", "TLSError", failure(assert(transport.new()), get(server.url)))
  end)

  test("refuses TLS 1.1, and takes 1.2", function()
    local old = start_tls { protocol = "tlsv1_1", ciphers = "DEFAULT@SECLEVEL=0" }
    local client = assert(transport.new { ca_bundle = files.authority })
    assert_error("transport", "TLSError", failure(client, get(old.url)))
    local enough = servers.start({ { body = "1.2" } }, {
      tls = { protocol = "tlsv1_2", key = files.key, certificate = files.certificate },
    })
    assert.equal("1.2", assert(client:send(get(enough.url))).body)
    enough:stop()
  end)

  test("fails against a server that does not speak it", function()
    local server = start({}, { greeting = "220 mail.example ESMTP\r\n" })
    local err = failure(assert(transport.new()), get("https://" .. server.host .. "/"))
    assert_error("transport", "TLSError", err)
  end)

  test("is part of connecting: a handshake that hangs is a ConnectTimeout", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local request = get("https://127.0.0.1:" .. port, { connect_timeout = 0.1 })
    assert_error("timeout", "ConnectTimeout", failure(assert(transport.new()), request))
    request.connect_timeout, request.timeout = nil, 0.1
    assert_error("timeout", "ConnectTimeout", failure(assert(transport.new()), request))
    listener:close()
  end)

  test("survives that the server resets an idle connection", function()
    local server = start_tls({}, { { body = "1", reset = true }, { body = "2" } })
    local client = assert(transport.new { ca_bundle = files.authority })
    assert.equal("1", assert(client:send(get(server.url))).body)
    assert.equal("2", assert(client:send(get(server.url))).body)
    client:close()
  end)

  test("does not start with a bundle that holds no certificates", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write("no certificates\n")
    file:close()
    local server = start_tls {}
    local err = failure(assert(transport.new { ca_bundle = path }), get(server.url))
    os.remove(path)
    assert_error("config", "InvalidConfig", err)
    assert.matches(path, err.message, 1, true)
  end)

  test("goes through a proxy's tunnel, which learns nothing of the request", function()
    local server = start_tls {}
    local proxy = servers.start { { tunnel = true } }
    local client = assert(transport.new { ca_bundle = files.authority,
      proxy = "http://us%65r:secret@" .. proxy.host })
    local response = assert(client:send(get(server.url)))
    local connect = proxy:requests()[1]
    client:close()
    proxy:stop()
    assert.equal("secure", response.body)
    assert.is_nil(response.headers["x-proxy"])
    assert.equal("CONNECT", connect.method)
    assert.equal(server.host, connect.target)
    assert.is_nil(connect.headers.authorization)
    assert.equal("Basic dXNlcjpzZWNyZXQ=", connect.headers["proxy-authorization"])
    assert.is_nil(server:requests()[1].headers["proxy-authorization"])
  end)
end)

describe("a proxy", function()
  it("is asked for plain requests, with the whole URL", function()
    local proxy = start { { body = "proxied" } }
    local client = assert(transport.new { proxy = proxy.host })
    assert.equal("proxied", assert(client:send(get("http://service.invalid/a?b"))).body)
    assert.equal("http://service.invalid/a?b", proxy:requests()[1].target)
  end)

  it("is passed by for hosts in no_proxy and for direct requests", function()
    local server = start { { body = "direct" } }
    local proxy = servers.start { { body = "proxied" } }
    local client = assert(transport.new { proxy = proxy.url, no_proxy = "x.test,127.0.0.1" })
    assert.equal("direct", assert(client:send(get(server.url))).body)
    client = assert(transport.new { proxy = proxy.url })
    assert.equal("direct", assert(client:send(get(server.url, { direct = true }))).body)
    assert.equal("proxied", assert(client:send(get(server.url))).body)
    proxy:stop()
  end)

  it("that cannot be reached, or found, is a ProxyError", function()
    local gone = servers.start {}
    gone:stop()
    for _, proxy in ipairs { gone.url, "http://user:secret@" .. gone.host,
      "http://user:secret@no-such-proxy.invalid:1", "socks5h://" .. gone.host } do
      local client = assert(transport.new { proxy = proxy })
      local err = failure(client, get("http://service.invalid/"))
      assert_error("transport", "ProxyError", err)
      assert.matches(proxy:match("([^@/]+)$"), err.message, 1, true)
      assert_error("transport", "ProxyError", failure(client, get("https://service.invalid/")))
    end
  end)

  it("that refuses to connect, or closes instead, is a ProxyError", function()
    local proxy = start {
      { status = 407, headers = { ["proxy-authenticate"] = 'Basic realm="x"' } },
      { status = 502 }, { close = true }, { reset = true },
    }
    local client = assert(transport.new { proxy = "http://user:secret@" .. proxy.host })
    local err = failure(client, get("https://service.invalid/"))
    assert_error("transport", "ProxyError", err)
    assert.matches("407", err.message, 1, true)
    err = failure(client, get("https://service.invalid/"))
    assert_error("transport", "ProxyError", err)
    assert.matches("refused to connect to service.invalid:443: HTTP 502", err.message, 1, true)
    for _ = 1, 2 do
      assert_error("transport", "ProxyError", failure(client, get("https://service.invalid/")))
    end
  end)

  it("does not get the blame for a host in no_proxy", function()
    local gone = servers.start {}
    gone:stop()
    local client = assert(transport.new { proxy = "http://127.0.0.1:1", no_proxy = "127.0.0.1" })
    assert_error("transport", "ConnectionError", failure(client, get(gone.url)))
  end)

  it("is not taken from the environment", function()
    local server = start { { body = "direct" } }
    local program = ([[http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 %s -e '
      local client = assert(require("appintegrations.transport.curl").new())
      local response = client:send { method = "GET", url = "%s", headers = {}, timeout = 10 }
      io.write(response and response.body or "failed")']])
      :format(os.getenv("LUA") or "lua5.4", server.url)
    local output = assert(io.popen(program))
    local answer = output:read("*a")
    output:close()
    assert.equal("direct", answer)
  end)

  it("that is no URL is an InvalidConfig", function()
    for _, proxy in ipairs { "ftp://user:secret@host:1", "http://", "http://user:secret@host:port",
      "gopher:secret", "http://[secret" } do
      local err = failure(assert(transport.new { proxy = proxy }), get("http://127.0.0.1:9/"))
      assert_error("config", "InvalidConfig", err)
    end
  end)
end)
