-- SPDX-License-Identifier: MIT
--- Reads and writes the service description (appintegrations.model), the only place
-- where operations, shapes and constraints stand. The form is explained by the comment at
-- the head of that file; `M.HEADER` below is that comment.
-- @module model.description

local M = {}

---@class model.Member
---@field name string        in Lua tables
---@field shape string       name of its shape
---@field location string    "body", "label" or "query"
---@field wire string        name in the JSON body, the path template or the query
---@field required? boolean
---@field idempotency_token? boolean
---@field deprecated? boolean|string  true, or the date since when
---@field about? string      words for people; absent where the shape's own say it

---@class model.Shape
---@field name string
---@field type string        "structure", "list", "map", "string", "integer", "float",
---                          "boolean" or "timestamp"
---@field min? number        of length, count or value
---@field max? number
---@field pattern? string    verbatim
---@field enum? string[]
---@field members? model.Member[]  structures, in model order
---@field key? string        maps: name of the key's shape
---@field element? string    lists and maps: name of the value's shape
---@field status? number     errors: HTTP status
---@field about? string       words for people
---@field meanings? table<string, string>  the words of each enum value

---@class model.Operation
---@field name string        "CreateDataIntegration"
---@field method_name string "create_data_integration"
---@field http_method string
---@field uri string
---@field success number     HTTP status of success
---@field input string       name of a structure
---@field output string
---@field errors string[]    names of error shapes
---@field pagination? model.Pagination
---@field about? string       words for people

---@class model.Pagination  names of members
---@field input_token string
---@field output_token string
---@field limit_key string
---@field result_key string

---@class model.Description
---@field service table      id, title, version, protocol, endpoint_prefix, signing_name
---@field partitions table[] id, suffix, dualstack_suffix, fips, dualstack, regions, also
---@field operations model.Operation[]   sorted by name
---@field shapes table<string, model.Shape>
---@field shape_names string[]           sorted

M.HEADER = [[
# The Amazon AppIntegrations API as data. `make model` writes everything that depends on it;
# `make model-import MODEL=dir` writes this file from the public model's JSON.
#
# A block begins at the margin and goes on in indented lines. # at the margin is a comment.
#
#   partition ID            A set of regions with a DNS suffix of its own. `regions` is a
#                           pattern, `also` names regions that it does not match.
#   operation NAME          METHOD PATH -> STATUS, its input and output structures, the errors
#                           that it may answer. `pages MEMBER by TOKEN -> TOKEN limit MEMBER`:
#                           the list in the output, the members that hand the token over from
#                           output to input, the member with the size of a page.
#   structure NAME          One member a line: name, shape, traits.
#   error NAME status:N     A structure with the HTTP status of the answer.
#   list NAME of SHAPE
#   map NAME of SHAPE to SHAPE
#   string, integer, float, boolean, timestamp NAME
#
# Traits of members: required, idempotency-token, deprecated or deprecated:DATE,
# label:NAME and query:NAME (where it goes, instead of the body, and its name there),
# wire:NAME (its name in the body where that differs).
# Limits: length:MIN..MAX (code points), size:MIN..MAX (entries), range:MIN..MAX (value);
# either end may be missing. `pattern` is verbatim to the end of the line, in ECMA syntax, and
# is searched for: it matches the whole text only where it says so with ^ and $.
#
# Words: lines that begin with | say to people what stands above them, an operation, a shape or
# a member; `meaning VALUE WORDS` says it of a value of the enum. A member that has none is told
# by the words of its shape. An import keeps them, by name.
]]

-- What the limits of a type are called.
local LIMITS = {
  string = "length", list = "size", map = "size", integer = "range", float = "range",
}

local SCALARS = { "string", "integer", "float", "boolean", "timestamp" }

--- CreateDataIntegration -> create_data_integration
---@param name string
---@return string
function M.snake_case(name)
  return (name:gsub("(%u)(%u%l)", "%1_%2"):gsub("([%l%d])(%u)", "%1_%2"):lower())
end

--- Names of the shapes that SHAPE refers to, in order.
---@param shape model.Shape
---@return string[]
function M.references(shape)
  local names = {}
  for _, member in ipairs(shape.members or {}) do
    names[#names + 1] = member.shape
  end
  if shape.key then
    names[#names + 1] = shape.key
  end
  if shape.element then
    names[#names + 1] = shape.element
  end
  return names
end

-- Checking ------------------------------------------------------------------------------

local function check(condition, ...)
  if not condition then
    error(string.format(...), 0)
  end
end

--- Every reference leads somewhere, and none back: describe() shows shapes as trees.
local function check_references(shapes, shape, above)
  check(not above[shape.name], "shape %s: contains itself", shape.name)
  above[shape.name] = true
  for _, name in ipairs(M.references(shape)) do
    check(shapes[name], "shape %s: there is no shape %s", shape.name, name)
    check_references(shapes, shapes[name], above)
  end
  above[shape.name] = nil
end

--- The path's labels are exactly the required label members.
local function check_labels(operation, input)
  local labels = {}
  for _, member in ipairs(input.members) do
    if member.location == "label" then
      check(member.required, "%s.%s: a label is required", input.name, member.name)
      check(operation.uri:find("{" .. member.wire .. "}", 1, true),
        "operation %s: the path has no {%s}", operation.name, member.wire)
      labels[member.wire] = true
    end
  end
  for label in operation.uri:gmatch("{([^}]*)}") do
    check(labels[label], "operation %s: no member for {%s}", operation.name, label)
  end
end

local function has_member(structure, name)
  for _, member in ipairs(structure.members) do
    if member.name == name then
      return true
    end
  end
  return false
end

local function check_operation(description, operation)
  local function structure(name)
    local shape = description.shapes[name]
    check(shape and shape.type == "structure", "operation %s: there is no structure %s",
      operation.name, name)
    return shape
  end
  local input, output = structure(operation.input), structure(operation.output)
  check_labels(operation, input)
  for _, name in ipairs(operation.errors) do
    check(structure(name).status, "operation %s: %s is no error", operation.name, name)
  end
  local pages = operation.pagination
  if pages then
    check(has_member(input, pages.input_token) and has_member(input, pages.limit_key)
      and has_member(output, pages.output_token) and has_member(output, pages.result_key),
      "operation %s: a member of its pages is missing", operation.name)
  end
end

local function by_name(a, b)
  return a.name < b.name
end

--- Sorts and checks what the reader or the importer has put together; raises a text.
---@param description model.Description
---@return model.Description
function M.finish(description)
  description.shape_names = {}
  for name, shape in pairs(description.shapes) do
    description.shape_names[#description.shape_names + 1] = name
    check_references(description.shapes, shape, {})
  end
  table.sort(description.shape_names)
  table.sort(description.operations, by_name)
  for _, operation in ipairs(description.operations) do
    operation.method_name = M.snake_case(operation.name)
    check_operation(description, operation)
  end
  return description
end

-- Reading -------------------------------------------------------------------------------

--- "1..50", "..256", "0.." -> limits of SHAPE
local function read_limits(shape, text)
  local min, max = text:match("^(%-?%d*)%.%.(%-?%d*)$")
  check(min and min .. max ~= "", "limits are MIN..MAX, not %q", text)
  shape.min, shape.max = tonumber(min), tonumber(max)
end

--- Adds a line of words to those of OBJECT.
local function read_words(object, words)
  object.about = object.about and object.about .. " " .. words or words
end

local function read_member(structure, line)
  local name, shape, traits = line:match("^(%w+)%s+(%w+)%s*(.*)$")
  check(name, "a member is: name, shape, traits")
  check(not has_member(structure, name), "member %s stands twice", name)
  local member = { name = name, shape = shape, location = "body", wire = name }
  for trait in traits:gmatch("%S+") do
    local key, value = trait:match("^([%a-]+):?(.*)$")
    if (key == "label" or key == "query") and value ~= "" then
      member.location, member.wire = key, value
    elseif key == "wire" and value ~= "" then
      member.wire = value
    elseif key == "deprecated" then
      member.deprecated = value ~= "" and value or true
    elseif trait == "required" then
      member.required = true
    elseif trait == "idempotency-token" then
      member.idempotency_token = true
    else
      check(false, "there is no trait %q", trait)
    end
  end
  table.insert(structure.members, member)
end

--- A block's reader takes the words after its keyword and gives the block's object and a
--- function for its indented lines.
local BLOCKS = {}

local function new_shape(description, name, fields)
  check(name and not description.shapes[name], "shape %s stands twice", name)
  fields.name = name
  description.shapes[name] = fields
  return fields
end

local function read_fields(block, known)
  return function(line)
    local about = line:match("^|%s*(.-)%s*$")
    if about then
      return read_words(block, about)
    end
    local key, value = line:match("^([%a-]+)%s+(.*)$")
    check(known[key], "there is no field %q here", tostring(key))
    known[key](block, value)
  end
end

local function text_field(name)
  return function(block, value)
    block[name] = value
  end
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

local SERVICE_FIELDS = {
  title = text_field("title"),
  version = text_field("version"),
  protocol = text_field("protocol"),
  ["endpoint-prefix"] = text_field("endpoint_prefix"),
  ["signing-name"] = text_field("signing_name"),
}

function BLOCKS.service(description, id)
  description.service = { id = id }
  return read_fields(description.service, SERVICE_FIELDS)
end

local PARTITION_FIELDS = {
  suffix = text_field("suffix"),
  ["dualstack-suffix"] = text_field("dualstack_suffix"),
  regions = text_field("regions"),
  also = function(partition, value)
    partition.also = words(value)
  end,
  supports = function(partition, value)
    for _, word in ipairs(words(value)) do
      partition[word] = true
    end
  end,
}

function BLOCKS.partition(description, id)
  local partition = { id = id, fips = false, dualstack = false, also = {} }
  table.insert(description.partitions, partition)
  return read_fields(partition, PARTITION_FIELDS)
end

local function read_pages(operation, value)
  local result, output, input, limit = value:match("^(%w+) by (%w+) %-> (%w+) limit (%w+)$")
  check(result, "pages are: MEMBER by TOKEN -> TOKEN limit MEMBER")
  operation.pagination =
    { input_token = input, output_token = output, limit_key = limit, result_key = result }
end

local OPERATION_FIELDS = {
  input = text_field("input"),
  output = text_field("output"),
  errors = function(operation, value)
    operation.errors = words(value)
  end,
  pages = read_pages,
}

for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" } do
  OPERATION_FIELDS[method] = function(operation, value)
    local uri, status = value:match("^(/%S*) %-> (%d+)$")
    check(uri, "expected METHOD PATH -> STATUS")
    operation.http_method, operation.uri = method, uri
    operation.success = tonumber(status)
  end
end

function BLOCKS.operation(description, name)
  local operation = { name = name, errors = {} }
  table.insert(description.operations, operation)
  return read_fields(operation, OPERATION_FIELDS)
end

function BLOCKS.structure(description, name)
  local shape = new_shape(description, name, { type = "structure", members = {} })
  return function(line)
    local about = line:match("^|%s*(.-)%s*$")
    if about then
      read_words(shape.members[#shape.members] or shape, about)
    else
      read_member(shape, line)
    end
  end
end

function BLOCKS.error(description, rest)
  local name, status = rest:match("^(%w+) status:(%d+)$")
  local read = BLOCKS.structure(description, name)
  description.shapes[name].status = tonumber(status)
  return read
end

local STRING_FIELDS = {
  pattern = text_field("pattern"),
  enum = function(shape, value)
    shape.enum = words(value)
  end,
  meaning = function(shape, text)
    local value, about = text:match("^(%S+)%s+(.*)$")
    check(value, "a meaning is: VALUE WORDS")
    shape.meanings = shape.meanings or {}
    shape.meanings[value] = about
  end,
}

--- A shape on one line: REST without its limits, which it must not have twice.
local function read_shape(description, kind, rest, layout)
  local head, limits = rest, nil
  if LIMITS[kind] then
    head, limits = rest:match("^(.-)%s+" .. LIMITS[kind] .. ":(%S+)$")
  end
  local name, first, second = (head or rest):match(layout)
  check(name, "this is no %s: %q", kind, rest)
  local shape = new_shape(description, name, { type = kind })
  if limits then
    read_limits(shape, limits)
  end
  return shape, first, second
end

function BLOCKS.list(description, rest)
  local shape, element = read_shape(description, "list", rest, "^(%w+) of (%w+)$")
  shape.element = element
  return read_fields(shape, {})
end

function BLOCKS.map(description, rest)
  local shape, key, element =
    read_shape(description, "map", rest, "^(%w+) of (%w+) to (%w+)$")
  shape.key, shape.element = key, element
  return read_fields(shape, {})
end

for _, kind in ipairs(SCALARS) do
  BLOCKS[kind] = function(description, rest)
    local shape = read_shape(description, kind, rest, "^(%w+)$")
    return read_fields(shape, kind == "string" and STRING_FIELDS or {})
  end
end

--- Reads TEXT; raises "FILE:LINE: what" for a mistake in it.
---@param text string
---@param file? string  name for messages
---@return model.Description
function M.parse(text, file)
  local description = { partitions = {}, operations = {}, shapes = {} }
  local number, read = 0, nil
  local function read_line(line)
    local indented = line:match("^%s+(%S.*)$")
    if indented then
      check(read, "an indented line belongs to a block")
      read(indented)
    elseif line:find("^%w") then
      local keyword, rest = line:match("^(%w+)%s+(.*)$")
      check(BLOCKS[keyword], "there is no block %q", tostring(keyword))
      read = BLOCKS[keyword](description, rest)
    else
      check(line == "" or line:find("^#"), "neither a block nor a comment")
    end
  end
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    local ok, message = pcall(read_line, line)
    check(ok, "%s:%d: %s", file or "description", number, message)
  end
  return M.finish(description)
end

---@param path string
---@return model.Description
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return M.parse(text, path)
end

-- Writing -------------------------------------------------------------------------------

local function integer(value)
  return value and ("%d"):format(value) or ""
end

local function limits_of(shape)
  if not (shape.min or shape.max) then
    return ""
  end
  return (" %s:%s..%s"):format(LIMITS[shape.type], integer(shape.min), integer(shape.max))
end

local function traits_of(member)
  local traits = {}
  if member.required then
    traits[#traits + 1] = "required"
  end
  if member.location ~= "body" then
    traits[#traits + 1] = member.location .. ":" .. member.wire
  elseif member.wire ~= member.name then
    traits[#traits + 1] = "wire:" .. member.wire
  end
  if member.idempotency_token then
    traits[#traits + 1] = "idempotency-token"
  end
  if member.deprecated then
    traits[#traits + 1] = member.deprecated == true and "deprecated"
      or "deprecated:" .. member.deprecated
  end
  return table.concat(traits, " ")
end

-- The columns that words fill.
local WIDTH = 98

--- The lines of an object's words, wrapped.
local function write_words(out, about, indent)
  local line = indent .. "|"
  for word in (about or ""):gmatch("%S+") do
    if #line + 1 + #word > WIDTH then
      out[#out + 1] = line
      line = indent .. "|"
    end
    line = line .. " " .. word
  end
  out[#out + 1] = about and line or nil
end

local function write_members(out, members)
  local name_width, shape_width = 0, 0
  for _, member in ipairs(members) do
    name_width = math.max(name_width, #member.name)
    shape_width = math.max(shape_width, #member.shape)
  end
  local layout = ("  %%-%ds  %%-%ds  %%s"):format(name_width, shape_width)
  for _, member in ipairs(members) do
    local line = layout:format(member.name, member.shape, traits_of(member))
    out[#out + 1] = (line:gsub("%s+$", ""))
    write_words(out, member.about, "    ")
  end
end

local WRITERS = {}

function WRITERS.structure(out, shape)
  out[#out + 1] = shape.status and ("error %s status:%d"):format(shape.name, shape.status)
    or "structure " .. shape.name
  write_words(out, shape.about, "  ")
  write_members(out, shape.members)
  out[#out + 1] = ""
end

function WRITERS.list(out, shape)
  out[#out + 1] = ("list %s of %s%s"):format(shape.name, shape.element, limits_of(shape))
  write_words(out, shape.about, "  ")
end

function WRITERS.map(out, shape)
  out[#out + 1] = ("map %s of %s to %s%s"):format(shape.name, shape.key, shape.element,
    limits_of(shape))
  write_words(out, shape.about, "  ")
end

local function write_scalar(out, shape)
  out[#out + 1] = shape.type .. " " .. shape.name .. limits_of(shape)
  write_words(out, shape.about, "  ")
  if shape.enum then
    out[#out + 1] = "  enum " .. table.concat(shape.enum, " ")
  end
  for _, value in ipairs(shape.meanings and shape.enum or {}) do
    if shape.meanings[value] then
      out[#out + 1] = ("  meaning %s %s"):format(value, shape.meanings[value])
    end
  end
  if shape.pattern then
    out[#out + 1] = "  pattern " .. shape.pattern
  end
end

local function write_service(out, service)
  out[#out + 1] = "service " .. service.id
  out[#out + 1] = "  title " .. service.title
  out[#out + 1] = "  version " .. service.version
  out[#out + 1] = "  protocol " .. service.protocol
  out[#out + 1] = "  endpoint-prefix " .. service.endpoint_prefix
  out[#out + 1] = "  signing-name " .. service.signing_name
  out[#out + 1] = ""
end

local function write_partition(out, partition)
  local supports = {}
  supports[#supports + 1] = partition.fips and "fips" or nil
  supports[#supports + 1] = partition.dualstack and "dualstack" or nil
  out[#out + 1] = "partition " .. partition.id
  out[#out + 1] = "  suffix " .. partition.suffix
  out[#out + 1] = "  dualstack-suffix " .. partition.dualstack_suffix
  if #supports > 0 then
    out[#out + 1] = "  supports " .. table.concat(supports, " ")
  end
  out[#out + 1] = "  regions " .. partition.regions
  if #partition.also > 0 then
    out[#out + 1] = "  also " .. table.concat(partition.also, " ")
  end
  out[#out + 1] = ""
end

local function write_operation(out, operation)
  local pages = operation.pagination
  out[#out + 1] = "operation " .. operation.name
  write_words(out, operation.about, "  ")
  out[#out + 1] = ("  %s %s -> %d"):format(operation.http_method, operation.uri,
    operation.success)
  out[#out + 1] = "  input " .. operation.input
  out[#out + 1] = "  output " .. operation.output
  if #operation.errors > 0 then
    out[#out + 1] = "  errors " .. table.concat(operation.errors, " ")
  end
  if pages then
    out[#out + 1] = ("  pages %s by %s -> %s limit %s"):format(pages.result_key,
      pages.output_token, pages.input_token, pages.limit_key)
  end
  out[#out + 1] = ""
end

local function write_shapes(out, description, wanted)
  for _, name in ipairs(description.shape_names) do
    local shape = description.shapes[name]
    if wanted(shape) then
      (WRITERS[shape.type] or write_scalar)(out, shape)
    end
  end
  if out[#out] ~= "" then
    out[#out + 1] = ""
  end
end

--- What stands for MEMBER in words: its own, or those of its shape.
---@param description model.Description
---@param member model.Member
---@return string?
function M.words(description, member)
  return member.about or description.shapes[member.shape].about
end

local function copy_words(from, to)
  to.about = from and from.about
end

--- Gives to DESCRIPTION, by name, the words that FORMER has.
---@param description model.Description
---@param former model.Description
---@return model.Description
function M.keep_words(description, former)
  local operations = {}
  for _, operation in ipairs(former.operations) do
    operations[operation.name] = operation
  end
  for _, operation in ipairs(description.operations) do
    copy_words(operations[operation.name], operation)
  end
  for name, shape in pairs(description.shapes) do
    local old, members = former.shapes[name], {}
    copy_words(old, shape)
    shape.meanings = shape.enum and old and old.meanings or nil
    for _, member in ipairs(old and old.members or {}) do
      members[member.name] = member
    end
    for _, member in ipairs(shape.members or {}) do
      copy_words(members[member.name], member)
    end
  end
  return description
end

--- What has no words: "DeleteApplication", "TagResourceRequest.tags", "ExecutionMode:ON_DEMAND".
---@param description model.Description
---@return string[]  sorted
function M.wordless(description)
  local missing = {}
  for _, operation in ipairs(description.operations) do
    missing[#missing + 1] = not operation.about and operation.name or nil
  end
  for _, name in ipairs(description.shape_names) do
    local shape = description.shapes[name]
    for _, member in ipairs(shape.members or {}) do
      missing[#missing + 1] = not M.words(description, member)
        and ("%s.%s"):format(name, member.name) or nil
    end
    for _, value in ipairs(shape.enum or {}) do
      missing[#missing + 1] = not (shape.meanings and shape.meanings[value])
        and ("%s:%s"):format(name, value) or nil
    end
  end
  table.sort(missing)
  return missing
end

--- The text of DESCRIPTION: M.parse gives the same back.
---@param description model.Description
---@return string
function M.write(description)
  local out = { M.HEADER }
  write_service(out, description.service)
  for _, partition in ipairs(description.partitions) do
    write_partition(out, partition)
  end
  for _, operation in ipairs(description.operations) do
    write_operation(out, operation)
  end
  write_shapes(out, description, function(shape)
    return shape.type == "structure" and not shape.status
  end)
  write_shapes(out, description, function(shape)
    return shape.status
  end)
  for _, kind in ipairs { "list", "map", "string", "integer", "float", "boolean",
    "timestamp" } do
    write_shapes(out, description, function(shape)
      return shape.type == kind
    end)
  end
  return (table.concat(out, "\n"):gsub("\n+$", "\n"))
end

return M
