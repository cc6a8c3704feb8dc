--- Requests of any bytes for the emulator, within the process and without signatures: each is
-- answered, by a status that is no failure of the emulator's own, with a body that is JSON.

local bytes = require "spec.fuzz.bytes"
local core = require "appintegrations.core"
local emulator = require "appintegrations.emulator"

local METHODS = { "GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS" }
local PATHS = { "/applications", "/dataIntegrations", "/eventIntegrations", "/tags/", "/",
  "/applications/", "/dataIntegrations/", "/eventIntegrations/", "/_emulator/faults",
  "/_emulator/seed", "/_emulator/state", "/_emulator/requests", "/_emulator/clock",
  "/_emulator/ids", "/_emulator/reset", "/_emulator/health" }

local function start()
  local service = emulator.new { verify_signatures = false }
  function service.on_error(problem)
    error(problem, 0)
  end
  assert(service:set_clock { fixed = 1700000000 })
  return service
end

local service, count = start(), 0

local function request_of(from)
  local request = { method = from:choice(METHODS), headers = { { "Host", "localhost" } } }
  request.target = from:choice(PATHS) .. from:text(40)
  for _ = 1, from:below(3) do
    request.headers[#request.headers + 1] = { from:text(16), from:text(60) }
  end
  return request
end

return function(input)
  local from = bytes.new(input)
  local verifies = from:below(4) == 0
  local request = request_of(from)
  request.body = from:rest()
  service.verify_signatures = verifies
  service:clear_faults()
  local response = service:handle(request)
  assert(response.status >= 100 and response.status <= 599)
  for name, value in pairs(response.headers) do
    assert(type(name) == "string" and type(value) == "string" and not value:find "[\r\n]", value)
  end
  if not request.target:find "^/_emulator" and response.headers["content-type"] ==
    "application/json" and response.body ~= "" and response.fault == nil then
    assert(core.decode(nil, response.body), response.body)
    assert(response.status ~= 500, response.body)
  end
  count = count + 1
  if count % 500 == 0 then
    service:close()
    service = start()
  end
end
