local redact = require "appintegrations.call.redact"

local SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

describe("a foreign text", function()
  it("is shown on one line, without control characters and without what is no ASCII", function()
    assert.equal("a b  [31mc ?d", redact.text "\n a\r\nb \27[31mc \195\164d\n\n")
  end)

  it("is bounded, and its end is kept", function()
    local text = redact.text(("x "):rep(1000) .. "last words", 100)
    assert.is_true(#text <= 104)
    assert.equal("last words", text:sub(-10))
  end)

  it("has nothing in it that looks like a secret", function()
    for _, text in ipairs {
      SECRET, "key " .. SECRET .. ".", '{"SecretAccessKey": "' .. SECRET .. '"}',
      "AWS_SESSION_TOKEN=" .. SECRET, ("x"):rep(600) .. SECRET, SECRET .. (" x"):rep(240),
      "aws_secret_access_key : hunter22", "password=hunter22", "token: 'hunter22'",
      '"client_secret":"hunter22"',
    } do
      local shown = redact.text(text)
      assert.is_nil(shown:find("hunter22", 1, true))
      for from = 1, #SECRET - 11 do
        assert.is_nil(shown:find(SECRET:sub(from, from + 11), 1, true), shown)
      end
    end
  end)

  it("has all that stands around a secret", function()
    for text, shown in pairs {
      ["password=hunter22, user=me"] = "password=***, user=me",
      ["token: 'a';secret: \"b\"&x"] = "token: '***';secret: \"***\"&x",
      ['{"token":"a","b":"c","secret":"d"}'] = '{"token":"***","b":"c","secret":"***"}',
      ["--token=a --name b"] = "--token=*** --name b", ["=token=a="] = "=token=***",
      ["name : value token : a z"] = "name : value token : *** z",
    } do
      assert.equal(shown, redact.text(text))
    end
  end)

  it("keeps what people need to read", function()
    for _, text in ipairs {
      "arn:aws:iam::111122223333:role/Admin is not authorized", "exit status 255: region=eu-west-1",
      "/usr/local/lib/python3/dist-packages/Tool/main.py:12: no such profile",
      "https://d-1234567890.awsapps.com/start",
    } do
      assert.equal(text, redact.text(text))
    end
  end)
end)
