-- SPDX-License-Identifier: MIT
--- Writes the facts that specs compare the module with, in a form of our own, from public data:
--
--     lua spec/data/import.lua service     service-2.json paginators-1.json
--     lua spec/data/import.lua partitions  partitions.json
--     lua spec/data/import.lua signatures  DIRECTORY       (of the public SigV4 suite)
--
-- `make data` calls all three. The module's own description has an importer of its own
-- (src/model/import.lua); this one shares its JSON reader only, so that what one of them loses is
-- found by the comparison.

package.path = "lua/?.lua;spec/data/?.lua;" .. package.path
local json = require "appintegrations.base.strict_json"
local write = require "write"
local read = require("spec.support.files").read

-- --- The service -----------------------------------------------------------------------------

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do
    set[name] = true
  end
  return set
end

local function members_of(shape, order)
  local required, members = set_of(shape.required), {}
  for i, name in ipairs(order[shape.members]) do
    local member = shape.members[name]
    members[i] = {
      name = name, shape = member.shape, location = member.location, wire = member.locationName,
      required = required[name], idempotency_token = member.idempotencyToken,
      deprecated = member.deprecated and (member.deprecatedSince or true) or nil,
    }
  end
  return members
end

local function service(service_path, paginators_path)
  local order = {}
  local public = json.decode(read(service_path), order)
  local pagination = json.decode(read(paginators_path)).pagination
  local metadata = public.metadata
  local facts = {
    id = metadata.serviceId, title = metadata.serviceFullName, version = metadata.apiVersion,
    protocol = metadata.protocol, endpoint_prefix = metadata.endpointPrefix,
    signing_name = metadata.signingName, operations = {}, shapes = {},
  }
  for i, name in ipairs(order[public.operations]) do
    local operation, errors = public.operations[name], {}
    for j, reference in ipairs(operation.errors) do
      errors[j] = reference.shape
    end
    facts.operations[i] = {
      name = name, method = operation.http.method, path = operation.http.requestUri,
      status = operation.http.responseCode, input = operation.input.shape,
      output = operation.output.shape, errors = errors, pagination = pagination[name],
    }
  end
  for i, name in ipairs(order[public.shapes]) do
    local shape = public.shapes[name]
    facts.shapes[i] = {
      name = name, type = shape.type, min = shape.min, max = shape.max, pattern = shape.pattern,
      enum = shape.enum, error_status = shape.error and shape.error.httpStatusCode,
      members = shape.members and members_of(shape, order), key = shape.key and shape.key.shape,
      member = shape.member and shape.member.shape, value = shape.value and shape.value.shape,
    }
  end
  return facts
end

-- --- The partitions --------------------------------------------------------------------------

local function partitions(path)
  local facts = {}
  for i, partition in ipairs(json.decode(read(path)).partitions) do
    local outputs = partition.outputs
    facts[i] = {
      id = partition.id, pattern = partition.regionRegex, regions = partition.regions,
      suffix = outputs.dnsSuffix, dualstack_suffix = outputs.dualStackDnsSuffix,
      fips = outputs.supportsFIPS, dualstack = outputs.supportsDualStack,
    }
  end
  return facts
end

-- --- The SigV4 suite -------------------------------------------------------------------------

--- A request as it stands in a file: request line, headers, folded lines, blank line, body.
local function parse_request(text)
  local head, body = text:match "^(.-)\n\n(.*)$"
  local lines = {}
  for line in (head or text):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  local method, target = lines[1]:match "^(%S+) (.*) HTTP/1%.1$"
  local path, query = target:match "^(.-)%?(.*)$"
  local request = { method = method, path = path or target, query = query, body = body,
    headers = {} }
  for i = 2, #lines do
    local name, value = lines[i]:match "^([^%s:]+):(.*)$"
    if name then
      table.insert(request.headers, { name, value })
    else
      local last = request.headers[#request.headers]
      last[2] = last[2] .. "\n" .. lines[i]
    end
  end
  return request
end

--- What stands in the SIGNED request and not in REQUEST: a map by lower-case names.
local function added_headers(signed, request)
  local added = {}
  for _, header in ipairs(signed.headers) do
    added[header[1]:lower()] = header[2]
  end
  for _, header in ipairs(request.headers) do
    added[header[1]:lower()] = nil
  end
  return added
end

local function signature(directory, name)
  local function file(suffix)
    return read(directory .. "/" .. name .. "/" .. suffix)
  end
  local function parts(form)
    return { canonical_request = file(form .. "-canonical-request.txt"),
      string_to_sign = file(form .. "-string-to-sign.txt"),
      signature = file(form .. "-signature.txt") }
  end
  local context, request = json.decode(file "context.json"), parse_request(file "request.txt")
  assert(context.timestamp == "2015-08-30T12:36:00Z", "every case has this time")
  local by_headers, by_query = parts "header", parts "query"
  by_headers.added = added_headers(parse_request(file "header-signed-request.txt"), request)
  by_query.query = parse_request(file "query-signed-request.txt").query
  return {
    name = name, request = request, by_headers = by_headers, by_query = by_query,
    context = {
      region = context.region, service = context.service, time = 1440938160,
      credentials = {
        access_key_id = context.credentials.access_key_id,
        secret_access_key = context.credentials.secret_access_key,
        session_token = context.credentials.token,
      },
      expires = context.expiration_in_seconds, normalize_path = context.normalize,
      sign_body_header = context.sign_body, omit_session_token = context.omit_session_token,
    },
  }
end

local function signatures(directory)
  local facts = {}
  local listing = assert(io.popen("LC_ALL=C ls '" .. directory .. "'"))
  for name in listing:lines() do
    facts[#facts + 1] = signature(directory, name)
  end
  listing:close()
  return facts
end

local kinds = { service = service, partitions = partitions, signatures = signatures }
local kind = kinds[arg[1]] or error("no such kind of data: " .. tostring(arg[1]), 0)
io.stdout:write("-- Written by spec/data/import.lua from public data.\n",
  write(kind(arg[2], arg[3])))
