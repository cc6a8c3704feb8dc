local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"

--- A loop whose time stands still until the spec moves it.
local function timed_loop()
  local now = 1000
  local loop = appintegrations.loop { clock = function() return now end }
  return loop, function(seconds)
    now = now + seconds
  end
end

local function failure(code)
  return errors.new { kind = "service", code = code or "Some", message = "failed" }
end

--- A coroutine.yield that busted's own coroutines do not notice: only for tasks.
local give_way = coroutine.yield

--- Asserts that F raises a message that matches PATTERN, with a line of this file.
local function raises(f, pattern)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches("loop/init_spec.lua:%d+: " .. pattern, message)
end

local pcall_yields = _VERSION ~= "Lua 5.1" or jit ~= nil

describe("a task", function()
  it("gets its arguments and keeps all that its function returns", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function(...)
      return select("#", ...), nil, ..., nil
    end, 1, nil, nil)
    assert.is_false(task:done())
    assert.is_true(loop:run())
    assert.is_true(task:done())
    assert.equal(4, select("#", task:result()))
    assert.equal(3, (task:result()))
  end)

  it("can be a function written in C", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(select, "#", 1, 2)
    assert.is_true(loop:run())
    assert.equal(2, task:result())
  end)

  it("has no result before it has ended", function()
    local task = appintegrations.loop():spawn(function() end)
    raises(function() task:result() end, "task:result: .*not ended")
  end)

  it("lets the others have their turn whenever it gives way", function()
    local loop, log = appintegrations.loop(), {}
    for _, name in ipairs { "a", "b", "c" } do
      loop:spawn(function()
        for i = 1, 3 do
          log[#log + 1] = name .. i
          give_way()
        end
      end)
    end
    assert.is_true(loop:run())
    assert.equal("a1 b1 c1 a2 b2 c2 a3 b3 c3", table.concat(log, " "))
  end)

  it("can start others, which run beside it", function()
    local loop, log = appintegrations.loop(), {}
    loop:spawn(function()
      local other = loop:spawn(function()
        log[#log + 1] = "other"
        return "result"
      end)
      log[#log + 1] = "first"
      local result = other:join()
      log[#log + 1] = result
    end)
    assert.is_true(loop:run())
    assert.same({ "first", "other", "result" }, log)
  end)

  it("sleeps until its time has come, in the order of time", function()
    local loop, advance = timed_loop()
    local log = {}
    for _, seconds in ipairs { 3, 1, 2, 1 } do
      loop:spawn(function()
        local slept = loop:sleep(seconds)
        log[#log + 1] = seconds
        return slept
      end)
    end
    assert.equal(0, loop:timeout())
    assert.equal(4, loop:step())
    assert.equal(1, loop:timeout())
    advance(1)
    assert.equal(2, loop:step())
    advance(0.5)
    assert.equal(2, loop:step())
    assert.equal(0.5, loop:timeout())
    advance(5)
    assert.equal(0, loop:step())
    assert.same({ 1, 1, 2, 3 }, log)
    assert.is_nil(loop:timeout())
  end)

  it("wakes nobody, and is woken by nobody, before the time: no busy wait #native", function()
    local looks = 0
    local loop = appintegrations.loop { clock = function()
      looks = looks + 1
      return core.monotonic()
    end }
    loop:spawn(function() loop:sleep(0.1) end)
    assert.is_true(loop:run())
    assert.is_true(looks < 10)
  end)

  it("costs a step nothing while it waits, however many there are", function()
    --- What the VM does in a step while COUNT tasks sleep.
    local function instructions(count)
      local loop, steps = timed_loop(), 0
      for _ = 1, count do
        loop:spawn(loop.sleep, loop, 1000)
      end
      loop:step()
      debug.sethook(function() steps = steps + 1 end, "", 1)
      loop:step()
      loop:timeout()
      debug.sethook()
      return steps
    end
    local compiles = jit and jit.status()
    if compiles then -- no hook is called in what LuaJIT has compiled
      jit.off()
      jit.flush()
    end
    local few, many = instructions(10), instructions(10000)
    if compiles then
      jit.on()
    end
    assert.is_true(few > 10)
    assert.equal(few, many)
  end)

  it("is waited for by many at a cost that grows as they do", function()
    --- What the VM does, in hundreds of instructions, for COUNT tasks that join one.
    local function instructions(count)
      local loop, hundreds = timed_loop(), 0
      local joined = loop:spawn(coroutine.yield)
      for _ = 1, count do
        loop:spawn(function()
          debug.sethook(function() hundreds = hundreds + 1 end, "", 100) -- of this coroutine
          joined:join()
        end)
      end
      local ended = loop:run()
      debug.sethook() -- LuaJIT has one for all
      assert.is_true(ended)
      return hundreds
    end
    local compiles = jit and jit.status()
    if compiles then
      jit.off()
      jit.flush()
    end
    local few, many = instructions(200), instructions(3200)
    if compiles then
      jit.on()
    end
    assert.is_true(many < 32 * few, ("%d, %d"):format(few, many))
  end)

  it("keeps the error object that it raised", function()
    local loop, err = appintegrations.loop(), failure()
    local task = loop:spawn(function() error(err) end)
    assert.same({ nil, err }, { loop:run() })
    local output, same = task:result()
    assert.is_nil(output)
    assert.equal(err, same)
  end)

  it("keeps any other error with its traceback in an error object", function()
    local loop = appintegrations.loop()
    local function deep_inside()
      error("no such luck")
    end
    local task = loop:spawn(function()
      deep_inside()
      return 1
    end)
    local cause = {}
    local other = loop:spawn(function() error(cause) end)
    loop:run()
    local _, err = task:result()
    assert.is_true(errors.is_error(err, "TaskFailed"))
    assert.equal("task", err.kind)
    assert.matches("loop/init_spec.lua:%d+: no such luck", err.message)
    assert.matches("deep_inside", tostring(err))
    _, err = other:result()
    assert.equal(cause, err.cause)
  end)
end)

describe("loop:run", function()
  it("returns the failures that nobody has been told, one by one", function()
    local loop = appintegrations.loop()
    loop:spawn(function() return nil, failure "First" end)
    loop:spawn(function() return nil, "no error object, so a result" end)
    loop:spawn(function() error(failure "Second") end)
    local seen = loop:spawn(function() return nil, failure "Seen" end)
    loop:spawn(function() seen:join() end)
    for _, code in ipairs { "First", "Second" } do
      local ok, err = loop:run()
      assert.is_nil(ok)
      assert.equal(code, err.code)
    end
    assert.is_true(loop:run())
  end)

  it("says when the tasks that are left wait for one another", function()
    local loop, second = appintegrations.loop(), nil
    local first = loop:spawn(function() return second:join() end)
    second = loop:spawn(function() return first:join() end)
    local ok, err = loop:run()
    assert.is_nil(ok)
    assert.equal("Deadlock", err.code)
    first:cancel()
    local _, reason = first:result(loop:run())
    assert.equal("Cancelled", reason.code)
  end)

  it("cannot be called inside a task, nor can step and close", function()
    local loop, messages = appintegrations.loop(), {}
    for i, method in ipairs { "run", "step", "close" } do
      loop:spawn(function()
        local _, message = pcall(loop[method], loop)
        messages[i] = message
      end)
    end
    assert.is_true(loop:run())
    assert.matches("loop:run: not inside a task", messages[1])
    assert.matches("loop:step: not inside a task", messages[2])
    assert.matches("loop:close: not inside a task", messages[3])
  end)
end)

describe("loop:step", function()
  it("says how many tasks are left, and each failure once", function()
    local loop = appintegrations.loop()
    loop:spawn(function() give_way() give_way() give_way() end)
    loop:spawn(function() return nil, failure() end)
    local left, err = loop:step()
    assert.equal(1, left)
    assert.equal("Some", err.code)
    left, err = loop:step()
    assert.equal(0, left)
    assert.is_nil(err)
    assert.equal(0, loop:step(10)) -- nothing to wait for
  end)

  it("takes any number of seconds", function()
    local sleep = core.sleep
    for _, seconds in ipairs { 1e10, 1 / 0 } do
      local loop, slept = appintegrations.loop(), nil
      loop:spawn(function() loop:await_gate { open = false } end)
      loop:step()
      core.sleep = function(...) slept = ... end
      local ok, left = pcall(loop.step, loop, seconds)
      core.sleep = sleep
      assert.is_true(ok, left)
      assert.equal(1, left)
      assert.equal(86400, slept)
    end
    assert.has_error(function() appintegrations.loop():step(0 / 0) end)
  end)
end)

describe("task:join", function()
  it("waits outside tasks by running the loop", function()
    local loop = appintegrations.loop()
    local other = loop:spawn(function()
      loop:sleep(0.001)
      return "other"
    end)
    local task = loop:spawn(function() return 1, other:join() end)
    assert.same({ 1, "other" }, { task:join() })
    assert.equal("other", other:join())
  end)

  it("gives several tasks the same result", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function()
      loop:sleep(0)
      return nil, failure "Shared"
    end)
    local outputs = loop:map({ 1, 2, 3 }, function()
      return select(2, task:join()).code
    end)
    assert.same({ "Shared", "Shared", "Shared", n = 3 }, outputs)
    assert.is_true(loop:run())
  end)
end)

describe("task:cancel", function()
  it("ends a task that has not begun", function()
    local loop, ran = appintegrations.loop(), false
    local task = loop:spawn(function() ran = true end)
    assert.is_true(task:cancel())
    assert.is_false(task:cancel())
    assert.is_true(loop:run())
    assert.is_false(ran)
    local output, err = task:result()
    assert.is_nil(output)
    assert.equal("Cancelled", err.code)
    assert.equal("cancelled", err.kind)
  end)

  it("tells a task that sleeps, once, so that it can clean up", function()
    local loop, advance = timed_loop()
    local task = loop:spawn(function()
      local slept, err = loop:sleep(10)
      assert(slept == nil and err.code == "Cancelled")
      local cleaned = loop:sleep(1)
      return "cleaned up", cleaned
    end)
    loop:step()
    task:cancel()
    loop:step()
    assert.is_false(task:done())
    advance(1)
    loop:step()
    assert.same({ "cleaned up", true }, { task:result() })
    assert.is_nil(loop:timeout())
  end)

  it("takes no sleep for so long as no number is, which would keep others from waking", function()
    local loop, advance = timed_loop()
    local odd = loop:spawn(function() return loop:sleep(0 / 0) end)
    local other = loop:spawn(function() return loop:sleep(1) end)
    loop:step()
    advance(1)
    loop:step()
    assert.is_true(other:done())
    local _, err = odd:result()
    assert.matches("loop:sleep: expected a number of seconds, got nan", err.message, 1, true)
  end)

  it("tells a task that is about to run at its next wait", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function()
      give_way()
      give_way()
      return loop:sleep(100)
    end)
    loop:step()
    task:cancel()
    assert.is_true(loop:run())
    local _, err = task:result()
    assert.equal("Cancelled", err.code)
  end)

  it("tells a task that waits for another, which goes on", function()
    local loop, advance = timed_loop()
    local slow = loop:spawn(function() return loop:sleep(10) end)
    local joiner = loop:spawn(function()
      local _, err = slow:join()
      return err.code, loop:sleep(50)
    end)
    loop:step()
    joiner:cancel()
    advance(10) -- the end of what it no longer waits for must not wake it
    assert.equal(1, loop:step())
    advance(50)
    assert.equal(0, loop:step())
    assert.same({ "Cancelled", true }, { joiner:result() })
    assert.is_true((slow:result()))
  end)

  it("can be called by a task on itself", function()
    local loop, task = appintegrations.loop(), nil
    task = loop:spawn(function()
      task:cancel()
      return loop:sleep(1)
    end)
    assert.is_true(loop:run())
    assert.equal("Cancelled", select(2, task:result()).code)
  end)
end)

describe("where a task cannot yield", function()
  --- What else has run when F has slept inside a task.
  local function others_run(f)
    local loop, log = appintegrations.loop(), ""
    local task = loop:spawn(function()
      f(loop)
      log = log .. "slept "
    end)
    loop:spawn(function() log = log .. "other " end)
    assert.is_true(loop:run())
    assert.is_nil((task:result()))
    return log
  end

  it("blocks in a coroutine of the program's own", function()
    assert.equal("slept other ", others_run(function(loop)
      local co = coroutine.wrap(function()
        give_way("value of its own")
        return loop:sleep(0.002)
      end)
      assert(co() == "value of its own")
      assert(co() == true)
    end))
  end)

  it("blocks in a callback of a C function", function()
    assert.equal("slept other ", others_run(function(loop)
      assert(("x"):gsub("x", function()
        loop:sleep(0.002)
        return "y"
      end) == "y")
    end))
  end)

  it("blocks in pcall and in the generic for in Lua 5.1 only", function()
    local expected = pcall_yields and "other slept " or "slept other "
    assert.equal(expected, others_run(function(loop)
      assert(pcall(loop.sleep, loop, 0.002))
    end))
    assert.equal(expected, others_run(function(loop)
      for _ in function(_, last)
        loop:sleep(0.002)
        return last == nil and 1 or nil
      end do end -- luacheck: ignore 542
    end))
  end)

  it("yields in an ordinary call, also through xpcall where that can be", function()
    assert.equal("other slept ", others_run(function(loop) loop:sleep(0.002) end))
    if pcall_yields then
      assert.equal("other slept ", others_run(function(loop)
        xpcall(function() loop:sleep(0.002) end, error)
      end))
    end
  end)

  it("runs the loop where it waits for other tasks", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function()
      return coroutine.wrap(function()
        local outputs = loop:map({ 1, 2, 3 }, function(i)
          loop:sleep(0.001)
          return i * i
        end)
        return table.concat(outputs, " ")
      end)()
    end)
    assert.is_true(loop:run())
    assert.equal("1 4 9", task:result())
  end)
end)

describe("loop:map", function()
  it("gives the results in the order of the list", function()
    local loop, advance = timed_loop()
    local outputs, errs
    loop:spawn(function()
      outputs, errs = loop:map({ 3, 1, 2 }, function(seconds, i)
        loop:sleep(seconds)
        return seconds * 10 + i
      end)
    end)
    while loop:step() > 0 do
      advance(1)
    end
    assert.same({ 31, 12, 23, n = 3 }, outputs)
    assert.is_nil(errs)
  end)

  it("runs as many at once as the limit says, and no more", function()
    for _, limit in ipairs { 1, 3, 100 } do
      local loop, running, most = appintegrations.loop(), 0, 0
      loop:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, function()
        running = running + 1
        most = math.max(most, running)
        loop:sleep(0)
        running = running - 1
      end, limit)
      assert.equal(math.min(limit, 9), most)
    end
  end)

  it("loses no failure: errors stand at the positions of their items", function()
    local loop = appintegrations.loop()
    local outputs, errs, failed = loop:map({
      "value", "nothing", "error", "text", "raise",
    }, function(what)
      if what == "value" then
        return false
      elseif what == "error" then
        return nil, failure "Returned"
      elseif what == "text" then
        return nil, "a reason"
      elseif what == "raise" then
        error("raised")
      end
    end)
    assert.same({ false, n = 5 }, outputs)
    assert.equal(3, failed)
    local counted = 0
    for _ in pairs(errs) do
      counted = counted + 1
    end
    assert.equal(failed, counted)
    assert.equal("Returned", errs[3].code)
    assert.equal("a reason", errs[4])
    assert.equal("TaskFailed", errs[5].code)
    assert.is_nil(errs[1] or errs[2])
    assert.is_true(loop:run())
  end)

  it("is done at once with an empty list", function()
    local outputs, errs, failed = appintegrations.loop():map({}, error)
    assert.same({ n = 0 }, outputs)
    assert.is_nil(errs)
    assert.equal(0, failed)
  end)

  it("cancels what runs and begins no more when its task is cancelled", function()
    local loop, begun = appintegrations.loop(), 0
    local outputs, errs
    local task = loop:spawn(function()
      outputs, errs = loop:map({ 1, 2, 3, 4, 5 }, function(i)
        begun = begun + 1
        if i > 1 then
          local ok, err = loop:sleep(1000)
          return ok, err
        end
        return "done"
      end, 2)
    end)
    loop:step()
    loop:step()
    loop:step()
    task:cancel()
    assert.is_true(loop:run())
    assert.equal(3, begun)
    assert.same({ "done", n = 5 }, outputs)
    for i = 2, 5 do
      assert.equal("Cancelled", errs[i].code)
    end
  end)

  it("ends with the loop, items in progress or not begun being cancelled", function()
    local loop = appintegrations.loop()
    local outputs, errs
    loop:spawn(function()
      outputs, errs = loop:map({ 1, 2, 3, 4 }, function(i)
        if i == 1 then
          return "done"
        end
        return loop:sleep(1000)
      end, 2)
    end)
    loop:step()
    loop:step()
    loop:step()
    loop:close()
    assert.same({ "done", n = 4 }, outputs)
    for i = 2, 4 do
      assert.equal("Cancelled", errs[i].code)
    end
  end)

  it("takes no output for the list that is in it", function()
    local client = assert(appintegrations.client { region = "us-east-1", env = {} })
    local stub = appintegrations.stub(client)
    stub:respond("list_applications", { Applications = {} }):respond("list_applications", {})
    local loop, page = appintegrations.loop(), client:list_applications()
    raises(function() loop:map(page, print) end, "loop:map: expected a list, got a whole "
      .. "ListApplicationsResponse, which has Applications")
    for _, empty in ipairs { page.Applications, (client:list_applications()), { n = 0 },
      { name = "a list of the program's own" } } do
      assert.equal(0, loop:map(empty, error).n)
    end
  end)

  it("names the misuse at the caller's line", function()
    local loop = appintegrations.loop()
    raises(function() loop:map(1, print) end, "loop:map: .*list")
    raises(function() loop:map({}, 1) end, "loop:map: .*function")
    raises(function() loop:map({}, print, 0) end, ".*limit")
    raises(function() loop:map({}, print, "8") end, "loop:map: expected a limit from 1, got string")
    raises(function() loop:step("1") end, "loop:step: expected a number of seconds, got string")
    raises(function() loop:spawn() end, "loop:spawn: .*function")
    raises(function() loop:step(-1) end, "loop:step: .*seconds")
    raises(function() loop:sleep() end, "loop:sleep: .*seconds")
    raises(function() appintegrations.loop { size = 1 } end,
      'appintegrations.loop: unknown option "size"')
    raises(function()
      local _ = appintegrations.client { region = "us-east-1", loop = {} }
    end, ".*appintegrations.loop%(%)")
  end)
end)

describe("loop:detached", function()
  it("runs a function in a task of its own and gives its results", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function()
      return loop:detached(function(...)
        loop:sleep(0)
        return ..., nil, 3
      end, 1)
    end)
    assert.is_true(loop:run())
    assert.same({ n = 3, 1, nil, 3 }, { n = select("#", task:result()), task:result() })
    assert.equal(5, loop:detached(math.max, 5, 2)) -- outside a task, an ordinary call
  end)

  it("raises what the function raised", function()
    local loop = appintegrations.loop()
    local task = loop:spawn(function()
      loop:detached(function()
        loop:sleep(0)
        error("out of order", 0)
      end)
    end)
    local _, err = loop:run()
    assert.equal("out of order", err.cause)
    assert.is_true(loop:run())
    assert.is_true(task:done())
  end)

  it("goes on when the waiting task is cancelled", function()
    local loop, ended = appintegrations.loop(), false
    local task = loop:spawn(function()
      return loop:detached(function()
        loop:sleep(0.001)
        ended = true
      end)
    end)
    loop:step()
    task:cancel()
    assert.is_true(loop:run())
    assert.equal("Cancelled", select(2, task:result()).code)
    assert.is_true(ended)
  end)

  it("reports what it raised when nobody waits any more, but no failure returned", function()
    for _, raises_it in ipairs { true, false } do
      local loop = appintegrations.loop()
      local task = loop:spawn(function()
        return loop:detached(function()
          loop:sleep(0.001)
          if raises_it then
            error("lost?", 0)
          end
          return nil, failure()
        end)
      end)
      loop:step()
      task:cancel()
      local ok, err = loop:run()
      assert.equal(raises_it, not ok)
      assert.equal(raises_it and "lost?" or nil, err and err.message)
    end
  end)
end)

describe("a client with a transport of its own on a loop", function()
  it("waits by the loop, and libcurl is not loaded", function()
    local fake = require "spec.support.fake_transport"
    local answers, loaded = 0, package.loaded["appintegrations.curl"]
    package.loaded["appintegrations.curl"] = nil
    local loop, advance = timed_loop()
    local client = fake.client(function()
      answers = answers + 1
      return answers == 1 and fake.json(503, "{}") or fake.json(200, '{"Name":"x"}')
    end, { loop = loop, retry_mode = "standard", random = function() return 0.999999 end })
    local task = loop:spawn(function()
      return client:get_data_integration { Identifier = "x" }
    end)
    loop:step()
    assert.equal(1, answers)
    for _ = 1, 10 do
      advance(0.5)
      loop:step()
    end
    assert.equal("x", task:result().Name)
    assert.is_nil(package.loaded["appintegrations.curl"])
    package.loaded["appintegrations.curl"] = loaded
  end)
end)

describe("loop:close", function()
  it("tells the tasks, and gives up those that do not end", function()
    local loop, told = appintegrations.loop(), 0
    loop:spawn(function()
      local _, err = loop:sleep(1000)
      told = told + (err.code == "Cancelled" and 1 or 0)
    end)
    local stubborn = loop:spawn(function()
      while true do
        loop:sleep(1000)
        give_way()
      end
    end)
    loop:step()
    loop:close()
    assert.equal(1, told)
    assert.is_true(stubborn:done())
    assert.equal("Cancelled", select(2, stubborn:result()).code)
    assert.equal(0, loop:step())
    raises(function() loop:spawn(print) end, "the loop is closed")
    loop:close()
  end)
end)

describe("the memory of a loop", function()
  it("is collected with its tasks when nobody holds it", function()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local loop = appintegrations.loop()
      weak.loop = loop
      weak.task = loop:spawn(function() loop:sleep(1000) end)
      loop:step()
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak.loop)
    assert.is_nil(weak.task)
  end)

  it("grows no more with another 5,000 tasks", function()
    local loop = appintegrations.loop()
    local function round(count)
      local ended = 0
      for i = 1, count do
        local task = loop:spawn(function()
          for _ = 1, 3 do
            loop:sleep(i % 7 / 10000)
          end
          ended = ended + 1
        end)
        if i % 10 == 0 then
          loop:spawn(function() task:cancel() end)
        end
      end
      assert.is_true(loop:run())
      assert.equal(count, ended)
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    local before = round(5000)
    assert.is_true(round(5000) < before + (jit and 300 or 50)) -- LuaJIT counts what it compiles
  end)
end)
