-- SPDX-License-Identifier: MIT
--- CPU time of one signature with a key that is kept: the median over batches, and the best one,
-- which is what the machine can do when nothing else disturbs it.

local signing = require "appintegrations.signing"

local BATCHES, BATCH = 200, 1000

local request = {
  method = "POST", path = "/dataIntegrations",
  headers = {
    host = "app-integrations.us-east-1.amazonaws.com", ["content-type"] = "application/json",
  },
  body = '{"ClientToken":"3e4aa1c0-1a2b-4c3d-8e9f-001122334455","KmsKey":"arn:aws:kms:us-east-1:'
    .. '123456789012:key/1","Name":"orders","SourceURI":"Salesforce://AppFlow/orders"}',
}
local credentials = {
  access_key_id = "AKIDEXAMPLE", secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}

local function batch()
  local start = os.clock()
  for _ = 1, BATCH do
    signing.sign_request(request, credentials, "us-east-1", "app-integrations", 1440938160)
  end
  return (os.clock() - start) / BATCH * 1e6
end

local times = {}
for i = 1, BATCHES do
  times[i] = batch()
end
table.sort(times)
print(("signature: %.2f us CPU (best %.2f us)"):format(times[BATCHES / 2], times[1]))
