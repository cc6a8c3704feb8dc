-- A host may have set any locale: to Turkish, the small letter of I is none of ASCII's, and in an
-- 8-bit locale letters go beyond ASCII; to German, a fraction stands behind a comma, to Pashto
-- behind two bytes. A program that does what depends on letters and numbers prints the same in all.
local shell = require "spec.support.shell"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua5.4"

local LOCALES = {
  ["tr_TR.UTF-8"] = "-i tr_TR -f UTF-8", ["tr_TR.ISO-8859-9"] = "-i tr_TR -f ISO-8859-9",
  ["de_DE.UTF-8"] = "-i de_DE -f UTF-8", ["de_DE.ISO-8859-1"] = "-i de_DE -f ISO-8859-1",
  ["ps_AF.UTF-8"] = "-i ps_AF -f UTF-8",
}

local PROGRAM = [==[
local name, config, shared = ...
local after_loading = name:find "^ps"
if not after_loading then
  assert(os.setlocale(name), "no locale " .. name)
end
local appintegrations = require "appintegrations"
local sigv4 = require "appintegrations.sigv4"
local emulator = require "appintegrations.emulator"
local CREDENTIALS = { access_key_id = "AKIAIOSFODNN7EXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }

local function client_of(options)
  options.region = options.region or "us-east-1"
  options.credentials = options.credentials or CREDENTIALS
  options.env = options.env or {}
  options.imds, options.process = false, false
  options.clock = function() return 1790814896.5 end
  options.random = function() return 0.25 end
  return assert(appintegrations.client(options))
end

local function main(print)

-- Numbers on the wire, and in an answer.
local wire = client_of { transport = {
  send = function(_, request)
    print(request.method, request.url, request.body)
    return { status = 200, headers = {}, body = '{"EventIntegrationArn":"a","Ratio":0.1,'
      .. '"Small":-2.5e-7,"Times":[1.5,1422172800.123,1.2345678901234567890123]}' }
  end,
} }
local output = assert(wire:create_event_integration({ Name = "I", EventBridgeBus = "default",
  EventFilter = { Source = "aws.INFO" }, ClientToken = "T" },
  { extra = { Ratios = { 1.5, 1.25e-9, 3, 1 / 3 } } }))
print(output.Ratio == 0.1, output.Small == -2.5e-7, output.Times[1] == 1.5,
  output.Times[2] == 1422172800.123, output.Times[3] == 1.2345678901234567890123)

-- Headers with capital letters, signed here and verified by the emulator.
local service = assert(emulator.new { clock = function() return 1790814896.5 end })
local client = client_of { transport = service:transport() }
print(client:create_data_integration({ Name = "INFO", KmsKey = "k", ClientToken = "T" },
  { headers = { ["X-TRACE-ID"] = "I" } }) ~= nil)
print(client:list_data_integrations({}, { headers = { ["X-IDENTITY"] = "1" } }) ~= nil)
local _, parts = sigv4.sign({ method = "GET", path = "/I\253\221", headers = { HOST = "h",
  ["X-INITIAL"] = "1" } }, { region = "us-east-1", service = "s", credentials = CREDENTIALS,
  time = 1440938160 })
print(parts.canonical_request)

-- Seconds in messages: of a limit, of what was measured, of an event.
local seconds = require("appintegrations.base.text").seconds
print(seconds(0.25), seconds(0.0001), seconds(1234.6))
local listener = assert(require("socket").bind("127.0.0.1", 0)) -- which nobody asks to answer
local _, late = require("appintegrations.transport.curl").new():send { method = "GET",
  url = "http://127.0.0.1:" .. select(2, listener:getsockname()), headers = {}, timeout = 0.4 }
listener:close()
print((late.message:gsub("%d+", "N")))
local lines = {}
require("appintegrations.log").to(function(line) lines[#lines + 1] = line end, "debug") {
  type = "response", operation = "o", status = 200, elapsed = 0.0125, attempt = 1, body_bytes = 2,
  time = 1790814896.5 }
print(lines[1])
print(require("appintegrations.base.shape").problem({ type = "integer" }, 1.5))
print(select(2, client:list_applications { MaxResults = 1.5 }).message)

-- Words of configuration, and numbers in it.
local configured = client_of { env = { AWS_CONFIG_FILE = config, AWS_PROFILE = "I",
  AWS_SHARED_CREDENTIALS_FILE = shared, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = "IPv6",
  AWS_RETRY_MODE = "ADAPTIVE", AWS_USE_FIPS_ENDPOINT = "FALSE" } }
print(configured:explain())
for _, endpoint in ipairs { "HTTP://LOCALHOST:1/I", "http://h\253st/", "http://host/\221" } do
  local other, err = appintegrations.client { region = "us-east-1", endpoint_url = endpoint,
    credentials = CREDENTIALS, env = {} }
  print(other and other:explain() or tostring(err))
end
print(select(2, pcall(appintegrations.client, { REGION = "us-east-1" })))
print(select(2, pcall(client.list_applications, client, {}, { headers = { ["X\253"] = "1" } })))

-- Texts of numbers.
local text = require "appintegrations.base.text"
for _, number in ipairs { "1.5", "0.1", "-2.25", "3", "1,5", "1e3", "1.5.5", "x" } do
  local value = text.number(number)
  print(number, value and value * 1000000 == math.floor(value * 1000000)
    and ("%d"):format(value * 1000000) or value == nil)
end
local strict = require "appintegrations.base.strict_json"
print(strict.decode "[0.1]"[1] == 0.1, strict.decode "[1.5e-7]"[1] == 1.5e-7)
print(strict.decode '{"a":"\195\128 \127"}'.a)

-- Texts beyond ASCII, whose bytes are control characters in an 8-bit locale.
local letters = "\195\128 \195\160 \194\133 \195\133"
print(appintegrations.json { Name = letters })
print(wire:create_event_integration { Name = letters, EventBridgeBus = letters .. "\127",
  EventFilter = { Source = "aws.partner/" .. letters } })
print(require("appintegrations.credentials.exchange").clean(letters .. "\n\127" .. letters))
print(require("appintegrations.emulator.json").encode { Name = letters .. "\n\127" })
require("appintegrations.log").to(print) { type = "credentials", time = 1790814896.5,
  message = letters .. "\n\127" .. letters }
print(table.concat(appintegrations.operations(), " "))
for member in pairs(appintegrations.describe("create_data_integration").input.members) do
  assert(member:find "^[A-Z]")
end

end
-- With two bytes for a point, Lua cannot read a source that has a fraction.
if after_loading then
  main(function() end)
  assert(os.setlocale(name), "no locale " .. name)
end
main(print)
]==]

describe("in the locale", function()
  local dir, expected

  local function run(locale)
    return (shell.output(("LOCPATH=%s %s %s %s %s %s"):format(dir.path, LUA,
      dir:file "program.lua", locale, dir:file "config", dir:file "credentials")))
  end

  setup(function()
    dir = workdir.new()
    dir:write("program.lua", PROGRAM)
    dir:write("config", "[profile I]\nrole_arn = arn:aws:iam::1:role/I\n"
      .. "credential_source = Ec2InstanceMetadata\nREGION = us-east-1\nMAX_ATTEMPTS = 5\n")
    dir:write("credentials", "[I]\n")
    expected = run "C"
  end)

  teardown(function()
    dir:remove()
  end)

  it("C the program does what it is to do", function()
    assert.matches('"Ratios":[1.5,1.25e-09,3,0.3333333333333333]', expected, 1, true)
    assert.matches("x-initial", expected, 1, true)
    assert.matches("\ntrue\ntrue\n", expected, 1, true)
    assert.matches("\n1.5\t1500000\n", expected, 1, true)
    assert.matches("\n0.25\t0.0001\t1235\n", expected, 1, true)
    assert.matches("no complete answer from N.N.N.N:N in N.N s", expected, 1, true)
    assert.matches(" 12.5 ms", expected, 1, true)
    assert.matches("expected an integer, got 1.5", expected, 1, true)
    assert.matches("expected an integer of 64 bits, got 1.5", expected, 1, true)
    assert.is_nil(expected:find("traceback", 1, true), expected)
  end)

  for locale, source in pairs(LOCALES) do
    it(locale .. " all is the same", function()
      assert.is_true(workdir.shell(("localedef --no-archive %s %s >/dev/null 2>&1")
        :format(source, dir:file(locale))) or workdir.shell("test -d " .. dir:file(locale)),
        "localedef cannot make it: is Debian's package locales there?")
      assert.equal(expected, run(locale))
    end)
  end

  it("that the host has set no source goes: text.lower and [A-Za-z] are ASCII's", function()
    assert.equal("", (shell.output [[
      grep -rnE ":(lower|upper)\(|string\.(lower|upper)|%[alpuwALPUW]" lua --include="*.lua" |
        grep -vE "^[^:]*:[0-9]+: *--" ;
      grep -rnwE "to(lower|upper)|is(alpha|alnum|space|print|punct|upper|lower)|strn?casecmp" src \
        --include="*.[ch]"]]))
  end)
end)
