local calendar = require "appintegrations.emulator.calendar"
local emulator = require "appintegrations.emulator"
local signing = require "appintegrations.signing"
local support = require "spec.support.service"

-- Requests are signed by the client's signer (plain C) and verified by the emulator's own Lua
-- code: where both agree on everything below, neither is wrong alone.

local NOW = 1700000000 -- 2023-11-14T22:13:20Z
local KEY, SECRET = "AKIDSPEC", "secret/with+signs"

describe("the emulator's verifier", function()
  local service, now

  before_each(function()
    now = NOW
    service = assert(emulator.new {
      clock = function() return now end,
      credentials = {
        [KEY] = SECRET,
        AKIDTEMP = { secret = "temporary", session_token = "the token" },
        AKIDOLD = { secret = "old", session_token = "old token", expiration = NOW - 1 },
        AKIDPOOR = { secret = "poor", deny = "*" },
      },
    })
  end)

  --- A signed request as received; OPTIONS change what is signed.
  local function signed(options)
    options = options or {}
    local request = {
      method = options.method or "POST", target = options.target or "/dataIntegrations",
      body = options.body or '{"Name":"n","KmsKey":"k"}',
    }
    request.headers = support.signed_headers {
      method = request.method, target = request.target, body = request.body,
      headers = options.headers, region = options.region, time = options.time or NOW,
      credentials = options.credentials or { access_key_id = KEY, secret_access_key = SECRET },
    }
    return request
  end

  --- Code and message of the answer to REQUEST; nil if it is carried out.
  local function refused(request)
    local response = service:handle(request)
    local error_type = response.headers["x-amzn-errortype"]
    return error_type and error_type:match("^[^:]+"), response.body, response
  end

  local function change_header(request, name, change)
    for _, header in ipairs(request.headers) do
      if header[1] == name then
        header[2] = change(header[2])
        return request
      end
    end
    error("no header " .. name)
  end

  it("accepts a request that is signed as it should be", function()
    assert.is_nil((refused(signed())))
  end)

  for _, target in ipairs {
    "/dataIntegrations/a%2Fb%3Ac", "/dataIntegrations/%E2%82%AC%20%25",
    "/dataIntegrations/a~b_c.d-e", "/dataIntegrations/x?nextToken=a%2Fb%2B%3D%20c",
    "/dataIntegrations/x?b=2&a=1&a=0&A=3&aa=&a%2F=4", "/dataIntegrations/x?flag",
    "/dataIntegrations//x/../y/./z//", "/dataIntegrations/x/..", "/dataIntegrations/a+b?c=d+e",
    "/dataIntegrations/a%2fb?x=%e2%82%ac", "/?", "/%2E%2E/x",
    "/tags/arn%3Aaws%3Aapp-integrations%3Aus-east-1%3A1%3Adata-integration%2Fx?tagKeys=b&tagKeys=a",
  } do
    it("reads " .. target .. " as the signer does", function()
      local code, body = refused(signed { method = "GET", target = target, body = "" })
      assert.is_nil(code and code:find("Signature", 1, true), body)
    end)
  end

  it("folds and joins header values as the signer does", function()
    local request = signed { headers = { ["x-amz-meta"] = "a   b", ["x-amz-list"] = "1,2" } }
    change_header(request, "x-amz-meta", function() return "  a \t b  " end)
    change_header(request, "x-amz-list", function() return "1" end)
    table.insert(request.headers, { "X-Amz-List", " 2 " })
    assert.is_nil((refused(request)))
  end)

  it("takes header names in any case", function()
    local request = signed()
    for _, header in ipairs(request.headers) do
      header[1] = header[1]:upper()
    end
    assert.is_nil((refused(request)))
  end)

  for name, spoil in pairs {
    ["a changed body"] = function(r) r.body = r.body:gsub("n", "m", 1) end,
    ["a longer body"] = function(r) r.body = r.body .. " " end,
    ["a changed method"] = function(r) r.method = "PATCH"; r.target = "/dataIntegrations/x" end,
    ["a changed path"] = function(r) r.target = "/eventIntegrations" end,
    ["an added query"] = function(r) r.target = r.target .. "?a=b" end,
    ["a changed host"] = function(r) change_header(r, "host", function() return "evil" end) end,
    ["a changed secret"] = function(r)
      service.verifier.credentials[KEY].secret = "other"
      return r
    end,
    ["a changed date in the same day"] = function(r)
      change_header(r, "x-amz-date", function() return "20231114T221321Z" end)
    end,
    ["a changed signature"] = function(r)
      change_header(r, "authorization", function(text)
        return (text:gsub("(Signature=)(.)", function(field, digit)
          return field .. (digit == "0" and "1" or "0")
        end))
      end)
    end,
    ["a signature in upper case"] = function(r)
      change_header(r, "authorization", function(text)
        return (text:gsub("Signature=%x+", function(field)
          return "Signature=" .. field:sub(11):upper()
        end))
      end)
    end,
  } do
    it("refuses " .. name, function()
      local request = signed()
      spoil(request)
      local code, body, response = refused(request)
      assert.equal("InvalidSignatureException", code)
      assert.equal(403, response.status)
      assert.matches("does not match the signature you provided", body)
      assert.is_nil(body:find(SECRET, 1, true))
    end)
  end

  for name, spoil in pairs {
    ["another region"] = { function() return signed { region = "eu-west-1" } end,
      "scoped to a valid region, not 'eu%-west%-1'" },
    ["another service"] = { function()
      return change_header(signed(), "authorization", function(text)
        return (text:gsub("app%-integrations", "s3"))
      end)
    end, "scoped to correct service: 'app%-integrations'" },
    ["another terminator"] = { function()
      return change_header(signed(), "authorization", function(text)
        return (text:gsub("aws4_request", "aws5_request"))
      end)
    end, "valid terminator: 'aws4_request', not 'aws5_request'" },
    ["a scope of another day"] = { function()
      return change_header(signed(), "authorization", function(text)
        return (text:gsub("/20231114/", "/20231113/"))
      end)
    end, "does not match YYYYMMDD.*'20231113' != '20231114'" },
    ["an unsigned x-amz- header"] = { function()
      local request = signed()
      table.insert(request.headers, { "X-Amz-Extra", "1" })
      return request
    end, "'x%-amz%-extra' must be a 'SignedHeader'" },
    ["an unsigned host"] = { function()
      return change_header(signed(), "authorization", function(text)
        return (text:gsub("host;", ""))
      end)
    end, "'Host' or ':authority' must be a 'SignedHeader'" },
    ["signed headers out of order"] = { function()
      return change_header(signed(), "authorization", function(text)
        return (text:gsub("SignedHeaders=(.-);(.-);", "SignedHeaders=%2;%1;"))
      end)
    end, "must be in lower case, sorted" },
    ["a signed header that was taken away"] = { function()
      local request = signed { headers = { ["x-kept"] = "1" } }
      for i, header in ipairs(request.headers) do
        if header[1] == "x-kept" then
          table.remove(request.headers, i)
          break
        end
      end
      return request
    end, "'x%-kept' is not in the request" },
    ["a body hash that is declared wrongly"] = { function()
      return signed { headers = { ["x-amz-content-sha256"] = ("0"):rep(64) } }
    end, "is not the hash of the body" },
    ["a time too long ago"] = { function() return signed { time = NOW - 901 } end,
      "Signature expired: 20231114T215819Z is now earlier than 20231114T215820Z "
        .. "%(20231114T221320Z %- 15 min%.%)" },
    ["a time too far ahead"] = { function() return signed { time = NOW + 901 } end,
      "Signature not yet current: 20231114T222821Z is still later than 20231114T222820Z "
        .. "%(20231114T221320Z %+ 15 min%.%)" },
  } do
    it("refuses " .. name .. " and says so", function()
      local code, body = refused(spoil[1]())
      assert.equal("InvalidSignatureException", code)
      assert.matches(spoil[2], body)
    end)
  end

  it("accepts clocks that are 15 minutes apart", function()
    assert.is_nil((refused(signed { time = NOW - 900 })))
    assert.is_nil((refused(signed { time = NOW + 900, body = '{"Name":"m","KmsKey":"k"}' })))
  end)

  it("refuses a request without a signature", function()
    local code, body, response = refused { method = "GET", target = "/applications",
      headers = { { "Host", "h" } }, body = "" }
    assert.equal("MissingAuthenticationTokenException", code)
    assert.equal(403, response.status)
    assert.equal('{"Message":"Missing Authentication Token"}', body)
  end)

  for text, message in pairs {
    ["Basic dXNlcjpwYXNz"] = "Unsupported AWS 'algorithm'",
    ["AWS4-HMAC-SHA256"] = "requires 'Credential' parameter%. .*'Signature' parameter%. "
      .. ".*'SignedHeaders' parameter",
    ["AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"] = "5 slash%-delimited",
    [""] = "Unsupported",
  } do
    it("refuses Authorization: " .. text, function()
      local request = signed()
      change_header(request, "authorization", function() return text end)
      local code, body = refused(request)
      assert.equal("IncompleteSignatureException", code)
      assert.matches(message, body)
    end)
  end

  it("refuses a missing or unreadable date", function()
    local request = signed()
    change_header(request, "x-amz-date", function() return "Tue, 14 Nov 2023 22:13:20 GMT" end)
    assert.equal("IncompleteSignatureException", (refused(request)))
    request = signed()
    for i, header in ipairs(request.headers) do
      if header[1] == "x-amz-date" then
        table.remove(request.headers, i)
        break
      end
    end
    local code, body = refused(request)
    assert.equal("IncompleteSignatureException", code)
    assert.matches("requires existence of either a 'X%-Amz%-Date' or a 'Date' header", body)
  end)

  --- A request that its header Date dates, signed by hand: with SIGNED headers.
  local function signed_by_date(date, signed_headers)
    local body, values = '{"Name":"n","KmsKey":"k"}', { date = date, host = "127.0.0.1" }
    local lines = {}
    for name in signed_headers:gmatch("[^;]+") do
      lines[#lines + 1] = name .. ":" .. values[name] .. "\n"
    end
    local scope = "20231114/us-east-1/app-integrations/aws4_request"
    local text = table.concat({ "POST", "/dataIntegrations", "", table.concat(lines),
      signed_headers, signing.hex(signing.sha256(body)) }, "\n")
    local key = "AWS4" .. SECRET
    for part in scope:gmatch("[^/]+") do
      key = signing.hmac_sha256(key, part)
    end
    local signature = signing.hex(signing.hmac_sha256(key, table.concat({ "AWS4-HMAC-SHA256",
      "20231114T221320Z", scope, signing.hex(signing.sha256(text)) }, "\n")))
    return { method = "POST", target = "/dataIntegrations", body = body, headers = {
      { "Host", "127.0.0.1" }, { "Date", date }, { "Authorization", ("AWS4-HMAC-SHA256 "
        .. "Credential=%s/%s, SignedHeaders=%s, Signature=%s"):format(KEY, scope, signed_headers,
        signature) } } }
  end

  it("accepts a signed Date in either form, and no unsigned one", function()
    for _, date in ipairs { "Tue, 14 Nov 2023 22:13:20 GMT", "20231114T221320Z" } do
      assert.is_nil((refused(signed_by_date(date, "date;host"))))
      service:reset()
      local code, body = refused(signed_by_date(date, "host"))
      assert.equal("InvalidSignatureException", code)
      assert.matches("'date' must be a 'SignedHeader'", body)
    end
    assert.equal("IncompleteSignatureException",
      (refused(signed_by_date("last Tuesday", "date;host"))))
  end)

  it("refuses two signatures", function()
    local request = signed()
    for _, header in ipairs(request.headers) do
      if header[1] == "authorization" then
        table.insert(request.headers, { "Authorization", header[2] })
        break
      end
    end
    assert.equal("IncompleteSignatureException", (refused(request)))
  end)

  it("refuses unknown keys, and session tokens that are missing, wrong or too many", function()
    for _, credentials in ipairs {
      { access_key_id = "AKIDNONE", secret_access_key = SECRET },
      { access_key_id = "AKIDTEMP", secret_access_key = "temporary" },
      { access_key_id = "AKIDTEMP", secret_access_key = "temporary", session_token = "wrong" },
      { access_key_id = KEY, secret_access_key = SECRET, session_token = "the token" },
    } do
      local code, body = refused(signed { credentials = credentials })
      assert.equal("UnrecognizedClientException", code)
      assert.matches("The security token included in the request is invalid", body)
    end
    assert.is_nil((refused(signed { credentials = { access_key_id = "AKIDTEMP",
      secret_access_key = "temporary", session_token = "the token" } })))
  end)

  it("refuses expired credentials", function()
    assert.equal("ExpiredTokenException", (refused(signed { credentials = {
      access_key_id = "AKIDOLD", secret_access_key = "old", session_token = "old token" } })))
  end)

  it("refuses who is denied, after the signature", function()
    local credentials = { access_key_id = "AKIDPOOR", secret_access_key = "poor" }
    local code, body = refused(signed { credentials = credentials })
    assert.equal("AccessDeniedException", code)
    assert.matches("user/AKIDPOOR is not authorized to perform: app%-integrations:CreateDataInte",
      body)
    credentials.secret_access_key = "wrong"
    assert.equal("InvalidSignatureException", (refused(signed { credentials = credentials })))
  end)

  it("shows what it has signed, but never the session token", function()
    local request = signed { credentials = { access_key_id = "AKIDTEMP",
      secret_access_key = "wrong", session_token = "the token" } }
    local code, body = refused(request)
    assert.equal("InvalidSignatureException", code)
    assert.matches("x%-amz%-security%-token:%*%*%*", body)
    assert.is_nil(body:find("the token", 1, true))
    assert.is_nil(body:find("temporary", 1, true))
  end)

  -- ---- presigned requests ----------------------------------------------------------------------

  --- A presigned GET /applications; CHANGE edits the finished query.
  local function presigned(options, change)
    local query = signing.presign({ method = "GET", path = "/applications", query = "maxResults=5",
      headers = { host = "h" }, body = "" }, {
      region = "us-east-1", service = "app-integrations", time = options.time or NOW,
      expires = options.expires or 60, credentials = options.credentials
        or { access_key_id = KEY, secret_access_key = SECRET },
    })
    local target = "/applications?maxResults=5&" .. query
    return { method = "GET", target = change and change(target) or target, body = "",
      headers = { { "Host", "h" } } }
  end

  it("accepts a presigned request until it expires", function()
    local request = presigned {}
    assert.is_nil((refused(request)))
    now = NOW + 60
    assert.is_nil((refused(request)))
    now = NOW + 61
    local code, body = refused(request)
    assert.equal("InvalidSignatureException", code)
    assert.matches("Signature expired: 20231114T221320Z", body)
  end)

  it("accepts a presigned request with a session token", function()
    assert.is_nil((refused(presigned { credentials = { access_key_id = "AKIDTEMP",
      secret_access_key = "temporary", session_token = "the token" } })))
  end)

  it("refuses a presigned request that was changed", function()
    for _, change in ipairs {
      function(target) return (target:gsub("maxResults=5", "maxResults=6")) end,
      function(target) return (target:gsub("Expires=60", "Expires=61")) end,
      function(target) return target .. "&x=y" end,
    } do
      assert.equal("InvalidSignatureException", (refused(presigned({}, change))))
    end
  end)

  it("refuses a presigned request that lacks a part or lives too long", function()
    for _, part in ipairs { "Algorithm", "Credential", "Date", "Expires", "SignedHeaders" } do
      assert.equal("IncompleteSignatureException", (refused(presigned({}, function(target)
        return (target:gsub("X%-Amz%-" .. part .. "=[^&]*&?", ""))
      end))), part)
    end
    assert.equal("IncompleteSignatureException", (refused(presigned({}, function(target)
      return (target:gsub("Expires=60", "Expires=604801"))
    end))))
  end)

  it("leaves signatures alone when told so", function()
    service = assert(emulator.new { verify_signatures = false,
      credentials = { [KEY] = { secret = SECRET, deny = { "ListApplications" } } } })
    assert.is_nil((refused { method = "GET", target = "/applications", headers = {}, body = "" }))
    assert.equal("AccessDeniedException", (refused(signed { method = "GET", body = "",
      target = "/applications", time = calendar.from_amz "20200101T000000Z" })))
  end)
end)
