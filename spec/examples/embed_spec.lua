-- The example of a program with Lua inside, linked to the library and to the one file.
local emulator = require "spec.support.emulator"
local shell = require "spec.support.shell"

local BUILD = os.getenv "BUILD" or "build/5.4"

describe("a program that embeds Lua", function()
  local service

  setup(function()
    service = emulator.start()
  end)

  teardown(function()
    service:stop()
  end)

  --- What PROGRAM prints, run with ARGUMENTS against the emulator.
  local function output_of(program, arguments)
    local command = ("AWS_ENDPOINT_URL_APPINTEGRATIONS=%s AWS_REGION=us-east-1 "
      .. "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s %s/bin/%s %s"):format(service.url,
      emulator.credentials.access_key_id, emulator.credentials.secret_access_key, BUILD, program,
      arguments)
    return (shell.output(command))
  end

  it("calls from a state in each of its threads, and on both sides of a fork", function()
    assert.equal("400 of 400 calls from 8 threads\nsurvived a fork\n",
      output_of("threads", "50 8"))
  end)

  it("may initialize libcurl by itself", function()
    assert.equal("40 of 40 calls from 2 threads\nsurvived a fork\n",
      output_of("threads", "20 2 host"))
  end)

  it("can be built from the one file", function()
    assert.equal("40 of 40 calls from 2 threads\nsurvived a fork\n",
      output_of("threads-amalgamated", "20 2"))
  end)
end)
