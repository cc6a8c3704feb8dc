local json = require "appintegrations.base.json"
local provider_context = require "spec.support.provider_context"
local token_file = require "appintegrations.credentials.token_file"

describe("a token file", function()
  it("is read", function()
    local context = provider_context.new { files = { ["/t"] = '{"a":"b"}', ["/bad"] = "SECRET" } }
    assert.same({ a = "b" }, token_file.read(context, "/t"))
    assert.same({ nil, "/bad holds no JSON object" }, { token_file.read(context, "/bad") })
    local token, problem = token_file.read(context, "/none")
    assert.is_nil(token)
    assert.equal("/none cannot be read: No such file or directory", problem)
  end)

  it("that is named is read, or named in the error with who named it", function()
    local context = provider_context.new { files = { ["/home/me/t"] = "SECRET" } }
    assert.same({ "SECRET", nil, "/home/me/t" },
      { token_file.named(context, "container", "~/t", "AWS_TOKEN_FILE") })
    local text, err = token_file.named(context, "container", "~/none", "AWS_TOKEN_FILE")
    assert.is_nil(text)
    assert.equal("container: the token file /home/me/none (AWS_TOKEN_FILE) cannot be read: "
      .. "No such file or directory", err.message)
  end)

  it("is written", function()
    local context = provider_context.new()
    token_file.write(context, "sso", "/t", { a = "b" })
    assert.same({ a = "b" }, json.decode_object(context.files["/t"]))
    assert.same({}, context.events)
  end)

  it("that cannot be written is told of, and no more", function()
    local context = provider_context.new { read_only = true }
    token_file.write(context, "sso", "/t", { a = "SECRET" })
    assert.equal("the refreshed token cannot be written to /t: Read-only file system",
      context.events[1].message)
    assert.equal("sso", context.events[1].provider)
    provider_context.assert_no_secret(context)
  end)

  it("has entries that must be texts", function()
    assert.is_nil(token_file.missing({ a = "x", b = "y" }, { "a", "b" }))
    assert.equal("a, c", token_file.missing({ a = "", b = "y", c = 1 }, { "a", "b", "c" }))
    assert.equal("a", token_file.missing(nil, { "a" }))
  end)

  it("has seconds of validity that a token can have", function()
    assert.equal(900, token_file.seconds(900))
    for _, value in ipairs { 0, -1, 1 / 0, "900", 0 / 0, 1e300 } do
      assert.is_nil(token_file.seconds(value))
    end
  end)
end)
