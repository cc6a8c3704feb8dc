local user_agent = require "appintegrations.call.user_agent"

local function header(config, options)
  config.getenv = function(name) return (config.env or {})[name] end
  config.retry_mode = config.retry_mode or "standard"
  return user_agent.new(config, options or {})
end

describe("the user agent", function()
  it("has the form that the SDKs share", function()
    local plain, paging = header {}
    local name, rest = plain:match("^appintegrations%-lua/([%w.%-]+) ua/2%.1 (.*)$")
    assert.equal(require "appintegrations.base.version", name)
    assert.matches("^os/%a+", rest)
    assert.matches(" md/arch#[%w_]+ ", rest)
    assert.matches(" lang/lua#" .. _VERSION:match("[%d.]+") .. " ", rest)
    assert.equal(rawget(_G, "jit") ~= nil, rest:find(" md/luajit#", 1, true) ~= nil)
    assert.matches(" m/E cfg/retry%-mode#standard$", rest)
    assert.equal((plain:gsub(" m/E ", " m/C,E ")), paging)
  end)

  it("tells the features in use", function()
    assert.matches(" m/F,N,e cfg/retry%-mode#adaptive$", (header(
      { retry_mode = "adaptive", endpoint_url = "http://127.0.0.1:1" }, { credentials = {} })))
    local plain, paging = header { retry_mode = "off" }
    assert.is_nil(plain:find(" m/", 1, true))
    assert.matches(" m/C cfg/retry%-mode#off$", paging)
  end)

  it("tells the execution environment and the application", function()
    local plain = header { env = { AWS_EXECUTION_ENV = "AWS_ECS_FARGATE" }, app_id = "desk" }
    assert.matches(" exec%-env/AWS_ECS_FARGATE ", plain)
    assert.matches(" app/desk$", plain)
  end)

  it("holds allowed characters only", function()
    local plain = header {
      env = { AWS_EXECUTION_ENV = "a b\r\nx: y" }, app_id = 'my app/1#2 (\195\164) "q"\0;',
    }
    assert.matches(" exec%-env/a%-b%-%-x%-%-y ", plain)
    assert.matches(" app/my%-app%-1%-2%-%-%-%-%-%-%-q%-%-%-$", plain)
    assert.is_nil(plain:find("[^%w!$%%&'*+%-.^_`|~,/# ]"))
  end)
end)
