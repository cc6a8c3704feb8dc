-- What only real connections, processes and numbers show: calls that are cut off, a service that
-- dies and returns, and ten thousand calls under faults of all kinds.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local count_descriptors = require "spec.support.descriptors"
local emulator = require "spec.support.emulator"
local http = require "socket.http"
local workdir = require "spec.support.workdir"
local eventually = require "spec.support.eventually"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

local function new_client(child, options)
  local all = {
    endpoint_url = child.url, region = "us-east-1", credentials = emulator.credentials, env = {},
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(appintegrations.client(all))
end

local function inject(child, json)
  local body, status = http.request(child.url .. "/_emulator/faults", json)
  assert.equal(200, status, body)
end

--- Kilobytes that this process has in memory.
local function resident()
  local file = assert(io.open "/proc/self/statm")
  local _, pages = file:read("*n", "*n")
  file:close()
  return pages * 4
end

local function collect()
  if jit then
    jit.flush() -- what it has compiled holds what it was compiled for
  end
  collectgarbage()
  collectgarbage()
end

describe("a call that hangs", function()
  local child

  before_each(function()
    child = emulator.start { "--quiet" }
  end)

  after_each(function()
    child:stop()
  end)

  --- Runs CALL of CLIENT under a debug hook that runs ACTION once, when the call is on its way.
  local function interrupted(client, call, action)
    local function hook()
      local engine = client.transport.engine
      local _, running = 0, 0
      if engine then
        _, running = engine:counts()
      end
      if running > 0 then
        debug.sethook()
        action()
      end
    end
    if rawget(_G, "jit") then
      rawget(_G, "jit").off() -- compiled code runs no hooks
    end
    debug.sethook(hook, "", 1)
    local result = { pcall(call, client) }
    debug.sethook()
    return (unpack or table.unpack)(result, 1, 3)
  end

  it("is cancelled from a debug hook, and the next call works", function()
    local client = new_client(child)
    assert(client:list_applications())
    inject(child, '{ "fault": "latency", "latency": 30 }')
    local done, output, err = interrupted(client, client.list_applications, function()
      client:cancel()
    end)
    assert.is_true(done)
    assert.is_nil(output)
    assert.equal("Cancelled", err.code)
    local waiting, running, finished = client.transport.engine:counts()
    assert.same({ 0, 0, 0 }, { waiting, running, finished })
    assert(client:list_applications())
    client:close()
  end)

  --- A client and what becomes of its calls, in a frame of its own: no register keeps them.
  local function raise_in_calls()
    local client = new_client(child)
    for _ = 1, 3 do
      local done, message = interrupted(client, client.list_applications, function()
        error "enough"
      end)
      assert.is_false(done)
      assert.matches("enough", message)
      collect()
      local waiting, running = client.transport.engine:counts()
      assert.same({ 0, 0 }, { waiting, running })
    end
    assert.same({}, client.calls:all())
    assert(client:list_applications())
  end

  it("leaves nothing behind when a debug hook raises", function()
    collect()
    local before = count_descriptors()
    inject(child, '{ "fault": "latency", "latency": 30, "times": 3 }')
    raise_in_calls()
    collect()
    assert.equal(before, count_descriptors())
  end)

  local function drop_a_call()
    local client = new_client(child)
    local real = client.transport
    client.transport = { -- as a loop would: submitted, stepped, and left alone
      send = function(_, request)
        local id = real:submit(request)
        local guard = real.engine:guard()
        guard:hold(id)
        real.engine:step(0.05)
        coroutine.yield()
        return guard
      end,
    }
    local task = coroutine.create(function() return client:list_applications() end)
    assert(coroutine.resume(task))
  end

  it("leaves nothing behind when its coroutine and its client are dropped", function()
    collect()
    local before = count_descriptors()
    for _ = 1, 5 do
      inject(child, '{ "fault": "latency", "latency": 30 }')
      drop_a_call()
    end
    collect()
    assert.equal(before, count_descriptors())
  end)
end)

describe("a listing", function()
  it("goes on where it was when the service dies and returns, losing and doubling nothing",
    function()
      local state = workdir.name()
      cleanup(function() os.remove(state) end)
      local child = emulator.start { "--quiet", "--state", state }
      local port = tostring(child.port)
      local client = new_client(child, { max_attempts = 2, sleep = function() end })
      for i = 1, 23 do
        assert(client:create_data_integration { Name = ("crm-%02d"):format(i), KmsKey = KEY })
      end
      local names, failures, it = {}, 0, client:each_data_integration { MaxResults = 5 }
      while not it.done do
        local ok, err = pcall(function()
          for item in it do
            names[#names + 1] = item.Name
            if #names == 7 or #names == 15 then
              child:stop()
            end
          end
        end)
        if not ok then
          assert.is_true(appintegrations.is_error(err, "ConnectionError"), tostring(err))
          failures = failures + 1
          child = emulator.start({ "--quiet", "--state", state, "--port", port })
          if failures == 2 then -- another iterator, from where this one stands
            it = client:each_data_integration { MaxResults = 5, NextToken = it.next_token }
          end
        end
      end
      client:close()
      child:stop()
      assert.equal(2, failures)
      assert.equal(23, #names)
      for i, name in ipairs(names) do
        assert.equal(("crm-%02d"):format(i), name)
      end
    end)
end)

describe("ten thousand calls, a fifth of them spoilt in mixed ways", function()
  local CALLS = tonumber(os.getenv "APPINTEGRATIONS_SPEC_CALLS") or 10000
  local FAULTS = {
    "throttle:rate=0.05", "internal_error:rate=0.03", "html_502:rate=0.03", "reset:rate=0.03",
    "truncated:rate=0.02", "close:rate=0.02", "reset_in_body:rate=0.01", "invalid_json:rate=0.01",
    "closed_keep_alive:rate=0.01", "overlong:rate=0.005", "http_1_0:rate=0.005",
    "latency:rate=0.0005",
  }
  local KINDS = { service = true, transport = true, timeout = true, response = true }

  local function start()
    local args = { "--quiet" }
    for _, fault in ipairs(FAULTS) do
      args[#args + 1] = "--fault"
      args[#args + 1] = fault
    end
    return emulator.start(args)
  end

  --- Numbers that differ and are the same in every run.
  local function sequence()
    local state = 1
    return function()
      state = (state * 16807) % 2147483647
      return state / 2147483647
    end
  end

  local function check_error(err, counts)
    assert.is_true(appintegrations.is_error(err))
    assert.is_true(KINDS[err.kind] or false, tostring(err))
    assert.is_true(err.attempts >= 1 and err.attempts <= 3)
    counts.failed = counts.failed + 1
    counts[err.code] = (counts[err.code] or 0) + 1
  end

  --- Creates one, calling again with the same token while that fails.
  local function create(client, n, counts, ids)
    local params = { Name = "crm-" .. n, KmsKey = KEY, ClientToken = "token-" .. n }
    local output = eventually("a success", function()
      local output, err = client:create_data_integration(params)
      counts.calls = counts.calls + 1
      if not output then
        check_error(err, counts)
      end
      return output
    end)
    assert.is_nil(ids[output.Id])
    ids[output.Id] = output.Name
    ids[#ids + 1] = output.Id
  end

  local READS = {
    function(client, id) return client:get_data_integration { Identifier = id } end,
    function(client) return client:list_data_integrations { MaxResults = 2 } end,
    function(client, _, arn)
      return client:tag_resource { resourceArn = arn, tags = { a = "b" } }
    end,
    function(client) return client:list_applications() end,
  }

  local function run(client, calls, counts, ids, random)
    local arn = "arn:aws:app-integrations:us-east-1:123456789012:data-integration/"
    local target = counts.calls + calls
    while counts.calls < target do
      if random() < 0.2 or #ids == 0 then
        create(client, #ids + 1, counts, ids)
      else
        local id = ids[math.floor(random() * #ids) + 1]
        local output, err = READS[math.floor(random() * #READS) + 1](client, id, arn .. id)
        counts.calls = counts.calls + 1
        if not output then
          check_error(err, counts)
        end
      end
    end
  end

  it("end in a result or a classified error, and leave nothing behind", function()
    local child = start()
    local client = new_client(child, { timeout = 0.15, sleep = function() end })
    local counts, ids, random = { calls = 0, failed = 0 }, {}, sequence()
    run(client, CALLS / 5, counts, ids, random)
    collect()
    local descriptors, memory, size = count_descriptors(), collectgarbage "count", resident()
    run(client, CALLS - CALLS / 5, counts, ids, random)
    collect()
    -- What this spec itself keeps: some 200 bytes for each resource.
    assert.is_true(collectgarbage "count" < memory + #ids * 0.3 + 100)
    if not os.getenv "LD_PRELOAD" then -- AddressSanitizer keeps what was freed
      -- 2 KiB a call: the heap of a process that has run hundreds of specs is full of holes.
      assert.is_true(resident() < size + 16 * 1024)
    end
    assert.is_true(count_descriptors() <= descriptors + 1)
    assert.same({}, client.calls:all())
    local waiting, running, finished = client.transport.engine:counts()
    assert.same({ 0, 0, 0 }, { waiting, running, finished })
    assert.is_true(counts.failed > 0)
    assert.is_true(counts.failed < counts.calls * 0.1)

    http.request { url = child.url .. "/_emulator/faults", method = "DELETE" }
    local listed = 0
    for item in client:each_data_integration() do
      listed = listed + 1
      assert.equal("crm-" .. listed, item.Name)
    end
    assert.equal(#ids, listed)
    client:close()
    child:stop()
  end)
end)
