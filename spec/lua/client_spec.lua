local appintegrations = require "appintegrations"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

--- F raises a message with this file in it, and PATTERN.
local function raises(pattern, f)
  local ok, message = pcall(f)
  assert.is_false(ok)
  assert.matches("client_spec", message) -- the caller's file and line
  assert.matches(pattern, message)
end

describe("a call", function()
  it("returns the output and what is known of the answer", function()
    local now = 1000
    local client = fake.client(function()
      now = now + 0.25
      return fake.json(200, '{"Name":"crm","Description":null,"New":{"a":[1,null,2]}}')
    end, { clock = function() return now end })
    local output, meta = client:get_data_integration { Identifier = "crm" }
    assert.same({ Name = "crm", New = { a = { 1, 2 } } }, output)
    assert.equal("request-1", meta.request_id)
    assert.equal(200, meta.status)
    assert.equal(1, meta.attempts)
    assert.equal(0.25, meta.elapsed)
    assert.equal("application/json", meta.headers["content-type"])
    assert.is_nil(meta.advisories)
  end)

  it("sends what the operation needs, signed", function()
    local client, transport = fake.client({ fake.json(200, "{}") }, {
      endpoint_url = "http://127.0.0.1:4570/base/", clock = function() return 1440938160 end,
    })
    assert(client:create_data_integration({ Name = "crm", KmsKey = KEY },
      { headers = { ["X-Trace"] = "t" }, extra = { New = 1 }, timeout = 2.5 }))
    local request = transport.requests[1]
    assert.equal("POST", request.method)
    assert.equal("http://127.0.0.1:4570/base/dataIntegrations", request.url)
    assert.equal("127.0.0.1:4570", request.headers.host)
    assert.equal("application/json", request.headers["content-type"])
    assert.equal("t", request.headers["x-trace"])
    assert.equal("20150830T123600Z", request.headers["x-amz-date"])
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=AKIDEXAMPLE/20150830/us%-east%-1/"
      .. "app%-integrations/aws4_request, SignedHeaders=.*x%-trace.*, Signature=%x+$",
      request.headers.authorization)
    assert.equal(2.5, request.timeout)
    assert.equal(3.1, request.connect_timeout)
    assert.truthy(request.body:find('"New":1', 1, true))
  end)

  it("sends no content-type where there is no body", function()
    local client, transport = fake.client { fake.json(200, '{"Applications":[]}') }
    assert(client:list_applications())
    assert.is_nil(transport.requests[1].headers["content-type"])
    assert.is_nil(transport.requests[1].body)
  end)

  it("makes integers of integer members and keeps times as numbers", function()
    local client = fake.client {
      fake.json(200, '{"InitializationTimeout":5000,"CreatedTime":1790000000.25,"Unknown":12}'),
      fake.json(200, '{"CreatedTime":"2026-11-22T10:20:30.5Z","InitializationTimeout":null}'),
    }
    local output = assert(client:get_application { Arn = "a" })
    assert.equal(5000, output.InitializationTimeout)
    if math.type then
      assert.equal("integer", math.type(output.InitializationTimeout))
    end
    assert.equal(1790000000.25, output.CreatedTime)
    assert.equal(12, output.Unknown)
    assert.same({ CreatedTime = 1795342830.5 }, (assert(client:get_application { Arn = "a" })))
  end)

  it("takes an empty body as an empty output", function()
    local client = fake.client { fake.json(200, ""), fake.json(204, "") }
    assert.same({}, (assert(client:delete_application { Arn = "a" })))
    assert.same({}, (assert(client:delete_application { Arn = "a" })))
  end)

  it("sends nothing when a parameter is wrong", function()
    local client, transport = fake.client {}
    local output, err = client:create_data_integration { Nmae = "crm" }
    assert.is_nil(output)
    assert.is_true(appintegrations.is_error(err, "ParamValidationError"))
    assert.equal("validation", err.kind)
    assert.equal("create_data_integration", err.operation)
    assert.equal(3, #err.details)
    assert.matches('Nmae: is no member of CreateDataIntegrationRequest; did you mean "Name"',
      tostring(err))
    assert.same({}, transport.requests)
  end)

  it("reports advisories, and explains InvalidRequestException with them", function()
    local client = fake.client {
      fake.json(200, "{}"),
      fake.json(400, '{"Message":"Invalid"}', { ["x-amzn-errortype"] = "InvalidRequestException" }),
    }
    local params = { Name = "no spaces please", KmsKey = KEY }
    local _, meta = assert(client:create_data_integration(params))
    assert.equal("pattern", meta.advisories[1].rule)
    local _, err = client:create_data_integration(params)
    assert.equal("InvalidRequestException", err.code)
    assert.equal("Name", err.details[1].path)
    local _, strict = client:create_data_integration(params, { validate = "strict" })
    assert.equal("ParamValidationError", strict.code)
  end)

  it("validates as the client's option says, and the call's first", function()
    local client, transport = fake.client({ fake.json(200, "{}"), fake.json(200, "{}") },
      { validate = "strict" })
    local _, err = client:create_data_integration { Name = "a b", KmsKey = KEY }
    assert.equal("ParamValidationError", err.code)
    assert(client:create_data_integration({ Name = 5 }, { validate = false }))
    assert.truthy(transport.requests[1].body:find('"Name":5', 1, true))
  end)

  it("takes UUIDs for ClientToken from the injected random source", function()
    local client, transport = fake.client({ fake.json(200, "{}") },
      { random = function() return 0.999 end })
    assert(client:create_data_integration { Name = "n", KmsKey = KEY })
    assert.truthy(transport.requests[1].body:find(
      '"ClientToken":"ffffffff-ffff-4fff-bfff-ffffffffffff"', 1, true))
  end)

  it("returns what the transport says, classified", function()
    local client = fake.client(function()
      return nil, errors.new { kind = "transport", code = "ConnectionError", message = "refused" }
    end)
    local output, err = client:list_applications()
    assert.is_nil(output)
    assert.equal("ConnectionError", err.code)
    assert.is_true(err.retryable)
    assert.equal("list_applications", err.operation)
    assert.equal(1, err.attempts)
  end)
end)

describe("a deadline", function()
  it("shortens the attempt and turns its timeout into DeadlineExceeded", function()
    local now = 1000
    local client, transport = fake.client(function()
      now = now + 1.5
      return nil, errors.new { kind = "timeout", code = "AttemptTimeout", message = "too slow" }
    end, { clock = function() return now end, timeout = 30 })
    local _, err = client:list_applications({}, { deadline = 1.5 })
    assert.equal(1.5, transport.requests[1].timeout)
    assert.equal(1001.5, transport.requests[1].deadline)
    assert.equal("DeadlineExceeded", err.code)
    assert.equal("timeout", err.kind)
  end)
end)

describe("misuse", function()
  it("raises at the caller's line", function()
    local client = fake.client {}
    raises("get_application: expected a table of parameters, got string", function()
      client:get_application("arn")
    end)
    raises('list_applications: unknown option "time_out"; did you mean "timeout"', function()
      client:list_applications({}, { time_out = 1 })
    end)
    for _, seconds in ipairs { -1, 0, math.huge, 0 / 0 } do
      raises('option "timeout": expected a positive number, got ', function()
        client:list_applications({}, { timeout = seconds })
      end)
    end
    raises('unknown option "limit"', function()
      client:list_applications({}, { limit = 1 })
    end)
    raises("options.headers: Authorization is set by the client", function()
      client:list_applications({}, { headers = { Authorization = "x" } })
    end)
    raises("without line breaks", function()
      client:list_applications({}, { headers = { ["x-a"] = "b\r\nc: d" } })
    end)
    raises("x%-a: expected a string without line breaks and other control characters", function()
      client:list_applications({}, { headers = { ["x-a"] = "b\27[31m" } })
    end)
    raises("options.headers: x%-a is there in two spellings", function()
      client:list_applications({}, { headers = { ["x-a"] = "b", ["X-A"] = "c" } })
    end)
    assert(fake.client { fake.json(200, "{}") }:list_applications({},
      { headers = { ["x-a"] = "b\tc\195\188" } }))
    raises("no HTTP header name", function()
      client:list_applications({}, { headers = { ["x a"] = "b" } })
    end)
  end)

  it("of appintegrations.client raises at the caller's line", function()
    raises('unknown option "Region"; did you mean "region"', function()
      local _ = appintegrations.client { Region = "x" }
    end)
    raises('option "max_attempts": expected a whole number from 1, got 0', function()
      local _ = appintegrations.client { max_attempts = 0 }
    end)
    raises('option "validate": expected "standard", "strict", false, got "lax"', function()
      local _ = appintegrations.client { validate = "lax" }
    end)
    raises("credentials: secret_access_key is missing", function()
      local _ = appintegrations.client { credentials = { access_key_id = "a" } }
    end)
    raises("expected a table of options, got string", function()
      local _ = appintegrations.client "us-east-1"
    end)
    raises("appintegrations.client: call it with a dot", function()
      local _ = appintegrations:client { region = "us-east-1" }
    end)
  end)
end)

describe("a client", function()
  it("outlives an answer from the year 9999", function()
    local far = { fake.json(200, "{}"), fake.json(200, "{}") }
    far[1].headers.date = "Fri, 31 Dec 9999 23:59:59 GMT"
    local client, transport = fake.client(far)
    assert(client:list_applications())
    assert(client:list_applications())
    assert.equal("attempt=1; max=1", transport.requests[2].headers["amz-sdk-request"])
  end)

  it("leaves out what cannot be written of a request", function()
    local client, transport = fake.client({ fake.json(200, "{}"), fake.json(200, "{}") },
      { clock = function() return 253402300799 end })
    client.skew.offset = 0
    assert(client:list_applications())
    assert.equal("attempt=1; max=1", transport.requests[1].headers["amz-sdk-request"])
  end)
end)

describe("a name that does not exist", function()
  it("is a method's in another spelling", function()
    local client = fake.client {}
    for written, meant in pairs {
      GetDataIntegration = "get_data_integration", each_applications = "each_application",
      list_application = "list_applications", find_integration = "find_data_integration",
    } do
      raises(('no method "%s"; did you mean "%s"'):format(written, meant), function()
        client[written](client, {})
      end)
    end
    assert.is_nil(client.zebra)
    assert.is_nil(client.__close) -- which libraries ask for
    assert.is_nil(client[1])
  end)

  it("is an option's in another spelling, or of another library", function()
    for written, meant in pairs {
      regoin = 'did you mean "region"?', timeuot = 'did you mean "timeout"?',
      ratry_mode = 'did you mean "retry_mode"?', retries = "that is max_attempts",
      access_key_id = "that is credentials = { access_key_id",
      aws_secret_access_key = "that is credentials = { secret_access_key",
      AccessKeyId = "that is credentials = { access_key_id",
      zebra = "there are app_id, ca_bundle", retry = "that is max_attempts",
    } do
      raises(('unknown option "%s"; %s'):format(written, meant), function()
        local _ = appintegrations.client { [written] = "x" }
      end)
    end
  end)

  it("is an iterator's option of another library", function()
    local client = fake.client {}
    for _, name in ipairs { "max", "max_items", "count" } do
      raises(('each_application: unknown option "%s"; that is limit'):format(name), function()
        client:each_application({}, { [name] = 3 })
      end)
    end
  end)

  it("is an operation's in another spelling", function()
    local client = fake.client {}
    raises('describe: no operation is called "CreateApplication"; did you mean "create_appl',
      function() local _ = appintegrations.describe "CreateApplication" end)
    raises('prepare: no operation is called "CreateApplication"; did you mean "create_appl',
      function() local _ = client:prepare "CreateApplication" end)
    raises("expected the name of an operation, got nil", function() client:prepare() end)
    raises('list_applications: unknown option "limit"', function()
      local _ = client:prepare("list_applications", {}, { limit = 1 })
    end)
  end)

  it("is a field's of credentials", function()
    raises('unknown field "AccessKeyId"; did you mean "access_key_id"?', function()
      local _ = appintegrations.client { credentials = { AccessKeyId = "x" } }
    end)
  end)

  it("is an identifier that the operation calls otherwise", function()
    local client = fake.client {}
    for operation, names in pairs {
      get_application = { "ApplicationId", "Arn" }, get_event_integration = { "Id", "Name" },
      list_application_associations = { "Arn", "ApplicationId" },
      delete_data_integration = { "Identifier", "DataIntegrationIdentifier" },
    } do
      local _, err = client[operation](client, { [names[1]] = "x" })
      assert.matches("this operation calls it " .. names[2] .. "\n", tostring(err))
    end
  end)
end)

describe("a client", function()
  it("keeps its region and its endpoint, and says so before it would call the old one", function()
    for name, value in pairs { region = "eu-west-2", endpoint = "http://127.0.0.1:4570" } do
      local client = fake.client {} -- which answers no call
      client[name] = value
      for _, method in ipairs { "list_applications", "each_application", "export" } do
        raises(method .. ": a client keeps its region and its endpoint: make another one",
          function()
            client[method](client)
          end)
      end
      raises("prepare: a client keeps", function()
        client:prepare "list_applications"
      end)
      client:cancel()
      client:close()
    end
  end)

  it("keeps its options, and what a program notes in it", function()
    local client = fake.client {}
    for _, name in ipairs { "deadline", "profile", "max_attempts", "endpoint_url" } do
      raises(("a client keeps its options: make another one, appintegrations.client { %s = … }")
        :format(name), function()
        client[name] = 5
      end)
    end
    client.account = "111122223333"
    assert.equal("111122223333", client.account)
  end)
end)

describe("a method called with a dot", function()
  it("asks for the colon, at the caller's line", function()
    local client = fake.client {}
    for _, name in ipairs { "list_applications", "each_application", "find_application",
      "sync_tags", "cancel", "close", "explain" } do
      raises(name .. ": call it with a colon, as in client:" .. name, function()
        client[name]()
      end)
      raises("call it with a colon", function() client[name] { NextToken = "t" } end)
    end
  end)
end)

describe("a client at a prompt", function()
  it("has its region and its endpoint, and shows what it can do", function()
    local client = fake.client({}, { endpoint_url = "http://127.0.0.1:4570" })
    assert.equal("us-east-1", client.region)
    assert.equal("http://127.0.0.1:4570", client.endpoint)
    local names, metatable = {}, getmetatable(client)
    for name in metatable.__pairs(client) do
      names[name] = true
    end
    assert.is_true(names.region and names.endpoint and names.each_application and names.explain)
    assert.is_nil(names.transport)
    for _, operation in ipairs(appintegrations.operations()) do
      assert.is_function(metatable.__index[operation])
      assert.is_true(names[operation])
    end
  end)
end)

describe("secrets", function()
  it("stand in no plain field of the client and in no text", function()
    local client = fake.client { fake.json(403, '{"Message":"no"}') }
    local seen = {}
    local function scan(value, path)
      if type(value) == "string" then
        assert.is_nil(value:find("very-secret", 1, true), path)
      elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for k, v in pairs(value) do
          scan(v, path .. "." .. tostring(k))
        end
      end
    end
    local _, err = client:get_application { Arn = "a" }
    client.transport = nil
    scan(client, "client")
    scan(err, "err")
    assert.is_nil(tostring(err):find("very-secret", 1, true))
    assert.equal("appintegrations.Client: us-east-1 "
      .. "https://app-integrations.us-east-1.amazonaws.com", tostring(client))
  end)
end)

describe("introspection", function()
  it("lists the 23 operations and describes each", function()
    local names = appintegrations.operations()
    assert.equal(23, #names)
    local sorted = { (unpack or table.unpack)(names) }
    table.sort(sorted)
    assert.same(sorted, names)
    for _, name in ipairs(names) do
      local description = appintegrations.describe(name)
      assert.is_string(description.method)
      assert.is_string(description.path)
      assert.equal("structure", description.input.type)
      assert.equal("structure", description.output.type)
      assert.is_true(#description.errors >= 4)
    end
    local create = appintegrations.describe "create_data_integration"
    assert.is_true(create.input.members.Name.required)
    assert.equal(255, create.input.members.Name.max)
    assert.is_true(create.input.members.ClientToken.idempotency_token)
    assert.equal("NextToken", appintegrations.describe("list_applications").pagination.input_token)
    create.input = nil
    assert.is_table(appintegrations.describe("create_data_integration").input)
  end)

  it("raises for what is no operation", function()
    raises("create_integration", function()
      local _ = appintegrations.describe "create_integration"
    end)
  end)
end)
