-- What of secrets is left in memory when they are no longer needed. Lua's own strings cannot be
-- overwritten; each of these looks for bytes that only C has, or counts copies.
local cleanup = require "spec.support.cleanup"
local held_memory = require "spec.support.held_memory"
local server = require "spec.support.server"
local signing = require "appintegrations.signing"
local sources = require "spec.support.credential_sources"
local workdir = require "spec.support.workdir"

local SECRET, TOKEN = "Marked+Secret/Key0123456789", "MarkedSessionToken0123456789"
local TIME, DATE = 1440938160, "20150830"

-- RFC 7515, A.3, as `d` and in PEM.
local SCALAR = ("8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2")
  :gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)
local PEM = require("spec.support.logged_in").KEY

describe("a secret in memory", function()
  local dir, child

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    if child then
      child:stop()
      child = nil
    end
    dir:remove()
  end)

  it("is not kept by C once a client is closed", function()
    local running = server.start { { body = '{"Applications":[]}' } }
    dir:write("keys", ("[default]\naws_access_key_id = AKID\naws_secret_access_key = %s\n"
      .. "aws_session_token = %s\n"):format(SECRET, TOKEN))
    child = held_memory.start(dir, ([[
      local appintegrations = require "appintegrations"
      local client = assert(appintegrations.client { region = "us-east-1", endpoint_url = %q,
        env = { AWS_SHARED_CREDENTIALS_FILE = %q, AWS_CONFIG_FILE = "/nonexistent" },
        clock = function() return %d end })
      assert(client:list_applications {})
      pause()
      client:close()
      pause()
      client = nil
      pause()
    ]]):format(running.url, dir:file "keys", TIME))
    local keys = { "AWS4" .. SECRET }
    for i, part in ipairs { DATE, "us-east-1", "app-integrations", "aws4_request" } do
      keys[i + 1] = signing.hmac_sha256(keys[i], part)
    end
    assert.equal(0, child:count(keys[1]), "the key that all are derived from")
    child:go_on()
    for i, key in ipairs(keys) do
      assert.equal(0, child:count(key), ("derived key %d"):format(i))
    end
    assert.equal(0, child:count("x-amz-security-token:" .. TOKEN), "the canonical request")
    assert.equal(0, child:count("x-amz-security-token: " .. TOKEN .. "\0"), "the header lines")
    assert.equal(0, child:count("AKID" .. DATE .. "us-east-1"), "the id of a signing key")
    running:stop()
  end)

  it("is copied once out of a file, however long that is", function()
    local line = "secret = " .. SECRET .. "\n"
    dir:write("long", line .. ("# a comment of a profile file\n"):rep(2000))
    child = held_memory.start(dir, ([[
      local text = require("appintegrations.core").read_file(%q)
      pause()
      assert(#text > 0)
    ]]):format(dir:file "long"))
    assert.equal(1, child:count(line))
  end)

  it("is copied once out of what a process says, however long that is", function()
    local line = '{ "Secret": "' .. SECRET .. '" }'
    local program = dir:script("say", "cat " .. dir:write("said", line .. (" "):rep(20000)))
    child = held_memory.start(dir, ([[
      local process = assert(require("appintegrations.core").spawn { %q })
      while not process:step(1) do end
      local _, _, output = process:result()
      process:close()
      pause()
      assert(#output > 0)
    ]]):format(program))
    assert.equal(1, child:count(line))
  end)

  it("is copied once out of an answer, besides libcurl's buffer", function()
    local line = '{"SecretAccessKey":"' .. SECRET .. '",'
    local running = server.start { { body = line .. (" "):rep(40000) .. "}" } }
    child = held_memory.start(dir, ([[
      local transport = require("appintegrations.transport.curl").new {}
      local response = assert(transport:send { method = "GET", url = %q, headers = {},
        timeout = 10 })
      pause()
      assert(#response.body > 0)
    ]]):format(running.url .. "/"))
    assert.is_true(child:count(line) <= 2)
    running:stop()
  end)

  it("is not left of a request's body and headers", function()
    local running = server.start { { body = "{}" } }
    child = held_memory.start(dir, ([[
      local transport = require("appintegrations.transport.curl").new {}
      local function send()
        local secret = read(%q)
        assert(transport:send { method = "POST", url = %q, timeout = 10, body = "key=" .. secret,
          headers = { ["x-amz-sso_bearer_token"] = secret } })
      end
      send()
      pause()
    ]]):format(dir:write("secret", SECRET), running.url .. "/"))
    assert.equal(0, child:count("x-amz-sso_bearer_token: " .. SECRET .. "\0"))
    running:stop()
  end)

  it("is not left of a request that is refused", function()
    child = held_memory.start(dir, ([[
      local transport = require("appintegrations.transport.curl").new {}
      local function submit()
        local secret = read(%q)
        local id, err = transport:submit { method = "POST", url = "http://127.0.0.1/a b",
          body = "key=" .. secret, headers = { ["x-amz-sso_bearer_token"] = secret } }
        assert(not id and err.code == "InvalidConfig")
      end
      submit()
      pause()
    ]]):format(dir:write("secret", SECRET)))
    assert.equal(0, child:count("x-amz-sso_bearer_token: " .. SECRET .. "\0"))
  end)

  it("is not left of a private key that a proof was made with", function()
    child = held_memory.start(dir, ([[
      local signing = require "appintegrations.signing"
      local function sign()
        local pem = read(%q)
        assert(signing.es256_public(pem))
        assert(#signing.es256_sign(pem, "message") == 64)
      end
      for _ = 1, 3 do
        sign()
      end
      pause()
    ]]):format(dir:write("key.pem", PEM)))
    assert.equal(0, child:count(SCALAR))
  end)

  --- Lua code that makes a call with the credentials of SOURCE from the server at URL.
  local function program(source, url)
    local options, variables = source:options(url), {}
    for name, value in pairs(options.env) do
      variables[#variables + 1] = ("%s = %q"):format(name, value)
    end
    return ([[
      local client = assert(require("appintegrations").client { region = "us-east-1",
        endpoint_url = %q, imds = %s, env = { %s } })
      assert(client:list_applications())
      client:close()]]):format(url, tostring(options.imds or nil), table.concat(variables, ", "))
  end

  -- What is given in the program itself is left out: the text of that stays.
  for _, name in ipairs { "file", "process", "role", "web_identity", "pod", "imds", "sso",
    "login" } do
    local what = "from %s is not left in a process whose Lua and libcurl overwrite what they free"
    it(what:format(name), function()
      if jit then
        pending "LuaJIT has an allocator of its own"
      end
      local source = sources.new(name)
      cleanup(function() source:remove() end)
      source.script["GET /applications"] = { body = '{"Applications":[]}' }
      local running = server.start(source.script)
      cleanup(function() running:stop() end)
      child = held_memory.start(dir, program(source, running.url),
        os.getenv "BUILD" .. "/bin/wiping")
      assert.is_true(child:count "program.lua" > 0) -- so it would be found
      assert.equal(0, child:count(sources.MARK))
    end)
  end
end)
