local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

--- F raises a message with this file in it, and PATTERN.
local function raises(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches("stub_spec", message) -- the caller's file and line
  assert.matches(pattern, message)
end

describe("a stubbed client", function()
  local client, stub

  before_each(function()
    client = assert(appintegrations.client { region = "us-east-1", env = {} })
    stub = appintegrations.stub(client)
  end)

  it("answers with what is queued, in order, by operation", function()
    stub:respond("get_data_integration", { Name = "first" })
      :respond("get_application", { Name = "desk" })
      :respond("get_data_integration", { Name = "second" })
    assert.equal("first", assert(client:get_data_integration { Identifier = "a" }).Name)
    local output, meta = assert(client:get_data_integration { Identifier = "b" })
    assert.same({ Name = "second" }, output)
    assert.equal(200, meta.status)
    assert.equal("stub-2", meta.request_id)
    assert.equal(1, meta.attempts)
    assert.is_number(meta.elapsed)
    assert.equal("desk", assert(client:get_application { Arn = "c" }).Name)
    stub:assert_done()
    assert.same({
      { operation = "get_data_integration", params = { Identifier = "a" } },
      { operation = "get_data_integration", params = { Identifier = "b" } },
      { operation = "get_application", params = { Arn = "c" } },
    }, stub.calls)
  end)

  it("gives the script a table of its own", function()
    local canned = { Tags = { team = "a" } }
    stub:respond("get_data_integration", canned)
    canned.Tags.team = "b"
    local output = assert(client:get_data_integration { Identifier = "a" })
    assert.equal("a", output.Tags.team)
  end)

  it("answers with an error of the service", function()
    stub:fail("get_data_integration", "ResourceNotFoundException", "gone")
    local output, err = client:get_data_integration { Identifier = "a" }
    assert.is_nil(output)
    assert.is_true(appintegrations.is_error(err, "ResourceNotFoundException"))
    assert.same({ "service", 404, "gone", "get_data_integration", 1, "stub-1", false },
      { err.kind, err.status, err.message, err.operation, err.attempts, err.request_id,
        err.retryable })
  end)

  for code, expected in pairs {
    ThrottlingException = { "service", 429, true, true },
    InternalServiceError = { "service", 500, true, false },
    ExpiredTokenException = { "service", 403, false, false },
    AccessDeniedException = { "service", 403, false, false },
    ConnectionError = { "transport", nil, true, false },
    AttemptTimeout = { "timeout", nil, true, false },
    DeadlineExceeded = { "timeout", nil, false, false },
    NoCredentials = { "credentials", nil, false, false },
    ResponseTooLarge = { "response", nil, false, false },
    Cancelled = { "cancelled", nil, false, false },
    ["503"] = { "service", 503, true, false },
    ["429"] = { "service", 429, true, true },
    ["404"] = { "service", 404, false, false },
  } do
    it("can fail with " .. code, function()
      stub:fail("tag_resource", code)
      local output, err = client:tag_resource { resourceArn = "arn:aws:x", tags = { a = "b" } }
      assert.is_nil(output)
      assert.equal(code, err.code)
      assert.is_string(err.message)
      assert.equal(expected[1], err.kind)
      assert.equal(expected[2], err.status)
      assert.equal(expected[3], err.retryable)
      assert.equal(expected[4], err.throttling)
    end)
  end

  it("answers with a function what nothing is queued for", function()
    stub:respond("get_data_integration", { Name = "queued" })
    stub:answer("get_data_integration", function(params)
      if params.Identifier == "none" then
        return nil, "ResourceNotFoundException"
      end
      return { Name = params.Identifier }
    end)
    local names = {}
    for i, id in ipairs { "a", "b", "c" } do
      names[i] = assert(client:get_data_integration { Identifier = id }).Name
    end
    assert.same({ "queued", "b", "c" }, names)
    local _, err = client:get_data_integration { Identifier = "none" }
    assert.equal("ResourceNotFoundException", err.code)
    stub:assert_done()
  end)

  it("lets a function return an error object, and a program's errors through", function()
    local own = require("appintegrations.base.errors").new { kind = "transport", code = "TLSError",
      message = "m" }
    stub:answer("get_application", function() return nil, own end)
    assert.equal(own, select(2, client:get_application { Arn = "a" }))
    stub:answer("get_application", function() error("in the test", 0) end)
    local _, message = pcall(client.get_application, client, { Arn = "a" })
    assert.equal("in the test", message)
  end)

  it("checks parameters as the service's model says", function()
    stub:respond("create_data_integration", {})
    local output, err = client:create_data_integration { Nmae = "crm" }
    assert.is_nil(output)
    assert.equal("ParamValidationError", err.code)
    assert.same({}, stub.calls)
    raises("create_data_integration: 1 answer left", function() stub:assert_done() end)
  end)

  it("explains InvalidRequestException with the advisories", function()
    stub:fail("get_data_integration", "InvalidRequestException")
    local _, err = client:get_data_integration { Identifier = ("x"):rep(256) }
    assert.equal("max_length", err.details[1].rule)
  end)

  it("compares the parameters where a test says what it expects", function()
    stub:respond("list_data_integrations", {}, { MaxResults = 5 })
    assert(client:list_data_integrations { MaxResults = 5 })
    stub:respond("list_data_integrations", {}, { MaxResults = 5 })
    raises("list_data_integrations was called with other parameters: MaxResults: expected 5, got "
      .. "nothing", function() client:list_data_integrations {} end)
    stub:respond("tag_resource", {}, { resourceArn = "arn:aws:x", tags = { team = "a" } })
    raises('tags%.team: expected "a", got "b"', function()
      client:tag_resource { resourceArn = "arn:aws:x", tags = { team = "b" } }
    end)
    stub:fail("list_data_integrations", "ThrottlingException", nil, {})
    raises("expected nothing, got 1", function()
      client:list_data_integrations { MaxResults = 1 }
    end)
  end)

  it("raises for a call without an answer, and again in the end", function()
    raises("stub: list_data_integrations was called, but no answer is left for it", function()
      client:list_data_integrations()
    end)
    raises("list_data_integrations was called", function() stub:assert_done() end)
    raises("stub: list_applications was called, but no answer is left for it", function()
      for _ in client:each_application() do
        error("not reached")
      end
    end)
    raises("stub_spec.lua:%d+: stub: list_tags_for_resource was called", function()
      local changes = client:sync_tags("arn:aws:a:b:c:d", {})
      return changes
    end)
  end)

  it("raises for answers that the service cannot give, at the test's line", function()
    raises("the answer to get_application: Nmae is no member of GetApplicationResponse", function()
      stub:respond("get_application", { Nmae = "x" })
    end)
    raises("expected structure, got nil", function() stub:respond("get_application") end)
    raises('there is no operation "get_app"', function() stub:respond("get_app", {}) end)
    raises('no operation "GetApplication"; did you mean "get_application"', function()
      stub:answer("GetApplication", print)
    end)
    raises('no operation "each_application"; what it calls is "list_applications"', function()
      stub:respond("each_application", {})
    end)
    raises('"find_event_integration"; what it calls is "list_event_integrations"', function()
      stub:answer("find_event_integration", print)
    end)
    raises('cannot fail with ThrotlingException; did you mean "ThrottlingException"',
      function() stub:fail("get_application", "ThrotlingException") end)
    raises('get_application cannot fail with Timeout; did you mean "', function()
      stub:fail("get_application", "Timeout")
    end)
    for _, code in ipairs { "200", "1503", 503 } do
      raises("get_application cannot fail with " .. code, function()
        stub:fail("get_application", code)
      end)
    end
    raises("get_application cannot fail with a table; the model has", function()
      stub:fail("get_application", {})
    end)
    raises("get_application cannot fail with nothing; the model has", function()
      stub:fail("get_application")
    end)
    raises("the error's message must be a string, not a table", function()
      stub:fail("get_application", "ThrottlingException", {})
    end)
    raises("there is no operation nothing", function() stub:fail() end)
    raises("there is no operation 5", function() stub:answer(5, print) end)
    raises("expected a function, got a table", function() stub:answer("get_application", {}) end)
    raises("expected parameters must be a table, not a string", function()
      stub:respond("get_application", {}, "arn")
    end)
    raises("get_application cannot fail with DuplicateResourceException; the model has Int",
      function() stub:fail("get_application", "DuplicateResourceException") end)
    raises("get_application cannot fail with NotFound; ", function()
      stub:fail("get_application", "NotFound")
    end)
  end)

  it("raises at the test's line for a dot in the place of a colon", function()
    for _, name in ipairs { "respond", "fail", "answer", "assert_done", "restore" } do
      raises("call it with a colon, as in stub:" .. name, function()
        local result = stub[name]("get_application", {})
        return result
      end)
    end
  end)

  it("raises for a function that answers what the service cannot", function()
    for pattern, result in pairs {
      ["the function for get_application answers Nmae is no member"] = { { Nmae = "" } },
      ["get_application cannot fail with Odd"] = { nil, "Odd" },
      ["returned neither an output nor nil and an error"] = {},
    } do
      stub:answer("get_application", function() return result[1], result[2] end)
      raises(pattern, function() client:get_application { Arn = "a" } end)
    end
    raises("neither an output", function() stub:assert_done() end)
  end)

  it("pages through listings, and stops where a page fails", function()
    stub:respond("list_applications", { Applications = { { Name = "a" }, { Name = "b" } },
      NextToken = "t" }, {})
    stub:respond("list_applications", { Applications = { { Name = "c" } }, NextToken = "u" },
      { NextToken = "t" })
    stub:fail("list_applications", "ThrottlingException")
    local names, iterator = {}, client:each_application()
    local item, err = iterator:next()
    while item do
      names[#names + 1] = item.Name
      item, err = iterator:next()
    end
    assert.same({ "a", "b", "c" }, names)
    assert.equal("ThrottlingException", err.code)
    assert.equal("u", iterator.next_token)
    stub:assert_done()
  end)

  it("waits without taking time", function()
    local association = { DataIntegrationAssociationArn = "arn:aws:x:association/d/one" }
    local polls = 0
    stub:answer("list_data_integration_associations", function()
      polls = polls + 1
      association.LastExecutionStatus = {
        ExecutionStatus = polls < 100 and "IN_PROGRESS" or "COMPLETED" }
      return { DataIntegrationAssociations = { association } }
    end)
    local done, meta = assert(client:wait_for_execution({ DataIntegrationIdentifier = "d",
      DataIntegrationAssociationIdentifier = "one" }, { interval = 10 }))
    assert.equal("COMPLETED", done.LastExecutionStatus.ExecutionStatus)
    assert.equal(100, meta.polls)
    assert.near(990, meta.elapsed, 5)
  end)

  it("has an answer for every operation in its model", function()
    for _, operation in ipairs(appintegrations.operations()) do
      stub:respond(operation, {})
      for _, modelled in ipairs(appintegrations.describe(operation).errors) do
        stub:fail(operation, modelled.name)
      end
    end
  end)

  it("tells a logger of errors", function()
    local events = {}
    local logged = assert(appintegrations.client { region = "us-east-1", env = {},
      logger = function(event) events[#events + 1] = event.type end })
    appintegrations.stub(logged):fail("list_applications", "ThrottlingException")
    logged:list_applications()
    assert.same({ "error" }, events)
  end)

  it("is what it was before after restore", function()
    local plain, transport = fake.client { fake.json(200, '{"Applications":[]}') }
    local clock, sleep = plain.clock, plain.sleep
    local own = appintegrations.stub(plain)
    assert.same({}, (assert(own:respond("list_applications", {}) and plain:list_applications())))
    assert.same({}, transport.requests)
    own:restore()
    own:restore()
    assert(plain:list_applications())
    assert.equal(1, #transport.requests)
    assert.equal(clock, plain.clock)
    assert.equal(sleep, plain.sleep)
    appintegrations.stub(plain):respond("list_applications", {})
    assert(plain:list_applications())
    assert.equal(1, #transport.requests)
  end)
end)

describe("appintegrations.stub", function()
  it("raises for what is no client, and for one that is stubbed", function()
    raises("expected a client, got nil", function() local _ = appintegrations.stub() end)
    raises("expected a client, got table", function() local _ = appintegrations.stub {} end)
    local client = assert(appintegrations.client { region = "us-east-1", env = {} })
    assert.is_table(appintegrations.stub(client))
    raises("stubbed already", function() local _ = appintegrations.stub(client) end)
  end)

  it("loads neither libcurl nor OpenSSL", function()
    local script = workdir.name()
    local file = assert(io.open(script, "w"))
    file:write [[
      local appintegrations = require "appintegrations"
      local client = assert(appintegrations.client { region = "us-east-1" })
      local stub = appintegrations.stub(client)
      stub:respond("list_applications", {}):fail("list_applications", "ThrottlingException")
      client:list_applications()
      client:list_applications()
      stub:assert_done()
      client:close()
      for name in pairs(package.loaded) do
        if name:find "^appintegrations%.curl$" or name:find "signing" or name:find "cjson" then
          print(name)
        end
      end
      local maps = io.open("/proc/self/maps")
      for line in maps and maps:lines() or function() end do
        if line:find "libcurl" or line:find "libcrypto" then
          print(line)
        end
      end
      print "end"
    ]]
    file:close()
    local output = shell.output((os.getenv "LUA" or "lua") .. " " .. script)
    os.remove(script)
    assert.equal("end\n", output)
  end)
end)
