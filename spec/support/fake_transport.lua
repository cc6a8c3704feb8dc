-- A transport that answers from a script and records what it was asked: for
-- specs of what happens above the network.
--
--     local transport = fake.new { fake.json(200, '{"Id":"x"}'), fake.error("404", …) }
--     local transport = fake.new(function(request, n) return response end)
local M = {}

--- A response with a JSON BODY.
function M.json(status, body, headers)
  local all = { ["content-type"] = "application/json", ["x-amzn-requestid"] = "request-1" }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  return { status = status, headers = all, body = body }
end

--- The answers of SCRIPT in order, or of a function of the request and its number.
function M.new(script)
  local transport = { requests = {} }
  function transport:send(request, deadline)
    local copy = { deadline = deadline }
    for name, value in pairs(request) do
      copy[name] = value
    end
    copy.headers = {}
    for name, value in pairs(request.headers) do
      copy.headers[name] = value
    end
    self.requests[#self.requests + 1] = copy
    local answer, err
    if type(script) == "function" then
      answer, err = script(copy, #self.requests)
    else
      answer = assert(script[#self.requests], "the script has no more answers")
    end
    if answer and answer.kind then
      return nil, answer
    end
    return answer, err
  end
  return transport
end

M.CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "very-secret" }

--- A client on a fake transport with SCRIPT; both are returned.
function M.client(script, options)
  local transport = M.new(script)
  local all = {
    region = "us-east-1", credentials = M.CREDENTIALS, transport = transport, env = {},
    retry_mode = "off",
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(require("appintegrations").client(all)), transport
end

return M
