local response = require "appintegrations.call.response"

local function read(status, body, headers)
  return response.read("get_application", { status = status, body = body, headers = headers or {} })
end

local function code_of(status, body, errortype)
  local output, err = read(status, body, { ["x-amzn-errortype"] = errortype })
  assert.is_nil(output)
  return err.code, err
end

describe("an error code", function()
  it("comes from the header, without namespace and URL", function()
    for _, text in ipairs {
      "ResourceNotFoundException",
      "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.coral.service/",
      "com.amazonaws.appintegrations#ResourceNotFoundException",
      "aws.protocoltests#ResourceNotFoundException:http://internal.amazon.com/x#y",
      "ResourceNotFoundException, ResourceNotFoundException", -- the header came twice
    } do
      assert.equal("ResourceNotFoundException", (code_of(404, '{"code":"Other"}', text)))
    end
  end)

  it("comes from the body when there is no header", function()
    assert.equal("ThrottlingException", (code_of(429, '{"code":"ThrottlingException"}')))
    assert.equal("ThrottlingException", (code_of(429, '{"Code":"ns#ThrottlingException"}')))
    assert.equal("ThrottlingException",
      (code_of(429, '{"__type":"com.amazonaws#ThrottlingException:http://x"}')))
  end)

  it("is the header's even when the body is HTML or empty", function()
    for _, body in ipairs { "<html>Bad gateway</html>", "", "{", "[]" } do
      assert.equal("InternalServiceError", (code_of(502, body, "InternalServiceError")))
    end
  end)

  it("is the HTTP status when nothing can be read", function()
    for _, body in ipairs { "<html></html>", "", "null", '"text"', "[1]", "{}", '{"code":5}' } do
      local code, err = code_of(503, body)
      assert.equal("503", code)
      assert.equal("service", err.kind)
      assert.equal("HTTP status 503 without a message", err.message)
      assert.is_true(err.retryable)
    end
    assert.equal("301", (code_of(301, "")))
  end)

  it("of a redirection comes with the host that it leads to", function()
    for location, shown in pairs { ["https://login.example:444/?token=SECRET"]
        = " (a redirection to https://login.example:444, which is not followed)",
      ["http://h"] = " (a redirection to http://h, which is not followed)",
      ["/elsewhere"] = "", ["https://user:SECRET@h/"] = "" } do
      local _, err = read(302, "<html></html>", { location = location })
      assert.equal("302", err.code)
      assert.equal("HTTP status 302 without a message" .. shown, err.message)
    end
  end)
end)

describe("an error's other fields", function()
  it("come from message or Message, and the headers", function()
    local _, err = read(400, '{"message":"small"}', { ["x-amz-request-id"] = "r" })
    assert.equal("small", err.message)
    assert.equal("r", err.request_id)
    _, err = read(400, '{"Message":"large"}', { ["x-amzn-requestid"] = "q" })
    assert.equal("large", err.message)
    assert.equal("q", err.request_id)
    assert.equal(400, err.status)
  end)

  it("tell throttling from a quota that no retry can lift", function()
    local _, err = code_of(429, "", "ThrottlingException")
    assert.is_true(err.throttling)
    assert.is_true(err.retryable)
    _, err = code_of(429, "", "ResourceQuotaExceededException")
    assert.is_false(err.throttling)
    assert.is_false(err.retryable)
    _, err = code_of(500, "", "InternalServiceError")
    assert.is_false(err.throttling)
    assert.is_true(err.retryable)
    _, err = code_of(404, "", "ResourceNotFoundException")
    assert.is_false(err.retryable)
  end)
end)

describe("a successful answer that is no JSON object", function()
  it("is InvalidResponse, without the body's text", function()
    for _, body in ipairs {
      "<html>secret</html>", "[]", "[1,2]", "12", '"x"', "{", '{"a":NaN}', '{"a":1', '{"a":1}}',
      " \n", "\31\139\8\0",
    } do
      local output, err = read(200, body, { ["content-type"] = "text/html" })
      assert.is_nil(output, body)
      assert.equal("InvalidResponse", err.code)
      assert.equal("response", err.kind)
      assert.is_nil(err.message:find("secret", 1, true))
      assert.matches("text/html", err.message)
    end
  end)

  it("says no more of its type than people read", function()
    local _, err = read(200, "<html>", { ["content-type"] = ("x"):rep(60000) })
    assert.is_true(#err.message < 400)
  end)

  it("may have white space around it", function()
    assert.same({ Name = "x" }, (read(200, '\r\n\t {"Name":"x"} \n')))
  end)
end)
