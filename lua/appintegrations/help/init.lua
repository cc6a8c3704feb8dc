-- SPDX-License-Identifier: MIT
--- What this version knows, as text for people: operations with their members, shapes, error
-- codes, the module's functions and option tables. The words come from the service description;
-- they are loaded with this file, at the first question.
--
--     print(client:help())
--     print(client:help "create_data_integration")
--     print(appintegrations.help "FileConfiguration")
-- @module appintegrations.help

local text_of = require "appintegrations.base.text"
local advice = require "appintegrations.help.advice"
local core = require "appintegrations.core"
local names = require "appintegrations.base.names"
local words = require "appintegrations.help.words"

local M = {}

local WIDTH = 88

-- What the module itself has; a spec compares the names.
local FUNCTIONS = {
  { "client", "client([options])", "A client for one region and one set of credentials; "
    .. 'help "Options" lists its options.' },
  { "loop", "loop([options])", "A loop, on which many calls go on at once; "
    .. 'help "LoopOptions".' },
  { "stub", "stub(client)", "Puts a test's answers in the place of the client's calls." },
  { "describe", "describe(operation)", "What the model says of an operation, as tables." },
  { "operations", "operations()", "The names of all operations, sorted." },
  { "is_error", "is_error(value [, code])", "Whether a value is an error object (of this code)." },
  { "check", "check(result, err, …)", "assert with a position, the same on every Lua." },
  { "json", "json(output)", "An output or a description as JSON, by its shape." },
  { "help", "help([name])", "This." },
}

-- What is to be required by itself; the site of the documents has a page for each.
local MODULES = {
  { "log", "Ready loggers: stderr(level), jsonl(file, level), to(write, level)." },
  { "emulator", "The service as an object in this process, for tests: new { … }." },
  { "sigv4", "Signing for any AWS service: sign(request, context), presign(request, context)." },
}

-- Patterns that tell a person nothing: anything, and anything but blanks.
local OBVIOUS = { [".*"] = true, [".*\\S.*"] = true, ["^.*$"] = true }

-- ---- text --------------------------------------------------------------------------------

--- Appends TEXT in lines of at most WIDTH columns; the first begins with HEAD, the others with
-- as many spaces as INDENT has.
local function wrap(lines, head, text, indent)
  local line = head
  local empty = true
  for word in text:gmatch("%S+") do
    if not empty and #line + 1 + #word > WIDTH then
      lines[#lines + 1] = line
      line, empty = (" "):rep(indent), true
    end
    line = empty and line .. word or line .. " " .. word
    empty = false
  end
  lines[#lines + 1] = text_of.trim_end(line)
end

local function add(lines, layout, ...)
  lines[#lines + 1] = layout:format(...)
end

local function indented(lines, text)
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line ~= "" and "  " .. line or ""
  end
end

-- ---- shapes ------------------------------------------------------------------------------

--- What is called "Publication[]" or "map of string to string".
local function type_text(shape)
  if shape.type == "structure" then
    return shape.shape
  elseif shape.type == "list" then
    return "list of " .. type_text(shape.member)
  elseif shape.type == "map" then
    return ("map of %s to %s"):format(type_text(shape.key), type_text(shape.value))
  elseif shape.enum then
    return '"' .. table.concat(shape.enum, '" | "') .. '"'
  end
  return shape.type == "timestamp" and "number (epoch seconds)" or shape.type
end

local UNITS = { string = " characters", list = " entries", map = " entries" }

local function limits_text(shape)
  local unit = UNITS[shape.type] or ""
  if shape.min and shape.max and (shape.min > 0 or unit == "") then
    return ("%d to %d%s"):format(shape.min, shape.max, unit)
  elseif shape.max then
    return ("at most %d%s"):format(shape.max, unit)
  end
  return shape.min and shape.min > 0 and ("at least %d%s"):format(shape.min, unit) or nil
end

--- "string, 1 to 255 characters, required"
local function traits_text(member, is_input)
  local parts = { type_text(member) }
  parts[#parts + 1] = is_input and limits_text(member) or nil
  parts[#parts + 1] = is_input and member.required and "required" or nil
  if member.deprecated then
    parts[#parts + 1] = member.deprecated == true and "deprecated"
      or "deprecated since " .. member.deprecated
  end
  return table.concat(parts, ", ")
end

--- The members of a structure: name, what it is, words.
local function add_members(lines, shape, is_input)
  local about = words.shapes[shape.shape] and words.shapes[shape.shape].members or {}
  for _, name in ipairs(shape.order) do
    local member = shape.members[name]
    add(lines, "  %s  %s", name, traits_text(member, is_input))
    wrap(lines, "      ", about[name] or "", 6)
    if is_input and member.pattern and not OBVIOUS[member.pattern] then
      add(lines, "      pattern: %s", member.pattern)
    end
  end
end

--- Looks for the shape NAME below SHAPE, which describe() gives as a tree.
local function find_below(shape, name)
  if shape.shape == name then
    return shape
  end
  for _, member in pairs(shape.members or {}) do
    local found = find_below(member, name)
    if found then
      return found
    end
  end
  return shape.member and find_below(shape.member, name)
    or shape.value and (find_below(shape.key, name) or find_below(shape.value, name)) or nil
end

--- The shape NAME and whether an input leads to it.
local function find_shape(name)
  for _, side in ipairs { "input", "output" } do
    for _, operation in ipairs(core.operations()) do
      local found = find_below(core.describe(operation)[side], name)
      if found then
        return found, side == "input"
      end
    end
  end
end

--- The names of the operations whose input or output has the shape NAME somewhere.
local function users_of(name)
  local users = {}
  for _, operation in ipairs(core.operations()) do
    local description = core.describe(operation)
    if find_below(description.input, name) or find_below(description.output, name) then
      users[#users + 1] = operation
    end
  end
  return users
end

local function shape_help(name)
  local shape, is_input = find_shape(name)
  if not shape then
    return nil
  end
  local known = words.shapes[name]
  local lines = { ("%s: %s"):format(name, shape.type == "structure" and "a table"
    or type_text(shape)) }
  wrap(lines, "", known.about or "", 0)
  if limits_text(shape) then
    add(lines, "Limits: %s.", limits_text(shape))
  end
  if shape.pattern then
    add(lines, "Pattern: %s", shape.pattern)
  end
  for _, value in ipairs(shape.enum or {}) do
    wrap(lines, ('  "%s"  '):format(value), known.values[value], 6)
  end
  if shape.type == "structure" and #shape.order > 0 then
    add(lines, "\nMembers:")
    add_members(lines, shape, is_input)
  end
  lines[#lines + 1] = ""
  wrap(lines, "Used by ", table.concat(users_of(name), ", ") .. ".", 2)
  return lines
end

-- ---- operations --------------------------------------------------------------------------

--- `each_application` for `list_applications`.
local function iterator_of(operation)
  return (operation:gsub("^list_", "each_"):gsub("s$", ""))
end

local function add_errors(lines, errors)
  add(lines, "\nErrors (err.code):")
  for _, err in ipairs(errors) do
    wrap(lines, ("  %s (%d)  "):format(err.name, err.status), words.shapes[err.name].about, 6)
  end
end

local function operation_help(operation)
  local description = core.describe(operation)
  if not description then
    return nil
  end
  local lines = { "client:" .. operation .. "(params [, options]) -> output, meta; or nil, err" }
  if description.pagination then
    add(lines, "client:%s(params [, options]) -> iterator over all pages", iterator_of(operation))
  end
  lines[#lines + 1] = ""
  wrap(lines, "", words.operations[operation].about, 0)
  add(lines, "(%s: %s %s)", description.name, description.method, description.path)
  add(lines, "\nParameters:%s", #description.input.order == 0 and " none." or "")
  add_members(lines, description.input, true)
  add(lines, "\nOutput:%s", #description.output.order == 0 and " an empty table." or "")
  add_members(lines, description.output, false)
  add(lines, "\nExample:")
  indented(lines, words.operations[operation].example)
  add_errors(lines, description.errors)
  lines[#lines + 1] = "\nOptions of a call: help \"CallOptions\"."
  return lines
end

-- ---- the module --------------------------------------------------------------------------

local function short(type_name)
  return (type_name:gsub("appintegrations%.", ""))
end

local function add_items(lines, title, items)
  if items and #items > 0 then
    add(lines, "\n%s:", title)
  end
  for _, item in ipairs(items or {}) do
    add(lines, "  %s  %s%s", item.name, short(item.type), item.optional and ", optional" or "")
    if item.about ~= "" then
      wrap(lines, "      ", item.about, 6)
    end
  end
end

local function method_help(name)
  local method = words.methods[name]
  if not method then
    return nil
  end
  local lines = { method.signature, "" }
  wrap(lines, "", method.about, 0)
  add_items(lines, "Parameters", method.params)
  add_items(lines, "Results", method.returns)
  return lines
end

local function class_help(name)
  local class = words.classes[name]
  if not class then
    return nil
  end
  local lines = { name .. ": a table" }
  wrap(lines, "", class.about, 0)
  add_items(lines, "Fields", class.fields)
  if class.parent then
    add(lines, "\nAnd those of %s.", class.parent)
  end
  return lines
end

local function function_help(name)
  for _, entry in ipairs(FUNCTIONS) do
    if entry[1] == name then
      return { "appintegrations." .. entry[2], "", entry[3] }
    end
  end
  for _, entry in ipairs(MODULES) do
    if entry[1] == name then
      return { ('require "appintegrations.%s"'):format(name), "", entry[2] }
    end
  end
end

--- An error of the client itself.
local function own_error_help(name)
  local entry = advice.CODES[name]
  if not entry then
    return nil
  end
  local lines = { ('%s: an error of the client, err.kind "%s"'):format(name, entry.kind) }
  wrap(lines, "", entry.means, 0)
  lines[#lines + 1] = ""
  wrap(lines, "What to do: ", entry.advice, 2)
  return lines
end

local function error_help(name)
  local shape = words.shapes[name]
  if not shape or not shape.status then
    return nil
  end
  local lines = { ("%s: an error of the service, HTTP status %d"):format(name, shape.status) }
  wrap(lines, "", shape.about, 0)
  local users = {}
  for _, operation in ipairs(core.operations()) do
    for _, err in ipairs(core.describe(operation).errors) do
      users[#users + 1] = err.name == name and operation or nil
    end
  end
  lines[#lines + 1] = ""
  wrap(lines, "What to do: ", advice.SERVICE[name], 2)
  wrap(lines, "Answered by ", table.concat(users, ", ") .. ".", 2)
  return lines
end

local function overview()
  local lines = { "Operations: client:NAME(params [, options]) -> output, meta; or nil, err" }
  for _, operation in ipairs(core.operations()) do
    add(lines, "  %s", operation)
    wrap(lines, "      ", words.operations[operation].about, 6)
  end
  add(lines, "\nListings, over all pages: for item, page in client:NAME(params [, options]) do")
  for _, operation in ipairs(core.operations()) do
    if core.describe(operation).pagination then
      add(lines, "  %s", iterator_of(operation))
    end
  end
  add(lines, "\nMore that a client can do:")
  for _, name in ipairs(names.sorted(words.methods)) do
    wrap(lines, ("  %s  "):format(words.methods[name].signature), words.methods[name].about, 6)
  end
  add(lines, "\nThe module, appintegrations.NAME:")
  for _, entry in ipairs(FUNCTIONS) do
    add(lines, "  %s  %s", entry[2], entry[3])
  end
  add(lines, "\nModules by themselves, require \"appintegrations.NAME\":")
  for _, entry in ipairs(MODULES) do
    add(lines, "  %s  %s", entry[1], entry[2])
  end
  add(lines, "\nMore: help \"create_data_integration\", \"FileConfiguration\", \"Options\",")
  add(lines, "\"ThrottlingException\", …")
  return lines
end

-- ---- names -------------------------------------------------------------------------------

--- `create_data_integration` for `CreateDataIntegration`, `list_applications` for
-- `each_application`.
local function operation_name(name)
  local listing = name:match("^each_(.*)$")
  if listing then
    return "list_" .. listing .. "s"
  end
  for _, operation in ipairs(core.operations()) do
    if core.describe(operation).name == name then
      return operation
    end
  end
  return name
end

--- How many letters of A and B are the same from the beginning.
local function common_length(a, b)
  local length = 0
  while length < #a and a:byte(length + 1) == b:byte(length + 1) do
    length = length + 1
  end
  return length
end

-- What has names.
local KNOWN = { words.operations, words.methods, words.shapes, words.classes, advice.CODES }

--- The known name that is a slip of NAME, or else the one that begins most like it, in any case and
-- without underscores; nil if none does.
local function nearest(name)
  local function plain(text)
    return (text_of.lower(text):gsub("_", ""))
  end
  local all = {}
  for _, group in ipairs(KNOWN) do
    for known in pairs(group) do
      all[known] = true
    end
  end
  local slip = core.nearest(name, names.sorted(all))
  if slip then
    return slip
  end
  local best, best_length = nil, 3
  for _, group in ipairs(KNOWN) do
    for _, known in ipairs(names.sorted(group)) do
      local length = common_length(plain(known), plain(name))
      if length > best_length then
        best, best_length = known, length
      end
    end
  end
  return best
end

--- The tables and shapes that have NAME within, sorted.
local function owners_of(name)
  local owners = {}
  for class, entry in pairs(words.classes) do
    for _, field in ipairs(entry.fields or {}) do
      owners[class] = owners[class] or field.name == name or nil
    end
  end
  for shape, entry in pairs(words.shapes) do
    owners[shape] = owners[shape] or (entry.members and entry.members[name]) and true or nil
  end
  return names.sorted(owners)
end

--- What to say of NAME, which nothing is called.
local function hint_of(name)
  local owners = owners_of(name)
  if owners[1] then
    return "; it stands in " .. table.concat(owners, ", ")
  end
  local near = nearest(name)
  return near and ('; did you mean "%s"?'):format(near) or "; help() lists what there is"
end

--- What is known of NAME; of everything without one. Raises at LEVEL for an unknown name.
---@param name? string
---@param level? integer  as for `error`, seen from the caller of this function
---@return string
---@nodiscard
function M.text(name, level)
  level = (level or 1) + 1
  if name ~= nil and type(name) ~= "string" then
    error("help: expected a name, got " .. type(name), level)
  end
  local lines = name == nil and overview() or operation_help(operation_name(name))
    or method_help(name) or function_help(name) or error_help(name) or own_error_help(name)
    or shape_help(name)
    or class_help(name)
  if not lines then
    error(('help: nothing is called "%s"%s'):format(name, hint_of(name)), level)
  end
  return table.concat(lines, "\n")
end

--- The sentence on OPERATION.
---@param operation string
---@return string
function M.of_operation(operation)
  return words.operations[operation].about
end

--- The sentence on MEMBER of the shape NAME.
---@param name string
---@param member string
---@return string
function M.of_member(name, member)
  return words.shapes[name].members[member]
end

--- "string, 1 to 255 characters, required", of a member as describe() has it.
---@param member table
---@return string
function M.traits(member)
  return traits_text(member, true)
end

return M
