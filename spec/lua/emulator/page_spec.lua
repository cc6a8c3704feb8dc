local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

describe("the emulator's page for people", function()
  local service, direct

  before_each(function()
    service = assert(emulator.new { verify_signatures = false })
    direct = support.direct(service)
  end)

  local function page()
    local answer = service:handle { method = "GET", target = "/?again", headers = {} }
    assert.equal(200, answer.status)
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
    return answer.body, answer.headers
  end

  it("says that there is nothing", function()
    local text = page()
    for _, words in ipairs { "Nothing is stored.", "Nothing has been received.",
      "No faults are set." } do
      assert.truthy(text:find(words, 1, true), words)
    end
  end)

  it("shows what is stored, received and set, and nothing that could run", function()
    assert(service:seed { DataIntegrations = { { Name = "crm", KmsKey = "k",
      Description = "<script>alert('x')</script>\"&", Tags = { ["a<b"] = "c>d" } } } })
    service:inject { code = "ThrottlingException", message = "<img src=x>", times = 3 }
    direct:call("POST", "/dataIntegrations", '{"<b>": ')
    direct:call("GET", "/dataIntegrations/<i>none")
    local text, headers = page()
    for _, words in ipairs { "data integrations: 1.", "<summary>crm</summary>",
      "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", "ThrottlingException",
      "GET /dataIntegrations/&lt;i&gt;none", "a&lt;b" } do
      assert.truthy(text:find(words, 1, true), words)
    end
    for _, tag in ipairs { "<script", "<img", "<b>", "<i>", "javascript:", "src=" } do
      assert.is_nil(text:gsub("&lt;", ""):find(tag == "src=" and " src=\"" or tag, 1, true), tag)
    end
    assert.matches("default%-src 'none'", headers["content-security-policy"])
    assert.truthy(text:find('<link rel="icon" href="data:,">', 1, true)) -- no /favicon.ico
  end)

  it("stays short", function()
    local list = {}
    for i = 1, 300 do
      list[i] = { Name = "n" .. i, KmsKey = "k" }
    end
    assert(service:seed { DataIntegrations = list })
    local text = page()
    assert.truthy(text:find("data integrations: 300. The first 200 are shown.", 1, true))
    assert.is_nil(text:find("<summary>n201</summary>", 1, true))
  end)
end)
