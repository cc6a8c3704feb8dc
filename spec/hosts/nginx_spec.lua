-- appintegrations.transport.resty in the nginx that Debian packages, and the example.
local certificates = require("spec.support.certificates")
local daemon = require "spec.support.daemon"
local example_host = require "spec.support.example_host"
local nginx = require "spec.support.nginx"
local start = require("spec.support.server").start
local workdir = require "spec.support.workdir"

local absent = nginx.absent()

describe("a call over cosockets", function()
  if absent then
    return pending(absent)
  end
  local server, made

  setup(function()
    made = assert(certificates.make())
    server = nginx.start(made.authority)
  end)

  teardown(function()
    server:stop()
    made:remove()
  end)

  --- Sends a request to the server of SCRIPT from within nginx: "status body", or
  -- "kind code". FIELDS are those of the request, as Lua text; OPTIONS the transport's.
  local function send(url, fields, options)
    return server:run(([[
      local transport = require("appintegrations.transport.resty").new { %s }
      local request = { method = "GET", url = %q, headers = { host = "h" }, timeout = 5 }
      for name, value in pairs { %s } do
        request[name] = value
      end
      local response, err = transport:send(request)
      if err and err.stale then -- as a call would
        response, err = transport:send(request)
      end
      return response and response.status .. " " .. response.body or err.kind .. " " .. err.code
    ]]):format(options or "", url, fields or ""))
  end

  --- The outcome of one request to a server that answers RESPONSE.
  local function outcome(response, fields, options, server_options)
    local scripted = start({ response }, server_options)
    local text = send(scripted.url .. "/a%2Fb?c=d", fields, options)
    local requests = scripted:requests()
    scripted:stop()
    return text, requests
  end

  it("sends the request as it stands and returns the answer", function()
    local text, requests = outcome({ status = 201, body = "made" },
      [[method = "POST", body = "{}", headers = { host = "h", ["x-a"] = "b" }]])
    assert.equal("201 made", text)
    assert.equal(1, #requests)
    assert.equal("POST", requests[1].method)
    assert.equal("/a%2Fb?c=d", requests[1].target)
    assert.equal("{}", requests[1].body)
    assert.equal("h", requests[1].headers.host)
    assert.equal("b", requests[1].headers["x-a"])
  end)

  it("reads an answer that comes in pieces, chunked, or until the end", function()
    assert.equal("200 slowly", (outcome { body = "slowly", piece = 3, pause = 0.001 }))
    assert.equal("200 abc", (outcome {
      raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" }))
    assert.equal("200 end", (outcome { raw = "HTTP/1.0 200 OK\r\n\r\nend", close = true }))
  end)

  it("keeps connections and makes a new one for each that has been closed", function()
    local scripted = start({ { body = "a" } }, { idle = 2 })
    for _ = 1, 5 do
      assert.equal("200 a", send(scripted.url))
    end
    assert.equal(3, scripted:connections())
    scripted:stop()
  end)

  it("sends each request once: a kept connection that was dead is a stale one", function()
    for _, ending in ipairs { { close = true }, { reset = true } } do
      local scripted = start { { body = "1", requests = 2 }, { body = "2", requests = 2 }, ending,
        { body = "3" } }
      assert.equal("1 2, ConnectionError true, 3", server:run(([[
        local transport = require("appintegrations.transport.resty").new()
        local function send()
          return transport:send { method = "GET", url = %q, headers = {}, timeout = 5 }
        end
        local threads, bodies = { ngx.thread.spawn(send), ngx.thread.spawn(send) }, {}
        for i, thread in ipairs(threads) do
          bodies[i] = select(2, ngx.thread.wait(thread)).body
        end
        table.sort(bodies)
        local _, err = send()
        return table.concat(bodies, " ") .. ", " .. err.code .. " " .. tostring(err.stale) .. ", "
          .. send().body
      ]]):format(scripted.url)))
      assert.equal(4, #scripted:requests())
      assert.equal(3, scripted:connections()) -- though another one was kept
      scripted:stop()
    end
  end)

  it("fails with the errors of the contract", function()
    for expected, case in pairs {
      ["transport ConnectionError"] = { { raw = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab",
        close = true } },
      ["response InvalidResponse"] = { { raw = "220 smtp.example.com\r\n", close = true } },
      ["response ResponseTooLarge"] = { { body = "12345" }, "max_response_bytes = 4" },
      ["timeout AttemptTimeout"] = { { hang = true }, "timeout = 0.1" },
    } do
      assert.equal(expected, (outcome(case[1], case[2])))
    end
    assert.equal("transport ConnectionError", (outcome { reset = true }))
    assert.equal("transport ConnectionError", (outcome { close = true }))
    assert.equal("transport ConnectionError",
      send("http://127.0.0.1:" .. daemon.free_port() .. "/"))
    assert.equal("transport DNSError", send("http://nowhere.invalid/"))
  end)

  it("bounds a whole attempt, also one whose answer drips", function()
    assert.equal("timeout AttemptTimeout",
      (outcome({ body = ("x"):rep(1000), piece = 1, pause = 0.01 }, "timeout = 0.2")))
  end)

  --- TEXT is that of a certificate that was refused, and of REQUESTS, COUNT have been sent. Where
  -- the handshake is done at once, nginx's module says that it has succeeded, and then that the
  -- connection is closed (seen with 0.10.28 of Debian 13, 7 times in 40).
  local function assert_refused(text, requests, count)
    assert.truthy(text == "transport TLSError" or text == "transport ConnectionError", text)
    assert.equal(count, #requests)
  end

  it("verifies the server's certificate unless told otherwise", function()
    local tls = { tls = { key = made.key, certificate = made.certificate } }
    local other = { tls = { key = made.key, certificate = made.other } }
    assert.equal("200 safe", (outcome({ body = "safe" }, nil, nil, tls)))
    local text, requests = outcome({ body = "safe" }, nil, nil, other)
    assert_refused(text, requests, 0)
    assert.equal("200 safe", (outcome({ body = "safe" }, nil, "verify_tls = false", other)))
  end)

  it("never uses a connection that was made without verification for one with it", function()
    local scripted = start({ { body = "a" } },
      { tls = { key = made.key, certificate = made.other } })
    assert.equal("200 a", send(scripted.url, nil, "verify_tls = false"))
    assert_refused(send(scripted.url), scripted:requests(), 1)
    scripted:stop()
  end)

  it("lets many calls of one worker wait at once, and sleeps without blocking", function()
    local scripted = start { { body = "{}", requests = 20 } }
    local text = server:run(([[
      local transport = require("appintegrations.transport.resty").new()
      local client = assert(require("appintegrations").client { region = "us-east-1",
        endpoint_url = %q, transport = transport, env = {},
        credentials = { access_key_id = "a", secret_access_key = "b" } })
      local threads, in_flight, most = {}, 0, 0
      for i = 1, 20 do
        threads[i] = ngx.thread.spawn(function()
          in_flight = in_flight + 1
          most = math.max(most, in_flight)
          assert(client:list_applications())
          transport:wait(0.01)
          in_flight = in_flight - 1
        end)
      end
      for i = 1, 20 do
        assert(ngx.thread.wait(threads[i]))
      end
      return most
    ]]):format(scripted.url))
    assert.equal("20", text)
    assert.equal(20, scripted:connections())
    scripted:stop()
  end)

  --- Runs CODE, which is to return a text, in so many requests at once: their answers.
  local function at_once(count, code)
    local answers = {}
    for i = 1, count do
      answers[i] = server:begin(code)
    end
    for i, answer in ipairs(answers) do
      answers[i] = select(2, answer())
    end
    return answers
  end

  it("waits with those of other requests for one refresh of credentials", function()
    local scripted = start { { body = "{}" } }
    server:run(([[
      local asked = 0
      package.loaded.client = assert(require("appintegrations").client { region = "us-east-1",
        endpoint_url = %q, transport = require("appintegrations.transport.resty").new(), env = {},
        credentials = function()
          asked = asked + 1
          package.loaded.asked = asked
          ngx.sleep(0.2)
          return { access_key_id = "a", secret_access_key = "b", expiration = ngx.now() + 3600 }
        end })
      return "made"
    ]]):format(scripted.url))
    assert.same({ "true 1", "true 1", "true 1", "true 1", "true 1" }, at_once(5, [[
      local output, err = package.loaded.client:list_applications()
      return tostring(output ~= nil or err.code) .. " " .. package.loaded.asked
    ]]))
    scripted:stop()
  end)

  it("lets other requests go on while a process gets its credentials", function()
    local scripted = start { { body = "{}" } }
    local dir = workdir.new()
    local program = dir:script("program", ("while ! test -e %s; do sleep 0.01; done; echo "
      .. "'{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s\"}'"):format(
        dir:file "go"))
    local answer = server:begin(([[
      local client = assert(require("appintegrations").client { region = "us-east-1", imds = false,
        endpoint_url = %q, transport = require("appintegrations.transport.resty").new(),
        env = { AWS_CONFIG_FILE = %q, AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
          PATH = "/usr/bin:/bin" } })
      return tostring(client:list_applications() ~= nil)
    ]]):format(scripted.url, dir:write("config", "[default]\ncredential_process = " .. program)))
    assert.equal("meanwhile", server:run "return 'meanwhile'")
    dir:write("go", "")
    assert.equal("true", (select(2, answer())))
    scripted:stop()
    dir:remove()
  end)

  it("loads no libcurl", function()
    assert.truthy(server.child:maps():find("appintegrations/core.so", 1, true))
    assert.is_nil(server.child:maps():find("libcurl", 1, true))
  end)

  it("refuses wrong options at the caller's line", function()
    assert.equal("/run", server:run([[
      local ok, message = pcall(function()
        require("appintegrations.transport.resty").new { keepalive = "1" }
      end)
      assert(not ok and message:find("expected number, got string", 1, true), message)
      return "/run"
    ]]))
  end)
end)

describe("the example for nginx", function()
  if absent then
    return pending(absent)
  end

  local function start_example(url)
    return example_host.start("examples/nginx/nginx.conf",
      ("nginx -p %s -c %%s"):format(example_host.root()), url)
  end

  it("lists what the emulator has", function()
    local status, body, output = example_host.listing(start_example, 60)
    assert.equal(200, status, output)
    assert.truthy(body:find('"count":60', 1, true), body)
  end)

  it("lists none as an empty list", function()
    local _, body = example_host.listing(start_example, 0)
    assert.equal('{"count":0,"applications":[]}\n', body)
  end)

  it("answers with the error when the service is down", function()
    local host = start_example("http://127.0.0.1:" .. daemon.free_port())
    local status, body = host:get("/applications")
    host:stop()
    assert.equal(502, status)
    assert.truthy(body:find('"ConnectionError"', 1, true), body)
  end)

  it("serves other requests while a call waits", function()
    local server = start { { hang = true } }
    local host = start_example(server.url)
    local pinged, waiting = example_host.serves_while_waiting(host, "/applications", server)
    host:stop()
    server:stop()
    assert.is_true(pinged)
    assert.is_true(waiting)
  end)
end)
