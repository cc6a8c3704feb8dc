-- A credential service that tells in its answer what it was sent: the token stands in no error.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local servers = require "spec.support.server"
local workdir = require "spec.support.workdir"

local TOKEN = "MARKEDTOKENMARKEDTOKEN"

local function answer(status, code, message, request_id)
  return { status = status, body = ("<ErrorResponse><Error><Code>%s</Code><Message>%s</Message>"
    .. "</Error><RequestId>%s</RequestId></ErrorResponse>"):format(code, message, request_id) }
end

--- The error of a call whose web identity token is TOKEN, when STS answers RESPONSE.
local function error_of(response)
  local dir, server = workdir.new(), servers.start { response }
  cleanup(function()
    server:stop()
    dir:remove()
  end)
  local client = assert(appintegrations.client { region = "us-east-1", sleep = function() end,
    endpoint_url = "http://127.0.0.1:9", env = { HOME = dir.path,
      AWS_ENDPOINT_URL_STS = server.url, AWS_ROLE_ARN = "arn:aws:iam::111122223333:role/r",
      AWS_WEB_IDENTITY_TOKEN_FILE = dir:write("token", TOKEN) } })
  local output, err = client:list_applications()
  assert.is_nil(output)
  local told = table.concat({ tostring(err), err.message, err.code, tostring(err.request_id),
    tostring(client:explain()) }, "\n")
  client:close()
  return told, err
end

describe("what a credential service echoes stands in no error:", function()
  local in_header = answer(403, "AccessDenied", "no", "r-1")
  in_header.headers = { ["x-amzn-requestid"] = TOKEN }
  for name, response in pairs {
    ["in the code"] = answer(403, TOKEN, "no", "r-1"),
    ["in the message"] = answer(403, "AccessDenied", "you sent " .. TOKEN, "r-1"),
    ["in the request id"] = answer(403, "AccessDenied", "no", "id-" .. TOKEN),
    ["in the header with the request id"] = in_header,
    ["in an answer that is none"] = { body = TOKEN, headers = { ["x-amzn-requestid"] = TOKEN } },
  } do
    it(name, function()
      local told = error_of(response)
      assert.is_nil(told:find(TOKEN, 1, true), told)
    end)
  end

  it("but a request id that is none of it does", function()
    local _, err = error_of(answer(403, "AccessDenied", "no", "r-1"))
    assert.equal("r-1", err.request_id)
  end)
end)
