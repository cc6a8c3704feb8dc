-- Descriptors of a host that has closed the three standard ones.
local apart = require "spec.support.apart"
local emulator = require "spec.support.emulator"
local workdir = require "spec.support.workdir"

describe("where standard input, output and errors are closed", function()
  it("what a host prints goes into no connection", function()
    local service, dir = emulator.start(), workdir.new()
    apart(([[
      local client = assert(require("appintegrations").client {
        endpoint_url = "%s", region = "us-east-1", env = {}, max_attempts = 1,
        credentials = { access_key_id = "%s", secret_access_key = "%s" } })
      local lines = {}
      for i = 1, 3 do
        local page, err = client:list_applications {}
        lines[i] = page and "answered" or tostring(err)
        for _, stream in ipairs { io.stdout, io.stderr } do
          stream:write "for a terminal\n"
          stream:flush()
        end
      end
      local file = io.open("%s", "w")
      file:write(table.concat(lines, "\n"))
      file:close()
    ]]):format(service.url, emulator.credentials.access_key_id,
      emulator.credentials.secret_access_key, dir:file "lines"), "exec <&- >&- 2>&-")
    service:stop()
    assert.equal("answered\nanswered\nanswered", dir:read "lines")
    dir:remove()
  end)
end)
