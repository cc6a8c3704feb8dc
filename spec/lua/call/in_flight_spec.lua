local in_flight = require "appintegrations.call.in_flight"

describe("the calls in flight", function()
  local function names(calls)
    local list = {}
    for _, call in ipairs(calls:all()) do
      list[#list + 1] = call.name
    end
    table.sort(list)
    return table.concat(list, " ")
  end

  it("are those that have entered and not left", function()
    local calls = in_flight.new()
    local a, b, c = { name = "a" }, { name = "b" }, { name = "c" }
    calls:enter(a)
    calls:enter(b)
    assert.equal("a b", names(calls))
    calls:leave(a)
    calls:enter(c)
    assert.equal("b c", names(calls))
    calls:leave(c)
    calls:leave(b)
    assert.equal("", names(calls))
  end)

  it("use the places of those before them", function()
    local calls = in_flight.new()
    for _ = 1, 1000 do
      local pair = { { name = "a" }, { name = "b" } }
      calls:enter(pair[1])
      calls:enter(pair[2])
      assert.equal("a b", names(calls))
      calls:leave(pair[1])
      calls:leave(pair[2])
    end
    local places = 0
    for _ in pairs(calls.calls) do
      places = places + 1
    end
    assert.is_true(places <= 2)
    assert.equal(2, #calls.spare)
  end)

  it("are forgotten when nothing else knows them, and do not disturb the others", function()
    local calls = in_flight.new()
    local kept = { name = "kept" }
    calls:enter(kept)
    for _ = 1, 10 do
      calls:enter { name = "lost" } -- by an error, or with its coroutine
    end
    collectgarbage()
    collectgarbage()
    assert.equal("kept", names(calls))
    calls:leave(kept)
    assert.equal("", names(calls))
  end)
end)
