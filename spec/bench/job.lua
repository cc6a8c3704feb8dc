-- One measured process: job.lua SIDE JOB COUNT HOST. Prints what it cost as
-- "cpu_seconds peak_kib". SIDE is "ours" or "minimum".
local side, job, count, host = arg[1], arg[2], tonumber(arg[3]), arg[4]

local params = {
  Name = "crm-cases", Description = "Cases from the CRM, once an hour",
  KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  SourceURI = "Salesforce://AppFlow/crm-cases",
  ScheduleConfig = { Object = "Case", ScheduleExpression = "rate(1 hour)" },
  Tags = { team = "contact-center" },
}
local ours, minimum = {}, {}

local function client()
  return assert(require("appintegrations").client {
    region = "us-east-1", endpoint_url = "http://" .. host, env = {},
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" },
  })
end

function ours.create()
  local c = client()
  return function()
    assert(c:create_data_integration(params))
  end
end

function ours.list()
  local c = client()
  local it = c:each_data_integration_association { DataIntegrationIdentifier = "many" }
  return function()
    assert(it:next())
  end
end

function ours.sign()
  local core = require "appintegrations.core"
  local signing = require "appintegrations.signing"
  local _, path, _, body = core.build("create_data_integration", params)
  local request = { method = "POST", path = path, body = body, headers = {
    host = "127.0.0.1:4570", ["content-type"] = "application/json",
    ["amz-sdk-invocation-id"] = "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
    ["amz-sdk-request"] = "ttl=20261122T102100Z; attempt=1; max=3",
  } }
  local credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" }
  return function()
    signing.sign_request(request, credentials, "us-east-1", "app-integrations", 1795342830)
  end
end

ours.first = ours.create

function minimum.create()
  local lib, cjson = require "minimum", require("cjson").new()
  local n = 0
  return function()
    n = n + 1
    params.ClientToken = ("%08x-0000-4000-8000-000000000000"):format(n)
    cjson.decode(lib.send("POST", host, "/dataIntegrations", "", cjson.encode(params)))
  end
end

function minimum.list()
  local lib, cjson = require "minimum", require("cjson").new()
  local page, index, query = {}, 0, ""
  return function()
    index = index + 1
    if not page[index] then
      local answer = cjson.decode(lib.send("GET", host, "/dataIntegrations/many/associations",
        query))
      page, index, query = answer.DataIntegrationAssociations, 1, "nextToken=" .. answer.NextToken
    end
    assert(page[index])
  end
end

function minimum.sign()
  local lib = require "minimum"
  local payload = require("cjson").encode(params)
  return function()
    lib.sign(payload)
  end
end

minimum.first = minimum.create

local function peak_kib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s*(%d+)"
    if kib then
      return kib
    end
  end
end

if job == "require" then
  local before = os.clock()
  require "appintegrations"
  local cpu = os.clock() - before
  for line in io.lines "/proc/self/maps" do
    assert(not line:find("libcurl", 1, true), "require has loaded libcurl")
  end
  print(cpu, peak_kib())
  return
end
local call = (side == "ours" and ours or minimum)[job]()
if job ~= "first" then
  for _ = 1, math.min(count, 200) do
    call()
  end
end
local before = os.clock()
for _ = 1, count do
  call()
end
print(os.clock() - before, peak_kib())
