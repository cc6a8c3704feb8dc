-- What a program's own transport may give: the call ends with an output or an error object that
-- says what is wrong.
local appintegrations = require "appintegrations"
local errors = require "appintegrations.base.errors"
local fake = require "spec.support.fake_transport"

describe("a transport of the program's own", function()
  --- What a call comes to whose transport gives what GIVE returns.
  local function call(give, options)
    local all = { region = "us-east-1", credentials = fake.CREDENTIALS, env = {}, max_attempts = 1,
      transport = { send = give } }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return assert(appintegrations.client(all)):list_applications()
  end

  it("may fail as other libraries do", function()
    local seen = {}
    for _, options in ipairs { {}, { logger = function(event) seen[#seen + 1] = event end } } do
      local output, err = call(function() return nil, "closed" end, options)
      assert.is_nil(output)
      assert.is_true(appintegrations.is_error(err, "ConnectionError"))
      assert.equal("transport", err.kind)
      assert.equal("the option transport failed: closed", err.message)
      assert.is_true(err.retryable)
    end
    assert.equal("the option transport failed: closed", seen[#seen].message)
    for _, reason in pairs { none = nil, number = 42, table = { code = 42 }, off = false,
      odd = setmetatable({}, { __tostring = function() error "no" end }) } do
      assert.is_true(appintegrations.is_error(select(2, call(function() return nil, reason end)),
        "ConnectionError"))
    end
    assert.equal("the option transport failed", select(2, call(function() end)).message)
  end)

  it("may describe its failure in a plain table, or in an error object", function()
    local _, err = call(function()
      return nil, { kind = "timeout", code = "AttemptTimeout", message = "late" }
    end)
    assert.is_true(appintegrations.is_error(err, "AttemptTimeout"))
    assert.is_true(err.retryable)
    local own = errors.new { kind = "transport", code = "TLSError", message = "no" }
    assert.equal(own, select(2, call(function() return nil, own end)))
  end)

  it("is tried again", function()
    local attempts = 0
    local output, meta = call(function()
      attempts = attempts + 1
      if attempts == 1 then
        return nil, "reset"
      end
      return { status = 200 }
    end, { max_attempts = 2, sleep = function() end })
    assert.same({}, output)
    assert.equal(2, meta.attempts)
  end)

  it("need give no headers and no body", function()
    local output, meta = call(function() return { status = 200 } end)
    assert.same({}, output)
    assert.same({}, meta.headers)
    assert.equal("404", select(2, call(function() return { status = 404 } end)).code)
    meta = select(2, call(function() return { status = 200, header_lines = "x-a:b\n" } end))
    assert.same({ ["x-a"] = "b" }, meta.headers)
  end)

  it("may have its status from JSON, as a float", function()
    local _, err = call(function()
      return { status = 429.0, body = "", headers = {} }
    end)
    assert.equal("429", err.code)
    assert.is_true(err.throttling)
    assert.equal("429", tostring(err.status))
    local _, meta = call(function()
      return { status = 200.0, body = "{}", headers = {} }
    end)
    assert.equal("200", tostring(meta.status))
  end)

  it("may have headers in any case, and lists of values", function()
    local _, err = call(function()
      return { status = 400, body = "", headers = { ["X-Amzn-ErrorType"] = "DuplicateResource",
        ["X-Amzn-RequestId"] = { "one", "two" }, Age = 5, [1] = "first", odd = { {} } } }
    end)
    assert.equal("DuplicateResource", err.code)
    assert.equal("one, two", err.request_id)
  end)

  it("gives no response that is none", function()
    for _, response in ipairs { "200", 200, true, {}, { status = "200", body = "{}" },
      { status = 200.5 }, { status = 200, body = 5 }, { status = 200, headers = "a" },
      { status = 200, timings = 1 }, { status = 200, header_lines = {} } } do
      local output, err = call(function() return response end, { logger = function() end })
      assert.is_nil(output)
      assert.is_true(appintegrations.is_error(err, "InvalidResponse"), tostring(err))
      assert.matches("^what the option transport gave is no response: ", err.message)
      assert.matches("foreign_spec.lua:%d+$", tostring(err))
    end
  end)

  it("has its other methods and fields used", function()
    local log = {}
    local transport = { blocks = true,
      send = function() return nil, "down" end,
      wait = function(self, seconds) log[#log + 1] = { self, seconds } return true end,
      close = function(self) log[#log + 1] = { self } end,
    }
    local client = assert(appintegrations.client { region = "us-east-1", env = {},
      credentials = fake.CREDENTIALS, max_attempts = 2, transport = transport,
      random = function() return 0.5 end })
    assert.equal("ConnectionError", select(2, client:list_applications()).code)
    client:close()
    assert.same({ { transport, 0.025 }, { transport } }, log)
    assert.is_true(client.transport.blocks)
    assert.is_nil(client.transport.cancel)
  end)
end)
