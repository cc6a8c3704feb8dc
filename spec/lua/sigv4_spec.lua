local sigv4 = require "appintegrations.sigv4"

local SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
local TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"

local function credentials(fields)
  local result = { access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET }
  for key, value in pairs(fields or {}) do
    result[key] = value
  end
  return result
end

local function request()
  return { method = "GET", path = "/", headers = { Host = "example.amazonaws.com" } }
end

local function context(fields)
  local result = {
    region = "us-east-1", service = "service", time = 1440938160, credentials = credentials(),
  }
  for key, value in pairs(fields or {}) do
    result[key] = value
  end
  return result
end

describe("sigv4.sign", function()
  it("gives the headers to add by their names on the wire, and nothing else", function()
    local headers, parts = sigv4.sign(request(), context {
      credentials = credentials { session_token = TOKEN }, sign_body_header = true,
    })
    local names = {}
    for name in pairs(headers) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same(
      { "Authorization", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token" }, names)
    assert.equal("host;x-amz-content-sha256;x-amz-date;x-amz-security-token", parts.signed_headers)
    assert.equal("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      .. "SignedHeaders=" .. parts.signed_headers .. ", Signature=" .. parts.signature,
      headers.Authorization)
  end)

  it("lets its headers be read by names in any case", function()
    local headers = sigv4.sign(request(), context())
    assert.equal(headers.Authorization, headers.authorization)
    assert.equal("20150830T123600Z", headers["x-amz-date"])
    assert.is_nil(headers["x-amz-security-token"])
    assert.is_nil(headers["x-amz-datee"])
    assert.is_nil(headers[1])
    assert.is_nil(headers["X\rAmz\rDate"])
    assert.has_error(function() return getmetatable(headers).__index(1, "x-amz-date") end)
  end)

  it("takes headers as a map, as a list, and as both in one table", function()
    local function sign(headers)
      local with = request()
      with.headers = headers
      return sigv4.sign(with, context()).Authorization
    end
    local expected = sign { Host = "h", A = "1" }
    assert.equal(expected, sign { { "Host", "h" }, { "a", "1" } })
    assert.equal(expected, sign { { "Host", "h" }, A = "1" })
  end)

  --- FIELDS behind an __index alone, each text of which nothing but its reader holds.
  local function behind(fields)
    return setmetatable({}, { __index = function(_, name)
      collectgarbage()
      local value = fields[name]
      return type(value) == "string" and value:sub(1, 1) .. value:sub(2) or value
    end })
  end

  it("takes fields, known or not, from behind a metatable", function()
    local body = request()
    body.body, body.query, body.unknown = "x", "a=b", true
    local expected = sigv4.sign({ method = "GET", path = "/", query = "a=b", body = "x",
      headers = body.headers }, context { sign_body_header = true })
    assert.same(expected, (sigv4.sign(behind(body), behind(context {
      credentials = behind(credentials()), sign_body_header = true, unknown = true,
    }))))
  end)

  it("prefers a table's own fields to those behind its metatable", function()
    local own = setmetatable(context { normalize_path = false }, {
      __index = { region = "eu-west-1", normalize_path = true, sign_body_header = true },
    })
    assert.same(sigv4.sign(request(), context { normalize_path = false, sign_body_header = true }),
      (sigv4.sign(request(), own)))
  end)

  it("refuses an unknown field of a table with a metatable", function()
    assert.error_matches(function()
      sigv4.sign(setmetatable({ heders = {} }, { __index = request() }), context())
    end, 'request has no field "heders"; did you mean "headers"')
  end)

  it("takes each field of every table for what it is, however many there are", function()
    local _, parts = sigv4.sign(
      { method = "PUT", path = "/a/../b", query = "c=d", headers = { Host = "h" }, body = "e" },
      { region = "eu-west-1", service = "s3", time = 1440938160, expires = 60,
        normalize_path = false, double_encode_path = false, sign_body_header = true,
        omit_session_token = true,
        credentials = { access_key_id = "AKID", secret_access_key = SECRET,
          session_token = TOKEN, expiration = 1, account_id = "123456789012" } })
    assert.equal(table.concat({ "PUT", "/a/../b", "c=d", "host:h", "x-amz-content-sha256:"
      .. "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea",
      "x-amz-date:20150830T123600Z", "", "host;x-amz-content-sha256;x-amz-date",
      "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea" }, "\n"),
      parts.canonical_request)
    assert.truthy(parts.string_to_sign:find("20150830/eu-west-1/s3/aws4_request", 1, true))
  end)

  it("changes neither request nor context", function()
    local given, with = request(), context()
    sigv4.sign(given, with)
    sigv4.presign(given, with)
    assert.same(request(), given)
    assert.same(context(), with)
  end)

  it("takes an absent body for an empty one", function()
    local empty = request()
    empty.body = ""
    assert.same(sigv4.sign(request(), context()), sigv4.sign(empty, context()))
  end)

  it("normalises and encodes the path twice unless the context says otherwise", function()
    local with = request()
    with.path = "/a//%20"
    local function path(fields)
      local _, parts = sigv4.sign(with, context(fields))
      return parts.canonical_request:match "\n(.-)\n"
    end
    assert.equal("/a/%2520", path())
    assert.equal("/a/%2520", path { normalize_path = true, double_encode_path = true })
    assert.equal("/a//%2520", path { normalize_path = false })
    assert.equal("/a/%20", path { double_encode_path = false })
  end)
end)

describe("sigv4.presign", function()
  it("gives a query that can be appended as it is", function()
    local query, parts = sigv4.presign(request(), context())
    assert.equal("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2F"
      .. "us-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host"
      .. "&X-Amz-Expires=3600&X-Amz-Signature=" .. parts.signature, query)
  end)

  it("is good for an hour unless another time is given", function()
    assert.truthy(sigv4.presign(request(), context { expires = 604800 })
      :find("&X-Amz-Expires=604800&", 1, true))
    assert.truthy(sigv4.presign(request(), context { expires = 1 })
      :find("&X-Amz-Expires=1&", 1, true))
  end)

  it("refuses a query that is presigned already", function()
    local with = request()
    with.query = "a=b&" .. sigv4.presign(request(), context())
    local ok, message = pcall(sigv4.presign, with, context())
    assert.is_false(ok)
    assert.truthy(message:find("X-Amz-", 1, true))
  end)

  for _, expires in ipairs { 0, -1, 604801, 1e300, 0 / 0 } do
    it("refuses to expire after " .. tostring(expires) .. " seconds", function()
      assert.error_matches(function()
        sigv4.presign(request(), context { expires = expires })
      end, "expires")
    end)
  end
end)

describe("misuse of sigv4", function()
  local function with_request(fields)
    local given = request()
    for key, value in pairs(fields) do
      given[key] = value
    end
    return { given, context() }
  end
  local function with_context(fields)
    return { request(), context(fields) }
  end
  local function with_credentials(fields)
    return { request(), context { credentials = credentials(fields) } }
  end
  local function with_header(name, value)
    return with_request { headers = { { name, value } } }
  end

  --- Arguments, and what the message must name.
  local cases = {
    { "no arguments", {}, "table expected" },
    { "no context", { request() }, "table expected" },
    { "a request that is no table", { "GET /", context() }, "table expected" },
    { "no method", { {}, context() }, "request%.method must be a string, got nil" },
    { "an empty method", with_request { method = "" }, "request%.method" },
    { "a method with a line break", with_request { method = "GET\n" }, "request%.method" },
    { "a path that is a number", with_request { path = 1 }, "request%.path must be a string" },
    { "a relative path", with_request { path = "a" }, "request%.path must begin with '/'" },
    { "a query in the path", with_request { path = "/a?b" }, "request%.query" },
    { "a query that is a table", with_request { query = {} }, "request%.query must be a string" },
    { "a body that is a table", with_request { body = {} }, "request%.body must be a string" },
    { "headers that are a string", with_request { headers = "Host: x" }, "request%.headers" },
    { "a list of strings for headers",
      with_request { headers = { "Host: x" } }, "request%.headers" },
    { "a header with a number", with_header("Content-Length", 13), "request%.headers" },
    { "a header without value", with_header "Host", "request%.headers" },
    { "a map of headers with a number", with_request { headers = { a = 1 } }, "request%.headers" },
    { "a map of headers by numbers",
      with_request { headers = { [2.5] = "a" } }, "request%.headers" },
    { "a header without a name", with_header("", "x"), "a name is empty" },
    { "a header's name with a space", with_header("a b", "x"), "a name is empty" },
    { "a header's name with a colon", with_header("a:b", "x"), "a name is empty" },
    { "a header's name with a line break", with_header("a\r\nb", "x"), "a name is empty" },
    { "a header's name with a NUL", with_header("a\0b", "x"), "a name is empty" },
    { "a header's name beyond ASCII", with_header("\195\164", "x"), "a name is empty" },
    { "a header with CR LF", with_header("Some-Name", "a\r\nb: c"), "value of some%-name" },
    { "a header with LF", with_header("Some-Name", "a\nb"), "value of some%-name" },
    { "a header with CR", with_header("Some-Name", "a\r b"), "value of some%-name" },
    { "a header with a line break at its end", with_header("Some-Name", "a\n"), "some%-name" },
    { "a header with CR at its end", with_header("Some-Name", "a\r"), "some%-name" },
    { "a header with NUL", with_header("Some-Name", "a\0b"), "value of some%-name" },
    { "an unsigned header with CR LF", with_header("User-Agent", "a\r\nb"), "user%-agent" },
    { "no region", { request(), { service = "s", credentials = credentials() } },
      "context%.region must be a string, got nil" },
    { "an empty region", with_context { region = "" }, "context%.region" },
    { "a region with a slash", with_context { region = "a/b" }, "context%.region" },
    { "a service with a line break", with_context { service = "s\n" }, "context%.service" },
    { "a service that is a number", with_context { service = 1 }, "context%.service" },
    { "no credentials", { request(), { region = "r", service = "s" } },
      "context%.credentials must be a table" },
    { "no access key id", { request(), context { credentials = { secret_access_key = SECRET } } },
      "credentials%.access_key_id must be a string, got nil" },
    { "an empty access key id", with_credentials { access_key_id = "" }, "access_key_id" },
    { "an access key id with a comma",
      with_credentials { access_key_id = "A,B" }, "access_key_id" },
    { "no secret", { request(), context { credentials = { access_key_id = "A" } } },
      "secret_access_key must be a string, got nil" },
    { "an empty secret",
      with_credentials { secret_access_key = "" }, "secret_access_key is empty" },
    { "a secret that is a table",
      with_credentials { secret_access_key = {} }, "secret_access_key" },
    { "a token with a line break", with_credentials { session_token = TOKEN .. "\r\nX: y" },
      "session_token" },
    { "a token that is a boolean", with_credentials { session_token = true }, "session_token" },
    { "a time that is a string", with_context { time = "now" }, "context%.time must be a number" },
    { "a time that is no number", with_context { time = 0 / 0 }, "time is out of range" },
    { "an infinite time", with_context { time = 1 / 0 }, "time is out of range" },
    { "a time after the year 9999", with_context { time = 253402300800 }, "context%.time" },
    { "a time before the year 0", with_context { time = -62167219201 }, "context%.time" },
    { "a field that a request has not", with_request { header = { Host = "h" } },
      'request has no field "header"; did you mean "headers"' },
    { "a URL", with_request { url = "https://h/" }, 'request has no field "url"; there are meth' },
    { "a request that is a list", with_request { "GET" }, "expected the names of fields, got a n" },
    { "a field that a context has not", with_context { regoin = "x" },
      'context has no field "regoin"; did you mean "region"' },
    { "a context's field of others", with_context { expiry = 60 },
      'context has no field "expiry"; did you mean "expires"' },
    { "a field that credentials have not", with_credentials { AccessKeyId = "x" },
      'context.credentials has no field "AccessKeyId"; did you mean "access_key_id"' },
    { "a switch that is a string", with_context { normalize_path = "no" },
      "context%.normalize_path must be a boolean, got string" },
  }

  for _, case in ipairs(cases) do
    it("is an error at the caller's line: " .. case[1], function()
      for _, name in ipairs { "sign", "presign" } do
        local unpack = table.unpack or unpack -- luacheck: ignore
        local arguments = case[2]
        local ok, message = pcall(function()
          local headers = sigv4[name](unpack(arguments))
          return headers
        end)
        assert.is_false(ok)
        assert.truthy(message:find("sigv4_spec%.lua:%d+: "), message)
        assert.truthy(message:find(case[3]), message)
        assert.is_nil(message:find(SECRET, 1, true))
        assert.is_nil(message:find(TOKEN, 1, true))
      end
    end)
  end

  it("leaves the signer in order", function()
    for _, case in ipairs(cases) do
      local unpack = table.unpack or unpack -- luacheck: ignore
      pcall(sigv4.sign, unpack(case[2]))
    end
    assert.equal("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      (select(2, sigv4.sign(request(), context()))).signature)
  end)
end)
