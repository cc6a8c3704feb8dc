local cjson = require "cjson"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"

--- A service with COUNT applications on pages of SIZE; tokens are positions.
local function service(count, size, change)
  return function(request, number)
    local query = request.query or ""
    local from = tonumber(query:match("nextToken=t(%d+)")) or 1
    local wanted = math.min(tonumber(query:match("maxResults=(%d+)")) or 50, size)
    local items = {}
    for i = from, math.min(count, from + wanted - 1) do
      items[#items + 1] = { Name = "app-" .. i }
    end
    local page = { NextToken = from + wanted <= count and "t" .. from + wanted or nil }
    if #items > 0 then
      page.Applications = items
    end
    if change then
      page = change(page, number) or page
    end
    if page.kind then
      return page
    end
    return fake.json(200, cjson.encode(page))
  end
end

local function names(client, params, options)
  local result = {}
  for item, page in client:each_application(params, options) do
    assert.is_table(page)
    result[#result + 1] = item.Name
  end
  return result
end

describe("an iterator", function()
  it("goes over all items, page by page, and stops asking at the end", function()
    for _, count in ipairs { 0, 1, 4, 5, 6, 10, 12 } do
      local client, transport = fake.client(service(count, 5))
      local found = names(client)
      assert.equal(count, #found)
      assert.equal(found[count], count > 0 and "app-" .. count or nil)
      assert.equal(math.max(1, math.ceil(count / 5)), #transport.requests)
    end
  end)

  it("sends nothing before the first item is asked for", function()
    local client, transport = fake.client(service(3, 2))
    local it = client:each_application()
    assert.equal(0, #transport.requests)
    assert.equal("app-1", it:next().Name)
    assert.equal(1, #transport.requests)
  end)

  it("gives the page with each item, and keeps the caller's table as it is", function()
    local client = fake.client(service(3, 2))
    local params, pages = { MaxResults = 2 }, {}
    for _, page in client:each_application(params) do
      pages[#pages + 1] = page
    end
    assert.equal(pages[1], pages[2])
    assert.not_equal(pages[1], pages[3])
    assert.same({ MaxResults = 2 }, params)
  end)

  it("takes an empty page with a token for what it is", function()
    -- The second page is empty; its token leads to the items that it left out.
    local client, transport = fake.client(service(6, 2, function(_, number)
      return number == 2 and { NextToken = "t3-again" } or nil
    end))
    assert.equal(6, #names(client))
    assert.equal(4, #transport.requests)
  end)

  it("takes an empty token for the end, whatever the page has", function()
    for count = 0, 2 do
      local client, transport = fake.client(service(count, 5, function(page)
        page.NextToken = ""
      end))
      assert.equal(count, #names(client))
      assert.equal(1, #transport.requests)
    end
  end)

  it("stops after a limit, asks for no more than it needs, and can be resumed", function()
    local client, transport = fake.client(service(100, 50))
    local it = client:each_application({}, { limit = 55 })
    local count = 0
    for _ in it do
      count = count + 1
    end
    assert.equal(55, count)
    assert.matches("maxResults=50", transport.requests[1].query)
    assert.matches("maxResults=5$", transport.requests[2].query)
    assert.equal("t56", it.next_token)
    assert.equal("app-56", names(client, { NextToken = it.next_token })[1])
    assert.same({}, names(client, {}, { limit = 0 }))
  end)

  it("says where to resume: at the first page not yet delivered in full", function()
    local client = fake.client(service(5, 2))
    local it = client:each_application()
    assert.is_nil(it.next_token)
    it:next()
    assert.is_nil(it.next_token)
    it:next()
    assert.equal("t3", it.next_token)
    it:next()
    assert.equal("t3", it.next_token)
    it:next()
    assert.equal("t5", it.next_token)
    it:next()
    assert.is_nil(it.next_token)
    assert.is_true(it.done)
    assert.equal(0, select("#", it:next()))
  end)

  it("raises the error object when a page fails, and goes on from there later", function()
    local failing = true
    local client = fake.client(service(5, 2, function(_, number)
      if number >= 2 and failing then
        return errors.new { kind = "transport", code = "ConnectionError", message = "gone" }
      end
    end))
    local it = client:each_application()
    local seen = {}
    local ok, err = pcall(function()
      for item in it do
        seen[#seen + 1] = item.Name
      end
    end)
    assert.is_false(ok)
    assert.is_true(errors.is_error(err, "ConnectionError"))
    local item, again = it:next()
    assert.is_nil(item)
    assert.equal("ConnectionError", again.code)
    failing = false
    assert.equal("t3", it.next_token)
    for rest in client:each_application { NextToken = it.next_token } do
      seen[#seen + 1] = rest.Name
    end
    assert.same({ "app-1", "app-2", "app-3", "app-4", "app-5" }, seen)
  end)

  it("refuses the same token twice in a row", function()
    local client = fake.client(service(10, 2, function(page)
      page.NextToken = "t3"
      return page
    end))
    local ok, err = pcall(names, client)
    assert.is_false(ok)
    assert.equal("RepeatedToken", err.code)
    assert.equal("pagination", err.kind)
    local _, own = client:each_application({ NextToken = "t3" }):next()
    assert.equal("RepeatedToken", own.code)
  end)

  it("refuses items that are no list", function()
    for _, items in ipairs { "x", 5, true, { a = { Name = "app" } } } do
      local client = fake.client(service(1, 1, function() return { Applications = items } end))
      local item, err = client:each_application():next()
      assert.is_nil(item)
      assert.equal("InvalidResponse", err.code)
      assert.equal("Applications in the answer is no list", err.message)
    end
    local client = fake.client { fake.json(200, '{"Applications":{}}') }
    assert.is_nil((client:each_application():next()))
  end)

  it("refuses a token that is no text", function()
    for _, token in ipairs { "5", "true", '["t"]', "{}" } do
      local body = ('{"Applications":[],"NextToken":%s}'):format(token)
      local client = fake.client { fake.json(200, body) }
      local item, err = client:each_application():next()
      assert.is_nil(item)
      assert.equal("InvalidResponse", err.code)
      assert.equal("NextToken in the answer is no text", err.message)
    end
  end)

  it("reads parameters as calls do, whatever metatable they have", function()
    local client, transport = fake.client(service(1, 1))
    assert(client:each_application(setmetatable({ MaxResults = 7 }, {
      __pairs = function() error "asked" end, __index = function() error "asked" end,
    })):next())
    assert.equal("maxResults=7", transport.requests[1].query)
  end)

  it("iterates over whole pages too", function()
    local client = fake.client(service(5, 2))
    local it, sizes, tokens = client:each_application(), {}, {}
    for page in it:pages() do
      sizes[#sizes + 1] = #page.Applications
      tokens[#tokens + 1] = tostring(it.next_token)
    end
    assert.same({ 2, 2, 1 }, sizes)
    assert.same({ "t3", "t5", "nil" }, tokens)
  end)

  it("reports wrong parameters at the first item", function()
    local client, transport = fake.client {}
    local item, err = client:each_application({ MaxResults = 0 }):next()
    assert.is_nil(item)
    assert.equal("ParamValidationError", err.code)
    item, err = client:each_application({ MaxResults = "x" }, { limit = 3 }):next()
    assert.is_nil(item)
    assert.equal("ParamValidationError", err.code)
    assert.equal(0, #transport.requests)
  end)

  it("says where it stands when it is printed", function()
    local client = fake.client {
      fake.json(200, '{"Applications":[{"Name":"a"},{"Name":"b"}],"NextToken":"t"}'),
      fake.json(200, '{"Applications":[]}'),
    }
    local it = client:each_application()
    local name = "appintegrations.Iterator: list_applications: "
    assert.equal(name .. "not begun", tostring(it))
    it:next()
    assert.equal(name .. "1 of 2 items of a page", tostring(it))
    it:next()
    assert.equal(name .. 'between two pages, next_token = "t"', tostring(it))
    it:next()
    assert.equal(name .. "ended", tostring(it))
  end)

  it("says where an error of its own comes about", function()
    for _, body in ipairs { '{"Applications":5}', '{"Applications":[],"NextToken":"t"}' } do
      local client = fake.client(function() return fake.json(200, body) end)
      local _, err = client:each_application():next()
      assert.matches("paginate_spec%.lua:%d+$", err.where)
    end
  end)

  it("exists for the six listings", function()
    local client = fake.client {}
    for _, name in ipairs {
      "application", "application_association", "data_integration", "data_integration_association",
      "event_integration", "event_integration_association",
    } do
      assert.is_function(client["each_" .. name])
    end
    assert.has_error(function() return client.each_tags_for_resource end)
  end)
end)
