-- What stands on the wire for every operation, byte by byte, as a server of its own recorded it:
-- request line, headers, body. Each signature is checked twice without the signer's code: with
-- the openssl command over a canonical request put together here, and by the emulator's verifier
-- fed with the request as it was received.

local appintegrations = require "appintegrations"
local auth = require "appintegrations.emulator.auth"
local server = require "spec.support.server"
local workdir = require "spec.support.workdir"
local shell = require "spec.support.shell"

local NOW = 1790814896.75
local CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "a/secret+key" }
local TOKEN = "session/token+with=characters"
local UUID = "00000000-0000-4000-8000-000000000000" -- what a random source of zeros leads to

local APPLICATION = "arn:aws:app-integrations:us-east-1:111122223333:application/"
  .. "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
local APPLICATION_ENCODED = "arn%3Aaws%3Aapp-integrations%3Aus-east-1%3A111122223333%3Aapplication"
  .. "%2F1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
local ODD = "a/b:c%d é~ü+1" -- whatever a label can hold
local ODD_ENCODED = "a%2Fb%3Ac%25d%20%C3%A9~%C3%BC%2B1"

--- For each operation: parameters, then method, target and body on the wire.
local CASES = {
  create_application = { { Name = "Agent \"desk\"", Namespace = "desk",
    ApplicationSourceConfig = { ExternalUrlConfig = { AccessUrl = "https://example.com",
      ApprovedOrigins = { "https://a.example.com" } } },
    Tags = { team = "é\n" }, IsService = false, InitializationTimeout = 5000.0, Permissions = {} },
    "POST", "/applications", '{"Name":"Agent \\"desk\\"","Namespace":"desk",'
      .. '"ApplicationSourceConfig":{"ExternalUrlConfig":{"AccessUrl":"https://example.com",'
      .. '"ApprovedOrigins":["https://a.example.com"]}},'
      .. '"ClientToken":"' .. UUID .. '","Tags":{"team":"é\\n"},'
      .. '"Permissions":[],"IsService":false,"InitializationTimeout":5000}' },
  create_data_integration = { { Name = "crm", KmsKey = "key", ClientToken = "mine",
    ScheduleConfig = { ScheduleExpression = "rate(1 hour)", Object = "Case" },
    FileConfiguration = { Folders = { "in", "out" } },
    ObjectConfiguration = { Account = { fields = { "Id" } } } },
    "POST", "/dataIntegrations", '{"Name":"crm","KmsKey":"key","ScheduleConfig":{"Object":"Case",'
      .. '"ScheduleExpression":"rate(1 hour)"},"ClientToken":"mine","FileConfiguration":'
      .. '{"Folders":["in","out"]},"ObjectConfiguration":{"Account":{"fields":["Id"]}}}' },
  create_data_integration_association = { { DataIntegrationIdentifier = ODD, ClientId = "c",
    ExecutionConfiguration = { ExecutionMode = "ON_DEMAND",
      OnDemandConfiguration = { StartTime = "1" } } },
    "POST", "/dataIntegrations/" .. ODD_ENCODED .. "/associations", '{"ClientId":"c",'
      .. '"ClientToken":"' .. UUID .. '","ExecutionConfiguration":{"ExecutionMode":"ON_DEMAND",'
      .. '"OnDemandConfiguration":{"StartTime":"1"}}}' },
  create_event_integration = { { Name = "events", EventBridgeBus = "default",
    EventFilter = { Source = "aws.cases" } },
    "POST", "/eventIntegrations", '{"Name":"events","EventFilter":{"Source":"aws.cases"},'
      .. '"EventBridgeBus":"default","ClientToken":"' .. UUID .. '"}' },
  delete_application = { { Arn = APPLICATION, Force = true },
    "DELETE", "/applications/" .. APPLICATION_ENCODED .. "?force=true" },
  delete_data_integration = { { DataIntegrationIdentifier = ODD },
    "DELETE", "/dataIntegrations/" .. ODD_ENCODED },
  delete_event_integration = { { Name = ODD }, "DELETE", "/eventIntegrations/" .. ODD_ENCODED },
  get_application = { { Arn = APPLICATION }, "GET", "/applications/" .. APPLICATION_ENCODED },
  get_data_integration = { { Identifier = ODD }, "GET", "/dataIntegrations/" .. ODD_ENCODED },
  get_event_integration = { { Name = "..." }, "GET", "/eventIntegrations/..." },
  list_application_associations = { { ApplicationId = APPLICATION, MaxResults = 5,
    NextToken = "a+b/c=" }, "GET", "/applications/" .. APPLICATION_ENCODED
      .. "/associations?nextToken=a%2Bb%2Fc%3D&maxResults=5" },
  list_applications = { { ApplicationType = "STANDARD", MaxResults = 50 },
    "GET", "/applications?maxResults=50&applicationType=STANDARD" },
  list_data_integration_associations = { { DataIntegrationIdentifier = ODD },
    "GET", "/dataIntegrations/" .. ODD_ENCODED .. "/associations" },
  list_data_integrations = { {}, "GET", "/dataIntegrations" },
  list_event_integration_associations = { { EventIntegrationName = "events" },
    "GET", "/eventIntegrations/events/associations" },
  list_event_integrations = { { NextToken = "é &" },
    "GET", "/eventIntegrations?nextToken=%C3%A9%20%26" },
  list_tags_for_resource = { { resourceArn = APPLICATION },
    "GET", "/tags/" .. APPLICATION_ENCODED },
  tag_resource = { { resourceArn = APPLICATION, tags = { team = "contact center" } },
    "POST", "/tags/" .. APPLICATION_ENCODED, '{"tags":{"team":"contact center"}}' },
  untag_resource = { { resourceArn = APPLICATION, tagKeys = { "team", "a:b/c", "é" } },
    "DELETE", "/tags/" .. APPLICATION_ENCODED .. "?tagKeys=team&tagKeys=a%3Ab%2Fc&tagKeys=%C3%A9" },
  update_application = { { Arn = APPLICATION, Description = "", AuthConfig = nil },
    "PATCH", "/applications/" .. APPLICATION_ENCODED, '{"Description":""}' },
  update_data_integration = { { Identifier = ODD }, "PATCH", "/dataIntegrations/" .. ODD_ENCODED,
    "{}" },
  update_data_integration_association = { { DataIntegrationIdentifier = ODD,
    DataIntegrationAssociationIdentifier = "a b",
    ExecutionConfiguration = { ExecutionMode = "SCHEDULED" } },
    "PATCH", "/dataIntegrations/" .. ODD_ENCODED .. "/associations/a%20b",
    '{"ExecutionConfiguration":{"ExecutionMode":"SCHEDULED"}}' },
  update_event_integration = { { Name = ODD, Description = "new" },
    "PATCH", "/eventIntegrations/" .. ODD_ENCODED, '{"Description":"new"}' },
}

-- ---- the two checks of a signature -----------------------------------------------------------

local function sorted(list)
  table.sort(list)
  return list
end

--- The canonical request of REQUEST. The target comes encoded and without segments to be
-- normalised, so encoding it once more touches nothing but the percent signs.
local function canonical_request(request, signed_headers, payload_hash)
  local path, query = request.target:match("^([^?]*)%??(.*)$")
  local parameters, lines = {}, {}
  for parameter in query:gmatch("[^&]+") do
    parameters[#parameters + 1] = parameter
  end
  for name in signed_headers:gmatch("[^;]+") do
    lines[#lines + 1] = name .. ":" .. request.headers[name] .. "\n"
  end
  return table.concat({ request.method, (path:gsub("%%", "%%25")),
    table.concat(sorted(parameters), "&"), table.concat(lines), signed_headers, payload_hash },
    "\n")
end

-- $1: directory with the files body, canonical, secret; $2: x-amz-date; $3: region.
-- Prints the signature. The canonical request has @ where the body's hash belongs.
local SIGN_WITH_OPENSSL = [[
  cd "$1" || exit 1
  hash() { openssl dgst -sha256 -r "$1" | cut -c 1-64; }
  hmac() { openssl dgst -sha256 -mac HMAC -macopt "$1" -r | cut -c 1-64; }
  sed "s/^@\$/$(hash body)/" canonical | head -c -1 > request
  day=$(echo "$2" | cut -c 1-8)
  secret=$(od -An -tx1 -v secret | tr -d ' \n')
  key=$(printf %s "$day" | hmac "hexkey:$secret")
  key=$(printf %s "$3" | hmac "hexkey:$key")
  key=$(printf %s app-integrations | hmac "hexkey:$key")
  key=$(printf %s aws4_request | hmac "hexkey:$key")
  printf 'AWS4-HMAC-SHA256\n%s\n%s/%s/app-integrations/aws4_request\n%s' \
    "$2" "$day" "$3" "$(hash request)" | hmac "hexkey:$key"
]]

local dir

--- The signature of REQUEST, computed by the openssl command.
local function openssl_signature(request, secret)
  local signed_headers = request.headers.authorization:match("SignedHeaders=([^,]+)")
  dir:write("body", request.body)
  dir:write("canonical", canonical_request(request, signed_headers, "@\n"))
  dir:write("secret", "AWS4" .. secret)
  -- A sanitizer that is preloaded for the spec is none of these commands' business.
  return (shell.output(("LD_PRELOAD= sh %s/sign %s %s us-east-1"):format(dir.path, dir.path,
    request.headers["x-amz-date"]))):match("%x+")
end

--- What the emulator's verifier says: nil, or a problem.
local function verifier_problem(request, session_token)
  local headers = {}
  for line in request.raw:match("^[^\r\n]*\r\n(.-\r\n)\r\n"):gmatch("([^\r\n]+)\r\n") do
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    headers[#headers + 1] = { name, value }
  end
  local _, problem = auth.new({
    credentials = { [CREDENTIALS.access_key_id] = { secret = CREDENTIALS.secret_access_key,
      session_token = session_token } },
    regions = { ["us-east-1"] = true }, clock = function() return NOW end, skew = 0,
  }):verify { method = request.method, target = request.target, headers = headers,
    body = request.body }
  return problem
end

local function assert_signed(request, session_token)
  local problem = verifier_problem(request, session_token)
  assert.is_nil(problem, problem and problem.message)
  assert.equal(openssl_signature(request, CREDENTIALS.secret_access_key),
    request.headers.authorization:match("Signature=(%x+)$"))
end

-- ---- recording --------------------------------------------------------------------------------

local recorder

--- A client whose requests go to the recorder; time and random numbers stand still.
local function new_client(options)
  local all = {
    region = "us-east-1", env = {}, endpoint_url = recorder.url, credentials = CREDENTIALS,
    retry_mode = "off", clock = function() return NOW end, random = function() return 0 end,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(appintegrations.client(all))
end

--- Calls OPERATION; returns the request as it came.
local function record(client, operation, params, options)
  local before = #recorder:requests()
  assert(client[operation](client, params, options))
  local requests = recorder:requests()
  assert.equal(before + 1, #requests)
  return requests[#requests]
end

local function header_names(request)
  local names = {}
  for i, name in ipairs(request.order) do
    names[i] = name:lower()
  end
  return table.concat(sorted(names), " ")
end

describe("on the wire,", function()
  local client

  setup(function()
    recorder = server.start { { body = "{}", headers = { ["content-type"] = "application/json" } } }
    dir = workdir.new()
    dir:write("sign", SIGN_WITH_OPENSSL)
    client = new_client()
  end)

  teardown(function()
    client:close()
    recorder:stop()
    dir:remove()
  end)

  for _, operation in ipairs(appintegrations.operations()) do
    it(operation .. " is what the service expects, signed", function()
      local case = assert(CASES[operation], "no case")
      local params, method, target, body = case[1], case[2], case[3], case[4]
      local request = record(client, operation, params)
      assert.equal(method .. " " .. target .. " HTTP/1.1", request.raw:match("^[^\r\n]*"))
      assert.equal(body or "", request.body)
      local headers = request.headers
      assert.equal(recorder.host, headers.host)
      assert.equal("20261001T003456Z", headers["x-amz-date"])
      assert.matches("^appintegrations%-lua/%d+%.%d+%S* ", headers["user-agent"] .. " ")
      assert.equal(UUID, headers["amz-sdk-invocation-id"])
      assert.equal("attempt=1; max=1", headers["amz-sdk-request"])
      assert.equal(body and "application/json", headers["content-type"])
      assert.equal(body and tostring(#body), headers["content-length"])
      assert.equal("amz-sdk-invocation-id amz-sdk-request authorization "
        .. (body and "content-length content-type " or "") .. "host user-agent x-amz-date",
        header_names(request))
      assert_signed(request)
    end)
  end

  it("a tampered request is accepted by neither check", function()
    local request = record(client, "get_data_integration", { Identifier = ODD })
    request.target = request.target:gsub("%%2F", "%%2f")
    request.raw = request.raw:gsub("%%2F", "%%2f", 1)
    assert.equal("InvalidSignatureException", verifier_problem(request).code)
    assert.not_equal(openssl_signature(request, CREDENTIALS.secret_access_key),
      request.headers.authorization:match("Signature=(%x+)$"))
  end)

  it("a session token goes along, signed", function()
    local temporary = new_client { credentials = {
      access_key_id = CREDENTIALS.access_key_id,
      secret_access_key = CREDENTIALS.secret_access_key, session_token = TOKEN,
    } }
    local request = record(temporary, "tag_resource", CASES.tag_resource[1])
    assert.equal(TOKEN, request.headers["x-amz-security-token"])
    assert.matches("SignedHeaders=[^,]*;x%-amz%-security%-token[;,]",
      request.headers.authorization)
    assert_signed(request, TOKEN)
    temporary:close()
  end)

  it("an endpoint's base path stands before the operation's, signed", function()
    local base = "/a%20b/aws~1%2f%E2%82%aC"
    local behind_proxy = new_client { endpoint_url = recorder.url .. base .. "/" }
    local request = record(behind_proxy, "list_application_associations",
      CASES.list_application_associations[1])
    assert.equal(base .. CASES.list_application_associations[3], request.target)
    assert.equal("127.0.0.1:" .. recorder.port, request.headers.host)
    assert_signed(request)
    behind_proxy:close()
  end)

  it("headers and members of the program's own go along, signed", function()
    local request = record(client, "update_event_integration", { Name = "events" }, {
      headers = { ["X-Trace-Id"] = "  a   b " }, extra = { NewMember = { 1, 2.5, true } } })
    assert.equal('{"NewMember":[1,2.5,true]}', request.body)
    assert.equal("a   b", (request.headers["x-trace-id"]:gsub("^ +", ""):gsub(" +$", "")))
    assert.matches("SignedHeaders=[^,]*;x%-trace%-id", request.headers.authorization)
    assert.is_nil(verifier_problem(request))
  end)

  it("calls that follow each other use one connection", function()
    local first = record(client, "list_applications", {})
    local second = record(client, "list_applications", {})
    assert.equal(first.connection, second.connection)
  end)
end)
