local apart = require "spec.support.apart"
local core = require "appintegrations.core"
local last_time = require "spec.support.last_time"
local signing = require "appintegrations.signing"

local suite = require "spec.data.signatures"
local shell = require "spec.support.shell"

local EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

local function compare_parts(expected, parts)
  assert.equal(expected.canonical_request, parts.canonical_request)
  assert.equal(expected.string_to_sign, parts.string_to_sign)
  assert.equal(expected.signature, parts.signature)
end

describe("the public SigV4 suite", function()
  it("is here with all its cases", function()
    assert.equal(38, #suite)
  end)

  for _, case in ipairs(suite) do
    it("is met by headers: " .. case.name, function()
      local headers, parts = signing.sign(case.request, case.context)
      compare_parts(case.by_headers, parts)
      local lower = {}
      for key, value in pairs(headers) do
        lower[key:lower()] = value
      end
      assert.same(case.by_headers.added, lower)
    end)

    it("is met by a presigned query: " .. case.name, function()
      local query, parts = signing.presign(case.request, case.context)
      compare_parts(case.by_query, parts)
      local own = case.request.query
      assert.equal(case.by_query.query, (own and own .. "&" or "") .. query)
    end)
  end
end)

local SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

local function context_with(fields)
  local context = {
    region = "us-east-1", service = "service", time = 1440938160,
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET },
  }
  for key, value in pairs(fields or {}) do
    context[key] = value
  end
  return context
end

local function request_with(fields)
  local request = { method = "GET", path = "/", headers = { Host = "example.amazonaws.com" } }
  for key, value in pairs(fields or {}) do
    request[key] = value
  end
  return request
end

--- Line N of the canonical request: 1 method, 2 path, 3 query.
local function canonical_line(n, request, context)
  local _, parts = signing.sign(request_with(request), context_with(context))
  local i = 0
  for line in (parts.canonical_request .. "\n"):gmatch "(.-)\n" do
    i = i + 1
    if i == n then
      return line
    end
  end
end

local function canonical_headers(headers, context)
  local _, parts = signing.sign(request_with { headers = headers }, context_with(context))
  return parts.canonical_request:match "^.-\n.-\n.-\n(.-)\n\n", parts
end

describe("the canonical path", function()
  local normalized = {
    { "", "/" }, { "/", "/" }, { "/a/b/..", "/a" }, { "/a/b/../", "/a/" }, { "/..", "/" },
    { "/../../a", "/a" }, { "/a/.", "/a" }, { "/a//b///c", "/a/b/c" }, { "/./", "/" },
    { "/...", "/..." }, { "/.a/..b", "/.a/..b" }, { "/a/%2e%2e", "/a/%252e%252e" },
  }
  for _, case in ipairs(normalized) do
    it(("of '%s' is '%s'"):format(case[1], case[2]), function()
      assert.equal(case[2], canonical_line(2, { path = case[1] }))
    end)
  end

  it("is the path of the request line, encoded once more: labels with an ARN", function()
    local path = "/dataIntegrations/arn%3Aaws%3Aapp-integrations%3Aus-east-1%3A1%3Aapplication%2Fx"
    assert.equal((path:gsub("%%", "%%25")), canonical_line(2, { path = path }))
  end)

  it("is not encoded twice where the context forbids it", function()
    local context = { double_encode_path = false, normalize_path = false }
    assert.equal("/a%20b/%2F/c%3A", canonical_line(2, { path = "/a%20b/%2f/c:" }, context))
    assert.equal("/a//b/../~", canonical_line(2, { path = "/a//b/../%7E" }, context))
  end)

  it("copes with a hundred thousand segments", function()
    assert.equal("/" .. ("a/"):rep(100000), canonical_line(2, { path = ("/a"):rep(100000) .. "/" }))
    assert.equal("/", canonical_line(2, { path = ("/a"):rep(100000) .. ("/.."):rep(100001) }))
  end)
end)

describe("the canonical query", function()
  local cases = {
    { "", "" }, { "a", "a=" }, { "a=", "a=" }, { "=b", "=b" }, { "b=1&a=2", "a=2&b=1" },
    { "a=2&a=1&a=10", "a=1&a=10&a=2" }, { "a=b=c", "a=b%3Dc" }, { "a=1&&b=2&", "a=1&b=2" },
    { "a=%2f%3a", "a=%2F%3A" }, { "a=%7e%41", "a=~A" }, { "a=100%", "a=100%25" },
    { "a=x+y", "a=x%2By" }, { "a=x y", "a=x%20y" }, { "B=1&a=1&A=1", "A=1&B=1&a=1" },
    { "ab=1&a=2&a-=3", "a=2&a-=3&ab=1" }, { "tagKeys=b&tagKeys=a", "tagKeys=a&tagKeys=b" },
    { "&", "" },
  }
  for _, case in ipairs(cases) do
    it(("of '%s' is '%s'"):format(case[1], case[2]), function()
      assert.equal(case[2], canonical_line(3, { query = case[1] }))
    end)
  end

  it("sorts thousands of parameters", function()
    local parts, expected = {}, {}
    for i = 1, 5000 do
      parts[i] = ("k%04d=%d"):format(i * 1237 % 5000, i)
      expected[i] = parts[i]
    end
    table.sort(expected)
    assert.equal(table.concat(expected, "&"),
      canonical_line(3, { query = table.concat(parts, "&") }))
  end)
end)

describe("the canonical headers", function()
  it("have lower-case names, trimmed and folded values, and are sorted", function()
    assert.equal("a:1 2\nb:x y\nx-amz-date:20150830T123600Z",
      (canonical_headers { { "B", "\t x \t  y " }, { "A", " 1\r\n  2" } }))
  end)

  it("join values of one name in their order, whatever its case", function()
    assert.equal("a:2,1,,3\nx-amz-date:20150830T123600Z",
      (canonical_headers { { "A", "2" }, { "a", "1" }, { "A", " " }, { "a", "3" } }))
  end)

  it("keep hundreds of values of one name in their order", function()
    local headers, values = {}, {}
    for i = 1, 500 do
      headers[i] = { i % 2 == 0 and "X-Many" or "x-many", tostring(i) }
      values[i] = tostring(i)
    end
    assert.equal("x-amz-date:20150830T123600Z\nx-many:" .. table.concat(values, ","),
      (canonical_headers(headers)))
  end)

  it("leave out what is changed on the way", function()
    local _, parts = canonical_headers {
      Host = "h", Authorization = "x", ["User-Agent"] = "x", Connection = "close", Expect = "x",
      ["Transfer-Encoding"] = "chunked", ["X-Amzn-Trace-Id"] = "x", Upgrade = "x",
      ["Sec-WebSocket-Key"] = "x", TE = "x", Trailer = "x", ["Proxy-Authorization"] = "x",
      Tea = "signed", ["Content-Type"] = "application/json",
    }
    assert.equal("content-type;host;tea;x-amz-date", parts.signed_headers)
  end)

  it("are those of the new signature where the request was signed before", function()
    local request = request_with {
      headers = {
        Host = "h", ["X-Amz-Date"] = "19990101T000000Z", authorization = "stale",
        ["X-Amz-Security-Token"] = "stale", ["x-amz-content-sha256"] = "stale",
      },
    }
    local context = context_with { sign_body_header = true }
    context.credentials.session_token = "fresh"
    local _, parts = signing.sign(request, context)
    assert.is_nil(parts.canonical_request:find("stale", 1, true))
    assert.is_nil(parts.canonical_request:find("1999", 1, true))
    assert.truthy(parts.canonical_request:find("x-amz-security-token:fresh\n", 1, true))
  end)

  it("may bring a payload hash of their own", function()
    local _, parts = canonical_headers {
      Host = "h", ["X-Amz-Content-Sha256"] = " UNSIGNED-PAYLOAD",
    }
    assert.truthy(parts.canonical_request:find("x-amz-content-sha256:UNSIGNED-PAYLOAD\n", 1, true))
    assert.equal("UNSIGNED-PAYLOAD", parts.canonical_request:match "([^\n]+)$")
  end)

  it("may be absent", function()
    local _, parts = signing.sign({ method = "GET" }, context_with())
    assert.equal("GET\n/\n\nx-amz-date:20150830T123600Z\n\nx-amz-date\n" .. EMPTY,
      parts.canonical_request)
    local _, presigned = signing.presign({ method = "GET" }, context_with())
    assert.equal("", presigned.signed_headers)
  end)

  it("copes with a value of a megabyte", function()
    local value = ("x "):rep(500000) .. "x"
    assert.equal("big:" .. value .. "\nx-amz-date:20150830T123600Z",
      (canonical_headers { big = value }))
  end)
end)

describe("the time of a signature", function()
  local cases = {
    [0] = "19700101T000000Z", [951782399] = "20000228T235959Z", [951782400] = "20000229T000000Z",
    [951868800] = "20000301T000000Z", [4107542399] = "21000228T235959Z",
    [4107542400] = "21000301T000000Z", [-1] = "19691231T235959Z",
    [1709251199] = "20240229T235959Z", [1735689599] = "20241231T235959Z",
    [253402300799] = "99991231T235959Z", [-62167219200] = "00000101T000000Z",
    [1440938160.999] = "20150830T123600Z", [-0.5] = "19691231T235959Z",
  }
  for time, expected in pairs(cases) do
    it(("%s is written %s"):format(time, expected), function()
      local headers = signing.sign(request_with(), context_with { time = time })
      assert.equal(expected, headers["X-Amz-Date"])
    end)
  end

  it("agrees with the C library over the centuries", function()
    -- A hundred days and a bit: 1970 to 3065.
    for time = 0, math.min(4000 * 8640011, last_time), 8640011 do
      local headers = signing.sign(request_with(), context_with { time = time })
      assert.equal(os.date("!%Y%m%dT%H%M%SZ", time), headers["X-Amz-Date"])
    end
  end)

  it("is now unless it is given", function()
    local context = context_with()
    context.time = nil
    local before = os.date("!%Y%m%dT%H%M%SZ")
    local headers = signing.sign(request_with(), context)
    assert.is_true(before <= headers["X-Amz-Date"])
    -- The clock of os.time may be some milliseconds behind the other.
    assert.is_true(headers["X-Amz-Date"] <= os.date("!%Y%m%dT%H%M%SZ", os.time() + 1))
  end)

  it("depends on neither time zone nor locale", function()
    local program = 'local h = require"appintegrations.signing".sign('
      .. '{ method = "GET", path = "/\\195\\164", headers = { HOST = "I" } }, { region = "r", '
      .. 'service = "s", time = 1440938160, credentials = { access_key_id = "a", '
      .. 'secret_access_key = "b" } }) os.setlocale("") io.write(h.Authorization, h["X-Amz-Date"])'
    local function run(environment)
      return (shell.output(("%s %s -e '%s'"):format(environment, os.getenv "LUA" or "lua",
        program)))
    end
    local expected = run "TZ=UTC LC_ALL=C"
    assert.truthy(expected:find("20150830T123600Z", 1, true))
    assert.equal(expected, run "TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8")
    assert.equal(expected, run "TZ=America/St_Johns LC_ALL=de_DE.ISO-8859-1")
  end)
end)

describe("the derived key", function()
  --- The signature by the steps of the documentation, with no key that was kept.
  local function signature_of(parts, context, date)
    local key = signing.hmac_sha256("AWS4" .. context.credentials.secret_access_key, date)
    for _, step in ipairs { context.region, context.service, "aws4_request" } do
      key = signing.hmac_sha256(key, step)
    end
    return signing.hex(signing.hmac_sha256(key, parts.string_to_sign))
  end

  local function variant(i)
    return context_with {
      region = "region-" .. i % 3, service = "service-" .. i % 2,
      time = 1440938160 + (i % 5) * 86400,
      credentials = { access_key_id = "AKID" .. i % 4, secret_access_key = "secret" .. i % 7 },
    }
  end

  it("is right in whatever order dates, regions, services and credentials alternate", function()
    local seen = {}
    for i = 1, 200 do
      local n = i * 37 % 420
      local context = variant(n)
      local headers, parts = signing.sign(request_with(), context)
      local date = headers["X-Amz-Date"]:sub(1, 8)
      assert.equal(signature_of(parts, context, date), parts.signature)
      seen[parts.signature] = true
      local _, again = signing.sign(request_with(), context)
      assert.equal(parts.signature, again.signature)
    end
    local count = 0
    for _ in pairs(seen) do
      count = count + 1
    end
    assert.equal(200, count)
  end)

  it("is not mistaken when the same bytes are split in another way", function()
    local first = context_with { region = "ab", service = "c" }
    local second = context_with { region = "a", service = "bc" }
    local _, one = signing.sign(request_with(), first)
    local _, two = signing.sign(request_with(), second)
    assert.equal(signature_of(one, first, "20150830"), one.signature)
    assert.equal(signature_of(two, second, "20150830"), two.signature)
  end)

  it("may come from secrets of any length and any bytes", function()
    for _, secret in ipairs { "x", "\0", "a\0b", ("s"):rep(10000) } do
      local context = context_with {
        credentials = { access_key_id = "AKID", secret_access_key = secret },
      }
      local _, parts = signing.sign(request_with(), context)
      assert.equal(signature_of(parts, context, "20150830"), parts.signature)
    end
  end)

  it("survives a finalizer that signs while a signature is being made", function()
    local runs = apart [[
      local collecting = require "spec.support.collector"
      local finalizers = require "spec.support.finalizers"
      local signing = require "appintegrations.signing"
      local function sign(path, id)
        return signing.sign({ method = "GET", path = path, headers = { Host = "h" } }, {
          region = "us-east-1", service = "service", time = 1440938160,
          credentials = { access_key_id = id, secret_access_key = "secret of " .. id },
        })
      end
      local expected, runs = sign("/", "AKIDEXAMPLE").Authorization, 0
      local function finalize()
        runs = runs + 1
        sign("/" .. ("x"):rep(runs % 300), "OTHER")
      end
      collecting(function()
        for _ = 1, 300 do
          finalizers.bury(finalize)
          local headers, parts = sign("/", "AKIDEXAMPLE")
          assert(headers.Authorization == expected, "a signature was overwritten")
          assert(expected:find(parts.signature, 1, true), "parts were overwritten")
        end
      end)
      collectgarbage()
      print(runs)]]
    assert.is_true((tonumber(runs) or 0) > 200, runs)
  end)
end)

describe("sign_request", function()
  local credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET }
  local temporary = {
    access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET, session_token = "token==",
  }

  local function client_request()
    return {
      method = "POST", path = "/dataIntegrations/arn%3Aaws", query = "maxResults=5&nextToken=a%2Fb",
      body = '{"Name":"x"}',
      headers = {
        host = "app-integrations.us-east-1.amazonaws.com", ["content-type"] = "application/json",
        ["user-agent"] = "x/1", ["amz-sdk-request"] = "attempt=1; max=3",
      },
    }
  end

  local function sign_client_request(request, with, time)
    signing.sign_request(request, with, "us-east-1", "app-integrations", time or 1440938160)
    return request.headers
  end

  it("sets the headers that sign gives", function()
    for _, with in ipairs { credentials, temporary } do
      local request = client_request()
      local expected = signing.sign(request, context_with {
        service = "app-integrations", credentials = with,
      })
      local headers = sign_client_request(request, with)
      assert.equal(expected.Authorization, headers.authorization)
      assert.equal("20150830T123600Z", headers["x-amz-date"])
      assert.equal(with.session_token, headers["x-amz-security-token"])
    end
  end)

  it("signs a further attempt as if there had been none before", function()
    local request = client_request()
    sign_client_request(request, temporary)
    local fresh = sign_client_request(client_request(), credentials, 1540938160)
    assert.same(fresh, sign_client_request(request, credentials, 1540938160))
    assert.is_nil(request.headers["x-amz-security-token"])
  end)

  it("takes an empty token for none", function()
    local with = { access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET, session_token = "" }
    assert.same(sign_client_request(client_request(), credentials),
      sign_client_request(client_request(), with))
  end)

  it("refuses what is not of its types", function()
    local request = client_request()
    local function refuses(...)
      local ok, message = pcall(signing.sign_request, ...)
      assert.is_false(ok)
      assert.is_nil(tostring(message):find(SECRET, 1, true))
    end
    refuses()
    refuses(request)
    refuses(request, {}, "us-east-1", "app-integrations", 0)
    refuses(request, credentials, nil, "app-integrations", 0)
    refuses(request, credentials, "us-east-1", "app-integrations", "now")
    refuses(request, credentials, "us-east-1", "app-integrations", 0 / 0)
    refuses({ method = "GET", path = "/" }, credentials, "us-east-1", "app-integrations", 0)
  end)
end)

describe("header_lines", function()
  local credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET }
  local temporary = {
    access_key_id = "AKIDEXAMPLE", secret_access_key = SECRET, session_token = "token==",
  }
  local HEAD = "host: a.example:8443\ncontent-type: application/json\nuser-agent: x/1\n"
    .. "x-own:  b  c \n"

  local function lines_of(url, body, with, time)
    return signing.header_lines({ method = "POST", url = url, body = body }, with, "us-east-1",
      "app-integrations", time or 1440938160, HEAD, "attempt=1; max=3")
  end

  it("gives the headers that sign_request sets", function()
    for _, with in ipairs { credentials, temporary } do
      for _, target in ipairs { "", "/", "/a%2Fb/../c", "/a?b=c&a=%20", "?q", "/a?", "/a?b?c" } do
        local path, query = target:match "^([^?]*)%??(.*)$"
        local request = {
          method = "POST", path = path, query = query, body = '{"Name":"x"}', headers = {
            host = "a.example:8443", ["content-type"] = "application/json", ["user-agent"] = "x/1",
            ["x-own"] = " b  c ", ["amz-sdk-request"] = "attempt=1; max=3",
          },
        }
        signing.sign_request(request, with, "us-east-1", "app-integrations", 1440938160)
        assert.same(request.headers,
          core.headers(lines_of("https://a.example:8443" .. target, request.body, with)), target)
      end
    end
  end)

  it("begins with the lines of all attempts", function()
    local lines = lines_of("http://a/", nil, credentials)
    assert.equal(HEAD .. "amz-sdk-request: attempt=1; max=3\nx-amz-date: 20150830T123600Z\n"
      .. "authorization: ", lines:match "^.-authorization: ")
  end)

  it("refuses what is not of its types, and what cannot be signed", function()
    local function refuses(...)
      local ok, message = pcall(signing.header_lines, ...)
      assert.is_false(ok)
      assert.is_nil(tostring(message):find(SECRET, 1, true))
      assert.is_nil(tostring(message):find("token==", 1, true))
    end
    local request = { method = "GET", url = "http://a/" }
    refuses()
    refuses(request, temporary)
    refuses(request, temporary, "us-east-1", "s", 0)
    refuses(request, temporary, "us-east-1", "s", 0, HEAD)
    refuses(request, {}, "us-east-1", "s", 0, HEAD, "attempt=1; max=3")
    refuses(request, temporary, nil, "s", 0, HEAD, "attempt=1; max=3")
    refuses(request, temporary, "us-east-1", "s", 0 / 0, HEAD, "attempt=1; max=3")
    refuses({ method = "GET" }, temporary, "us-east-1", "s", 0, HEAD, "a")
    refuses({ method = "G T", url = "http://a/" }, temporary, "us-east-1", "s", 0, HEAD, "a")
    assert.is_string(lines_of("http://a/", nil, temporary)) -- the signer is not left in use
  end)
end)

describe("the signing module", function()
  -- In a process of its own: here others hold on to the first self.
  it("signs on when it has been loaded anew and its first self is collected", function()
    local script = [[
      local function sign()
        package.loaded["appintegrations.signing"] = nil
        local request = { method = "GET", path = "/", headers = { host = "h" } }
        require("appintegrations.signing").sign_request(request,
          { access_key_id = "a", secret_access_key = "b" }, "us-east-1", "service", 0)
        return request.headers.authorization
      end
      local first = sign()
      for _ = 1, 5 do
        collectgarbage()
        collectgarbage()
        assert(first == sign())
      end
      io.write "signed"
    ]]
    assert.equal("signed",
      (shell.output((os.getenv "LUA" or "lua5.4") .. " -e '" .. script .. "'")))
  end)
end)
