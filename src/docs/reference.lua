-- SPDX-License-Identifier: MIT
--- The reference of the service as Markdown, from its description: a page of the operations, one
-- of the shapes.
-- @module docs.reference

local emit_types = require "emit_types"
local examples = require "examples"
local markdown = require "markdown"

local M = {}

local prose = markdown.literal

local OPERATIONS = [[
# Operations

%s, version %s: %d operations.

Every operation is a method of the client. It takes a table with the members below and returns
a table with the members of its output and a [meta](options.md#meta), or `nil` and an
[error](errors.md) whose `code` is one of those listed (or one of the client's own). After the
parameters each takes [options](options.md#calloptions).
]]

local SHAPES = [[
# Shapes

What the members of inputs and outputs are made of. Lengths are counted in Unicode code points. A
pattern is searched for in the text, unless it begins with `^` and ends with `$`; where it says
`arn:aws:`, an ARN of any partition passes. Which rules stop a call and which only advise:
[Validation](calls.md#validation).
]]

local SIMPLE = { string = true, integer = true, float = true, boolean = true, timestamp = true }

local function code(text)
  return "`" .. text .. "`"
end

local function link(name)
  return ("[%s](shapes.md#%s)"):format(name, name:lower())
end

--- "list of [Publication](shapes.md#publication)"
local function type_text(description, name)
  local shape = description.shapes[name]
  if shape.type == "structure" then
    return link(name)
  elseif shape.type == "list" then
    return "list of " .. type_text(description, shape.element)
  elseif shape.type == "map" then
    return ("map of %s to %s"):format(type_text(description, shape.key),
      type_text(description, shape.element))
  elseif shape.enum or shape.pattern or shape.min or shape.max then
    return link(name)
  end
  return shape.type
end

--- "Sent in the path." where a member is not sent in the body.
local function place_text(member)
  return member.location == "label" and " Sent in the path."
    or member.location == "query" and (" Sent in the query as %s."):format(code(member.wire)) or ""
end

--- A table of members, under the head TITLE.
local function write_members(out, description, title, members, is_input)
  out[#out + 1] = ("| %s | Type | What it is |"):format(title)
  out[#out + 1] = "|---|---|---|"
  for _, member in ipairs(members) do
    local limits = is_input and not SIMPLE[description.shapes[member.shape].type]
    out[#out + 1] = ("| %s | %s | %s%s%s |"):format(code(member.name),
      type_text(description, member.shape), is_input and member.required and "**Required.** " or "",
      prose(emit_types.member_text(description, member, limits)),
      is_input and place_text(member) or "")
  end
  out[#out + 1] = ""
end

local function write_operation(out, description, operation)
  local errors = {}
  for i, name in ipairs(operation.errors) do
    errors[i] = ("[%s](troubleshooting.md#%s)"):format(code(name), name:lower())
  end
  out[#out + 1] = "## " .. operation.method_name .. "\n"
  out[#out + 1] = prose(operation.about) .. "\n"
  out[#out + 1] = "```lua\n" .. examples.of(description, operation) .. "\n```\n"
  local input = description.shapes[operation.input].members
  local output = description.shapes[operation.output].members
  if #input > 0 then
    write_members(out, description, "Parameter", input, true)
  end
  if #output > 0 then
    write_members(out, description, "Output", output, false)
  else
    out[#out + 1] = "The output is an empty table.\n"
  end
  out[#out + 1] = ("Errors: %s. In the API: %s, %s.\n"):format(table.concat(errors, ", "),
    operation.name, code(operation.http_method .. " " .. operation.uri))
end

--- The page of the operations.
---@param description model.Description
---@return string
function M.operations(description)
  local service = description.service
  local out = { OPERATIONS:format(service.title, service.version, #description.operations) }
  for _, operation in ipairs(description.operations) do
    write_operation(out, description, operation)
  end
  return table.concat(out, "\n")
end

local function write_scalar(out, shape)
  local limits = emit_types.limits_text(shape)
  out[#out + 1] = ("%s %s%s%s\n"):format(shape.type == "integer" and "An" or "A", shape.type,
    limits and ", " .. limits or "", shape.enum and ", one of:" or ".")
  for _, value in ipairs(shape.enum or {}) do
    local meaning = shape.meanings and shape.meanings[value]
    out[#out + 1] = ("* %s%s"):format(code(value), meaning and ": " .. prose(meaning) or "")
  end
  out[#out + 1] = shape.enum and "" or nil
  if shape.pattern then
    out[#out + 1] = "```text\n" .. shape.pattern .. "\n```\n"
  end
end

local function write_shape(out, description, shape)
  out[#out + 1] = "## " .. shape.name .. "\n"
  if shape.about then
    out[#out + 1] = prose(shape.about) .. "\n"
  end
  if shape.type == "structure" then
    write_members(out, description, "Member", shape.members, true)
  else
    write_scalar(out, shape)
  end
end

--- The page of the shapes: structures below the inputs and outputs, and scalars with limits.
---@param description model.Description
---@return string
function M.shapes(description)
  local out, described = { SHAPES }, {}
  for _, operation in ipairs(description.operations) do
    described[operation.input], described[operation.output] = true, true
  end
  for _, name in ipairs(description.shape_names) do
    local shape = description.shapes[name]
    local limited = SIMPLE[shape.type] and (shape.enum or shape.pattern or shape.min or shape.max)
    if limited or shape.type == "structure" and not described[name] and not shape.status then
      write_shape(out, description, shape)
    end
  end
  return table.concat(out, "\n")
end

return M
