-- Servers that mean harm, as the service's endpoint: a call ends in time, needs no more memory than
-- its limit and a little, and connects to nobody else; the next call works.

local appintegrations = require "appintegrations"
local certificates = require "spec.support.certificates"
local cleanup = require "spec.support.cleanup"
local core = require "appintegrations.core"
local hostilities = require "spec.support.hostilities"
local peak = require "spec.support.peak"
local servers = require "spec.support.server"

local KEYS = { access_key_id = "AKIDEXAMPLE", secret_access_key = "SECRETKEY",
  session_token = "SECRETTOKEN" }

local MAX_BYTES = 1024 * 1024
local BESIDE = 4 * 1024 * 1024

-- What a call of DEADLINE seconds may take when others use the processors, too.
local DEADLINE, LATER = 1, 5

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local function new_client(server, options)
  local all = { region = "us-east-1", endpoint_url = server.url, credentials = KEYS, env = {},
    timeout = DEADLINE / 3, connect_timeout = DEADLINE / 3, deadline = DEADLINE,
    max_response_bytes = MAX_BYTES, retry_mode = "off" }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local client = assert(appintegrations.client(all))
  cleanup(function() client:close() end)
  return client
end

describe("a hostile service:", function()
  local other

  setup(function()
    other = servers.start { { body = "{}" } }
    local good = servers.start { { body = "{}" } }
    assert(new_client(good):get_application { Arn = "x" }) -- what is loaded once is not counted
    good:stop()
  end)

  teardown(function()
    other:stop()
  end)

  --- The code of the error that a call ends with, within its limits.
  local function code_of(client)
    local output, err
    local started = core.monotonic()
    local bytes = peak.above(function()
      output, err = client:get_application { Arn = "x" }
    end)
    local seconds = core.monotonic() - started
    assert.is_true(seconds < DEADLINE + LATER, ("took %.3f s"):format(seconds))
    assert.is_true((bytes or 0) < MAX_BYTES + BESIDE, ("took %d bytes"):format(bytes or 0))
    if output then
      return "none"
    end
    assert.is_true(appintegrations.is_error(err))
    assert.is_nil(tostring(err):find "SECRET", "a secret stands in: " .. tostring(err))
    return err.code, err
  end

  for _, hostility in ipairs(hostilities.ANSWERS) do
    it(hostility.name, function()
      local server = servers.start(hostilities.script(hostility, other.host, { body = "{}" }),
        hostility.options)
      cleanup(function() server:stop() end)
      local client = new_client(server)
      local code, err = code_of(client)
      assert.is_true(contains(hostility.codes, code), tostring(err or code))
      assert.equal(1, #server:requests())
      assert.equal(0, other:connections())
      code, err = code_of(client)
      if err and err.stale then -- it closes its connection just now
        code = code_of(client)
      end
      assert.equal("none", code)
    end)
  end

  it("one that never stops being hostile costs no more than the deadline", function()
    for _, response in ipairs { { reset = true }, { hang = true },
      { raw = "HTTP/1.1 200 OK\r\n", piece = 1, pause = 0.05 },
      { status = 503, headers = { ["retry-after"] = "86400" }, body = "" } } do
      local server = servers.start { response }
      local client = new_client(server, { retry_mode = "standard", max_attempts = 1000 })
      assert.is_not.equal("none", (code_of(client)))
      server:stop()
    end
  end)
end)

describe("a hostile service's TLS:", function()
  local files = certificates.make()

  --- A client that has time for handshakes on a busy machine.
  local function patient_client(server, options)
    options.timeout, options.connect_timeout, options.deadline = 30, 30, 60
    return new_client(server, options)
  end

  teardown(function()
    if files then
      files:remove()
    end
  end)

  for _, hostility in ipairs(hostilities.TLS) do
    it(hostility.name, function()
      if not files then
        return pending "the openssl program is absent"
      end
      local server = servers.start({ { body = "{}" } }, hostilities.server(hostility, files))
      cleanup(function() server:stop() end)
      local client = patient_client(server,
        { ca_bundle = not hostility.is_unknown and files.authority or nil })
      local output, err = client:get_application { Arn = "x" }
      assert.is_nil(output)
      assert.equal("TLSError", err.code)
      assert.same({}, server:requests())
      if not hostility.protocol then
        assert(patient_client(server, { verify_tls = false }):get_application { Arn = "x" })
      end
    end)
  end
end)
