-- SPDX-License-Identifier: MIT
--- An example of each operation of a description: a call, or a loop over a listing.
-- @module model.examples

local emit_tables = require "emit_tables"
local emit_types = require "emit_types"
local regex = require "regex"

local M = {}

-- Texts for the examples, by shape. Each is checked against the shape's pattern.
local EXAMPLES = {
  ApplicationName = "agent-desk",
  ApplicationNamespace = "agent-desk",
  Arn = "arn:aws:app-integrations:us-east-1:123456789012:application/"
    .. "11111111-2222-3333-4444-555555555555",
  ArnOrUUID = "11111111-2222-3333-4444-555555555555",
  ClientId = "desk-7",
  Description = "Orders of the last year",
  EventBridgeBus = "default",
  Identifier = "orders",
  Name = "orders",
  NonBlankString = "arn:aws:kms:us-east-1:123456789012:key/1234abcd",
  Source = "aws.partner/examplecorp.com",
  TagKey = "team",
  TagValue = "support",
  URL = "https://desk.example.com",
}

local function example_text(shape)
  local text = EXAMPLES[shape.name] or shape.enum and shape.enum[1] or "…"
  local pattern = shape.pattern and emit_tables.widen(shape.pattern)
  if EXAMPLES[shape.name] and pattern and not regex.match(regex.compile(pattern), text) then
    error(("the example for %s does not match its pattern"):format(shape.name), 0)
  end
  return ('"%s"'):format(text)
end

local write_value -- structures hold values

--- The members that an example shows: the required ones, and, where a call or a structure
-- would say nothing without it, the first that goes into the body.
local function example_members(members)
  local shown, has_body, first = {}, false, nil
  for _, member in ipairs(members) do
    if member.location == "body" and not first then
      first = member
    end
    if member.required then
      shown[#shown + 1] = member
      has_body = has_body or member.location == "body"
    end
  end
  if first and not has_body then
    shown[#shown + 1] = first
  end
  return shown
end

local function write_structure(out, description, shape, indent)
  local members = example_members(shape.members)
  if #members == 0 then
    out[#out] = out[#out] .. "{}"
    return
  end
  out[#out] = out[#out] .. "{"
  for _, member in ipairs(members) do
    out[#out + 1] = ("%s  %s = "):format(indent, member.name)
    write_value(out, description, member.shape, indent .. "  ")
    out[#out] = out[#out] .. ","
  end
  out[#out + 1] = indent .. "}"
end

--- Appends a value of shape NAME to the line begun in OUT.
function write_value(out, description, name, indent)
  local shape = description.shapes[name]
  if shape.type == "structure" then
    write_structure(out, description, shape, indent)
  elseif shape.type == "list" then
    out[#out] = out[#out] .. "{ "
    write_value(out, description, shape.element, indent)
    out[#out] = out[#out] .. " }"
  elseif shape.type == "map" then
    out[#out] = out[#out] .. "{ ["
    write_value(out, description, shape.key, indent)
    out[#out] = out[#out] .. "] = "
    write_value(out, description, shape.element, indent)
    out[#out] = out[#out] .. " }"
  else
    local text = shape.type == "string" and example_text(shape)
      or shape.type == "boolean" and "true" or ("%d"):format(shape.min or 1)
    out[#out] = out[#out] .. text
  end
end

--- The member of an operation's items that tells most: its name, else the first.
local function first_member(description, operation)
  local shapes = description.shapes
  for _, member in ipairs(shapes[operation.output].members) do
    if member.name == operation.pagination.result_key then
      local item = shapes[shapes[member.shape].element]
      for _, candidate in ipairs(item.members) do
        if candidate.name == "Name" then
          return "Name"
        end
      end
      return item.members[1].name
    end
  end
end

--- A call of OPERATION, or a loop over its listing, as a program would have it.
---@param description model.Description
---@param operation model.Operation
---@return string
function M.of(description, operation)
  local out = {}
  local first = 1
  if operation.pagination then
    out[first] = ("for item in client:%s "):format(emit_types.iterator_name(operation))
  else
    out[first] = ("local output, err = client:%s "):format(operation.method_name)
  end
  write_value(out, description, operation.input, "")
  if operation.pagination then
    out[#out] = out[#out] .. " do"
    out[#out + 1] = ("  print(item.%s)"):format(first_member(description, operation))
    out[#out + 1] = "end"
  end
  return table.concat(out, "\n")
end

return M
