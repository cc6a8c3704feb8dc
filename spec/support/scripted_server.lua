--- The process behind spec/support/server.lua, which says what a script may hold.
-- Its argument names the file to log what it receives to; the script is that name and ".script".
-- It prints its port, or what it lacks, and ends when its standard input does.
-- One thread: each connection is a coroutine that yields what it waits for, { read =, write =,
-- time = }.

--- The library NAME of Debian's PACKAGE; without it this process ends and says so.
local function library(name, package)
  local found, module = pcall(require, name)
  if not found then
    print(("%s has no module '%s' (Debian's package %s)"):format(_VERSION, name, package))
    os.exit(1)
  end
  return module
end

local socket = library("socket", "lua-socket")
local script, options, log, ssl
local connections = 0
local asked, answered = 0, 0 -- how many requests have come, and answers have gone
local used = {} -- how often each name was asked for, and "" for the numbered responses

local function record(text)
  local code = "return " .. text
  log:write(#code, "\n", code, "\n")
  log:flush()
end

local function wait(condition)
  return coroutine.yield(condition)
end

local function sleep(seconds)
  if seconds > 0 then
    wait { time = socket.gettime() + seconds }
  end
end

local function receive(connection, pattern)
  local so_far = ""
  while true do
    local data, err, partial = connection:receive(pattern)
    so_far = so_far .. (data or partial or "")
    if data or (err ~= "timeout" and err ~= "wantread") then
      return data and so_far or nil, so_far
    end
    if type(pattern) == "number" then
      pattern = pattern - #partial
    end
    wait { read = connection }
  end
end

local function send(connection, data)
  local from = 1
  while from <= #data do
    local last, err, partial = connection:send(data, from)
    if not last and err ~= "timeout" and err ~= "wantwrite" then
      return false
    end
    from = (last or partial) + 1
    if from <= #data then
      wait { write = connection }
    end
  end
  return true
end

--- What has come, be it HTTP or not.
local function receive_any(connection)
  wait { read = connection }
  local data, err, partial = connection:receive(65536)
  data = data or partial
  return (data ~= "" or err == "timeout") and { line = "", raw = data } or nil
end

local function receive_request(connection)
  if options.any then
    return receive_any(connection)
  end
  local head, length = {}, 0
  repeat
    local line = receive(connection, "*l")
    if not line then
      return nil
    end
    head[#head + 1] = line
    length = tonumber(line:lower():match("^content%-length:%s*(%d+)")) or length
  until line == ""
  local body = length > 0 and receive(connection, length) or ""
  return { line = head[1], raw = table.concat(head, "\r\n") .. "\r\n" .. body }
end

local function pick(list, key)
  used[key] = (used[key] or 0) + 1
  return list[math.min(used[key], #list)]
end

local function response_for(request)
  local method, target = request.line:match("^(%S+) (%S+)")
  local name = tostring(method) .. " " .. tostring(target)
  local response = script[name]
  if type(response) == "table" and #response > 0 then
    response = pick(response, name)
  end
  response = response or pick(script, "") or { status = 404, body = "no such response" }
  return type(response) == "string" and { raw = response } or response
end

local function ordinary_answer(response)
  local body = response.body or ""
  local lines = { ("HTTP/1.1 %d Scripted"):format(response.status or 200) }
  local framed = false
  for key, value in pairs(response.headers or {}) do
    local name = type(key) == "number" and value[1] or key
    lines[#lines + 1] = name .. ": " .. (type(key) == "number" and value[2] or value)
    framed = framed or name:lower() == "content-length" or name:lower() == "transfer-encoding"
  end
  if not framed then
    lines[#lines + 1] = "content-length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

--- The bytes to send for RESPONSE; "" where it is to be no answer at all.
local function answer_of(response)
  local answer = response.raw
  if not answer then
    local silent = (response.close or response.reset) and not response.status and not response.body
      and not response.cut
    answer = silent and "" or ordinary_answer(response)
  end
  answer = (response.before or "") .. answer
  return response.cut and answer:sub(1, response.cut) or answer
end

local function send_in_pieces(connection, answer, response)
  local size = response.piece or #answer
  for from = 1, #answer, math.max(size, 1) do
    if not send(connection, answer:sub(from, from + size - 1)) then
      return false
    end
    sleep(response.pause or 0)
  end
  return true
end

--- BYTES again and again, until nobody takes them any more.
local function send_forever(connection, bytes)
  local block = bytes:rep(math.ceil(65536 / #bytes))
  while send(connection, block) do
    sleep(0.0001) -- others have their turn
  end
end

local spawn

--- Bytes there and back, until both sides have ended.
local function tunnel(connection, line)
  local host, port = line:match("^CONNECT ([^:]+):(%d+)")
  local upstream = assert(socket.connect(host, tonumber(port)))
  upstream:settimeout(0)
  send(connection, "HTTP/1.1 200 Connection established\r\nx-proxy: secret\r\n\r\n")
  local function pump(from, to)
    while true do
      local data, err, partial = from:receive(65536)
      data = data or partial
      if data ~= "" then
        send(to, data)
      elseif err == "timeout" then
        wait { read = from }
      else
        return to:shutdown("send")
      end
    end
  end
  spawn(function() pump(upstream, connection) end)
  pump(connection, upstream)
end

--- Answers one request; false when the connection is at its end.
local function answer(connection, plain, request)
  local response = response_for(request)
  if response.tunnel then
    tunnel(connection, request.line)
    return true, true
  end
  asked = asked + 1
  while asked < (response.requests or 0) or answered < (response.answers or 0) do
    sleep(0.001)
  end
  sleep(response.delay or 0)
  if response.hang then
    wait {}
  end
  local alive = send_in_pieces(connection, answer_of(response), response)
  answered = answered + 1
  if alive and response.forever then
    send_forever(connection, response.forever)
    alive = false
  end
  if response.reset then
    plain:setoption("linger", { on = true, timeout = 0 })
  end
  return alive and not (response.close or response.reset or response.cut)
end

local function secure(connection)
  local secured = assert(ssl.wrap(connection, {
    mode = "server", protocol = options.tls.protocol or "any", key = options.tls.key,
    certificate = options.tls.certificate, ciphers = options.tls.ciphers,
  }))
  secured:settimeout(0)
  while true do
    local done, err = secured:dohandshake()
    if done then
      return secured
    elseif err == "wantread" then
      wait { read = secured }
    elseif err == "wantwrite" then
      wait { write = secured }
    else
      return nil
    end
  end
end

local function serve(plain, number)
  send(plain, options.greeting or "")
  local connection = options.tls and secure(plain) or not options.tls and plain or nil
  local answers, alive, relayed = 0, connection ~= nil, false
  while alive do
    local request = receive_request(connection)
    if not request then
      break
    end
    record(("{connection=%d,raw=%q}"):format(number, request.raw))
    alive, relayed = answer(connection, plain, request)
    answers = answers + 1
    alive = alive and not relayed and answers ~= options.idle
  end
  if not relayed then
    (connection or plain):close()
  end
end

local tasks = {} -- coroutine -> what it waits for

function spawn(run, ...)
  local task = coroutine.create(run)
  local ok, condition = coroutine.resume(task, ...)
  assert(ok, condition)
  if coroutine.status(task) ~= "dead" then
    tasks[task] = condition
  end
end

local function resume(task)
  tasks[task] = nil
  local ok, condition = coroutine.resume(task)
  assert(ok, condition)
  if coroutine.status(task) ~= "dead" then
    tasks[task] = condition
  end
end

local function accept(listener)
  local connection = listener:accept()
  if connection then
    connection:settimeout(0)
    connection:setoption("tcp-nodelay", true)
    connections = connections + 1
    record("{accepted=true}")
    spawn(serve, connection, connections)
  end
end

--- What to select on, and the earliest time that a task waits for.
local function conditions(listener, input)
  local readers, writers, earliest = { listener, input }, {}, nil
  for _, condition in pairs(tasks) do
    readers[#readers + 1] = condition.read
    writers[#writers + 1] = condition.write
    if condition.time and condition.time < (earliest or math.huge) then
      earliest = condition.time
    end
  end
  return readers, writers, earliest and math.max(earliest - socket.gettime(), 0)
end

local function run_ready(readable, writable)
  local ready = {}
  for task, condition in pairs(tasks) do
    if readable[condition.read] or writable[condition.write]
      or (condition.time and condition.time <= socket.gettime()) then
      ready[#ready + 1] = task
    end
  end
  for _, task in ipairs(ready) do
    resume(task)
  end
end

local function main(log_path)
  script, options = dofile(log_path .. ".script")
  ssl = options.tls and library("ssl", "lua-sec")
  log = assert(io.open(log_path, "ab"))
  local listener = assert(socket.bind("127.0.0.1", 0, 1024))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  io.stdout:write(port, "\n")
  io.stdout:flush()
  local input = { getfd = function() return 0 end, dirty = function() return false end }
  while true do
    local readable, writable = socket.select(conditions(listener, input))
    if readable[input] then
      return -- standard input has ended: so has the spec
    end
    if readable[listener] then
      accept(listener)
    end
    run_ready(readable, writable)
  end
end

main(...)
