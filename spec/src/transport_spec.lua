-- The engine: queueing, reuse of connections, cancelling, what a host's loop needs, forks, leaks.
local servers = require "spec.support.server"

local lua = os.getenv("LUA") or "lua5.4"

local curl, settings

local function start(...)
  local server = servers.start(...)
  finally(function() server:stop() end)
  return server
end

local function finish_all(engine, count)
  local outcomes = {}
  while #outcomes < count do
    engine:step(10)
    local id, response, kind, code, message = engine:take()
    while id do
      outcomes[#outcomes + 1] = { id = id, response = response, kind = kind, code = code,
        message = message }
      id, response, kind, code, message = engine:take()
    end
  end
  return outcomes
end

local function run(engine, request)
  local id = assert(engine:submit(request, settings))
  while engine:done(id) == false do
    engine:step(10)
  end
  return select(2, engine:take(id))
end

--- Descriptors that this process has open. The shell counts when its input ends: until then,
--- popen has descriptors of its own.
local function descriptors()
  local path = os.tmpname()
  local pipe = assert(io.popen("cat; ls /proc/$PPID/fd | wc -l >" .. path, "w"))
  pipe:close()
  local file = assert(io.open(path))
  local count = tonumber(file:read("*a"))
  file:close()
  os.remove(path)
  return count
end

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("the engine", function()
  local engine

  before_each(function()
    curl = require "appintegrations.curl"
    settings = assert(curl.settings {})
    engine = curl.engine(8)
  end)

  after_each(function()
    engine:close()
  end)

  it("reuses one connection for calls that follow each other", function()
    local server = start { { body = "x" } }
    for _ = 1, 10 do
      assert.equal("x", run(engine, server:request("/")).body)
    end
    assert.equal(10, #server:requests())
    assert.equal(1, server:connections())
  end)

  it("connects anew when the server has closed an idle connection", function()
    local server = start({ { body = "x" } }, { idle = 1 })
    for _ = 1, 3 do
      assert.equal("x", run(engine, server:request("/", { method = "POST", body = "{}" })).body)
    end
    assert.equal(3, server:connections())
  end)

  it("sends again when a reused connection ends just as it sends", function()
    for _, ending in ipairs { { close = true }, { reset = true } } do
      local server = servers.start { { body = "1" }, ending, { body = "2" } }
      assert.equal("1", run(engine, server:request("/")).body)
      local response = run(engine, server:request("/", { method = "POST", body = "{}" }))
      assert.equal("2", response and response.body)
      assert.equal(2, server:connections())
      assert.equal("{}", server:requests()[3].body)
      server:stop()
    end
  end)

  it("runs max_connections transfers at once, the others in their order", function()
    local server = start { { body = "x", delay = 0.01 } }
    local ids = {}
    for i = 1, 200 do
      ids[i] = assert(engine:submit(server:request("/" .. i), settings))
    end
    assert.same({ 200, 0, 0 }, { engine:counts() })
    engine:step(0)
    assert.same({ 192, 8, 0 }, { engine:counts() })
    local outcomes = finish_all(engine, 200)
    local seen = {}
    for _, outcome in ipairs(outcomes) do
      assert.equal("x", outcome.response.body)
      seen[outcome.id] = true
    end
    for i = 1, 200 do
      assert.is_true(seen[ids[i]])
    end
    assert.same({ 0, 0, 0 }, { engine:counts() })
    assert.is_true(server:connections() <= 8)
    for i, request in ipairs(server:requests()) do
      assert.is_true(math.abs(tonumber(request.target:sub(2)) - i) <= 16, "out of order")
    end
  end)

  it("does not count the time of waiting as the transfer's", function()
    local one = curl.engine(1)
    local server = start { { body = "x", delay = 0.15 } }
    for _ = 1, 4 do
      assert(one:submit(server:request("/", { timeout = 0.4 }), settings))
    end
    for _, outcome in ipairs(finish_all(one, 4)) do
      assert.equal("x", outcome.response and outcome.response.body)
    end
    one:close()
  end)

  it("tells what it waits for: descriptors, events, seconds", function()
    local server = start { { hang = true } }
    assert.same({}, engine:fds())
    assert.is_nil(engine:timeout())
    local id = engine:submit(server:request("/", { timeout = 5 }), settings)
    assert.equal(0, engine:timeout())
    while #server:requests() == 0 do
      engine:step(0.01)
    end
    local fds = engine:fds()
    assert.equal(1, #fds)
    assert.is_number(fds[1].fd)
    assert.equal("r", fds[1].events)
    assert.is_true(engine:timeout() > 0 and engine:timeout() <= 5)
    engine:cancel(id)
    assert.same({}, engine:fds())
  end)

  it("can be driven by a host that polls by itself and steps without waiting", function()
    local server = start { { body = "x", delay = 0.02 } }
    local socket = require "socket"
    for _ = 1, 20 do
      assert(engine:submit(server:request("/"), settings))
    end
    local finished = 0
    while finished < 20 do
      local readers, writers = {}, {}
      for _, entry in ipairs(engine:fds()) do
        local handle = { getfd = function() return entry.fd end }
        readers[#readers + 1] = entry.events:find("r") and handle or nil
        writers[#writers + 1] = entry.events:find("w") and handle or nil
      end
      socket.select(readers, writers, engine:timeout())
      engine:step(0)
      while engine:take() do
        finished = finished + 1
      end
    end
  end)

  it("takes finished transfers by id or in the order of finishing, each once", function()
    local server = start { ["GET /slow"] = { body = "slow", delay = 0.1 },
      ["GET /fast"] = { body = "fast" } }
    local slow = engine:submit(server:request("/slow"), settings)
    local fast = engine:submit(server:request("/fast"), settings)
    assert.is_nil((engine:take()))
    assert.is_nil((engine:take(slow)))
    assert.is_false(engine:done(slow))
    while not engine:done(slow) do
      engine:step(10)
    end
    local id, response = engine:take()
    assert.equal(fast, id)
    assert.equal("fast", response.body)
    assert.is_nil((engine:take(fast)))
    assert.is_nil(engine:done(fast))
    assert.equal("slow", select(2, engine:take(slow)).body)
    assert.is_nil((engine:take()))
  end)

  it("waits in a step only until something happens, and not past its seconds", function()
    local before = curl.monotonic()
    assert.equal(0, engine:step(0.02))
    assert.is_true(curl.monotonic() - before >= 0.02)
    local server = start { { body = "x" } }
    engine:submit(server:request("/"), settings)
    while engine:step() == 0 do end -- without a limit
    assert.equal(1, engine:step(0))
  end)

  it("cancels what waits, runs or has finished, once", function()
    local server = start { ["GET /"] = { body = "x" }, ["GET /hang"] = { hang = true } }
    local one = curl.engine(1)
    local running = one:submit(server:request("/hang"), settings)
    local waiting = one:submit(server:request("/"), settings)
    one:step(0)
    assert.same({ 1, 1, 0 }, { one:counts() })
    assert.is_true(one:cancel(waiting))
    assert.is_false(one:cancel(waiting))
    local second = one:submit(server:request("/"), settings)
    assert.is_true(one:cancel(running))
    while not one:done(second) do
      one:step(10)
    end
    assert.is_true(one:cancel(second))
    assert.is_nil((one:take(second)))
    assert.same({ 0, 0, 0 }, { one:counts() })
    one:close()
  end)

  it("closes with transfers in flight, and can be used again", function()
    local server = start { ["GET /hang"] = { hang = true }, ["GET /"] = { body = "x" } }
    local ids = {}
    for i = 1, 20 do
      ids[i] = engine:submit(server:request("/hang"), settings)
    end
    engine:step(0.01)
    engine:close()
    engine:close()
    assert.same({ 0, 0, 0 }, { engine:counts() })
    assert.is_nil(engine:done(ids[1]))
    assert.equal("x", run(engine, server:request("/")).body)
  end)

  it("cancels the transfer of a guard that is collected", function()
    local server = start { { hang = true } }
    local guard = engine:guard()
    guard:hold((assert(engine:submit(server:request("/"), settings))))
    local released = engine:guard()
    released:hold((assert(engine:submit(server:request("/"), settings))))
    released:hold()
    engine:step(0)
    guard, released = nil, nil -- luacheck: ignore 311
    collect()
    assert.same({ 0, 1, 0 }, { engine:counts() })
  end)

  it("leaves guards harmless when it goes first", function()
    local server = start { { hang = true } }
    local other = curl.engine(1)
    local guard = other:guard()
    guard:hold((assert(other:submit(server:request("/"), settings))))
    other:step(0)
    other = nil -- luacheck: ignore 311
    collect()
    guard = nil -- luacheck: ignore 311
    collect()
  end)

  it("leaks no descriptor: closed, collected, cancelled, timed out, failed", function()
    local server = start {
      ["GET /"] = { body = "x" }, ["GET /hang"] = { hang = true },
      ["GET /reset"] = { reset = true },
    }
    collect()
    local before = descriptors()
    for round = 1, 20 do
      local other = curl.engine(4)
      run(other, server:request("/"))
      run(other, server:request("/reset"))
      run(other, server:request("/hang", { timeout = 0.001 }))
      other:cancel((other:submit(server:request("/hang"), settings)))
      for _ = 1, 8 do
        other:submit(server:request("/hang"), settings)
      end
      other:step(0)
      if round % 2 == 0 then
        other:close()
      end
    end
    collect()
    assert.equal(before, descriptors())
  end)

  it("keeps its memory flat from call to call", function()
    if (os.getenv("LD_PRELOAD") or ""):find("asan") then
      pending("AddressSanitizer holds freed memory back")
      return
    end
    local server = start { { body = ("x"):rep(50000) } }
    local program = ([[%s -e '
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(8), curl.settings {}
      local function measure(rounds)
        for _ = 1, rounds do
          for _ = 1, 16 do
            engine:submit({ method = "GET", url = "%s", headers = {} }, settings)
          end
          local left = 16
          while left > 0 do
            engine:step(10)
            while engine:take() do left = left - 1 end
          end
        end
        collectgarbage()
        collectgarbage()
        return tonumber(io.open("/proc/self/status"):read("*a"):match("VmRSS:%%s*(%%d+)"))
      end
      local before = measure(15)
      io.write(measure(60) - before)' 2>&1]]):format(lua, server.url)
    local output = assert(io.popen(program))
    local growth = tonumber(output:read("*a"))
    output:close()
    assert.is_true(growth < 1500, growth .. " KiB more")
  end)

  it("refuses arguments that make no sense, and goes on", function()
    local request = { method = "GET", url = "http://127.0.0.1:9/", headers = {} }
    local function with(name, value)
      local copy = { method = request.method, url = request.url, headers = request.headers }
      copy[name] = value
      return copy
    end
    for _, bad in ipairs {
      with("url", 1), with("headers", 1), with("headers", { x = 1 }), with("headers", { "x" }),
      with("timeout", -1), with("timeout", 0 / 0), with("timeout", "1"), with("body", {}),
      with("method", false), with("max_response_bytes", -1), {},
    } do
      assert.has_error(function() engine:submit(bad, settings) end)
    end
    assert.has_error(function() engine:submit(request) end)
    assert.has_error(function() engine:submit(request, {}) end)
    assert.has_error(function() engine:submit(nil, settings) end)
    assert.has_error(function() engine:step(-1) end)
    assert.has_error(function() engine:step("x") end)
    assert.has_error(function() engine:take(0) end)
    assert.has_error(function() engine:cancel() end)
    assert.has_error(function() engine.step() end)
    assert.has_error(function() curl.engine(0) end)
    assert.has_error(function() curl.engine(1e9) end)
    assert.has_error(function() curl.settings { proxy = 1 } end)
    assert.is_false(engine:cancel(12345678))
    assert.is_nil(engine:done(2 ^ 40))
    assert.same({ 0, 0, 0 }, { engine:counts() })
  end)

  it("tells once which transfers have finished; then they make no step due", function()
    local server = start { { body = "x" } }
    local ids, list = {}, {}
    for i = 1, 3 do
      ids[i] = engine:submit(server:request("/"), settings)
    end
    while select(3, engine:counts()) < 3 do
      engine:step(1)
    end
    assert.equal(0, engine:timeout())
    assert.equal(3, engine:finished(list))
    table.sort(list)
    assert.same(ids, list)
    assert.is_true((engine:timeout() or 1) > 0)
    assert.equal(3, engine:finished(list)) -- appended to: nothing more
    local response = select(2, engine:take(ids[2]))
    assert.equal("x", response.body)
    engine:cancel(ids[1])
    assert.equal(0, engine:finished({}))
    local late = engine:submit(server:request("/"), settings)
    while not engine:done(late) do
      engine:step(1)
    end
    list = {}
    assert.equal(1, engine:finished(list))
    assert.same({ late }, list)
    assert.is_true(engine:done(ids[3]))
  end)

  it("cancels all transfers that have certain settings", function()
    local server = start { { hang = true } }
    local mine, others = curl.settings {}, curl.settings {}
    local spared = engine:submit(server:request("/"), others)
    for _ = 1, 3 do
      engine:submit(server:request("/"), mine)
    end
    engine:step(0)
    engine:submit(server:request("/"), mine) -- this one waits
    engine:cancel(mine)
    assert.same({ 0, 1, 0 }, { engine:counts() })
    assert.is_false(engine:done(spared))
  end)

  it("runs as many transfers at once as its limit says, also when that changes", function()
    local server = start { { hang = true } }
    local small = curl.engine(1)
    for _ = 1, 5 do
      small:submit(server:request("/"), settings)
    end
    small:step(0)
    assert.same({ 4, 1, 0 }, { small:counts() })
    small:limit(3)
    small:step(0)
    assert.same({ 2, 3, 0 }, { small:counts() })
    small:limit(1)
    small:step(0)
    assert.same({ 2, 3, 0 }, { small:counts() }) -- what runs goes on
    assert.has_error(function() small:limit(0) end)
    small:close()
  end)

  it("polls descriptors of the host until they are ready once", function()
    local socket = require "socket"
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local fds = { { fd = listener:getfd(), events = "r" } }
    engine:watch(fds)
    engine:watch(fds) -- the same as once
    assert.same(fds, engine:fds())
    engine:step(0)
    assert.is_false(engine:watched())
    local peer = assert(socket.connect("127.0.0.1", port))
    engine:step(10)
    assert.same({}, engine:fds())
    assert.equal(0, engine:timeout())
    assert.is_true(engine:watched())
    assert.is_false(engine:watched())
    assert.is_nil(engine:timeout())
    engine:watch(fds)
    engine:unwatch(fds)
    engine:unwatch(fds)
    engine:step(0)
    assert.is_false(engine:watched())
    engine:watch(fds)
    engine:close() -- whoever waits is told
    assert.is_true(engine:watched())
    assert.same({}, engine:fds())
    assert.has_error(function() engine:watch { { fd = 1 } } end)
    assert.has_error(function() engine:watch(1) end)
    peer:close()
    listener:close()
  end)

  it("hands out its parts' metatables to nobody", function()
    assert.is_string(getmetatable(engine))
    assert.is_string(getmetatable(settings))
  end)

  it("is gone with its Lua state, transfers in flight and all", function()
    local server = start { { hang = true } }
    local program = ([[%s -e '
      local curl = require "appintegrations.curl"
      engine, settings = curl.engine(4), curl.settings {}
      guards = {}
      for i = 1, 8 do
        guards[i] = engine:guard()
        guards[i]:hold((engine:submit({ method = "GET", url = "%s", headers = {} }, settings)))
      end
      engine:submit({ method = "GET", url = "http://no-such-host.invalid", headers = {} }, settings)
      engine:step(0)
      io.write("end")' 2>&1]]):format(lua, server.url)
    local output = assert(io.popen(program .. "; echo $?"))
    local text = output:read("*a")
    output:close()
    assert.equal("end0\n", text)
  end)

  it("survives a fork: the child connects anew, the parent's connection lives on", function()
    local found = os.execute(lua .. " -e 'require(\"posix.unistd\")' 2>/dev/null")
    if found ~= true and found ~= 0 then
      pending("luaposix is absent for " .. lua)
      return
    end
    local server = start { { body = "x" } }
    local program = ([[%s -e '
      local unistd = require "posix.unistd"
      local wait = require "posix.sys.wait".wait
      local curl = require "appintegrations.curl"
      local engine, settings = curl.engine(4), curl.settings {}
      local function get(path)
        local id = engine:submit({ method = "GET", url = "%s" .. path, headers = {} }, settings)
        while engine:done(id) == false do engine:step(10) end
        local _, response, _, code = engine:take(id)
        return response and response.body or code
      end
      get("/before")
      local flying = engine:submit({ method = "GET", url = "%s/flying", headers = {} }, settings)
      local pid = unistd.fork()
      if pid == 0 then
        engine:step(0)
        io.write("child ", tostring(select(4, engine:take(flying))), " ", #engine:fds(), " ",
          get("/child"), "\n")
        io.stdout:flush()
        engine:close()
        unistd._exit(0)
      end
      wait(pid)
      while engine:done(flying) == false do engine:step(10) end
      io.write("parent ", engine:take(flying) == flying and "flying" or "", " ")
      io.write(get("/after"), "\n")
      ' 2>&1]]):format(lua, server.url, server.url)
    local output = assert(io.popen(program))
    local text = output:read("*a")
    output:close()
    assert.equal("child ConnectionError 0 x\nparent flying x\n", text)
    local connections = {}
    for _, request in ipairs(server:requests()) do
      connections[#connections + 1] = request.target .. request.connection
    end
    assert.equal("/before1 /child2 /flying1 /after1", table.concat(connections, " "))
  end)
end)
