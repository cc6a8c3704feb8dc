-- SPDX-License-Identifier: MIT
--- What a test asks of the emulator over HTTP, beside the service's own operations. Bodies are
-- JSON; nothing is signed. The service object has the same as methods.
--
--     GET    /_emulator/health    how it is (HEAD too)
--     POST   /_emulator/reset     forgets all: resources, faults, requests
--     POST   /_emulator/seed      adds resources (seeds.lua); ?account=ID&region=R: whose
--     GET    /_emulator/requests  what was received; ?limit=N&operation=GetApplication: the last N
--     DELETE /_emulator/requests  forgets it
--     GET    /_emulator/faults    what is still to fail
--     POST   /_emulator/faults    one fault or a list of them (faults.lua)
--     DELETE /_emulator/faults    forgets them
--     GET    /_emulator/clock     the time
--     POST   /_emulator/clock     { "fixed": T }, { "offset": S }, { "advance": S } or
--                                 { "running": true }
--     POST   /_emulator/ids       { "seed": "text" }: predictable ids; null: random ones
--     GET    /_emulator/state     all that is stored (state.lua)
--     PUT    /_emulator/state     puts that in place of what is stored
--     GET    /                    a page for people
--
-- A browser sends an Origin with what a page of some other site asks: unless the option `cors`
-- allows it, such a page can change nothing here.
-- @module appintegrations.emulator.control

local errors = require "appintegrations.emulator.errors"
local faults = require "appintegrations.emulator.faults"
local json = require "appintegrations.emulator.json"
local names = require "appintegrations.base.names"
local page = require "appintegrations.emulator.page"
local router = require "appintegrations.emulator.router"
local text = require "appintegrations.base.text"
local uri = require "appintegrations.emulator.uri"

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

local function reply_list(name, list)
  return reply(200, { [name] = json.list(list) })
end

-- ---- the endpoints -----------------------------------------------------------------------------

--- By path: by method: what answers, from the service, the body's value, the query, the body.
local ROUTES = { health = {}, reset = {}, seed = {}, requests = {}, faults = {}, clock = {},
  ids = {}, state = {} }

function ROUTES.health.GET(service)
  return reply(200, service:health())
end

function ROUTES.reset.POST(service)
  service:reset()
  return reply(200, service:health())
end

function ROUTES.seed.POST(service, value, query)
  local arns, message = service:seed(value, { account_id = query.account, region = query.region })
  return arns and reply_list("arns", arns) or refuse(message)
end

function ROUTES.requests.GET(service, _, query)
  local limit = query.limit and tonumber(query.limit:match("^%d+$"))
  local wrong = query.limit and not limit and "limit must be a whole number"
    or query.operation and router.wrong_operation(query.operation, service.handlers)
  if wrong then
    return refuse(wrong)
  end
  return reply_list("requests", service:requests { limit = limit, operation = query.operation })
end

function ROUTES.requests.DELETE(service)
  service:clear_requests()
  return reply_list("requests", {})
end

local function pending(service)
  local list = service:pending_faults()
  return reply(200, { faults = json.list(list), pending_faults = #list })
end

function ROUTES.faults.GET(service)
  return pending(service)
end

function ROUTES.faults.POST(service, value)
  local rules = #value > 0 and value or { value }
  for _, rule in ipairs(rules) do
    local message = faults.check(rule, service.handlers)
    if message then
      return refuse(message)
    end
  end
  for _, rule in ipairs(rules) do
    service:inject(rule)
  end
  return pending(service)
end

function ROUTES.faults.DELETE(service)
  service:clear_faults()
  return pending(service)
end

function ROUTES.clock.GET(service)
  return reply(200, service.time:describe())
end

function ROUTES.clock.POST(service, value)
  local done, message = service:set_clock(value)
  return done and ROUTES.clock.GET(service) or refuse(message)
end

function ROUTES.ids.POST(service, value)
  local seed = value.seed
  if next(value) ~= "seed" or next(value, "seed")
    or (type(seed) ~= "string" and seed ~= json.null) then
    return refuse("ids are set with { \"seed\": a text or null }")
  end
  service:set_ids(seed ~= json.null and seed or nil)
  return reply(200, value)
end

function ROUTES.state.GET(service)
  return { status = 200, headers = { ["content-type"] = "application/json" },
    body = service:export() }
end

function ROUTES.state.PUT(service, _, _, body)
  local done, message = service:import(body)
  return done and reply(200, service:health()) or refuse(message)
end

-- ---- requests ----------------------------------------------------------------------------------

local function header(request, name)
  for _, pair in ipairs(request.headers) do
    if text.lower(pair[1]) == name then
      return pair[2]
    end
  end
  return nil
end

--- Whether REQUEST comes from a page that may not change anything.
local function is_foreign(service, request)
  local origin = header(request, "origin")
  return origin and service.cors ~= "*" and origin ~= service.cors
    and origin:match("^https?://(.*)$") ~= header(request, "host")
end

local function query_of(target)
  local _, raw = uri.split(target)
  local query = {}
  for _, pair in ipairs(uri.pairs(raw)) do
    query[pair[1]] = uri.decode(pair[2]) or pair[2]
  end
  return query
end

--- What a browser asks before it lets another site's page call.
local function preflight(request)
  local wanted = header(request, "access-control-request-headers")
  return { status = 204, body = "", headers = {
    ["access-control-allow-methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE",
    ["access-control-allow-headers"] =
      wanted and wanted:match("^[A-Za-z0-9, -]+$") or "content-type",
    ["access-control-max-age"] = "600",
  } }
end

--- What queries may name, where a slip would change what is done.
local QUERIES = { ["POST seed"] = { account = true, region = true },
  ["GET requests"] = { limit = true, operation = true }, ["DELETE requests"] = {} }

--- What is wrong with QUERY for METHOD and the endpoint NAME, or nil.
local function wrong_query(method, name, query)
  local known = QUERIES[method .. " " .. name]
  for key in pairs(known and query or {}) do
    if not known[key] then
      return ("%s of %s knows no query %s%s"):format(method, name, key,
        names.short_hint(key, known))
    end
  end
  return nil
end

--- The value of BODY, or nil and a text.
local function value_of(body)
  local value, problem = json.decode(body)
  if value == nil then
    return nil, "The body is no JSON: " .. problem
  elseif type(value) ~= "table" or value == json.null then
    return nil, "The body must be a JSON object."
  end
  return value
end

--- The answer to REQUEST of the endpoint NAME for METHOD.
local function call(service, request, method, name)
  local body, query = request.body or "", query_of(request.target)
  local value, problem = {}, wrong_query(method, name, query)
  if not problem and body ~= "" and method ~= "PUT" then
    value, problem = value_of(body)
  end
  return problem and refuse(problem) or ROUTES[name][method](service, value, query, body)
end

--- The methods of ROUTES for an endpoint, as the header Allow has them.
local function allowed(routes)
  local list = names.sorted(routes)
  list[#list + 1] = routes.GET and "HEAD" or nil
  return table.concat(list, ", ")
end

--- Whether REQUEST is for the emulator, not for the service.
---@return boolean
function M.is_for(service, request)
  local path = uri.split(request.target)
  return path == "/" or (path .. "/"):sub(1, #M.PREFIX) == M.PREFIX
    or (service.cors ~= nil and request.method == "OPTIONS")
end

--- Lets pages of the origin that the option `cors` names read RESPONSE.
function M.allow_origin(service, response)
  if service.cors then
    response.headers["access-control-allow-origin"] = service.cors
    response.headers["access-control-expose-headers"] = "x-amzn-requestid, x-amzn-errortype, date"
    response.headers["vary"] = "origin"
  end
end

--- Answers a request for which M.is_for holds.
---@param service table
---@param request appintegrations.emulator.Request
---@return appintegrations.emulator.Response
function M.handle(service, request)
  local path = uri.split(request.target)
  local method = request.method == "HEAD" and "GET" or request.method
  local name = path:sub(#M.PREFIX + 1)
  local routes = ROUTES[name]
  if service.cors and method == "OPTIONS" then
    return preflight(request)
  elseif path == "/" then
    return method == "GET" and page.response(service)
      or errors.response(errors.new("UnknownOperationException"))
  elseif not routes then
    return reply(404, { Message = "The emulator has no such endpoint" .. names.hint(name, ROUTES) })
  elseif not routes[method] then
    local message = ("%s does not know the method %s"):format(path, method)
    local response = reply(405, { Message = message })
    response.headers.allow = allowed(routes)
    return response
  elseif method ~= "GET" and is_foreign(service, request) then
    return reply(403, { Message = "Another site's page may not do this; see --cors." })
  end
  return call(service, request, method, name)
end

return M
