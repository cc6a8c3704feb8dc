-- The example for Kamailio in the Kamailio that Debian packages.
local daemon = require "spec.support.daemon"
local example_host = require "spec.support.example_host"
local socket = require "socket"
local start = require("spec.support.server").start

local MODULE = "/usr/lib/x86_64-linux-gnu/kamailio/modules/app_lua.so"

local function is_there(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

local function absent()
  return not daemon.has "kamailio" and "kamailio is absent"
    or not is_there(MODULE) and "kamailio's Lua modules are absent"
    or not is_there "build/5.1/appintegrations/core.so" and "the build for Lua 5.1 is absent"
    or nil
end

describe("the example for Kamailio", function()
  local reason = absent()
  if reason then
    return pending(reason)
  end

  local host, phone
  local sequence = 0

  local function start_example(url)
    local root = example_host.root()
    host = example_host.start("examples/kamailio/kamailio.cfg",
      ("kamailio -DD -E -w %s -Y /tmp -f %%s"):format(root), url, { ["children=2"] = "children=1" })
    phone = assert(socket.udp())
    phone:setsockname("127.0.0.1", 0)
    phone:setpeername("127.0.0.1", host.port)
  end

  after_each(function()
    phone:close()
    host:stop()
  end)

  local function send(method, user)
    local _, port = phone:getsockname()
    sequence = sequence + 1
    phone:send(table.concat({
      ("%s sip:%s@127.0.0.1 SIP/2.0"):format(method, user),
      ("Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d"):format(port, sequence),
      "From: <sip:caller@example.com>;tag=1", ("To: <sip:%s@127.0.0.1>"):format(user),
      ("Call-ID: %d@example.com"):format(sequence), ("CSeq: %d %s"):format(sequence, method),
      "Max-Forwards: 9", "Content-Length: 0", "\r\n",
    }, "\r\n"))
  end

  --- The next answer: its status, and all of it.
  local function receive(seconds)
    phone:settimeout(seconds)
    local answer = phone:receive()
    return answer and tonumber(answer:match("^SIP/2%.0 (%d+)")), answer
  end

  it("finds the application that a message is for", function()
    local service = example_host.emulator_with(3)
    start_example(service.url)
    send("MESSAGE", "app-2")
    local status, answer = receive(10)
    assert.equal(200, status, host.child:output())
    assert.matches("X%-Application: %x+%-%x+", answer)
    send("MESSAGE", "nobody")
    assert.equal(404, (receive(10)))
    service:stop()
  end)

  it("says so when the service is down", function()
    start_example("http://127.0.0.1:" .. daemon.free_port())
    send("MESSAGE", "app-2")
    assert.equal(503, (receive(10)))
  end)

  it("answers other messages while a call waits", function()
    local server = start { { hang = true } }
    start_example(server.url)
    send("MESSAGE", "app-2")
    local deadline = socket.gettime() + 10
    repeat
      socket.sleep(0.01)
    until #server:requests() > 0 or socket.gettime() > deadline
    send("OPTIONS", "anyone")
    local status, answer = receive(10)
    server:stop()
    assert.equal(200, status)
    assert.matches("OPTIONS", answer)
  end)
end)
