--- Calls in tasks, over the real transport and real sockets.
local apart = require "spec.support.apart"
local appintegrations = require "appintegrations"
local certificates = require "spec.support.certificates"
local cleanup = require "spec.support.cleanup"
local connections = require "spec.support.connections"
local core = require "appintegrations.core"
local find = require("spec.support.files").find
local start = require("spec.support.server").start
local workdir = require "spec.support.workdir"
local eventually = require "spec.support.eventually"

local CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" }
local pcall_yields = _VERSION ~= "Lua 5.1" or jit ~= nil

local servers = {}

local function serve(script, options)
  local server = start(script, options)
  servers[#servers + 1] = server
  return server
end

local function client_of(server, loop, options)
  local all = {
    region = "us-east-1", credentials = CREDENTIALS, env = {}, endpoint_url = server.url,
    retry_mode = "off", loop = loop,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(appintegrations.client(all))
end

local function answer(name, fields)
  local response = { body = ('{"Name":"%s"}'):format(name) }
  for key, value in pairs(fields or {}) do
    response[key] = value
  end
  return response
end

--- Frees all that nothing holds: before 5.2 an owner goes in one cycle, what it has owned in the
-- next, and LuaJIT's traces hold constants.
local function collect()
  if jit then
    jit.flush()
  end
  for _ = 1, 5 do
    collectgarbage()
  end
end

--- How many descriptors this process has open, without those of earlier specs.
local function descriptors()
  collect()
  local count = 0
  for fd = 0, 300 do
    local info = io.open("/proc/self/fdinfo/" .. fd)
    if info then
      info:close()
      count = count + 1
    end
  end
  return count
end

local function step_until(loop, condition)
  eventually("what is stepped for", function()
    return condition() or not loop:step(0.01)
  end)
end

--- Waits for what stands in FDS as loop:fds() gives it, for up to SECONDS.
local function select_fds(fds, seconds)
  local readers, writers = {}, {}
  for _, entry in ipairs(fds) do
    local handle = { getfd = function() return entry.fd end }
    readers[#readers + 1] = entry.events:find "r" and handle or nil
    writers[#writers + 1] = entry.events:find "w" and handle or nil
  end
  require("socket").select(readers, writers, seconds)
end

describe("calls in tasks", function()
  local loop

  before_each(function()
    loop = appintegrations.loop()
  end)

  after_each(function()
    loop:close()
    for _, server in ipairs(servers) do
      server:stop()
    end
    servers = {}
  end)

  it("are under way at once, as many as the limit says, and keep their order", function()
    local script, ids = { answer "?" }, {}
    for i = 1, 1000 do
      ids[i] = ("id-%d"):format(i)
    end
    for i = 1, 10 do
      script["GET /dataIntegrations/id-" .. i] = answer("name-" .. i, { delay = 0.03 / i })
    end
    script[1].delay = 0.02
    local server = serve(script)
    local client = client_of(server, loop)
    local under_way, most = 0, 0
    local outputs, errs = loop:map(ids, function(id)
      under_way = under_way + 1
      most = math.max(most, under_way)
      local output, err = client:get_data_integration { Identifier = id }
      under_way = under_way - 1
      return output, err
    end, 64)
    assert.is_nil(errs)
    assert.equal(64, most)
    for i = 1, 10 do
      assert.equal("name-" .. i, outputs[i].Name)
    end
    assert.equal("?", outputs[1000].Name)
    assert.equal(64, server:connections()) -- each was in use while the others were
    assert.equal(1000, #server:requests())
  end)

  it("leave a task running, and as one that others do not wake", function()
    local client = client_of(serve { answer("x", { delay = 0.01 }) }, loop)
    local task, states, second
    task = loop:spawn(function()
      assert(client:get_data_integration { Identifier = "a" })
      states = tostring(task)
      task:cancel() -- itself: told at the next wait
      second = { client:get_data_integration { Identifier = "b" } }
      loop:sleep(0.01)
      return "ended"
    end)
    assert(loop:run())
    assert.equal("appintegrations.Task: running", states)
    assert.equal("Cancelled", second[2].code)
    assert.equal("ended", task:result())
  end)

  it("wait for one another's connections when the loop has fewer", function()
    local server = serve { answer("x", { delay = 0.005 }) }
    local few = appintegrations.loop { max_connections = 3 }
    local one, other = client_of(server, few), client_of(server, few, { max_connections = 50 })
    few:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, function(i)
      return (i % 2 == 0 and one or other):get_data_integration { Identifier = "x" }
    end)
    assert.equal(3, server:connections())
    few:close()
  end)

  it("keep their deadline, and that of a call that blocks, while others have all connections",
    function()
      local now = 1000
      local server = serve { { hang = true } }
      local one = appintegrations.loop { max_connections = 1, clock = function() return now end }
      cleanup(function() one:close() end)
      local client = client_of(server, one, { clock = function() return 1e9 + now end })
      local function get(options, identifier)
        return client:get_data_integration({ Identifier = identifier or "x" }, options)
      end
      local first = one:spawn(get)
      local second = one:spawn(function() return get { deadline = 60 } end)
      local third = one:spawn(function() return get { deadline = 90, timeout = 80 } end)
      one:step()
      now = now + 59
      one:step()
      assert.is_false(second:done())
      now = now + 2
      one:step()
      assert.is_true(second:done())
      local _, err = second:result()
      assert.equal("DeadlineExceeded", err.code)
      assert.matches("all connections being taken", err.message)
      now = now + 30
      one:step()
      assert.equal("DeadlineExceeded", select(2, third:result()).code)
      assert.is_false(first:done())
      _, err = get({ deadline = 0.01 }, "late") -- outside tasks: by the monotonic clock
      assert.equal("DeadlineExceeded", err.code)
      eventually("the first request", function()
        one:step(0.01)
        return #server:requests() > 0
      end)
      assert.equal(1, #server:requests())
      local last = one:spawn(function() return get({ deadline = 60 }, "last") end)
      one:step()
      first:cancel()
      step_until(one, function() return #server:requests() == 2 end)
      assert.equal("/dataIntegrations/last", server:requests()[2].target) -- not those that gave up
      last:cancel()
      assert.is_true(one:run())
      assert.is_nil(one:timeout()) -- for nobody
    end)

  it("have as many connections as the client with the most asks for", function()
    local server = serve { answer("x", { delay = 0.1 }) }
    local one = client_of(server, loop, { max_connections = 1 })
    local three = client_of(server, loop, { max_connections = 3 })
    for i = 1, 8 do
      loop:spawn(function()
        return assert((i % 2 == 0 and one or three):get_data_integration { Identifier = "x" })
      end)
    end
    assert.is_true(loop:run())
    assert.equal(3, server:connections())
  end)

  it("block outside a task, where the others' transfers go on", function()
    local server = serve {
      -- In this order, whatever the machine is busy with.
      ["GET /dataIntegrations/task"] = answer("task", { requests = 2 }),
      ["GET /dataIntegrations/main"] = answer("main", { answers = 1 }),
    }
    local client = client_of(server, loop)
    local task = loop:spawn(function()
      return client:get_data_integration { Identifier = "task" }
    end)
    step_until(loop, function() return #server:requests() == 1 end)
    assert.equal("main", client:get_data_integration({ Identifier = "main" }).Name)
    assert.equal("GET /dataIntegrations/task", server:requests()[1].raw:match("^%S+ %S+"))
    assert.is_false(task:done())
    assert.equal(0, loop:timeout()) -- its answer is there
    loop:step()
    assert.equal("task", task:result().Name)
  end)

  it("block in a coroutine of the program's own inside a task", function()
    local client = client_of(serve { answer "x" }, loop)
    local task = loop:spawn(function()
      local co = coroutine.wrap(function()
        coroutine.yield("first")
        return client:get_data_integration({ Identifier = "x" }).Name
      end)
      return co(), co()
    end)
    assert.is_true(loop:run())
    assert.same({ "first", "x" }, { task:result() })
  end)

  it("work under pcall and in a generic for, where 5.1 blocks", function()
    local server = serve {
      ["GET /applications"] = { body = '{"Applications":[{"Name":"a"}],"NextToken":"t"}' },
      ["GET /applications?nextToken=t"] = { body = '{"Applications":[{"Name":"b"}]}' },
    }
    local client = client_of(server, loop)
    local names, others = {}, 0
    local task = loop:spawn(function()
      for application in client:each_application() do
        names[#names + 1] = application.Name
      end
      local ok, output = pcall(client.list_applications, client)
      return ok, output.NextToken, others
    end)
    loop:spawn(function()
      while not task:done() do
        others = others + 1
        loop:sleep(0)
      end
    end)
    assert.is_true(loop:run())
    local ok, token, others_ran = task:result()
    assert.is_true(ok)
    assert.equal("t", token)
    assert.same({ "a", "b" }, names)
    assert.equal(pcall_yields, others_ran > 0)
  end)

  it("go through it:next() of an iterator without blocking, whatever the Lua", function()
    local server = serve {
      ["GET /applications"] = { body = '{"Applications":[{"Name":"a"}],"NextToken":"t"}' },
      ["GET /applications?nextToken=t"] = { body = '{"Applications":[{"Name":"b"}]}' },
    }
    local client = client_of(server, loop)
    local log = {}
    for _ = 1, 2 do
      loop:spawn(function()
        local it = client:each_application()
        local application = it:next()
        while application do
          log[#log + 1] = application.Name
          application = it:next()
        end
      end)
    end
    assert.is_true(loop:run())
    table.sort(log)
    assert.equal("a a b b", table.concat(log, " "))
    assert.equal(2, server:connections())
  end)

  it("go to servers with settings of their own over one engine #native", function()
    local made = certificates.make()
    if not made then
      return pending("openssl is absent")
    end
    local secure = serve({ answer "secure" },
      { tls = { key = made.key, certificate = made.certificate } })
    local plain = serve { answer "plain" }
    local clients = {
      client_of(plain, loop),
      client_of(secure, loop, { ca_bundle = made.authority }),
      client_of(secure, loop, { verify_tls = false }),
      client_of(secure, loop), -- trusts the system's authorities only
      client_of({ url = "http://no-such-host.invalid" }, loop),
    }
    local outputs, errs = loop:map(clients, function(client)
      local output, err = client:get_data_integration { Identifier = "x" }
      return output and output.Name, err
    end)
    made:remove()
    assert.same({ "plain", "secure", "secure", n = 5 }, outputs)
    assert.equal("TLSError", errs[4].code)
    assert.equal("DNSError", errs[5].code)
  end)

  it("may be interrupted in their wait by a debug hook's error: no sleep ends early", function()
    local client, slept = client_of(serve { { hang = true } }, loop), false
    loop:spawn(function() return client:list_applications() end)
    loop:spawn(function() slept = loop:sleep(1000) end)
    for _ = 1, 3 do
      loop:step()
    end
    debug.sethook(function()
      if debug.getinfo(2, "f").func == loop.engine.turn then
        error "interrupted"
      end
    end, "r")
    local ok, message = pcall(loop.step, loop)
    debug.sethook()
    assert.is_true(jit ~= nil or not ok) -- LuaJIT calls no hook for the end of a C function
    assert.is_true(ok or message:find "interrupted" ~= nil)
    assert.equal(2, loop:step())
    assert.equal(2, loop:step())
    assert.is_false(slept)
  end)

  it("tell a host that polls what to wait for, and until when", function()
    local server = serve { answer("x", { delay = 0.02 }) }
    local client = client_of(server, loop)
    assert.same({}, connections(loop:fds()))
    assert.is_nil(loop:timeout())
    local task = loop:spawn(function() return client:get_data_integration { Identifier = "x" } end)
    assert.equal(0, loop:timeout())
    step_until(loop, function()
      local fds = connections(loop:fds())
      return #fds == 1 and fds[1].events == "r" and fds[1].fd > 2 and loop:timeout() > 0
    end)
    eventually("the end of all tasks", function()
      select_fds(loop:fds(), math.min(loop:timeout() or 1, 1))
      return loop:step(0) == 0
    end)
    assert.equal("x", task:result().Name)
    assert.same({}, connections(loop:fds()))
  end)
end)

describe("a call that is cancelled", function()
  local loop, server, client

  before_each(function()
    loop = appintegrations.loop()
    server = start {
      ["GET /dataIntegrations/slow"] = { hang = true },
      ["GET /dataIntegrations/busy"] = { status = 503 },
      ["GET /dataIntegrations/throttled"] = { status = 503, headers = { ["retry-after"] = "5" } },
      ["GET /dataIntegrations/soon"] = answer("soon", { delay = 0.1 }),
      ["GET /dataIntegrations/later"] = answer("later", { delay = 0.3 }),
      answer "quick",
    }
    client = client_of(server, loop)
  end)

  after_each(function()
    loop:close()
    server:stop()
  end)

  local function get(id, with)
    return loop:spawn(function()
      local output, err = (with or client):get_data_integration { Identifier = id }
      local cleaned = (with or client):get_data_integration { Identifier = "clean-up" }
      return output, err, cleaned and cleaned.Name
    end)
  end

  it("returns Cancelled in its task, which can go on, and has no connection any more", function()
    local task = get "slow"
    step_until(loop, function() return #server:requests() == 1 end)
    assert.equal(1, #connections(loop:fds()))
    assert.is_true(task:cancel())
    assert.same({}, connections(loop:fds()))
    assert.is_true(loop:run())
    local output, err, cleaned = task:result()
    assert.is_nil(output)
    assert.equal("Cancelled", err.code)
    assert.equal("get_data_integration", err.operation)
    assert.equal("quick", cleaned)
  end)

  it("keeps an answer that came before; the next wait is told", function()
    local task = get "soon"
    step_until(loop, function() return #server:requests() == 1 end)
    client:get_data_integration { Identifier = "later" } -- blocks; "soon" is answered meanwhile
    task:cancel()
    assert.is_true(loop:run())
    local output, _, cleaned = task:result()
    assert.equal("soon", output.Name)
    assert.is_nil(cleaned)
  end)

  it("ends while it waits for its next attempt, too", function()
    local retrying = client_of(server, loop, {
      retry_mode = "standard", max_attempts = 5, random = function() return 0.999999 end,
    })
    local task = get("busy", retrying)
    step_until(loop, function()
      loop:step()
      return #server:requests() == 1 and #connections(loop:fds()) == 0
    end)
    task:cancel()
    assert.is_true(loop:run())
    local _, err, cleaned = task:result()
    assert.equal("Cancelled", err.code)
    assert.equal("quick", cleaned)
    assert.equal(2, #server:requests())
  end)

  it("ends with client:cancel() and client:close(), which leave other clients alone", function()
    for _, method in ipairs { "cancel", "close" } do
      local mine, other = client_of(server, loop), client_of(server, loop)
      local task = get("slow", mine)
      local spared = loop:spawn(function()
        return other:get_data_integration { Identifier = "slow" }
      end)
      step_until(loop, function() return #connections(loop:fds()) == 2 end)
      mine[method](mine)
      step_until(loop, function() return task:done() end)
      assert.equal("Cancelled", select(2, task:result()).code)
      assert.equal(1, #connections(loop:fds()))
      assert.is_false(spared:done())
      spared:cancel()
      assert.is_true(loop:run())
    end
  end)

  --- Instructions of the Lua VM, in hundreds, that F takes.
  local function instructions(f)
    local count = 0
    if jit then
      jit.off() -- no hook is called in what it has compiled
      jit.flush()
    end
    debug.sethook(function() count = count + 1 end, "", 100)
    f()
    debug.sethook()
    if jit then
      jit.on()
    end
    return count
  end

  it("ends with many others in a time that grows as they do", function()
    for _, method in ipairs { "cancel", "close" } do
      local function cost_of(count)
        local crowded = appintegrations.loop { max_connections = 1 }
        local mine, tasks = client_of(server, crowded), {}
        for i = 1, count do
          tasks[i] = crowded:spawn(function()
            return mine:get_data_integration { Identifier = "slow" }
          end)
        end
        crowded:step()
        local cost = instructions(function() mine[method](mine) end)
        crowded:step()
        for i = 1, count do
          assert.equal("Cancelled", select(2, tasks[i]:result()).code)
        end
        crowded:close()
        return cost
      end
      local few = cost_of(50)
      local many = cost_of(400)
      assert.is_true(many < 16 * few, ("%s: %d, %d"):format(method, few, many))
    end
  end)

  it("ends with client:close() while it waits for its next attempt", function()
    local now = 0
    local patient = appintegrations.loop { clock = function() return now end }
    local retrying = client_of(server, patient, { retry_mode = "standard" })
    local task = patient:spawn(function()
      return retrying:get_data_integration { Identifier = "throttled" }
    end)
    step_until(patient, function()
      return #server:requests() == 1 and #connections(patient:fds()) == 0
    end)
    retrying:close()
    now = now + 0.5
    patient:step()
    assert.is_true(task:done())
    assert.equal("Cancelled", select(2, task:result()).code)
    patient:close()
  end)

  it("ends with loop:close(), and no call begins on that loop any more", function()
    local before = descriptors()
    local task = get "slow"
    step_until(loop, function() return #connections(loop:fds()) == 1 end)
    loop:close()
    local _, err, cleaned = task:result()
    assert.equal("Cancelled", err.code)
    assert.is_nil(cleaned)
    assert.equal(before, descriptors())
    local _, late = client:get_data_integration { Identifier = "x" }
    assert.equal("Cancelled", late.code)
  end)

  it("leaves nothing behind when the whole loop is dropped", function()
    local before = descriptors()
    local weak = setmetatable({}, { __mode = "v" })
    local function drop() -- LuaJIT keeps what a slot of its caller's or a trace still has
      local dropped = appintegrations.loop()
      local its_client = client_of(server, dropped)
      weak.loop, weak.client = dropped, its_client
      for _ = 1, 5 do
        dropped:spawn(function() return its_client:get_data_integration { Identifier = "slow" } end)
      end
      step_until(dropped, function() return #connections(dropped:fds()) == 5 end)
      assert.is_true(descriptors() >= before + 5)
    end
    drop()
    collect()
    assert.is_nil(weak.loop)
    assert.is_nil(weak.client)
    assert.equal(before, descriptors())
  end)
end)

describe("credentials in tasks", function()
  local loop, server

  before_each(function()
    loop = appintegrations.loop()
    server = start { answer("x", { delay = 0.01 }) }
  end)

  after_each(function()
    loop:close()
    server:stop()
  end)

  it("are asked for once by all tasks that need them at the same time", function()
    local asked, helper = 0, client_of(server, loop)
    local client = client_of(server, loop, { credentials = function()
      asked = asked + 1
      assert(helper:get_data_integration { Identifier = "secret" })
      return CREDENTIALS
    end })
    local outputs, errs = loop:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function(i)
      return client:get_data_integration { Identifier = "i" .. i }
    end)
    assert.is_nil(errs)
    assert.equal("x", outputs[10].Name)
    assert.equal(1, asked)
    assert.equal(11, #server:requests())
  end)

  it("are not waited for by a call that blocks outside tasks, which asks itself", function()
    local source = start { { hang = true } }
    cleanup(function() source:stop() end)
    local asked, helper = 0, client_of(source, loop)
    local client = client_of(server, loop, { credentials = function()
      asked = asked + 1
      if asked == 1 then
        helper:get_data_integration { Identifier = "secret" }
      end
      return CREDENTIALS
    end })
    local task = loop:spawn(function() return client:get_data_integration { Identifier = "x" } end)
    step_until(loop, function() return #source:requests() == 1 end)
    assert(client:get_data_integration({ Identifier = "x" }, { deadline = 20 }))
    assert.equal(2, asked)
    assert.is_false(task:done())
    helper:cancel()
    assert.is_true(loop:run())
    assert.equal("x", task:result().Name)
  end)

  it("come from a process while other tasks go on; the one that is cancelled waits for none",
    function()
      local dir = workdir.new()
      cleanup(function() dir:remove() end)
      local program = dir:script("program", "sleep 0.2\necho '{\"Version\":1,"
        .. "\"AccessKeyId\":\"AKIDPROCESS\",\"SecretAccessKey\":\"s\"}'")
      local config = dir:write("config", "[default]\ncredential_process = " .. program .. "\n")
      local client = assert(appintegrations.client {
        region = "us-east-1", endpoint_url = server.url, loop = loop, imds = false,
        env = { AWS_CONFIG_FILE = config, AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
          PATH = os.getenv "PATH" },
      })
      local ticks = 0
      local task = loop:spawn(function() return client:list_applications() end)
      local impatient = loop:spawn(function() return client:list_applications() end)
      local ticker = loop:spawn(function()
        while not task:done() do
          ticks = ticks + 1
          loop:sleep(0.005)
        end
      end)
      step_until(loop, function() return ticks == 3 end)
      impatient:cancel()
      step_until(loop, function() return impatient:done() end)
      assert.is_false(task:done())
      assert.equal("Cancelled", select(2, impatient:result()).code)
      assert.is_true(#connections(loop:fds()) >= 1)
      assert.is_true(loop:run())
      assert.is_true(ticker:done() and ticks > 5)
      local output, meta = task:result()
      assert.is_table(output, tostring(meta))
      assert.matches("Credential=AKIDPROCESS/", server:requests()[1].headers.authorization)
      assert.equal(1, #server:requests())
    end)

  --- Two clients that share their credentials, which come from an endpoint that answers its first
  -- request when it is too late and others at once; and how often it was asked.
  local function clients_of_endpoint()
    local endpoint = start {
      ["GET /"] = { { hang = true }, {
        body = '{"AccessKeyId":"AKIDENDPOINT","SecretAccessKey":"s","Token":"t",'
          .. '"Expiration":"2100-01-01T00:00:00Z"}',
      } },
    }
    cleanup(function() endpoint:stop() end)
    local env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI = endpoint.url .. "/",
      AWS_CONFIG_FILE = "/nonexistent", AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
    }
    local function new()
      return assert(appintegrations.client {
        region = "us-east-1", endpoint_url = server.url, loop = loop, imds = false, env = env,
      })
    end
    return new(), new(), function() return #endpoint:requests() end
  end

  local function listing(client)
    return loop:spawn(function() return client:list_applications() end)
  end

  local function code_of(task)
    return select(2, task:result()).code
  end

  it("are not waited for by calls that client:cancel() ends, which ends the request for them",
    function()
      local mine, other, asked = clients_of_endpoint()
      local tasks = { listing(mine), listing(mine) }
      local spared = listing(other)
      step_until(loop, function() return asked() == 1 end)
      mine:cancel()
      assert.same({}, connections(loop:fds()))
      step_until(loop, function() return tasks[1]:done() and tasks[2]:done() end)
      assert.same({ "Cancelled", "Cancelled" }, { code_of(tasks[1]), code_of(tasks[2]) })
      assert.is_true(loop:run()) -- the other client asks itself
      assert.is_table(spared:result())
      assert.equal(2, asked())
      assert.equal(1, #server:requests())
      assert.same({}, mine.calls:all())
    end)

  it("are not waited for by a cancelled client while another's request for them goes on",
    function()
      local other, mine, asked = clients_of_endpoint()
      local first, task = listing(other), listing(mine)
      step_until(loop, function() return asked() == 1 end)
      mine:cancel()
      step_until(loop, function() return task:done() end)
      assert.equal("Cancelled", code_of(task))
      assert.is_false(first:done())
      other:cancel()
      step_until(loop, function() return first:done() end)
      assert.equal("Cancelled", code_of(first))
      assert.equal(1, asked())
    end)

  it("end with the process that gets them when the client is cancelled", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    local program = dir:script("program", ("echo >%s\nexec sleep 1000"):format(dir:file "begun"))
    local config = dir:write("config", ("[default]\ncredential_process = %s\n"):format(program))
    local client = assert(appintegrations.client {
      region = "us-east-1", endpoint_url = server.url, loop = loop, imds = false,
      env = { AWS_CONFIG_FILE = config, AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
        PATH = os.getenv "PATH" },
    })
    local task = listing(client)
    step_until(loop, function() return find(dir:file "begun") end)
    client:cancel()
    step_until(loop, function() return task:done() end)
    assert.equal("Cancelled", code_of(task))
    assert.same({}, connections(loop:fds()))
  end)

  it("come from a process soon after its end, where no descriptor tells that", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    local spawn, steps = core.spawn, 0
    core.spawn = function()
      return {
        fds = function() return {} end, close = function() end,
        step = function() steps = steps + 1 return steps > 2 end,
        result = function()
          return "exited", 0, '{"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"s"}', ""
        end,
      }
    end
    cleanup(function() core.spawn = spawn end)
    local client = assert(appintegrations.client {
      region = "us-east-1", endpoint_url = server.url, loop = loop, imds = false,
      env = { AWS_SHARED_CREDENTIALS_FILE = "/nonexistent",
        AWS_CONFIG_FILE = dir:write("config", "[default]\ncredential_process = helper\n") },
    })
    local task = loop:spawn(function() return client:list_applications() end)
    loop:step()
    assert.is_true(loop:timeout() <= 0.005)
    assert.is_true(loop:run())
    assert.is_table((task:result()))
  end)

  it("come from a process where that is the first thing that a program's loop waits for", function()
    local dir = workdir.new()
    cleanup(function() dir:remove() end)
    local program = dir:script("program", "echo '{\"Version\":1,"
      .. "\"AccessKeyId\":\"AKIDPROCESS\",\"SecretAccessKey\":\"s\"}'")
    local config = dir:write("config", "[default]\ncredential_process = " .. program .. "\n")
    assert.equal("nil\n", apart(([[
      local appintegrations = require "appintegrations"
      local loop = appintegrations.loop()
      local client = assert(appintegrations.client { region = "us-east-1", endpoint_url = %q,
        loop = loop, imds = false, env = { AWS_CONFIG_FILE = %q,
          AWS_SHARED_CREDENTIALS_FILE = "/nonexistent", PATH = os.getenv "PATH" } })
      loop:spawn(function() return client:list_applications() end)
      print((select(2, loop:run())))
    ]]):format(server.url, config)))
    assert.matches("Credential=AKIDPROCESS/", server:requests()[1].headers.authorization)
  end)
end)

describe("loop:await_fds", function()
  local socket = require "socket"

  it("wakes its task when a descriptor is ready, and not before", function()
    local loop = appintegrations.loop()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local woken = 0
    loop:spawn(function()
      assert(loop:await_fds({ { fd = listener:getfd(), events = "r" } }, 100))
      woken = woken + 1
    end)
    for _ = 1, 3 do
      loop:step()
    end
    assert.equal(0, woken)
    assert.same({ { fd = listener:getfd(), events = "r" } }, connections(loop:fds()))
    local _, port = listener:getsockname()
    local peer = assert(socket.connect("127.0.0.1", port))
    step_until(loop, function() return woken == 1 end)
    assert.same({}, connections(loop:fds()))
    assert.is_nil(loop:timeout())
    peer:close()
    listener:close()
    loop:close()
  end)

  it("ends with its time, with task:cancel and with the loop", function()
    local loop = appintegrations.loop()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local fds = { { fd = listener:getfd(), events = "r" } }
    assert.is_false(loop:await_fds(fds, 1)) -- outside a task
    local timed = loop:spawn(function() return loop:await_fds(fds, 0.001) end)
    assert.is_true(loop:run())
    assert.is_true(timed:result())
    local cancelled = loop:spawn(function() return select(2, loop:await_fds(fds, 100)) end)
    loop:step()
    cancelled:cancel()
    assert.is_true(loop:run())
    assert.equal("Cancelled", cancelled:result().code)
    local closed = loop:spawn(function() return select(2, loop:await_fds(fds, 100)) end)
    loop:step()
    loop:close()
    assert.equal("Cancelled", closed:result().code)
    assert.same({}, connections(loop:fds()))
    listener:close()
  end)
end)

describe("thousands of tasks", function()
  -- Of 100 kinds of listings some fail, each at a page of its own; a tenth of all is cancelled.
  local KINDS = 100

  --- What kind I ends with: nil, or the code of the error.
  local function fault_of(i)
    if i % 7 == 0 then
      return "ConnectionError", 2
    elseif i % 11 == 0 then
      return "500", 3
    elseif i % 13 == 0 then
      return "InvalidResponse", 1
    end
  end

  local FAULTS = {
    ConnectionError = { reset = true },
    ["500"] = { status = 500, body = "oops" },
    InvalidResponse = { body = '{"ApplicationAssociations":[' },
  }

  local function script()
    local responses = {}
    for i = 1, KINDS do
      local code, at = fault_of(i)
      for page = 1, 3 do
        local target = ("GET /applications/k%d/associations%s"):format(i,
          page > 1 and "?nextToken=p" .. page or "")
        responses[target] = at == page and FAULTS[code] or { body = ('{"ApplicationAssociations":'
          .. '[{"ClientId":"%d"},{"ClientId":"x"}]%s}'):format(page,
          page < 3 and (',"NextToken":"p%d"'):format(page + 1) or "") }
      end
    end
    return responses
  end

  local function list(client, kind)
    local it, count = client:each_application_association { ApplicationId = "k" .. kind }, 0
    while true do
      local item, err = it:next()
      if not item then
        return err == nil and count or nil, err
      end
      count = count + 1
    end
  end

  --- Runs COUNT listings; asserts what each has come to. Returns how many were cancelled.
  local function round(loop, client, count)
    local tasks, cancelled = {}, 0
    for i = 1, count do
      tasks[i] = loop:spawn(list, client, i % KINDS + 1)
    end
    loop:spawn(function()
      for i = 1, count, 10 do
        tasks[i]:cancel()
        if i % 50 == 1 then
          loop:sleep(0.002)
        end
      end
    end)
    local told = 0
    repeat -- all failures are told, one by one
      local done, err = loop:run()
      told = told + 1
      assert(done or told <= count and err.code ~= "Deadlock", tostring(err))
    until done
    for i, task in ipairs(tasks) do
      local output, err = task:result()
      local code = fault_of(i % KINDS + 1)
      if err and err.code == "Cancelled" then
        assert(i % 10 == 1)
        cancelled = cancelled + 1
      elseif code then
        assert.equal(code, err.code)
      else
        assert.equal(6, output)
      end
    end
    return cancelled
  end

  it("all end as they should, and leave nothing behind", function()
    local server = start(script())
    local before = descriptors()
    local loop = appintegrations.loop()
    local client = client_of(server, loop)
    local cancelled = round(loop, client, 5000)
    assert.is_true(cancelled > 0 and cancelled <= 500)
    collect()
    local memory = collectgarbage("count")
    round(loop, client, 1000)
    collect()
    -- LuaJIT counts what it compiles meanwhile.
    assert.is_true(collectgarbage("count") < memory + (jit and 300 or 50))
    assert.is_true(descriptors() <= before + 70) -- idle connections, and libcurl's own
    assert.same({}, connections(loop:fds()))
    loop:close()
    assert.equal(before, descriptors())
    server:stop()
  end)
end)
