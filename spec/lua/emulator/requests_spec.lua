-- How much the emulator keeps of what it has received: it may run for days.
local emulator = require "appintegrations.emulator"
local drivers = require "spec.support.service"

local MEGABYTE = 1024 * 1024

describe("what the emulator has received", function()
  local service, driver

  before_each(function()
    service = assert(emulator.new { verify_signatures = false })
    driver = drivers.direct(service)
  end)

  after_each(function()
    service:close()
  end)

  --- The bytes of FIELD in all entries, and how many there are.
  local function kept(field)
    local bytes, entries = 0, service:requests()
    for _, entry in ipairs(entries) do
      bytes = bytes + #entry[field]
    end
    return bytes, #entries, entries
  end

  it("is kept for the last thousand requests, which go on counting", function()
    for _ = 1, 1005 do
      driver:call("GET", "/x")
    end
    local _, count, entries = kept "answer"
    assert.same({ 1000, 6, 1005 }, { count, entries[1].number, entries[count].number })
  end)

  it("is kept up to four megabytes of bodies", function()
    for _ = 1, 100 do
      driver:call("POST", "/applications", "{" .. ("x"):rep(100000))
    end
    local bytes, count = kept "body"
    assert.is_true(bytes <= 4 * MEGABYTE and bytes > MEGABYTE, bytes)
    assert.equal(100, service:requests()[count].number)
  end)

  it("is kept up to four megabytes of answers", function()
    for i = 1, 50 do
      driver:call("POST", "/eventIntegrations", { Name = "e" .. i, Description = ("x"):rep(1000),
        EventFilter = { Source = "aws.cases" }, EventBridgeBus = "default" })
    end
    for _ = 1, 150 do
      assert.equal(200, driver:call("GET", "/eventIntegrations?maxResults=50").status)
    end
    local bytes, count = kept "answer"
    assert.is_true(bytes <= 4 * MEGABYTE and bytes > 3 * MEGABYTE, bytes)
    assert.equal(200, service:requests()[count].number)
  end)

  it("is the last one at least, however large that is", function()
    driver:call("GET", "/x")
    driver:call("POST", "/applications", "{" .. ("x"):rep(5 * MEGABYTE))
    local _, count, entries = kept "answer"
    assert.same({ 1, 2 }, { count, entries[1].number })
  end)
end)
