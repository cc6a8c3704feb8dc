--- Every reader of bytes that a server, a file, a process or a client has chosen, for the search
-- for what they are slow with (spec/support/slowest.lua). A reader is
--
--     { name = "sts", read = function(text) … end, words = { "sts" }, seeds = { "sts" } }
--
-- and READ does not raise, whatever TEXT. Its words are spec/fuzz/NAME.dict, its seeds the files
-- of spec/fuzz/corpus/NAME.

local core = require "appintegrations.core"
local signing = require "appintegrations.signing"

local READERS = {}

local function reader(name, words, seeds, read)
  READERS[#READERS + 1] = { name = name, words = words, seeds = seeds, read = read }
end

-- ---- answers -----------------------------------------------------------------------------------

local JSON, HTTP, TIME, URLS = { "json" }, { "http" }, { "time" }, { "urls" }
local ANSWERS = { "decode", "response", "json" }

for _, operation in ipairs { "get_data_integration", "list_applications", "get_application" } do
  reader("decode " .. operation, JSON, ANSWERS, function(text)
    return core.decode(operation, text)
  end)
end

reader("decode and print", JSON, ANSWERS, function(text)
  local output = core.decode("list_data_integrations", text,
    require("appintegrations.base.metatables").by_number())
  return output and tostring(output) .. require("appintegrations.base.printing").json(output)
end)

local function answer_with(header)
  return function(text)
    local _, err = require("appintegrations.call.response").read("get_application",
      { status = 400, headers = { [header] = text }, body = "" })
    return tostring(err)
  end
end
reader("error code", JSON, { "response" }, answer_with "x-amzn-errortype")
reader("request id", HTTP, { "response" }, answer_with "x-amzn-requestid")
reader("error body", JSON, ANSWERS, function(text)
  local err = require("appintegrations.call.response").service_error { status = 400, headers = {},
    body = text }
  return tostring(err)
end)

local function delayed_by(header)
  return function(text)
    return require("appintegrations.call.backoff").delay(1, {}, { [header] = text },
      function() return 0 end, 0)
  end
end
reader("retry-after", TIME, { "time" }, delayed_by "retry-after")
reader("x-amz-retry-after", TIME, { "time" }, delayed_by "x-amz-retry-after")
reader("date", TIME, { "time" }, core.parse_time)

local function in_pieces(size)
  return function(text)
    local at = 1
    return require("appintegrations.transport.http1").read(function()
      if at > #text then
        return nil, "closed"
      end
      at = at + size
      return text:sub(at - size, at - 1)
    end, 1e8)
  end
end
reader("http1", HTTP, { "http1", "headers", "chunks" }, in_pieces(65536))
reader("http1 in pieces", HTTP, { "http1", "headers", "chunks" }, in_pieces(7))

reader("header lines", HTTP, { "headers" }, function(text)
  return core.headers(text), core.header(text, "date", "x-a")
end)

local counting = package.loaded.counting
if counting then
  reader("answer", HTTP, { "http1", "headers", "chunks" }, counting.answer)
  reader("no_proxy", URLS, { "urls" }, function(text)
    return counting.no_proxy(text, "a.example.com:8443"), counting.no_proxy("a,b.c,.d,*", text)
  end)
end

-- ---- what is shown of them ---------------------------------------------------------------------

reader("redact", { "json", "sts" }, { "texts" }, function(text)
  local redact = require "appintegrations.call.redact"
  return redact.text(text), redact.without(text, { "token=token=", ("ab"):rep(20) })
end)
reader("clean", { "json", "sts" }, { "texts" }, function(text)
  return require("appintegrations.credentials.exchange").clean(text, { "token-token" })
end)
reader("trim", HTTP, { "texts" }, function(text)
  local text_of = require "appintegrations.base.text"
  return text_of.trim(text), text_of.lower(text), text_of.shell_word(text), text_of.number(text)
end)
reader("log line", HTTP, { "texts", "http1" }, function(text)
  local headers = require("appintegrations.call.events").mask { [text] = text,
    authorization = text }
  local event = { type = "response", time = 0, operation = "x", host = text, attempt = 1,
    body = text, status = 200, elapsed = 0, headers = headers, body_bytes = 1, request_id = text }
  require("appintegrations.log").to(function() end, "debug")(event)
  require("appintegrations.log").jsonl(function() end)(event)
end)

-- ---- files, variables and processes ------------------------------------------------------------

for _, kind in ipairs { "config", "credentials" } do
  reader(kind .. " file", { "profiles" }, { "profiles" }, function(text)
    return require("appintegrations.config.profile_file").parse(text, "file", kind)
  end)
end
reader("command line", { "profiles" }, { "texts" }, function(text)
  return require("appintegrations.credentials.words").split(text)
end)
reader("address", URLS, { "urls" }, function(text)
  local address = require "appintegrations.credentials.address"
  return address.parse(text), address.is_near(text), address.is_loopback(text)
end)
reader("endpoint URL", URLS, { "urls" }, function(text)
  return require("appintegrations.config").resolve { region = "us-east-1", env = {}, files = false,
    endpoint_url = text, retry_mode = "standard" }
end)
reader("region", URLS, { "urls" }, function(text)
  return core.endpoint(text), core.partition(text)
end)
reader("proxy", URLS, { "urls" }, function(text)
  local proxy = require "appintegrations.config.proxy"
  local setting = proxy.resolve({ proxy = text, no_proxy = text }, "https", function() end)
  return setting, proxy.masked(text)
end)
local parsers = {}
for _, setting in ipairs(require("appintegrations.config.settings").LIST) do
  if setting.parse and not parsers[setting.parse] then
    parsers[setting.parse] = true
    reader("setting " .. setting.name, { "profiles" }, { "profiles", "urls" }, setting.parse)
  end
end
reader("strict JSON", JSON, ANSWERS, function(text)
  return require("appintegrations.base.strict_json").decode(text)
end)
reader("path into an answer", JSON, { "texts" }, function(text)
  return require("appintegrations.command.query").parse(text)
end)

-- ---- credential services -----------------------------------------------------------------------

reader("STS", { "sts" }, { "sts" }, function(text)
  return require("appintegrations.credentials.sts_xml").parse(text)
end)

local function provider(name, words, status, fields)
  reader(name .. " " .. status, words, { "decode", "response", "sts" }, function(text)
    local world = { env = fields.env, files = { ["/token"] = text } }
    world.http = function() return { status = status, headers = { ["x-amzn-requestid"] = text },
      body = text } end
    local contexts = require "spec.support.provider_context"
    return require("appintegrations.credentials." .. name).new(contexts.new(world)).retrieve()
  end)
end
for _, status in ipairs { 200, 403 } do
  provider("container", JSON, status,
    { env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1/x" } })
  provider("imds", JSON, status, { env = {} })
  provider("web_identity", { "sts" }, status,
    { env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_ARN = "arn" } })
end

-- ---- bytes -------------------------------------------------------------------------------------

reader("base64", HTTP, { "tokens" }, function(text)
  return require("appintegrations.emulator.base64").decode(text), signing.base64url(text)
end)
reader("private key", { "tokens" }, { "tokens" }, signing.es256_public)
reader("percent-encoding", URLS, { "uri" }, function(text)
  return signing.uri_encode(text, true), signing.uri_canonicalize(text, true)
end)

local CREDENTIALS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRET" }
local function signed_with(part)
  return function(text)
    local request = { method = "GET", path = "/", query = "", body = "",
      headers = { { "Host", "example.amazonaws.com" } } }
    if part == "headers" then
      for line in text:gmatch "[^\n]+" do
        request.headers[#request.headers + 1] = { line:match "^([A-Za-z0-9-]*):?(.*)$" }
      end
    else
      request[part] = text
    end
    -- It is misuse to sign what HTTP does not allow, which this may be.
    pcall(require("appintegrations.sigv4").sign, request, { region = "us-east-1",
      service = "service", time = 1440938160, credentials = CREDENTIALS })
  end
end
reader("signed path", URLS, { "sigv4", "uri" }, signed_with "path")
reader("signed query", URLS, { "sigv4", "uri" }, signed_with "query")
reader("signed headers", HTTP, { "headers" }, signed_with "headers")

reader("parameters", JSON, { "build", "pattern" }, function(text)
  for _, mode in ipairs { "strict", "standard" } do
    core.build("create_data_integration", { Name = text, KmsKey = text, SourceURI = text,
      Description = text, Tags = { [text] = text }, [text] = text }, mode)
    core.build("get_application", { Arn = text }, mode)
  end
end)
for _, shape in ipairs(core.shapes()) do
  local described = type(shape) == "table" and shape or { name = shape }
  if core.match(described.name, "") ~= nil then
    reader("pattern " .. described.name, { "urls", "json" }, { "pattern", "urls" }, function(text)
      return core.match(described.name, text)
    end)
  end
end

-- ---- the emulator ------------------------------------------------------------------------------

local function header_list(text)
  local headers = {}
  for line in text:gmatch "[^\n]+" do
    headers[#headers + 1] = { line:match "^([^:]*):?(.*)$" }
  end
  return headers
end

local service
local function emulator()
  if not service then
    service = require("appintegrations.emulator").new {}
    service:set_clock { time = 1440938160 }
  end
  return service
end

local AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/app-integrations/"
  .. "aws4_request, SignedHeaders=%s, Signature=00"

local function handled(make)
  return function(text)
    local request = { method = "POST", target = "/applications", headers = {}, body = "" }
    make(request, text)
    return emulator():handle(request)
  end
end
reader("emulator target", URLS, { "uri", "urls" }, handled(function(request, text)
  request.method, request.target = "GET", "/applications" .. text
end))
reader("emulator headers", HTTP, { "headers" }, handled(function(request, text)
  request.headers = header_list(text)
end))
reader("emulator authorization", HTTP, { "headers" }, handled(function(request, text)
  request.headers = { { "Authorization", text }, { "X-Amz-Date", text } }
end))
reader("emulator signed headers", HTTP, { "headers" }, handled(function(request, text)
  local names = { "host" }
  request.headers = header_list(text)
  for i, header in ipairs(request.headers) do
    header[1] = ("x%07d%s"):format(i, header[1]:lower())
    names[i + 1] = header[1]
  end
  request.headers[#request.headers + 1] = { "Host", "localhost" }
  request.headers[#request.headers + 1] = { "Authorization",
    AUTHORIZATION:format(table.concat(names, ";") .. ";x-amz-date") }
  request.headers[#request.headers + 1] = { "X-Amz-Date", "20150830T123600Z" }
end))
reader("emulator body", JSON, { "build", "decode", "emulator" }, function(text)
  local running = emulator()
  running.verify_signatures = false
  local answer = handled(function(request) request.body = text end)(text)
  running.verify_signatures = true
  running:handle { method = "POST", target = "/_emulator/seed", headers = {}, body = text }
  running:handle { method = "POST", target = "/_emulator/reset", headers = {}, body = "" }
  return answer
end)
reader("emulator JSON", JSON, { "json", "decode" }, function(text)
  local json = require "appintegrations.emulator.json"
  local value = json.decode(text)
  return value ~= nil and json.encode(value)
end)
reader("emulator's canonical request", URLS, { "uri", "sigv4" }, function(text)
  local canonical = require "appintegrations.emulator.canonical"
  return canonical.path(text), canonical.query(text),
    canonical.headers(header_list(text), { "a", "b" })
end)
reader("emulator's time", TIME, { "time" }, function(text)
  return require("appintegrations.emulator.calendar").from_http(text)
end)

return READERS
