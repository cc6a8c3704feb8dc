-- What a program's functions may do in the middle of a call: each of them, each time it is asked,
-- raises, yields, calls the client, ends calls, closes what calls need, or collects garbage. The
-- call ends with what it may end with, nothing stays in flight, and the next call works.

local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local server = require "spec.support.server"

local MARK = "raised on purpose"
local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRET" }

-- How far the clients' clock is ahead: set forward between calls, so that credentials are asked for
-- again.
local ahead = 0

local function now()
  return core.now() + ahead
end

-- What a callback gives where it does as it should.
local USUAL = {
  logger = function() end,
  credentials = function()
    return { access_key_id = KEYS.access_key_id, secret_access_key = KEYS.secret_access_key,
      expiration = now() + 60 }
  end,
  clock = now,
  random = function() return 0.5 end,
  sleep = function() end,
}

-- What is raised in these is no failure of the call.
local IS_HEARD = { logger = true, credentials = true }

local ACTS = {
  ["raises"] = function() error(MARK, 0) end,
  ["raises nil"] = function() error() end,
  ["yields"] = function() coroutine.yield() end,
  ["calls the client"] = function(world) world.client:get_application { Arn = "fine" } end,
  ["cancels"] = function(world) world.client:cancel() end,
  ["closes the client"] = function(world) world.client:close() world.is_closed = true end,
  ["collects"] = function() collectgarbage() collectgarbage() end,
}
-- In a loop's tasks alone.
local LOOP_ACTS = {
  ["begins a task"] = function(world)
    world.begun = world.loop:spawn(function()
      return world.client:get_application { Arn = "fine" }
    end)
  end,
  ["cancels its task"] = function(world) world.task:cancel() end,
  ["sleeps in the loop"] = function(world) world.loop:sleep(0.001) end,
}
for name, act in pairs(ACTS) do
  LOOP_ACTS[name] = act
end

describe("a callback", function()
  local running

  setup(function()
    running = server.start {
      ["GET /applications/fine"] = { body = '{"Name":"fine"}' },
      ["GET /applications/broken"] = { status = 500, body = "{}" },
    }
  end)

  teardown(function()
    running:stop()
  end)

  --- A client whose callback NAME does ACT when it is asked the N-th time.
  local function new_world(name, act, n, loop)
    local world = { loop = loop, asked = 0 }
    ahead = 0
    local options = { region = "us-east-1", env = {}, endpoint_url = running.url, loop = loop,
      max_attempts = 2, timeout = 5 }
    for callback, usual in pairs(USUAL) do
      options[callback] = usual
    end
    options[name] = function(...)
      world.asked = world.asked + (world.is_over and 0 or 1)
      if world.asked == n and not world.has_acted then
        world.has_acted = true
        act(world)
      end
      return USUAL[name](...)
    end
    world.client = assert(appintegrations.client(options))
    return world
  end

  --- A call that is tried twice, and one that succeeds.
  local function calls(world)
    local failed, err = world.client:get_application { Arn = "broken" }
    ahead = ahead + 40
    local output, problem = world.client:get_application { Arn = "fine" }
    return { failed, err }, { output, problem }
  end

  local function check_outcome(outcome, what)
    local output, err = outcome[1], outcome[2]
    assert.is_true(output ~= nil and output.Name == "fine" or appintegrations.is_error(err),
      ("%s: %s"):format(what, tostring(err)))
  end

  --- That RAISED is of the callback's making, which only some of them may let through.
  local function check_raised(raised, name, what)
    local text = tostring(raised)
    assert.is_nil(IS_HEARD[name], what .. ": " .. text)
    assert.is_true(raised == nil or text:find("^<no error object>") ~= nil -- of nil in 5.5
      or text:find(MARK, 1, true) ~= nil
      or text:find("attempt to yield", 1, true) ~= nil or appintegrations.is_error(raised),
      what .. ": " .. text)
  end

  local function check_end(world, what)
    world.is_over = true
    local output, err = world.client:get_application { Arn = "fine" }
    if world.is_closed then
      assert.is_true(output ~= nil or appintegrations.is_error(err, "Cancelled"), what)
    else
      assert.equal("fine", output and output.Name, ("%s, and then: %s"):format(what, tostring(err)))
    end
    collectgarbage()
    collectgarbage()
    assert.same({}, world.client.calls:all(), what)
    world.client:close()
  end

  local function block(name, act, n, what)
    local world = new_world(name, act, n)
    local ok, first, second = pcall(calls, world)
    if ok then
      check_outcome(first, what)
      check_outcome(second, what)
    else
      check_raised(first, name, what)
    end
    check_end(world, what)
    return world.has_acted
  end

  --- The same in a task, beside one that has nothing to do with it.
  local function loop_on(name, act, n, what)
    local loop = appintegrations.loop()
    local world = new_world(name, act, n, loop)
    local other = assert(appintegrations.client { region = "us-east-1", env = {}, loop = loop,
      endpoint_url = running.url, credentials = KEYS })
    local bystander = loop:spawn(function() return other:get_application { Arn = "fine" } end)
    local first, second
    world.task = loop:spawn(function() first, second = calls(world) return true end)
    local finished, failure = loop:run()
    local ok, err = world.task:result()
    if ok then
      check_outcome(first, what)
      check_outcome(second, what)
    elseif err.code ~= "Cancelled" then
      check_raised(err.cause, name, what .. " " .. tostring(failure))
    end
    assert.is_true(finished == true or failure ~= nil, what)
    local output, problem = bystander:result()
    assert.is_true(output ~= nil or world.is_closed and problem.code == "Cancelled",
      what .. ": the bystander: " .. tostring(problem))
    assert.is_true(not world.begun or world.begun:done(), what .. ": a task is left")
    local waiting, in_flight = 0, 0
    if loop.engine then
      waiting, in_flight = loop.engine:counts()
    end
    assert.equal(0, waiting + in_flight, what .. ": a transfer is left")
    check_end(world, what)
    other:close()
    loop:close()
    return world.asked >= n
  end

  local function each_time(run, name, act_name, act)
    local n = 1
    while run(name, act, n, ("%s %s the %d. time"):format(name, act_name, n)) do
      n = n + (n < 8 and 1 or 13) -- an id takes 31 numbers
      assert.is_true(n < 500, "it is asked without end")
    end
    assert.is_true(n > 1, "it is never asked")
  end

  for name in pairs(USUAL) do
    for act_name, act in pairs(ACTS) do
      it(("%s may do it at any time: it %s"):format(name, act_name), function()
        each_time(block, name, act_name, act)
      end)
    end
    for act_name, act in pairs(LOOP_ACTS) do
      it(("%s may do it at any time in a task: it %s"):format(name, act_name), function()
        each_time(loop_on, name, act_name, act)
      end)
    end
  end

  describe("that calls its own client whenever it is asked", function()
    local client

    local function new_client(options)
      options.region, options.env, options.endpoint_url = "us-east-1", {}, running.url
      client = assert(appintegrations.client(options))
      return client
    end

    it("is told of the program's calls alone, where it is a logger", function()
      local types, inner = {}, 0
      new_client { credentials = KEYS, logger = function(event)
        types[#types + 1] = event.type
        inner = inner + (client:get_application { Arn = "fine" } and 1 or 0)
      end }
      assert(client:get_application { Arn = "fine" })
      assert.equal("credentials request response", table.concat(types, " "))
      assert.equal(3, inner)
      assert(client:get_application { Arn = "fine" })
      assert.equal(5, #types)
    end)

    it("does not keep one logger from what another one's calls tell it", function()
      local types, other = {}, nil
      new_client { credentials = KEYS, logger = function()
        other:get_application { Arn = "fine" }
      end }
      other = client
      new_client { credentials = KEYS, logger = function(event) types[#types + 1] = event.type end }
      other, client = client, other
      assert(client:get_application { Arn = "fine" })
      assert.equal(7, #types) -- one set of credentials
    end)

    it("gets an error, where it gives credentials", function()
      local asked, inner = 0, nil
      local function credentials()
        asked = asked + 1
        local output, err = client:get_application { Arn = "fine" }
        inner = err
        return output, err
      end
      new_client { credentials = credentials }
      for i = 1, 2 do
        local _, err = client:get_application { Arn = "fine" }
        assert.equal("CredentialsProviderError", err.code)
        assert.matches("asks it again", err.message)
        assert.equal("CredentialsProviderError", inner.code)
        assert.equal(i, asked)
      end
      local loop = appintegrations.loop()
      new_client { credentials = credentials, loop = loop }
      local _, errs, failed = loop:map({ 1, 2, 3 }, function()
        return client:get_application { Arn = "fine" }
      end)
      assert.equal(3, failed)
      assert.equal("CredentialsProviderError", errs[3].code)
    end)

    it("may ask in two tasks at once, where it gives credentials", function()
      local loop, asked = appintegrations.loop(), 0
      local function credentials()
        asked = asked + 1
        loop:sleep(0.001)
        return KEYS
      end
      local clients = { new_client { credentials = credentials, loop = loop },
        new_client { credentials = credentials, loop = loop } }
      local _, errs = loop:map(clients, function(one)
        return one:get_application { Arn = "fine" }
      end)
      assert.is_nil(errs)
      assert.equal(2, asked)
    end)
  end)
end)
