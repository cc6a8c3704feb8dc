-- What programs get wrong: a clear error each time, at the caller's line or returned, and nothing
-- on the wire. The server counts.

local appintegrations = require "appintegrations"
local server = require "spec.support.server"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1"

local recorder, client

local function new_client(options)
  local all = {
    region = "us-east-1", env = {}, endpoint_url = recorder.url,
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" },
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local made, err = appintegrations.client(all) -- no tail call: 5.1 would lose the line
  return made, err
end

--- Makes a valid create_data_integration invalid.
local function create_with(members)
  local params = { Name = "crm", KmsKey = KEY }
  for name, value in pairs(members) do
    params[name] = value
  end
  return params
end

local function nested(depth)
  local value = {}
  for _ = 1, depth do
    value = { value }
  end
  return value
end

local function nested_map(depth)
  local value = { a = "b" }
  for _ = 1, depth do
    value = { a = value }
  end
  return value
end

local CYCLE = { a = {} }
CYCLE.a.a = CYCLE

local MEGABYTES = ("x"):rep(5 * 1024 * 1024)

describe("wrong input sends nothing:", function()
  setup(function()
    recorder = server.start { { body = "{}" } }
    client = assert(new_client())
    assert(client:list_applications())
  end)

  teardown(function()
    client:close()
    recorder:stop()
  end)

  after_each(function()
    assert.equal(1, #recorder:requests()) -- the one above: the server is reached
  end)

  --- F raises a message with this file in it, and PATTERN.
  local function raises(pattern, f)
    local ok, message = pcall(f)
    assert.is_false(ok)
    assert.matches("wrong_input_spec.lua:%d+: ", message) -- the caller's file and line
    assert.matches(pattern, message)
  end

  --- The call returns ParamValidationError with a violation of RULE at PATH, in a text that a
  -- terminal can show.
  local function refuses(path, rule, operation, params, options)
    local output, err = client[operation](client, params, options)
    assert.is_nil(output)
    assert.is_true(appintegrations.is_error(err, "ParamValidationError"))
    assert.is_true(#tostring(err) < 2000)
    for _, violation in ipairs(err.details) do
      if violation.path:sub(1, #path) == path and violation.rule == rule then
        return violation
      end
    end
    error(("no %s of %s in %s"):format(rule, path, tostring(err)))
  end

  it("an unknown option", function()
    raises('unknown option "time_out"; did you mean "timeout"', function()
      client:list_applications({}, { time_out = 1 })
    end)
    raises('unknown option "enpoint"', function() local _ = new_client { enpoint = "x" } end)
    raises('unknown option "1"', function() client:list_applications({}, { 1 }) end)
  end)

  it("an option of the wrong type", function()
    raises('option "timeout": expected a positive number, got string', function()
      client:list_applications({}, { timeout = "1" })
    end)
    for _, env in ipairs { { AWS_MAX_ATTEMPTS = 3 }, { AWS_REGION = true }, { "AWS_REGION" },
      { AWS_CONFIG_FILE = "a\0b" }, { ["A\0"] = "b" } } do
      raises('option "env": expected a table of strings by names', function()
        local _ = new_client { env = env }
      end)
    end
    raises('option "ca_bundle": expected a path, got string', function()
      local _ = new_client { ca_bundle = "a\0b" }
    end)
    raises("expected a table of options, got number", function()
      client:list_applications({}, 5)
    end)
  end)

  it("parameters that are no table", function()
    for _, params in ipairs { "crm", 5, true, print } do
      raises("get_data_integration: expected a table of parameters, got " .. type(params),
        function() client:get_data_integration(params) end)
      raises("expected a table of parameters, got " .. type(params), function()
        client:each_data_integration(params)
      end)
    end
  end)

  it("a method that does not exist", function()
    assert.has_error(function() client:get_data_integrations {} end)
  end)

  it("parameters that are a list, as a whole", function()
    local _, err = client:list_applications { "a", "b" }
    assert.equal("expected the names of members as keys, got a number (nothing was sent)",
      err.message)
    _, err = client:create_application { "a", Name = "x" }
    assert.matches("\n  expected the names of members as keys, got a number\n", tostring(err))
  end)

  it("a list with a hole, and what is no list", function()
    for _, folders in ipairs { { "a", nil, "c" }, { [2] = "b" }, { a = "b" }, { "a", x = "b" },
      { [1.5] = "a" }, { [0] = "a" } } do
      local violation = refuses("FileConfiguration.Folders", "sequence", "create_data_integration",
        create_with { FileConfiguration = { Folders = folders } })
      assert.matches("expected a list with the keys 1 to n", violation.message)
    end
    refuses("tagKeys", "sequence", "untag_resource",
      { resourceArn = KEY, tagKeys = { "a", nil, "c" } })
  end)

  it("text that is no UTF-8, wherever it stands", function()
    local params = { Name = "crm\255", Tags = { ["\192\128"] = "\237\160\128" } }
    params = create_with(params)
    assert.matches("byte 4", refuses("Name", "utf8", "create_data_integration", params).message)
    refuses("Tags", "utf8", "create_data_integration", params)
    refuses("Identifier", "utf8", "get_data_integration", { Identifier = "\255" })
    refuses("NextToken", "utf8", "list_applications", { NextToken = "\255" })
    refuses("New", "utf8", "tag_resource", { resourceArn = KEY, tags = { a = "b" } },
      { extra = { New = { "a", "\255" } } })
  end)

  it("a string of 5 MB, in the path and the query", function()
    refuses("Identifier", "max_bytes", "get_data_integration", { Identifier = MEGABYTES })
    refuses("NextToken", "max_bytes", "list_applications", { NextToken = MEGABYTES })
  end)

  it("a table that contains itself", function()
    refuses("Tags", "type", "create_data_integration", create_with { Tags = CYCLE })
    refuses("ObjectConfiguration", "sequence", "create_data_integration",
      create_with { ObjectConfiguration = CYCLE })
    refuses("Tags", "depth", "create_data_integration", create_with { Tags = CYCLE },
      { validate = false })
  end)

  it("a table nested 10,000 deep", function()
    refuses("ObjectConfiguration", "sequence", "create_data_integration",
      create_with { ObjectConfiguration = nested_map(10000) })
    refuses("ObjectConfiguration", "depth", "create_data_integration",
      create_with { ObjectConfiguration = nested_map(10000) }, { validate = false })
    refuses("FileConfiguration", "depth", "create_data_integration",
      create_with { FileConfiguration = { Folders = nested(10000) } }, { validate = false })
    refuses("New", "depth", "create_data_integration", create_with {},
      { extra = { New = nested(10000) } })
    refuses("New", "depth", "create_data_integration", create_with {},
      { extra = { New = CYCLE } })
  end)

  it("an identifier that would change the path", function()
    for _, mode in ipairs { "standard", "strict", "false" } do
      local options = { validate = mode ~= "false" and mode }
      for _, identifier in ipairs { ".", ".." } do
        refuses("Identifier", "label", "get_data_integration", { Identifier = identifier }, options)
        refuses("DataIntegrationIdentifier", "label", "delete_data_integration",
          { DataIntegrationIdentifier = identifier }, options)
      end
      refuses("Identifier", "min_length", "get_data_integration", { Identifier = "" }, options)
      refuses("Identifier", "required", "get_data_integration", {}, options)
    end
  end)

  it("numbers that JSON does not have, or that are no integers", function()
    for _, number in ipairs { 0 / 0, 1 / 0, -1 / 0, 1.5, 2 ^ 63 } do
      refuses("InitializationTimeout", "type", "create_application",
        { Name = "a", Namespace = "b", ApplicationSourceConfig = {
          ExternalUrlConfig = { AccessUrl = "https://example.com" } },
          InitializationTimeout = number })
      refuses("MaxResults", "type", "list_applications", { MaxResults = number })
    end
  end)

  it("values that have no form in JSON", function()
    for _, value in ipairs { print, coroutine.create(function() end), io.stdout } do
      refuses("Name", "type", "create_data_integration", create_with { Name = value })
      refuses("Name", "type", "create_data_integration", create_with { Name = value },
        { validate = false })
    end
  end)

  it("headers that would break the message", function()
    raises("without line breaks", function()
      client:list_applications({}, { headers = { ["x-a"] = "b\r\nx-c: d" } })
    end)
    raises("Authorization is set by the client", function()
      client:list_applications({}, { headers = { Authorization = "x" } })
    end)
  end)

  it("all problems at once", function()
    local _, err = client:create_data_integration { Name = 5, Nmae = "crm",
      FileConfiguration = { Folders = { "a", nil, "b" } }, Tags = { team = {} } }
    assert.is_true(#err.details >= 5, tostring(err))
  end)
end)
