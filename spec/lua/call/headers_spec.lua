-- The headers of an answer: a text until they are read, a table for whoever reads them.
local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local headers = require "appintegrations.call.headers"
local servers = require "spec.support.server"
local transport = require "appintegrations.transport.curl"

local ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX-Amzn-RequestId: id-1\r\nX-A: 1\r\n"
  .. 'X-A:2\r\n\r\n{"Id":"1"}'
local EXPECTED = { ["content-length"] = "10", ["x-amzn-requestid"] = "id-1", ["x-a"] = "1, 2" }

local function start(...)
  local server = servers.start { ... }
  cleanup(function() server:stop() end)
  return server
end

local function client_of(server, options)
  options = options or {}
  options.endpoint_url, options.region, options.env = server.url, "us-east-1", {}
  options.credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" }
  return assert(appintegrations.client(options))
end

--- The meta of a call.
local function meta_of(options)
  local server = start(ANSWER)
  local client = client_of(server, options)
  local output, meta = assert(client:get_application { Arn = "crm" })
  assert.same({ "1", "id-1", 200 }, { output.Id, meta.request_id, meta.status })
  return meta
end

describe("headers", function()
  it("are found in a text and in a table", function()
    for _, response in ipairs {
      { header_lines = "date:today\nx-a:1\nx-a:2\n" },
      { headers = { date = "today", ["x-a"] = "1, 2" } },
    } do
      assert.same({ "today" }, { headers.get(response, "date") })
      assert.same({ "1, 2", "today" }, { headers.get(response, "x-a", "date") })
      assert.is_nil((headers.get(response, "age")))
      assert.same({ date = "today", ["x-a"] = "1, 2" }, headers.all(response))
      assert.equal(headers.all(response), headers.all(response))
    end
  end)
end)

describe("the headers of a meta", function()
  it("are a table for whoever reads them, the same each time", function()
    local meta = meta_of()
    assert.same(EXPECTED, meta.headers)
    assert.equal(meta.headers, meta.headers)
    assert.same(EXPECTED, rawget(meta, "headers"))
    assert.is_nil(rawget(meta, "header_lines"))
  end)

  it("are there for pairs, and before for next as a text", function()
    local seen = {}
    for name, value in getmetatable(meta_of()).__pairs(meta_of()) do
      seen[name] = value
    end
    assert.same(EXPECTED, seen.headers)
    assert.is_nil(seen.header_lines)
    assert.equal("content-length:10\nx-amzn-requestid:id-1\nx-a:1\nx-a:2\n",
      rawget(meta_of(), "header_lines"))
  end)

  it("are printed, and written as JSON", function()
    local text = tostring(meta_of())
    assert.truthy(text:find('["x-a"] = "1, 2"', 1, true), text)
    local json = appintegrations.json(meta_of())
    assert.truthy(json:find('"x-a":"1, 2"', 1, true))
    assert.is_nil(json:find("header_lines", 1, true))
  end)

  it("are a table at once where a logger, or the program's transport, sees them", function()
    local events, seen = {}, nil
    local meta = meta_of { logger = function(event) events[event.type] = event end }
    assert.same(EXPECTED, rawget(meta, "headers"))
    assert.same(EXPECTED, events.response.headers)
    assert.is_true(events.response.timings.total > 0)
    local inner = assert(transport.new())
    meta = meta_of { transport = { send = function(_, request, deadline)
      local response, err = inner:send(request, deadline)
      seen = response.headers
      return response, err
    end } }
    assert.same(EXPECTED, seen)
    assert.same(EXPECTED, rawget(meta, "headers"))
  end)
end)

describe("the headers of an answer that is an error", function()
  it("are read from their text", function()
    local server = start { status = 404, body = "{}", headers = {
      ["X-Amzn-ErrorType"] = "ResourceNotFoundException:http://x", ["x-amz-request-id"] = "id-2" } }
    local _, err = client_of(server):get_application { Arn = "crm" }
    assert.same({ "ResourceNotFoundException", "id-2", 404 },
      { err.code, err.request_id, err.status })
  end)

  it("say when to come back", function()
    local waited = {}
    local server = start({ status = 503, body = "{}", headers = { ["Retry-After"] = "3" } }, ANSWER)
    local client = client_of(server, { random = function() return 0 end,
      sleep = function(seconds) waited[#waited + 1] = seconds end })
    assert(client:get_application { Arn = "crm" })
    assert.same({ 3 }, waited)
  end)
end)
