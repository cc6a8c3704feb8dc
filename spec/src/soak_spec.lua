-- A short soak: `make soak` makes half a million calls. See spec/support/soak.lua.
local emulator = require "spec.support.emulator"

local LUA = os.getenv "LUA" or "lua5.4"
-- AddressSanitizer keeps what is freed, 256 MiB of it by itself: the process would seem to grow.
local KEEP_NOTHING = ("ASAN_OPTIONS='%s:quarantine_size_mb=0:thread_local_quarantine_size_kb=0'")
  :format(os.getenv "ASAN_OPTIONS" or "")

describe("many mixed calls", function()
  it("leave no memory and no descriptors behind", function()
    local asked = tonumber(os.getenv "SOAK_CALLS" or "")
    local service = emulator.start { "--quiet", "--fault", "throttle:rate=0.02",
      "--fault", "reset:rate=0.01", "--fault", "internal_error:rate=0.01" }
    local pipe = assert(io.popen(("%s %s spec/support/soak.lua %s %d 2>&1"):format(KEEP_NOTHING,
      LUA, service.url, asked or 2000)))
    local text = pipe:read("*a")
    pipe:close()
    service:stop()
    if asked then
      io.write("\n", text)
    end
    assert.matches("100 %%: %d+ calls, %d+ failed, %d+ refreshes: [%w ,]+ descriptors\n$", text)
  end)
end)
