-- SPDX-License-Identifier: MIT
--- Writes the description from the public model's JSON:
--   lua src/model/import.lua service-2.json paginators-1.json partitions.json [DESCRIPTION]
-- The words of the former DESCRIPTION are kept; what has none is told on standard error.
-- What the core cannot carry (a blob, a header, a stream, …) stops the import with the
-- shape and the member: a trait that is dropped in silence would be a wrong request later.
-- @module model.import

-- As a program it finds its neighbours beside itself, and the module's sources.
local directory = arg and arg[0] and arg[0]:match("^(.*/)import%.lua$")
if directory then
  package.path = directory .. "?.lua;" .. directory .. "../../lua/?.lua;" .. package.path
end

local description = require "description"
local json = require "appintegrations.base.strict_json"
local regex = require "regex"

local M = {}

-- Types of the public model, and ours. All others are unsupported.
local TYPES = {
  structure = "structure", list = "list", map = "map", string = "string",
  integer = "integer", long = "integer", float = "float", double = "float",
  boolean = "boolean", timestamp = "timestamp",
}

local LOCATIONS = { uri = "label", querystring = "query" }

-- Traits that are read or that mean nothing to a client of this form. `box` tells nullable
-- from zero in other languages; exceptions and faults are known by their status.
local KNOWN = {
  operation = { "name", "http", "input", "output", "errors", "documentation", "idempotent",
    "readonly" },
  http = { "method", "requestUri", "responseCode" },
  shape = { "type", "members", "required", "member", "key", "value", "min", "max", "pattern",
    "enum", "error", "exception", "fault", "documentation", "box" },
  member = { "shape", "location", "locationName", "idempotencyToken", "deprecated",
    "deprecatedSince", "deprecatedMessage", "documentation", "box" },
  reference = { "shape", "documentation" },
}

for _, names in pairs(KNOWN) do
  for _, name in ipairs(names) do
    names[name] = true
  end
end

local function fail(...)
  error(string.format(...), 0)
end

--- What TEXT holds, and the keys of each object in their order: members have one. The model has
--- no null and no key twice.
local function decode(text)
  local order = {}
  local value, problem = json.decode(text, order)
  if value == nil then
    fail("%s", problem)
  end
  for object, keys in pairs(order) do
    local seen = {}
    for _, key in ipairs(keys) do
      if seen[key] or object[key] == json.null then
        fail("key %q %s", key, seen[key] and "stands twice" or "is null")
      end
      seen[key] = true
    end
  end
  return value, order
end

--- Stops at a key of OBJECT that is not in KNOWN[kind]. In sorted order, for one message.
local function refuse_unknown(object, kind, where)
  local unknown = {}
  for key in pairs(object) do
    if not KNOWN[kind][key] then
      unknown[#unknown + 1] = key
    end
  end
  table.sort(unknown)
  if unknown[1] then
    fail("%s: unsupported trait %q", where, unknown[1])
  end
end

local function reference(object, where)
  refuse_unknown(object, "reference", where)
  return object.shape
end

--- An enum value or a name, which the line-based form cannot quote.
local function word(text, where)
  if not text:find("^%S+$") then
    fail("%s: %q is not one word", where, text)
  end
  return text
end

local function import_member(name, public, required, where)
  refuse_unknown(public, "member", where)
  local location = "body"
  if public.location then
    location = LOCATIONS[public.location]
      or fail("%s: unsupported location %q", where, public.location)
  end
  return {
    name = name,
    shape = public.shape,
    location = location,
    wire = word(public.locationName or name, where),
    required = required or nil,
    idempotency_token = public.idempotencyToken or nil,
    deprecated = public.deprecated and (public.deprecatedSince or true) or nil,
  }
end

local function import_members(name, public, order)
  local required, members = {}, {}
  for _, member_name in ipairs(public.required or {}) do
    required[member_name] = true
  end
  for _, member_name in ipairs(order[public.members]) do
    members[#members + 1] = import_member(member_name, public.members[member_name],
      required[member_name], ("shape %s, member %s"):format(name, member_name))
  end
  return members
end

local function import_shape(name, public, order)
  local where = "shape " .. name
  refuse_unknown(public, "shape", where)
  local shape = {
    name = name,
    type = TYPES[public.type] or fail("%s: unsupported type %q", where, public.type),
    min = public.min,
    max = public.max,
    pattern = public.pattern,
    status = public.error and public.error.httpStatusCode,
  }
  if public.pattern and public.pattern:find("[\r\n]") then
    fail("%s: a pattern on several lines", where)
  end
  if public.enum then
    shape.enum = {}
    for i, value in ipairs(public.enum) do
      shape.enum[i] = word(value, where)
    end
  end
  if shape.type == "structure" then
    shape.members = import_members(name, public, order)
  elseif shape.type == "list" then
    shape.element = reference(public.member, where .. ", its member")
  elseif shape.type == "map" then
    shape.key = reference(public.key, where .. ", its key")
    shape.element = reference(public.value, where .. ", its value")
  end
  return shape
end

local function import_operation(name, public, pagination)
  local where = "operation " .. name
  refuse_unknown(public, "operation", where)
  refuse_unknown(public.http, "http", where)
  if not public.input or not public.output then
    fail("%s: without input or output", where)
  end
  local errors = {}
  for i, public_error in ipairs(public.errors or {}) do
    errors[i] = reference(public_error, where)
  end
  return {
    name = name,
    http_method = public.http.method,
    uri = public.http.requestUri,
    success = public.http.responseCode or 200,
    input = reference(public.input, where),
    output = reference(public.output, where),
    errors = errors,
    pagination = pagination and {
      input_token = pagination.input_token,
      output_token = pagination.output_token,
      limit_key = pagination.limit_key,
      result_key = pagination.result_key,
    },
  }
end

local function import_partition(public)
  local outputs = public.outputs
  local matcher = regex.compile(public.regionRegex)
  local also = {}
  for _, region in ipairs(public.regions) do
    if not regex.match(matcher, region) then
      also[#also + 1] = region
    end
  end
  return {
    id = public.id,
    suffix = outputs.dnsSuffix,
    dualstack_suffix = outputs.dualStackDnsSuffix,
    fips = outputs.supportsFIPS,
    dualstack = outputs.supportsDualStack,
    regions = public.regionRegex,
    also = also,
  }
end

local function import_service(metadata)
  if metadata.protocol ~= "rest-json" then
    fail("unsupported protocol %q", tostring(metadata.protocol))
  end
  return {
    id = metadata.serviceId,
    title = metadata.serviceFullName,
    version = metadata.apiVersion,
    protocol = metadata.protocol,
    endpoint_prefix = metadata.endpointPrefix,
    signing_name = metadata.signingName or metadata.endpointPrefix,
  }
end

--- The description that three texts of JSON amount to; raises a text naming what is wrong.
---@param service_text string     service-2.json
---@param paginators_text string  paginators-1.json
---@param partitions_text string  partitions.json
---@return model.Description
function M.import(service_text, paginators_text, partitions_text)
  local public, order = decode(service_text)
  local pagination = decode(paginators_text).pagination
  local result = {
    service = import_service(public.metadata),
    partitions = {},
    operations = {},
    shapes = {},
  }
  for i, partition in ipairs(decode(partitions_text).partitions) do
    result.partitions[i] = import_partition(partition)
  end
  for i, name in ipairs(order[public.operations]) do
    result.operations[i] = import_operation(name, public.operations[name], pagination[name])
  end
  for _, name in ipairs(order[public.shapes]) do
    result.shapes[name] = import_shape(name, public.shapes[name], order)
  end
  return description.finish(result)
end

local function read(path)
  local file, message = io.open(path, "rb")
  if not file then
    fail("%s", message)
  end
  local text = file:read("*a")
  file:close()
  return text
end

local function main()
  if #arg < 3 or #arg > 4 then
    fail("usage: import.lua service-2.json paginators-1.json partitions.json [DESCRIPTION]")
  end
  local result = M.import(read(arg[1]), read(arg[2]), read(arg[3]))
  if arg[4] then
    description.keep_words(result, description.read(arg[4]))
    for _, name in ipairs(description.wordless(result)) do
      io.stderr:write("import: no words yet for ", name, "\n")
    end
  end
  io.stdout:write(description.write(result))
end

if directory then
  local ok, message = pcall(main)
  if not ok then
    io.stderr:write("import: ", message, "\n")
    os.exit(1)
  end
end

return M
