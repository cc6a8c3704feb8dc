-- One iterator, several takers: fetches happen one after another, every item goes to exactly one.
local appintegrations = require "appintegrations"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"
local page = require "spec.support.page"
local start = require("spec.support.server").start

local ALL = "1a 1b 2a 2b 3a 3b"

describe("an iterator that tasks share", function()
  local loop, server, client, events

  local function serve(first, second, third, options)
    server = start {
      ["GET /applications"] = first or page(1, "p2"),
      ["GET /applications?nextToken=p2"] = second or page(2, "p3"),
      ["GET /applications?nextToken=p3"] = third or page(3),
    }
    local all = {
      region = "us-east-1", credentials = fake.CREDENTIALS, env = {}, loop = loop,
      endpoint_url = server.url, retry_mode = "off",
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    client = assert(appintegrations.client(all))
  end

  before_each(function()
    loop, events = appintegrations.loop(), {}
  end)

  after_each(function()
    loop:close()
    if server then
      server:stop()
    end
    server = nil
  end)

  --- COUNT tasks that take from IT with it:next until there is nothing. Returns what they took,
  -- in order, and the codes of their errors.
  local function drain(it, count)
    local taken, codes = {}, {}
    for _ = 1, count do
      loop:spawn(function()
        local item, err = it:next()
        while item do
          taken[#taken + 1] = item.Name
          loop:sleep(0)
          item, err = it:next()
        end
        codes[#codes + 1] = err and err.code
      end)
    end
    assert(loop:run())
    table.sort(taken)
    return table.concat(taken, " "), table.concat(codes, " ")
  end

  --- Steps until the server has seen so many requests.
  local function await_requests(count)
    local left = 500
    while #server:requests() < count do
      left = left - 1
      assert(left > 0, "no such request")
      loop:step(0.01)
    end
  end

  it("gives every item to one of them, and fetches each page once", function()
    for _, options in ipairs { {}, { prefetch = true } } do
      for _, count in ipairs { 1, 2, 7, 20 } do
        serve()
        local taken, codes = drain(client:each_application({}, options), count)
        assert.equal(ALL, taken)
        assert.equal("", codes)
        assert.equal(3, #server:requests())
        server:stop()
      end
    end
  end)

  it("does so in the generic for, and with whole pages", function()
    serve()
    local it, taken, pages = client:each_application(), {}, 0
    for _ = 1, 3 do
      loop:spawn(function()
        for item in it do
          taken[#taken + 1] = item.Name
        end
      end)
    end
    assert(loop:run())
    table.sort(taken)
    assert.equal(ALL, table.concat(taken, " "))
    local whole = client:each_application():pages()
    for _ = 1, 3 do
      loop:spawn(function()
        while whole() do
          pages = pages + 1
        end
      end)
    end
    assert(loop:run())
    assert.equal(3, pages)
  end)

  it("stops at the limit, however many take", function()
    server = start { ["GET /applications?maxResults=3"] = page(1, "p2"),
      ["GET /applications?nextToken=p2&maxResults=1"] = page(2, "p3") }
    client = assert(appintegrations.client { region = "us-east-1", credentials = fake.CREDENTIALS,
      env = {}, loop = loop, endpoint_url = server.url })
    assert.equal("1a 1b 2a", (drain(client:each_application({}, { limit = 3 }), 5)))
  end)

  it("lets the next one fetch when the task that fetched is cancelled", function()
    serve({ { hang = true }, page(1, "p2") })
    local it = client:each_application()
    local first = loop:spawn(function() return it:next() end)
    local second = loop:spawn(function() return it:next() end)
    await_requests(1)
    first:cancel()
    assert(loop:run())
    local _, err = first:result()
    assert.equal("Cancelled", err.code)
    assert.equal("1a", second:result().Name)
    assert.equal("1b", it:next().Name)
  end)

  it("tells a task that is cancelled while it waits for another's page", function()
    serve(page(1, "p2", { requests = 2 }))
    local it = client:each_application()
    local first = loop:spawn(function() return it:next() end)
    local second = loop:spawn(function() return it:next() end)
    await_requests(1)
    second:cancel()
    loop:step()
    local _, err = second:result()
    assert.equal("Cancelled", err.code)
    loop:spawn(function() return client:list_applications() end)
    assert(loop:run())
    assert.equal("1a", first:result().Name)
  end)

  it("fails for all who waited for the page, with one request, and goes on when asked", function()
    serve({ { status = 400, headers = { ["x-amzn-errortype"] = "InvalidRequestException" } },
      page(1) })
    local it = client:each_application()
    local taken, codes = drain(it, 3)
    assert.equal("", taken)
    assert.equal(("InvalidRequestException "):rep(3), codes .. " ")
    assert.equal(1, #server:requests())
    assert.equal("1a 1b", (drain(it, 3)))
  end)

  it("gives each of them an error of its own", function()
    serve({ status = 400, headers = { ["x-amzn-errortype"] = "InvalidRequestException" } })
    local it, errs = client:each_application(), {}
    for i = 1, 2 do
      loop:spawn(function()
        local _, err = it:next()
        errs[i] = err
      end)
    end
    assert(loop:run())
    assert.not_equal(errs[1], errs[2])
    assert.same(errs[1].message, errs[2].message)
  end)

  it("ends for all when the client's calls are cancelled", function()
    serve({ hang = true })
    local it = client:each_application()
    local codes = {}
    for _ = 1, 3 do
      loop:spawn(function()
        local _, err = it:next()
        codes[#codes + 1] = err.code
      end)
    end
    await_requests(1)
    client:cancel()
    loop:run()
    assert.same({ "Cancelled", "Cancelled", "Cancelled" }, codes)
    assert.equal(1, #server:requests())
  end)

  it("ends for all when it is closed", function()
    serve(page(1, "p2", { requests = 2 }))
    local it, ended = client:each_application(), 0
    for _ = 1, 3 do
      loop:spawn(function()
        assert.equal(0, select("#", it:next()))
        ended = ended + 1
      end)
    end
    await_requests(1)
    it:close()
    loop:spawn(function() return client:list_applications() end)
    assert(loop:run())
    assert.equal(3, ended)
  end)

  it("ends for all at the listing's deadline", function()
    serve({ hang = true })
    local it = client:each_application({}, { deadline = 0.05 })
    local _, codes = drain(it, 3)
    assert.equal(("DeadlineExceeded "):rep(3), codes .. " ")
  end)

  it("serves the main program while a task fetches", function()
    serve()
    local it = client:each_application()
    local task = loop:spawn(function() return it:next() end)
    loop:step()
    assert.equal("1b", it:next().Name)
    assert.equal("1a", task:result().Name)
    assert.equal("2a 2b 3a 3b", (drain(it, 2)))
    assert.equal(3, #server:requests())
  end)

  it("serves a task while the main program waits for a page that is on its way", function()
    serve(nil, page(2, "p3", { delay = 0.02 }))
    local it = client:each_application({}, { prefetch = true })
    assert.equal("1a", it:next().Name)
    assert.equal("1b", it:next().Name)
    local task = loop:spawn(function() return it:next() end)
    assert.equal("2a", it:next().Name)
    assert(loop:run())
    assert.equal("2b", task:result().Name)
  end)

  it("serves a plain coroutine in a task while another task fetches", function()
    serve()
    local it = client:each_application()
    local first = loop:spawn(function() return it:next() end)
    local second = loop:spawn(function()
      return coroutine.wrap(function() return it:next() end)()
    end)
    assert(loop:run())
    assert.equal("1a 1b", first:result().Name .. " " .. second:result().Name)
    assert.equal(1, #server:requests())
  end)

  it("says so where a logger asks for what its own call fetches", function()
    local it, codes
    local function log()
      if it then
        local _, err = it:next()
        codes[err and err.code or "none"] = true
        coroutine.wrap(function()
          _, err = it:next()
          codes[err and err.code or "none"] = true
        end)()
      end
    end
    serve(nil, nil, nil, { logger = log })
    for _, run in ipairs {
      function(f) f() end,
      function(f) loop:spawn(f) assert(loop:run()) end,
    } do
      it, codes = client:each_application(), {}
      run(function() assert.equal("1a", it:next().Name) end)
      assert.same({ Deadlock = true }, codes)
      assert.equal("1b", it:next().Name)
    end
  end)

  it("goes on after an error that came out of a fetch", function()
    local broken = false
    serve(nil, nil, nil, { credentials = fake.CREDENTIALS, clock = function()
      if broken then
        error "the clock is broken"
      end
      return os.time()
    end })
    local it = client:each_application()
    loop:spawn(function()
      broken = true
      events[1] = { pcall(coroutine.wrap(function() return it:next() end)) }
      broken = false
      loop:sleep(0)
      events[2] = it:next().Name
    end)
    local task = loop:spawn(function() return it:next() end)
    assert(loop:run())
    assert.is_false(events[1][1])
    assert.matches("the clock is broken", events[1][2])
    local names = { events[2], task:result().Name }
    table.sort(names)
    assert.same({ "1a", "1b" }, names)
  end)
end)

-- A transport of the host's that yields to the host, as nginx's does.
describe("an iterator that coroutines of a host share", function()
  local function yielding(answers)
    local transport = fake.new(answers)
    local send = transport.send
    function transport:send(request, deadline)
      coroutine.yield()
      return send(self, request, deadline)
    end
    function transport.wait()
      coroutine.yield()
      return true
    end
    return transport
  end

  local function client_on(transport, clock)
    return assert(appintegrations.client { region = "us-east-1", credentials = fake.CREDENTIALS,
      transport = transport, env = {}, retry_mode = "off", clock = clock })
  end

  local function pages(request)
    return fake.json(200, request.query and '{"Applications":[{"Name":"2a"}]}'
      or '{"Applications":[{"Name":"1a"},{"Name":"1b"}],"NextToken":"p2"}')
  end

  --- Resumes each of THREADS in turn until all have ended.
  local function run(threads)
    local left = 1000
    repeat
      local alive = false
      left = left - 1
      assert(left > 0, "no end")
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          assert(coroutine.resume(thread))
          alive = true
        end
      end
    until not alive
  end

  local function taker(it, taken)
    return coroutine.create(function()
      local item = it:next()
      while item do
        taken[#taken + 1] = item.Name
        item = it:next()
      end
    end)
  end

  it("waits for a fetch under way", function()
    local transport, taken = yielding(pages), {}
    local it = client_on(transport):each_application()
    run { taker(it, taken), taker(it, taken), taker(it, taken) }
    table.sort(taken)
    assert.equal("1a 1b 2a", table.concat(taken, " "))
    assert.equal(2, #transport.requests)
  end)

  it("fetches again where the one who fetched has been dropped, or is never resumed", function()
    local now = 1000
    local transport, taken = yielding(pages), {}
    local it = client_on(transport, function() now = now + 1 return now end):each_application()
    local lost = taker(it, taken)
    assert(coroutine.resume(lost))
    run { taker(it, taken) } -- the clock goes on; the other one is given up
    assert.equal("1a 1b 2a", table.concat(taken, " "))
    assert(coroutine.resume(lost)) -- its page is not taken a second time
    assert.equal("1a 1b 2a", table.concat(taken, " "))
    assert.is_true(it.done)
    it = client_on(yielding(pages)):each_application()
    taken = {}
    coroutine.resume(taker(it, taken))
    collectgarbage()
    collectgarbage()
    run { taker(it, taken) }
    assert.equal("1a 1b 2a", table.concat(taken, " "))
  end)

  it("tells errors of the transport's wait", function()
    local transport = yielding(pages)
    function transport.wait()
      return nil, errors.new { kind = "cancelled", code = "Cancelled", message = "told" }
    end
    local it = client_on(transport):each_application()
    local first = taker(it, {})
    assert(coroutine.resume(first))
    local item, err
    run { coroutine.create(function() item, err = it:next() end), first }
    assert.is_nil(item)
    assert.equal("told", err.message)
  end)
end)
