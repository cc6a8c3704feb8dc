-- Whatever a server answers: nothing raises, everything that can be called returns a result, or nil
-- and an error object, or, where nothing was found, nil alone.
local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local linear = require "spec.support.linear"

local ARN = "arn:aws:app-integrations:us-east-1:1:application/x"

-- What stands where something else is expected.
local VALUES = { "null", "true", "5", "-1e300", '"x"', '""', "[]", "{}", "[null]", '[1,"x",{}]',
  '{"a":1}', '{"a":{"b":[]}}', '{"1":"x"}', "[[]]", '"2026-13-45T99:99:99Z"' }

-- Where it stands.
local PLACES = {
  "%s", '{"message":%s}', '{"Message":%s,"code":%s}', '{"__type":%s}', '{"NextToken":%s}',
  '{"Applications":%s}', '{"Applications":[%s]}', '{"Applications":[{"Name":"n","Arn":%s}]}',
  '{"Applications":[{"Name":%s}],"NextToken":%s}',
  '{"DataIntegrations":[{"Name":"n","Arn":%s}]}', '{"EventIntegrations":[{"Name":%s}]}',
  '{"DataIntegrationAssociations":%s}', '{"DataIntegrationAssociations":[%s]}',
  '{"DataIntegrationAssociations":[{"DataIntegrationAssociationArn":"a/y",'
    .. '"LastExecutionStatus":%s}]}',
  '{"DataIntegrationAssociations":[{"DataIntegrationAssociationArn":%s}]}',
  '{"DataIntegrationAssociations":[{"DataIntegrationAssociationArn":"y","LastExecutionStatus":'
    .. '{"ExecutionStatus":%s}}]}',
  '{"DataIntegrationAssociations":[{"DataIntegrationAssociationArn":"y","LastExecutionStatus":'
    .. '{"ExecutionStatus":"FAILED","StatusMessage":%s}}]}',
  '{"tags":%s}', '{"tags":{"a":%s}}', '{"Tags":%s,"Name":"n"}', '{"Arn":"a","Permissions":%s}',
  '{"Name":"n","Tags":{"a":%s},"Description":%s,"KmsKey":%s,"FileConfiguration":%s}',
  '{"ApplicationSourceConfig":{"ExternalUrlConfig":%s},"CreatedTime":%s}',
}

local APPLICATION = { Name = "n", Namespace = "ns", Permissions = { "p" }, Tags = { a = "b" },
  ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://a.example" } } }

-- Everything that reads answers.
local CALLS = {
  get = function(client) return client:get_application { Arn = "x" } end,
  list = function(client) return client:list_applications() end,
  next = function(client) return client:each_application({}, { limit = 5 }):next() end,
  find = function(client) return client:find_application "n" end,
  wait = function(client)
    return client:wait_for_execution({ DataIntegrationIdentifier = "x",
      DataIntegrationAssociationIdentifier = "y" }, { deadline = 20 })
  end,
  tags = function(client) return client:sync_tags(ARN, { b = "c" }) end,
  ["ensure an application"] = function(client) return client:ensure_application(APPLICATION) end,
  ["ensure a data integration"] = function(client)
    return client:ensure_data_integration { Name = "n", KmsKey = "k", Tags = {},
      FileConfiguration = { Folders = { "a" } } }
  end,
  ["ensure an event integration"] = function(client)
    return client:ensure_event_integration { Name = "n", EventBridgeBus = "default",
      EventFilter = { Source = "aws.cases" }, Tags = { a = "b" } }
  end,
  export = function(client) return client:export() end,
  apply = function(client)
    return client:apply({ Applications = { APPLICATION },
      DataIntegrations = { { Name = "n", KmsKey = "k" } } }, { prune = true })
  end,
}

--- Asserts that CALL of a client whose service answers everything with RESPONSE does not raise.
local function survives(name, call, response)
  local now, count = 1790000000, 0
  local client = fake.client(function()
    count = count + 1
    return count < 60 and response or fake.json(400, "{}") -- a listing has to end
  end, { clock = function() return now end, sleep = function(seconds) now = now + seconds end,
    retry_mode = "off" })
  local ok, result, err = pcall(call, client)
  assert(ok, ("%s of %s raised %s"):format(name, response.body:sub(1, 200), tostring(result)))
  assert(result ~= nil or err == nil or appintegrations.is_error(err), name)
  assert.is_string(tostring(result))
  assert.is_string(tostring(err))
  if type(result) == "table" then
    assert.is_string(appintegrations.json(result))
  end
  return err
end

describe("no answer raises", function()
  for name, call in pairs(CALLS) do
    it("in " .. name, function()
      for _, place in ipairs(PLACES) do
        for _, value in ipairs(VALUES) do
          local body = place:gsub("%%s", (value:gsub("%%", "%%%%")))
          survives(name, call, fake.json(200, body))
          survives(name, call, fake.json(400, body))
        end
      end
    end)
  end

  it("with headers of any kind", function()
    local long = ("x"):rep(100000)
    for _, text in ipairs { "", "#", ":", "##", "a#", "#:", ":#", " ", "\t#\t:", long, long .. "#a",
      "\255\0", "a#ThrottlingException:x" } do
      for _, header in ipairs { "x-amzn-errortype", "x-amzn-requestid", "x-amz-request-id",
        "retry-after", "x-amz-retry-after", "date", "age", "content-type" } do
        for _, status in ipairs { 200, 204, 400, 429, 500, 999 } do
          local response = fake.json(status, "{}")
          response.headers[header] = text
          local err = survives(header, CALLS.get, response)
          if appintegrations.is_error(err) then
            assert.is_true(#err.code <= 256)
            assert.is_true(err.request_id == nil or #err.request_id <= 256)
          end
        end
      end
    end
  end)
end)

describe("a secret that the service repeats", function()
  it("is masked in message, code and request id", function()
    local secrets = { access_key_id = "AKIDEXAMPLE", secret_access_key = ("s3cr3t"):rep(6),
      session_token = ("t0k3n"):rep(20) }
    for _, secret in ipairs { secrets.secret_access_key, secrets.session_token } do
      local response = fake.json(403, ('{"message":"you sent %s, %s"}'):format(secret, secret))
      response.headers["x-amzn-errortype"] = "Refused" .. secret
      response.headers["x-amzn-requestid"] = secret
      local events = {}
      local client = fake.client({ response }, { credentials = secrets, retry_mode = "off",
        logger = function(event) events[#events + 1] = event end })
      local _, err = client:list_applications()
      assert.equal("you sent ***, ***", err.message)
      assert.same({ "Refused***", "***" }, { err.code, err.request_id })
      assert.is_nil(tostring(err):find(secret, 1, true))
      for _, event in ipairs(events) do
        assert.is_nil(appintegrations.json(event):find(secret, 1, true), event.type)
      end
    end
  end)
end)

describe("linear time", function()
  local response_of = require "appintegrations.call.response"

  it("reads a service's errors", function()
    for _, header in ipairs { "x-amzn-errortype", "x-amzn-requestid" } do
      linear.all(function(text)
        return response_of.read("get_application",
          { status = 400, headers = { [header] = text }, body = "" })
      end, linear.WORST)
    end
    local repeated = linear.repeated
    for _, member in ipairs { "code", "__type", "message" } do
      linear.all(function(text)
        local err = response_of.service_error { status = 400, headers = {},
          body = ('{"%s":"%s"}'):format(member, text) }
        return tostring(err)
      end, {
        ["a long text"] = repeated("", "a", ""), ["white space"] = repeated("a", " ", "b"),
        hashes = repeated("", "#", ""), colons = repeated("", ":", ""),
        escapes = repeated("", "\\u0020", "b"),
      })
    end
  end)

  it("decides when to try again", function()
    local backoff = require "appintegrations.call.backoff"
    for _, header in ipairs { "retry-after", "x-amz-retry-after" } do
      local texts = { digits = linear.repeated("", "1", ""),
        ["almost digits"] = linear.repeated("", "1", "x") }
      for name, make in pairs(linear.WORST) do
        texts[name] = make
      end
      linear.all(function(text)
        return backoff.delay(1, {}, { [header] = text }, function() return 0 end, 0)
      end, texts)
    end
  end)

  it("masks headers and writes log lines", function()
    local log = require "appintegrations.log"
    local events = require "appintegrations.call.events"
    local write = log.to(function() end, "debug")
    linear.all(function(text)
      local headers = events.mask { [text] = text }
      write { type = "response", time = 0, operation = "x", host = "h", attempt = 1, status = 200,
        elapsed = 0, headers = headers, body_bytes = 1, request_id = text }
    end, linear.WORST)
  end)
end)
