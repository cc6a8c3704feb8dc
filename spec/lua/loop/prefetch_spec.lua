local apart = require "spec.support.apart"
local connections = require "spec.support.connections"
local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local start = require("spec.support.server").start
local eventually = require "spec.support.eventually"
local page = require "spec.support.page"

describe("an iterator with prefetch", function()
  local loop, server, client

  local function serve(script)
    server = start(script)
    client = assert(appintegrations.client {
      region = "us-east-1", credentials = fake.CREDENTIALS, env = {}, loop = loop,
      endpoint_url = server.url, retry_mode = "off",
    })
  end

  before_each(function()
    loop = appintegrations.loop()
  end)

  after_each(function()
    loop:close()
    server:stop()
  end)

  --- Steps until the server has seen so many requests.
  local function await_requests(count)
    eventually("request number " .. count, function()
      return #server:requests() >= count or not loop:step(0.01)
    end)
  end

  local THREE = {
    ["GET /applications"] = page(1, "p2"),
    ["GET /applications?nextToken=p2"] = page(2, "p3"),
    ["GET /applications?nextToken=p3"] = page(3),
  }

  local function names_of(it)
    local names = {}
    local item, err = it:next()
    while item do
      names[#names + 1] = item.Name
      item, err = it:next()
    end
    return table.concat(names, " "), err
  end

  it("asks for one page ahead, and no more", function()
    serve(THREE)
    local it, first
    loop:spawn(function()
      it = client:each_application({}, { prefetch = true })
      first = it:next().Name
    end)
    await_requests(2)
    assert.is_true(loop:run())
    assert.equal("1a", first)
    assert.equal("GET /applications?nextToken=p2", server:requests()[2].raw:match("^%S+ %S+"))
    assert.equal("1b", it:next().Name)
    assert.equal("2a", it:next().Name)
    assert.equal("p2", it.next_token)
    await_requests(3)
    assert.equal("2b 3a 3b", (names_of(it)))
    assert.equal(3, #server:requests())
  end)

  it("gives the same items in a task and outside, with and without a loop", function()
    serve(THREE)
    local task = loop:spawn(function()
      return (names_of(client:each_application({}, { prefetch = true })))
    end)
    assert.is_true(loop:run())
    assert.equal("1a 1b 2a 2b 3a 3b", task:result())
    assert.equal("1a 1b 2a 2b 3a 3b", (names_of(client:each_application({}, { prefetch = true }))))
    local alone = assert(appintegrations.client {
      region = "us-east-1", credentials = fake.CREDENTIALS, env = {}, endpoint_url = server.url,
    })
    assert.equal("1a 1b 2a 2b 3a 3b", (names_of(alone:each_application({}, { prefetch = true }))))
    local whole = {}
    for listed in client:each_application({}, { prefetch = true }):pages() do
      whole[#whole + 1] = #listed.Applications
    end
    assert.same({ 2, 2, 2 }, whole)
  end)

  it("asks for nothing that the limit does not need, and for no larger pages", function()
    serve {
      ["GET /applications?maxResults=4"] = page(1, "p2"),
      ["GET /applications?maxResults=3"] = page(1, "p2"),
      ["GET /applications?maxResults=2"] = page(1, "p2"),
      ["GET /applications?nextToken=p2&maxResults=2"] = page(2, "p3"),
      ["GET /applications?nextToken=p2&maxResults=1"] = page(2, "p3"),
    }
    for limit, expected in pairs { [2] = "1a 1b", [3] = "1a 1b 2a", [4] = "1a 1b 2a 2b" } do
      local names, err = names_of(client:each_application({}, { prefetch = true, limit = limit }))
      assert.is_nil(err)
      assert.equal(expected, names)
    end
    assert.is_true(loop:run())
    assert.equal(1 + 2 + 2, #server:requests())
  end)

  it("gives the failure of a page where that page is due, and then asks again", function()
    serve {
      ["GET /applications"] = page(1, "p2"),
      ["GET /applications?nextToken=p2"] = { { status = 500, body = "oops" }, page(2) },
    }
    local task = loop:spawn(function()
      local it = client:each_application({}, { prefetch = true })
      local names, err = names_of(it)
      return names, err.code, (names_of(it))
    end)
    assert.is_true(loop:run()) -- the failure has been told to the iterator
    assert.same({ "1a 1b", "500", "2a 2b" }, { task:result() })
  end)

  it("ends a listing that gives the same token twice", function()
    serve {
      ["GET /applications"] = page(1, "p2"),
      ["GET /applications?nextToken=p2"] = page(2, "p2"),
    }
    local names, err = names_of(client:each_application({}, { prefetch = true }))
    assert.equal("1a 1b", names)
    assert.equal("RepeatedToken", err.code)
  end)

  local STUCK = {
    ["GET /applications"] = page(1, "p2"),
    ["GET /applications?nextToken=p2"] = { hang = true },
  }

  it("gives up the page that is on its way when it is closed", function()
    serve(STUCK)
    local it
    local task = loop:spawn(function()
      it = client:each_application({}, { prefetch = true })
      return it:next()
    end)
    await_requests(2)
    assert.equal("1a", task:result().Name)
    it:close()
    assert.same({}, connections(loop:fds()))
    assert.is_true(loop:run())
    assert.is_nil((it:next()))
  end)

  it("gives it up when nobody holds the iterator any more", function()
    serve(STUCK)
    loop:spawn(function()
      return client:each_application({}, { prefetch = true }):next()
    end)
    await_requests(2)
    for _ = 1, 3 do
      collectgarbage()
    end
    loop:step()
    assert.same({}, connections(loop:fds()))
    assert.is_true(loop:run())
  end)

  it("gives it up at a break out of a generic for, in Lua 5.4", function()
    serve(STUCK)
    if not rawget(coroutine, "close") then
      return
    end
    local stop = false
    loop:spawn(function()
      for _ in client:each_application({}, { prefetch = true }) do -- luacheck: ignore 512
        while not stop do
          loop:sleep(0.001)
        end
        break
      end
    end)
    await_requests(2)
    stop = true
    assert.is_true(loop:run())
    assert.same({}, connections(loop:fds()))
  end)

  it("tells a task that is cancelled while it waits for the page, which can still come", function()
    serve {
      ["GET /applications"] = page(1, "p2"),
      ["GET /applications?nextToken=p2"] = page(2, nil, { delay = 0.1 }),
    }
    local task = loop:spawn(function()
      local it = client:each_application({}, { prefetch = true })
      local names, err = names_of(it)
      return names, err.code, (names_of(it))
    end)
    await_requests(2)
    task:cancel()
    assert.is_true(loop:run())
    assert.same({ "1a 1b", "Cancelled", "2a 2b" }, { task:result() })
    assert.equal(2, #server:requests())
  end)

  it("works where a program has made it an error to look for globals that are not there", function()
    serve { ["GET /applications"] = page(1, "p2"), ["GET /applications?nextToken=p2"] = page(2) }
    assert.equal("2b\n", apart(([[
      local function strict(_, name) error("no global " .. tostring(name), 2) end
      setmetatable(_G, { __index = strict, __newindex = strict })
      local appintegrations = require "appintegrations"
      local client = assert(appintegrations.client { region = "us-east-1", env = {},
        credentials = { access_key_id = "A", secret_access_key = "S" }, endpoint_url = %q,
        loop = appintegrations.loop() })
      local it, last = client:each_application({}, { prefetch = true }), nil
      for _ = 1, 4 do
        last = assert(it:next())
      end
      print(last.Name)
    ]]):format(server.url)))
  end)
end)
