local queue = require "appintegrations.loop.queue"

describe("the queue of tasks that are ready", function()
  it("gives the oldest first, whatever it has held before", function()
    local waiting, expected, pushed, popped = queue.new(), {}, 0, 0
    for round = 1, 50 do
      for _ = 1, round % 7 * 3 do
        pushed = pushed + 1
        queue.reserve(waiting, waiting.count + 1)
        queue.push(waiting, pushed)
        expected[#expected + 1] = pushed
      end
      for _ = 1, round % 5 * 4 do
        local value = queue.pop(waiting)
        assert.equal(table.remove(expected, 1), value)
        popped = popped + (value and 1 or 0)
      end
      assert.equal(#expected, waiting.count)
    end
    assert.is_true(popped > 100)
  end)

  it("gives nil when it is empty", function()
    local waiting = queue.new()
    assert.is_nil(queue.pop(waiting))
    queue.reserve(waiting, 1)
    assert.is_nil(queue.pop(waiting))
  end)

  it("uses its places again", function()
    local waiting = queue.new()
    queue.reserve(waiting, 3)
    for i = 1, 1000 do
      queue.push(waiting, i)
      queue.push(waiting, i)
      assert.equal(i, queue.pop(waiting))
      assert.equal(i, queue.pop(waiting))
    end
    local places = 0
    for key in pairs(waiting) do
      places = places + (type(key) == "number" and 1 or 0)
    end
    assert.equal(waiting.room, places)
    assert.is_true(places < 10)
  end)
end)
