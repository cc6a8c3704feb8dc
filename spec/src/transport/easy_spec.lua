-- How transfers fail, one real failure for each code; trust and proxies.
local certificates = require "spec.support.certificates"
local cleanup = require "spec.support.cleanup"
local servers = require "spec.support.server"
local socket = require "socket"
local transport = require "appintegrations.transport.curl"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local function start(...)
  local server = servers.start(...)
  cleanup(function() server:stop() end)
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

describe("the origin of a request", function()
  it("is its own, whatever the handle was used for before", function()
    local client = assert(transport.new())
    local one = start { { body = "one" }, { body = "one" } }
    local other = start { { body = "other" }, { body = "other" } }
    for _, server in ipairs { one, other } do
      assert.equal(server == one and "one" or "other", assert(client:send(get(server.url))).body)
      assert_error("config", "InvalidConfig", failure(client, get "http://127.0.0.1:99999/"))
      assert_error("config", "InvalidConfig", failure(client, get "http://[::1/"))
    end
    assert.equal("one", assert(client:send(get(one.url))).body)
    assert.equal("other", assert(client:send(get(other.url))).body)
    client:close()
  end)
end)

describe("the time for connecting", function()
  it("does not count for the answer, on a new connection and on one reused", function()
    local client = assert(transport.new())
    local late = { body = "late", delay = 0.4 }
    local server = start { late, late }
    for _ = 1, 2 do
      local response = assert(client:send(get(server.url, { connect_timeout = 0.25 })))
      assert.equal("late", response.body)
    end
    client:close()
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

  test("trusts them for a proxy, too", function()
    local proxy = start_tls({}, { { body = "by proxy" } })
    local client = assert(transport.new { ca_bundle = files.authority, proxy = proxy.url })
    assert.equal("by proxy", assert(client:send(get "http://service.invalid/")).body)
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

  test("is part of connecting: a handshake that hangs is a ConnectTimeout, which says so",
    function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local request = get("https://127.0.0.1:" .. port, { connect_timeout = 0.1 })
      for _ = 1, 2 do
        local err = failure(assert(transport.new()), request)
        assert_error("timeout", "ConnectTimeout", err)
        assert.matches(("127.0.0.1:%d was reached, but its TLS handshake was not complete within 0")
          :format(port), err.message, 1, true)
        request.connect_timeout, request.timeout = nil, 0.1
      end
      listener:close()
    end)

  it("fails in every attempt against a server that speaks plain HTTP", function()
    local endings = { { status = 400, body = "plain" }, { close = true }, { reset = true },
      { status = 400, body = ("x"):rep(100000), reset = true } }
    for _, ending in ipairs(endings) do
      local server = servers.start({ ending }, { any = true })
      local client = assert(transport.new())
      for _ = 1, 5 do
        local err = failure(client, get("https://" .. server.host))
        assert_error("transport", "TLSError", err)
        assert.not_matches(" $", err.message)
      end
      client:close()
      server:stop()
    end
  end)

  test("survives that the server resets an idle connection", function()
    local server = start_tls({}, { { body = "1", reset = true }, { body = "2" } })
    local client = assert(transport.new { ca_bundle = files.authority })
    assert.equal("1", assert(client:send(get(server.url))).body)
    local response, err = client:send(get(server.url))
    if not response then -- the reset came after the look whether the connection lives
      assert.is_true(err.stale)
      response = client:send(get(server.url))
    end
    assert.equal("2", response.body)
    client:close()
  end)

  test("does not start with a bundle that holds no certificates", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    local path = dir:write("bundle", "no certificates\n")
    local server = start_tls {}
    local err = failure(assert(transport.new { ca_bundle = path }), get(server.url))
    assert_error("config", "InvalidConfig", err)
    assert.matches(path, err.message, 1, true)
  end)

  local NO_AUTHORITIES = "InvalidConfig: the system has no certificates of authorities "
    .. "that can be read: install ca-certificates, or name a file of them in the ca_bundle option\n"

  test("needs the system's certificates only where they decide, and says what to do without",
    function()
      local server = start_tls({}, { { body = "secure" } })
      local dir = workdir.new()
      cleanup(function() dir:remove() end)
      -- Once by clients one after the other, once by clients beside one another, who share handles.
      local program = dir:write("program.lua", ([[
        local transport = require "appintegrations.transport.curl"
        for _, close in ipairs { "close", "wait" } do
          for _, options in ipairs { { verify_tls = false }, { ca_bundle = %q }, {} } do
            local client = assert(transport.new(options))
            local response, err = client:send { method = "GET", url = %q, headers = {} }
            print(response and response.body or err.code .. ": " .. err.message)
            client[close](client, 0)
          end
        end]]):format(files.authority, server.url))
      -- A namespace of its own, in which there are none.
      local hide = "mount -t tmpfs none /etc/ssl/certs"
      local unshare = "unshare --mount sh -c " -- root may, and elsewhere many a user
      if not workdir.shell(unshare .. "'" .. hide .. "' 2>/dev/null") then
        unshare = "unshare --map-root-user --mount sh -c "
      end
      if not workdir.shell(unshare .. "'" .. hide .. "' 2>/dev/null") then
        return pending "this machine does not let its files be hidden"
      end
      local output = shell.output(("%s '%s && exec %s %s'"):format(unshare, hide,
        os.getenv "LUA" or "lua5.4", program))
      assert.equal(("secure\nsecure\n" .. NO_AUTHORITIES):rep(2), output)
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

describe("no_proxy", function()
  -- What it names does not exist, the proxy does: whoever asks the proxy gets an answer.
  local CASES = {
    { "service.invalid", "service.invalid", "SERVICE.invalid", "a.service.invalid",
      "service.invalid." },
    { "Service.INVALID", "service.invalid", "a.SERVICE.invalid" },
    { ".service.invalid", "service.invalid", "a.service.invalid" },
    { "*.service.invalid", "a.service.invalid" },
    { " x.invalid ,\tservice.invalid,,", "x.invalid", "service.invalid" },
    { "a.invalid b.invalid", "a.invalid", "b.invalid" },
    { "service.invalid.", "service.invalid" },
    { "service.invalid:80", "service.invalid", "service.invalid:80" },
    { "*", "service.invalid", "127.0.0.1:1", "[::1]:1" },
    { "127.0.0.1", "127.0.0.1:1" },
    { "127.0.0.1:1", "127.0.0.1:1" },
    { "127.0.0.0/8", "127.255.0.1:1" },
    { "127.0.0.0/31", "127.0.0.1:1" },
    { "0.0.0.0/0", "127.0.0.1:1" },
    { "::1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1" },
    { "[::1]", "[::1]:1" },
    { "[::1]:1", "[::1]:1" },
    { "::/120", "[::1]:1" },
  }
  local PROXIED = {
    { "service.invalid", "myservice.invalid", "invalid", "service.invalid.example" },
    { "vice.invalid", "service.invalid" },
    { "service.invalid:81", "service.invalid" },
    { "", "service.invalid" },
    { ".", "service.invalid" },
    { "1", "127.0.0.1:1" },
    { "0.0.1", "127.0.0.1:1" },
    { "127.0.0.2/31", "127.0.0.1:1" },
    { "127.0.0.0/33", "127.0.0.1:1" },
    { "127.0.0.0/", "127.0.0.1:1" },
    { "127.0.0.0/x", "127.0.0.1:1" },
    { "service.invalid/8", "service.invalid" },
    { "::2", "[::1]:1" },
    { "::/129", "[::1]:1" },
    { "0.0.0.0/0", "[::1]:1" },
    { "[", "service.invalid" },
    { "a*", "a.invalid" },
  }
  local proxy

  setup(function()
    proxy = servers.start { { body = "proxied" } }
  end)

  teardown(function()
    proxy:stop()
  end)

  local function answer(list, host)
    local client = assert(transport.new { proxy = proxy.url, no_proxy = list })
    local response, err = client:send(get("http://" .. host, { connect_timeout = 2 }))
    client:close()
    return response and response.body or err.code
  end

  it("names hosts, those below them, addresses and blocks of addresses", function()
    for _, case in ipairs(CASES) do
      for i = 2, #case do
        local code = answer(case[1], case[i])
        assert.is_true(code == "DNSError" or code == "ConnectionError",
          ("%q, %s: %s"):format(case[1], case[i], code))
      end
    end
  end)

  it("names nothing else", function()
    for _, case in ipairs(PROXIED) do
      for i = 2, #case do
        assert.equal("proxied", answer(case[1], case[i]), ("%q, %s"):format(case[1], case[i]))
      end
    end
  end)

  it("is read in linear time, and changes from client to client", function()
    local long = ("x."):rep(50000) .. "invalid," .. ("a.invalid,"):rep(50000) .. ("["):rep(50000)
    local started = os.clock()
    assert.equal("proxied", answer(long, "service.invalid"))
    assert.equal("DNSError", answer(long, "b.a.invalid"))
    assert.is_true(os.clock() - started < 1)
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
      "http://user:secret@no-such-proxy.invalid:1", "socks5h://" .. gone.host,
      "socks5h://user:secret@no-such-proxy.invalid:1", "socks5://no-such-proxy.invalid:1",
      "socks4a://no-such-proxy.invalid:1" } do
      local client = assert(transport.new { proxy = proxy })
      local err = failure(client, get("http://service.invalid/"))
      assert_error("transport", "ProxyError", err)
      assert.matches(proxy:match("([^@/]+)$"), err.message, 1, true)
      assert_error("transport", "ProxyError", failure(client, get("https://service.invalid/")))
    end
  end)

  it("that cannot be reached is one for a host of any length", function()
    local gone = servers.start {}
    gone:stop()
    local client = assert(transport.new { proxy = gone.url })
    for _, length in ipairs { 200, 255, 1000, 60000 } do
      local err = failure(client, get("http://" .. ("h"):rep(length) .. "/"))
      assert_error("transport", "ProxyError", err)
    end
  end)

  it("has a host of at most 253 characters", function()
    local function request(length)
      local client = transport.new { proxy = "http://" .. ("h"):rep(length) .. ":1" }
      return failure(client, get("http://service.invalid/"))
    end
    assert_error("config", "InvalidConfig", request(254))
    assert_error("transport", "ProxyError", request(253))
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
    assert_error("transport", "TLSError", failure(client, get("https://" .. start({},
      { greeting = "220 mail.example\r\n" }).host)))
  end)

  it("that does not answer in time, or cannot be reached in time, is named", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    for proxy, target in pairs { http = "https", socks5h = "http" } do
      local client = assert(transport.new { proxy = ("%s://127.0.0.1:%d"):format(proxy, port) })
      local err = failure(client, get(target .. "://service.invalid", { connect_timeout = 0.1 }))
      assert_error("timeout", "ConnectTimeout", err)
      assert.matches(("the proxy 127.0.0.1:%d was reached, but opened no way to service.invalid:")
        :format(port), err.message, 1, true)
    end
    listener:close()
  end)

  it("that does not speak TLS where it should is a ProxyError", function()
    local server = start({}, { greeting = "220 mail.example ESMTP\r\n" })
    local client = assert(transport.new { proxy = "https://" .. server.host })
    for _, url in ipairs { "http://service.invalid", "https://service.invalid" } do
      assert_error("transport", "ProxyError", failure(client, get(url)))
    end
  end)

  it("that answers CONNECT without end, or not in HTTP, is a ProxyError", function()
    local proxy = start {
      "HTTP/1.1 200 " .. ("O"):rep(1024 * 1024), "HTTP/1.1 200 OK\r\n" .. ("a: b\r\n"):rep(200000),
      { raw = "220 mail.example ESMTP\r\n", close = true },
    }
    local client = assert(transport.new { proxy = proxy.url })
    for _ = 1, 3 do
      assert_error("transport", "ProxyError", failure(client, get("https://service.invalid")))
    end
  end)

  it("is not taken from the environment", function()
    local server = start { { body = "direct" } }
    local program = ([[http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 %s -e '
      local client = assert(require("appintegrations.transport.curl").new())
      local response = client:send { method = "GET", url = "%s", headers = {}, timeout = 10 }
      io.write(response and response.body or "failed")']])
      :format(os.getenv("LUA") or "lua5.4", server.url)
    assert.equal("direct", (shell.output(program)))
  end)

  it("that is no URL is an InvalidConfig", function()
    for _, proxy in ipairs { "ftp://user:secret@host:1", "http://", "http://user:secret@host:port",
      "gopher:secret", "http://[secret" } do
      local err = failure(assert(transport.new { proxy = proxy }), get("http://127.0.0.1:9/"))
      assert_error("config", "InvalidConfig", err)
    end
  end)
end)
