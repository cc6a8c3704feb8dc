-- SPDX-License-Identifier: MIT
--- The facts of spec/data in the form of the public JSON, for the importer's specs.
--
--     public_model.service()      -- text of a service-2.json
--     public_model.paginators()
--     public_model.partitions()

local M = {}

local service = require "spec.data.service"

local function string_text(text)
  return '"' .. text:gsub('[%c"\\]', function(byte)
    return ("\\u%04x"):format(byte:byte())
  end) .. '"'
end

local function scalar_text(value)
  return type(value) == "string" and string_text(value) or tostring(value)
end

--- An object of PAIRS, { name, text } each, whose order is kept; those without text are left out.
local function object(pairs_in_order)
  local parts = {}
  for _, pair in ipairs(pairs_in_order) do
    if pair[2] then
      parts[#parts + 1] = string_text(pair[1]) .. ": " .. pair[2]
    end
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

--- An object of the scalars that RECORD has, by their public NAMES, and MORE pairs.
local function record_object(record, names, more)
  local fields = {}
  for name, public in pairs(names) do
    fields[#fields + 1] = { public, record[name] ~= nil and scalar_text(record[name]) }
  end
  for _, pair in ipairs(more or {}) do
    fields[#fields + 1] = pair
  end
  return object(fields)
end

local function array(list, write)
  local parts = {}
  for i, item in ipairs(list) do
    parts[i] = write(item)
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

--- An object of what WRITE makes of each RECORD, by the records' names, in their order.
local function by_name(records, write)
  local fields = {}
  for i, record in ipairs(records) do
    fields[i] = { record.name, write(record) }
  end
  return object(fields)
end

local function reference(name)
  return name and object { { "shape", string_text(name) } }
end

local function member_text(member)
  return record_object(member, { shape = "shape", location = "location", wire = "locationName",
    idempotency_token = "idempotencyToken" }, {
    { "deprecated", member.deprecated and "true" },
    { "deprecatedSince", type(member.deprecated) == "string" and string_text(member.deprecated) },
  })
end

local function required_of(members)
  local names = {}
  for _, member in ipairs(members or {}) do
    if member.required then
      names[#names + 1] = member.name
    end
  end
  return names[1] and array(names, string_text)
end

local function shape_text(shape)
  return record_object(shape, { type = "type", min = "min", max = "max", pattern = "pattern" }, {
    { "enum", shape.enum and array(shape.enum, string_text) },
    { "error", shape.error_status
      and object { { "httpStatusCode", scalar_text(shape.error_status) } } },
    { "required", required_of(shape.members) },
    { "members", shape.members and by_name(shape.members, member_text) },
    { "member", reference(shape.member) },
    { "key", reference(shape.key) },
    { "value", reference(shape.value) },
  })
end

local function operation_text(operation)
  return record_object(operation, { name = "name" }, {
    { "http", record_object(operation, { method = "method", path = "requestUri",
      status = "responseCode" }) },
    { "input", reference(operation.input) },
    { "output", reference(operation.output) },
    { "errors", array(operation.errors, reference) },
  })
end

function M.service()
  return object {
    { "metadata", record_object(service, { id = "serviceId", title = "serviceFullName",
      version = "apiVersion", protocol = "protocol", endpoint_prefix = "endpointPrefix",
      signing_name = "signingName" }) },
    { "operations", by_name(service.operations, operation_text) },
    { "shapes", by_name(service.shapes, shape_text) },
  }
end

function M.paginators()
  local fields = {}
  for _, operation in ipairs(service.operations) do
    fields[#fields + 1] = { operation.name, operation.pagination
      and record_object(operation.pagination, { input_token = "input_token",
        output_token = "output_token", limit_key = "limit_key", result_key = "result_key" }) }
  end
  return object { { "pagination", object(fields) } }
end

function M.partitions()
  return object { { "partitions", array(require "spec.data.partitions", function(partition)
    return record_object(partition, { id = "id", pattern = "regionRegex" }, {
      { "outputs", record_object(partition, { suffix = "dnsSuffix",
        dualstack_suffix = "dualStackDnsSuffix", fips = "supportsFIPS",
        dualstack = "supportsDualStack" }) },
      { "regions", array(partition.regions, string_text) },
    })
  end) } }
end

return M
