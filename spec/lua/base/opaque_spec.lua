local opaque = require "appintegrations.base.opaque"
local fake = require "spec.support.fake_transport"

describe("an opaque object", function()
  local make = opaque.class({
    name = function(state) return state.first .. " " .. state.last end,
  }, {
    __name = "spec.Person",
    __tostring = function(state) return "Person " .. state.first end,
    __call = function(state, greeting) return greeting .. ", " .. state.first end,
  }, "a person is no list")

  it("has methods, fields and events", function()
    local object, other = make { first = "Ada", last = "L" }, make { first = "Bob" }
    assert.equal("Ada L", object:name())
    assert.equal("Ada", object.first)
    assert.is_nil(object.other)
    assert.equal("Person Bob", tostring(other))
    assert.equal(1, select("#", tostring(other)))
    assert.equal("Hello, Bob", other "Hello")
  end)

  it("is collected although its state leads back to it", function()
    local held = setmetatable({}, { __mode = "v" })
    do
      local state = { first = "Ada" }
      state.self = make(state)
      held[1] = state
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(held[1])
  end)

  it("refuses to be walked over, at the line that tries", function()
    local object = make { first = "Ada" }
    for _, walk in ipairs { pairs, ipairs } do
      local ok, err = pcall(function()
        for _ in walk(object) do error "walked" end -- luacheck: ignore 512
      end)
      assert.is_false(ok)
      assert.matches("^.*opaque_spec%.lua:%d+: ", err)
      assert.is_nil(err:match "walked")
    end
    local _, err = pcall(function() return object[1] end)
    assert.matches("opaque_spec%.lua:%d+: a person is no list", err)
  end)
end)

describe("an iterator over a listing", function()
  it("says which loop to write where somebody takes it for a list", function()
    local client = fake.client {}
    local refused_by_lua = type(client:each_application()) == "userdata"
    for _, walk in ipairs { pairs, ipairs } do
      local ok, err = pcall(function()
        for _ in walk(client:each_application {}) do error "walked" end -- luacheck: ignore 512
      end)
      assert.is_false(ok)
      assert.matches(refused_by_lua and "opaque_spec%.lua:%d+: bad argument #1 to .*table expected"
        or 'opaque_spec%.lua:%d+: client:each_application {…} gives an iterator, not a list; write '
          .. '"for item in client:each_application {…} do", without pairs or ipairs', err)
    end
    assert.error_matches(function() return client:each_event_integration()[1] end,
      'write "for item in client:each_event_integration {…} do"')
  end)
end)
