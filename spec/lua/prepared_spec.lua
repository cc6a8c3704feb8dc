-- client:prepare: a signed request that is not sent.
local appintegrations = require "appintegrations"
local fake = require "spec.support.fake_transport"
local worlds = require "spec.support.world"

describe("a prepared request", function()
  it("is what would be sent, and is not sent", function()
    local world = worlds.new()
    local request = assert(world.client:prepare("create_data_integration",
      { Name = "crm", KmsKey = "k", ClientToken = "t" }, { headers = { ["X-Trace"] = "1" } }))
    assert.equal(0, #world.wire)
    assert.equal("POST", request.method)
    assert.equal("https://app-integrations.us-east-1.amazonaws.com/dataIntegrations", request.url)
    assert.equal('{"Name":"crm","KmsKey":"k","ClientToken":"t"}', request.body)
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=.*, Signature=%x+$",
      request.headers.authorization)
    assert.equal("1", request.headers["x-trace"])
    -- The service takes it, sent by other means.
    local response = assert(world.service:transport():send(request))
    assert.equal(200, response.status)
    assert.is_not_nil(world.client:find_data_integration "crm")
  end)

  it("shows no secret when printed", function()
    local client = fake.client({}, { credentials = { access_key_id = "AKIDEXAMPLE",
      secret_access_key = "very-secret", session_token = "secret-token" } })
    local request = assert(client:prepare("list_applications", { MaxResults = 5 }))
    assert.equal("secret-token", request.headers["x-amz-security-token"])
    local text = tostring(request)
    assert.matches("^GET https://app%-integrations%.us%-east%-1%.amazonaws%.com/applications"
      .. "%?maxResults=5\n", text)
    assert.is_nil(text:find("secret-token", 1, true))
    assert.is_nil(text:find("Signature", 1, true))
    assert.truthy(text:find("authorization: ***", 1, true))
  end)

  it("is an error for what a call would fail with before it is sent", function()
    local world = worlds.new()
    local request, err = world.client:prepare("get_application", {})
    assert.is_nil(request)
    assert.is_true(appintegrations.is_error(err, "ParamValidationError"))
    assert.equal("get_application", err.operation)
    assert.matches("prepared_spec%.lua:%d+$", err.where)
    local client = fake.client({}, { credentials = function() return nil, "no" end })
    request, err = client:prepare("list_applications")
    assert.is_nil(request)
    assert.is_true(appintegrations.is_error(err, "CredentialsProviderError"), tostring(err))
  end)

  it("is of an operation", function()
    local client = fake.client {}
    for name, hint in pairs { GetApplication = 'did you mean "get_application"?',
      each_application = 'did you mean' } do
      local ok, message = pcall(function() client:prepare(name) end)
      assert.is_false(ok)
      assert.matches("prepared_spec%.lua:%d+: prepare: no operation", message)
      assert.truthy(message:find(hint, 1, true), message)
    end
  end)
end)
