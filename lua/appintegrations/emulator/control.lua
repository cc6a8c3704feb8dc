-- SPDX-License-Identifier: MIT
--- What a test asks of the emulator over HTTP, beside the service's own operations. Unsigned:
-- the server listens on loopback only.
--
--     GET    /_emulator/health   { "status": "ok", … }
--     POST   /_emulator/seed     answers { "arns": [ … ] }
--         { "ApplicationAssociations": [ { "ApplicationId": …, "ClientId": … } ],
--           "EventIntegrationAssociations": [ { "EventIntegrationName": …, "ClientId": … } ] }
--     POST   /_emulator/faults   one fault or a list of them (appintegrations.emulator.Fault)
--     DELETE /_emulator/faults   forgets them
-- @module appintegrations.emulator.control

local faults = require "appintegrations.emulator.faults"
local json = require "appintegrations.emulator.json"

local M = {}

--- Targets below it are the emulator's own.
M.PREFIX = "/_emulator/"

local function reply(status, value)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = json.encode(value) }
end

local function refuse(message)
  return reply(400, { Message = message })
end

local ROUTES = {}

ROUTES["GET health"] = function(service)
  local counts = {}
  for kind, records in pairs(service.store.data.records) do
    counts[kind] = #records
  end
  return reply(200, { status = "ok", region = service.region, resources = counts,
    pending_faults = #service.faults })
end

local SEEDS = {
  ApplicationAssociations = "seed_application_association",
  EventIntegrationAssociations = "seed_event_integration_association",
}

ROUTES["POST seed"] = function(service, value)
  local arns = {}
  for name, list in pairs(value) do
    if not SEEDS[name] or type(list) ~= "table" then
      return refuse(("%s cannot be seeded"):format(name))
    end
    for _, params in ipairs(list) do
      local arn, message = service[SEEDS[name]](service, params)
      if not arn then
        return refuse(message)
      end
      arns[#arns + 1] = arn
    end
  end
  return reply(200, { arns = arns })
end

ROUTES["POST faults"] = function(service, value)
  local rules = #value > 0 and value or { value }
  for _, rule in ipairs(rules) do
    local message = faults.check(rule, service.handlers)
    if message then
      return refuse(message)
    end
  end
  for _, rule in ipairs(rules) do
    faults.add(service.faults, rule)
  end
  return reply(200, { pending_faults = #service.faults })
end

ROUTES["DELETE faults"] = function(service)
  service:clear_faults()
  return reply(200, { pending_faults = 0 })
end

--- Answers a request for a target below PREFIX.
---@param service table
---@param request appintegrations.emulator.Request
---@return appintegrations.emulator.Response
function M.handle(service, request)
  local route = ROUTES[request.method .. " " .. request.target:sub(#M.PREFIX + 1)]
  if not route then
    return reply(404, { Message = "The emulator has no such endpoint." })
  end
  local value, problem = {}, nil
  if request.body and request.body ~= "" then
    value, problem = json.decode(request.body)
  end
  if type(value) ~= "table" then
    return refuse("The body is no JSON object: " .. tostring(problem))
  end
  return route(service, value)
end

return M
