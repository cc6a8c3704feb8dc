local cache = require "appintegrations.credentials.cache"
local errors = require "appintegrations.base.errors"

local HOUR = 3600

describe("the memory of credentials", function()
  local now, asked, answer, host, get

  --- Credentials with LIFE seconds from now.
  local function fresh(life)
    return { access_key_id = "AKID" .. asked, expiration = life and now + life }
  end

  local function failure()
    return nil, errors.new {
      kind = "credentials", code = "CredentialsProviderError", message = "down",
    }
  end

  before_each(function()
    now, asked = 1000000, 0
    local function clock()
      return now
    end
    host = { clock = clock, time = clock }
    get = cache.new(function(...)
      asked = asked + 1
      return answer(...)
    end)
    answer = function()
      return fresh(HOUR)
    end
  end)

  it("asks at the first call, not before, and then no more", function()
    assert.equal(0, asked)
    local first = get(host)
    assert.equal(first, get(host))
    assert.equal(1, asked)
  end)

  it("never asks again for what does not expire", function()
    answer = function()
      return fresh(nil)
    end
    get(host)
    now = now + 1e9
    get(host)
    assert.equal(1, asked)
  end)

  it("hands host and deadline on", function()
    local seen
    answer = function(...)
      seen = { ... }
      return fresh(HOUR)
    end
    get(host, 17)
    assert.equal(host, seen[1])
    assert.equal(17, seen[2])
  end)

  it("leaves a refresh its host and deadline where another one blocks it", function()
    local session, seen = {}, {}
    local other = { clock = host.clock, time = host.time }
    local source = cache.source({ retrieve = function()
      seen[#seen + 1] = { session.refresh.host, session.refresh.deadline }
      if #seen == 1 then
        coroutine.yield()
        seen[#seen + 1] = { session.refresh.host, session.refresh.deadline }
      end
      return fresh(1)
    end }, session)
    local first = coroutine.create(source.get)
    assert(coroutine.resume(first, host, nil))
    source.get(other, 17)
    assert(coroutine.resume(first))
    assert.same({ { host }, { other, 17 }, { host } }, seen)
  end)

  it("leaves a refresh its host and deadline when an older one, given up, ends at last", function()
    local session, seen = {}, {}
    local source = cache.source({ retrieve = function()
      coroutine.yield()
      seen[#seen + 1] = { session.refresh.host, session.refresh.deadline }
      return fresh(1)
    end }, session)
    local older, newer = coroutine.create(source.get), coroutine.create(source.get)
    assert(coroutine.resume(older, host, 5))
    now = now + 301
    assert(coroutine.resume(newer, host, 17))
    assert(coroutine.resume(older))
    assert(coroutine.resume(newer))
    assert.same({ host, 17 }, seen[2])
  end)

  it("refreshes 15 minutes before expiry, not earlier", function()
    local first = get(host)
    now = now + HOUR - 15 * 60 - 1
    assert.equal(first, get(host))
    now = now + 1
    assert.not_equal(first, get(host))
    assert.equal(2, asked)
  end)

  it("goes on with what is there if that fails, and tries again a minute later", function()
    local first = get(host)
    answer = failure
    now = now + HOUR - 15 * 60
    assert.equal(first, get(host))
    assert.equal(2, asked)
    now = now + 59
    assert.equal(first, get(host))
    assert.equal(2, asked)
    now = now + 1
    assert.equal(first, get(host))
    assert.equal(3, asked)
  end)

  it("leaves half of a call's time for the call itself while what is there would do", function()
    local given
    get(host)
    answer = function(_, deadline)
      given = deadline - now
      return failure()
    end
    now = now + HOUR - 15 * 60
    assert.truthy(get(host, now + 4))
    assert.equal(2, given)
    now = now + 5 * 60
    assert.is_nil((get(host, now + 4)))
    assert.equal(4, given)
  end)

  it("returns the error from 10 minutes before expiry on", function()
    get(host)
    answer = failure
    now = now + HOUR - 10 * 60 - 1
    assert.truthy(get(host))
    now = now + 1
    local credentials, err = get(host)
    assert.is_nil(credentials)
    assert.equal("down", err.message)
    answer = function()
      return fresh(HOUR)
    end
    assert.truthy(get(host))
  end)

  it("asks for what lives 15 minutes or less in the second half of that, not at every call",
    function()
      for _, life in ipairs { 900, 600, 60, 3 } do
        local before = asked
        get = cache.new(function() asked = asked + 1 return answer() end)
        answer = function() return fresh(life) end
        local first = get(host)
        now = now + life / 2 - 0.5
        assert.equal(first, get(host))
        assert.equal(before + 1, asked)
        now = now + 0.5
        answer = failure
        assert.equal(first, get(host)) -- there is a third of it left
        now = now + life / 6
        assert.equal("down", select(2, get(host)).message)
        assert.equal(before + 3, asked)
      end
    end)

  it("returns an error for fresh credentials that have expired", function()
    answer = function()
      return fresh(0)
    end
    local credentials, err = get(host)
    assert.is_nil(credentials)
    assert.equal("CredentialsExpired", err.code)
    assert.equal("credentials", err.kind)
  end)

  it("keeps the old ones if the fresh ones have expired and there is time", function()
    local first = get(host)
    now = now + HOUR - 14 * 60
    answer = function()
      return fresh(-1)
    end
    assert.equal(first, get(host))
    now = now + 5 * 60
    assert.equal("CredentialsExpired", select(2, get(host)).code)
  end)

  it("can be asked again after an error in the source", function()
    answer = function()
      error("oops", 0)
    end
    assert.error_matches(function()
      get(host)
    end, "oops")
    answer = function()
      return fresh(HOUR)
    end
    assert.truthy(get(host))
    local in_coroutine = coroutine.wrap(function()
      return get(host)
    end)
    assert.truthy(in_coroutine())
  end)

  describe("in tasks", function()
    local waiting

    --- A task that asks and keeps what it got.
    local function task(deadline)
      local self = {}
      self.thread = coroutine.create(function()
        self.credentials, self.err = get(host, deadline)
        self.done = true
      end)
      function self.resume()
        assert(coroutine.resume(self.thread))
      end
      return self
    end

    before_each(function()
      waiting = 0
      host.pause = function()
        waiting = waiting + 1
        coroutine.yield()
        return true
      end
      answer = function()
        coroutine.yield()
        return fresh(HOUR)
      end
    end)

    it("refreshes once, and lets the others wait for it", function()
      local tasks = {}
      for i = 1, 5 do
        tasks[i] = task()
        tasks[i].resume()
      end
      assert.equal(1, asked)
      assert.equal(4, waiting)
      tasks[3].resume()
      assert.falsy(tasks[3].done)
      for i = 1, 5 do
        tasks[i].resume()
        assert.is_true(tasks[i].done)
        assert.equal(tasks[1].credentials, tasks[i].credentials)
      end
      assert.equal(1, asked)
    end)

    it("lets the others use what is valid while one refreshes early", function()
      local first = task()
      first.resume()
      first.resume()
      now = now + HOUR - 14 * 60
      local second, third = task(), task()
      second.resume()
      third.resume()
      assert.is_true(third.done)
      assert.equal(first.credentials, third.credentials)
      second.resume()
      assert.not_equal(first.credentials, second.credentials)
      assert.equal(2, asked)
    end)

    it("shares the error of the source with those who have waited", function()
      answer = function()
        coroutine.yield()
        return failure()
      end
      local one, other = task(), task()
      one.resume()
      other.resume()
      one.resume()
      other.resume()
      assert.equal("down", other.err.message)
      assert.equal(1, asked)
    end)

    it("does not share what concerned one call only", function()
      local calls = 0
      answer = function()
        calls = calls + 1
        coroutine.yield()
        if calls == 1 then
          return nil, errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
        end
        return fresh(HOUR)
      end
      local one, other = task(), task()
      one.resume()
      other.resume()
      one.resume()
      assert.equal("Cancelled", one.err.code)
      other.resume()
      other.resume()
      assert.truthy(other.credentials)
      assert.equal(2, asked)
    end)

    it("does not wait for a task that was dropped, cut off, or is stuck", function()
      local dropped = task()
      dropped.resume()
      dropped = nil -- luacheck: ignore 311
      collectgarbage()
      collectgarbage()
      local one = task()
      one.resume()
      assert.equal(2, asked)
      now = now + 301
      local other = task()
      other.resume()
      assert.equal(3, asked)
      answer = function()
        error("oops", 0)
      end
      now = now + 301
      assert.is_false(coroutine.resume(task().thread))
      answer = function()
        return fresh(HOUR)
      end
      local last = task()
      last.resume()
      assert.is_true(last.done)
    end)

    it("does not wait beyond the deadline", function()
      task().resume()
      local one = task(now + 5)
      one.resume()
      now = now + 5
      one.resume()
      assert.equal("DeadlineExceeded", one.err.code)
      assert.equal(1, asked)
    end)

    it("lets one of those that have waited in vain refresh for all", function()
      local calls, tasks = 0, {}
      answer = function()
        calls = calls + 1
        coroutine.yield()
        if calls == 1 then
          return nil, errors.new { kind = "timeout", code = "DeadlineExceeded", message = "late" }
        end
        return fresh(HOUR)
      end
      for i = 1, 5 do
        tasks[i] = task()
        tasks[i].resume()
      end
      for _ = 1, 3 do
        for i = 1, 5 do
          if not tasks[i].done then tasks[i].resume() end
        end
      end
      assert.equal("DeadlineExceeded", tasks[1].err.code)
      for i = 2, 5 do
        assert.equal(tasks[2].credentials, assert(tasks[i].credentials))
      end
      assert.equal(2, asked)
    end)

    it("asks by itself where it cannot wait", function()
      local one = task()
      one.resume()
      host.pause = function()
        return false
      end
      local other = task()
      other.resume()
      other.resume()
      assert.truthy(other.credentials)
      assert.equal(2, asked)
      one.resume()
      assert.truthy(one.credentials)
    end)
  end)
end)
