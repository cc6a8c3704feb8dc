local timers_of = require "appintegrations.loop.timers"

--- Takes everything out that is due by the end of time.
local function drain(timers)
  local values = {}
  local value = timers:take(math.huge)
  while value do
    values[#values + 1] = value
    value = timers:take(math.huge)
  end
  return values
end

describe("timers", function()
  it("give what is due in order of time, and of age where the time is the same", function()
    local timers = timers_of.new()
    for _, due in ipairs { 5, 1, 3, 1, 4, 1, 5 } do
      timers:add(due, due .. "#" .. timers.added + 1)
    end
    assert.same({ "1#2", "1#4", "1#6", "3#3", "4#5", "5#1", "5#7" }, drain(timers))
    assert.is_nil(timers:due())
  end)

  it("give nothing before its time", function()
    local timers = timers_of.new()
    timers:add(10, "a")
    assert.is_nil(timers:take(9.999))
    assert.equal(10, timers:due())
    assert.equal("a", timers:take(10))
    assert.is_nil(timers:take(11))
  end)

  it("forget what is removed, wherever it stands, and once only", function()
    local state = 12345
    local function random(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return state % n + 1
    end
    for round = 1, 50 do
      local timers, kept, all = timers_of.new(), {}, {}
      for i = 1, round do
        all[i] = timers:add(random(20), i)
      end
      for i = 1, round do
        if random(3) == 1 then
          timers:remove(all[i])
          timers:remove(all[i])
        else
          kept[#kept + 1] = all[i]
        end
      end
      table.sort(kept, function(a, b)
        return a.due < b.due or a.due == b.due and a.order < b.order
      end)
      local expected = {}
      for i, timer in ipairs(kept) do
        expected[i] = timer.value
      end
      assert.same(expected, drain(timers))
    end
  end)
end)
