-- SPDX-License-Identifier: MIT
--- Outputs on standard output: as a table for people, as JSON, as one line of JSON for each entry,
-- as CSV. The columns of tables and CSV are the members of the shape in the model's order, those
-- of structures within as OUTER.INNER; times in them are dates. A table that is wider than the
-- terminal is printed as records, one member a line: nothing is cut off.
-- @module appintegrations.command.output

local appintegrations = require "appintegrations"
local query = require "appintegrations.command.query"
local times = require "appintegrations.base.times"
local printable = require("appintegrations.base.text").printable
local trim_end = require("appintegrations.base.text").trim_end

local M = {}

local INDENTED = { indent = true }

--- The format for what --output says; a table where people look, else JSON.
---@param host table
---@param wanted? string
---@return string
function M.format(host, wanted)
  return wanted or (host.is_terminal.out and "table" or "json")
end

--- VALUE as JSON; what --query finds may be a scalar. The module writes what stands in a list.
local function json(value, options)
  if type(value) == "table" then
    return appintegrations.json(value, options)
  end
  return appintegrations.json({ value }):sub(2, -2)
end

-- ---- cells -------------------------------------------------------------------------------

--- VALUE as the text of one cell; what is empty is left empty.
local function cell(value)
  if value == nil then
    return ""
  elseif type(value) == "table" then
    return next(value) == nil and "" or json(value)
  end
  return type(value) == "string" and value or json(value)
end

--- "2026-11-25T10:55:34Z" of epoch SECONDS; as they are if that is no time that can be written.
local function date(seconds)
  return type(seconds) == "number" and times.text(seconds) or cell(seconds)
end

--- Appends to COLUMNS the paths to all that is no structure below SHAPE.
local function add_columns(columns, shape, prefix)
  for _, name in ipairs(shape.order) do
    local member = shape.members[name]
    local title = prefix == "" and name or prefix .. "." .. name
    if member.type == "structure" then
      add_columns(columns, member, title)
    else
      columns[#columns + 1] = { title = title, path = assert(query.parse(title)),
        text = member.type == "timestamp" and date or cell }
    end
  end
  return columns
end

--- The columns of entries: those of SHAPE, or one of their own where there is no shape.
local function columns_of(shape)
  return shape and add_columns({}, shape, "") or { { title = "Value", path = {}, text = cell } }
end

local function row_of(columns, item)
  local row = {}
  for i, column in ipairs(columns) do
    row[i] = column.text(query.at(column.path, item))
  end
  return row
end

-- ---- tables ------------------------------------------------------------------------------

--- How many characters TEXT has.
local function width_of(text)
  return #text:gsub("[\128-\191]", "")
end

--- Which columns hold something in ROWS, and how wide they are.
local function layout(columns, rows)
  local shown = {}
  for i, column in ipairs(columns) do
    local width, filled = width_of(column.title), false
    for _, row in ipairs(rows) do
      row[i] = printable(row[i])
      filled = filled or row[i] ~= ""
      width = width_of(row[i]) > width and width_of(row[i]) or width
    end
    if filled then
      shown[#shown + 1] = { index = i, title = column.title, width = width }
    end
  end
  return shown
end

local function write_row(out, shown, text_of)
  local cells = {}
  for i, column in ipairs(shown) do
    local text = text_of(column)
    cells[i] = text .. (" "):rep(column.width - width_of(text))
  end
  out:write(trim_end(table.concat(cells, "  ")), "\n")
end

local function rule(column)
  return ("-"):rep(column.width)
end

local function width_of_row(shown)
  local width = 2 * (#shown - 1)
  for _, column in ipairs(shown) do
    width = width + column.width
  end
  return width
end

--- TITLE and TEXT of each member in ROW that holds something, one a line.
local function write_record(out, columns, row)
  local width = 0
  for i, column in ipairs(columns) do
    width = row[i] ~= "" and #column.title > width and #column.title or width
  end
  for i, column in ipairs(columns) do
    if row[i] ~= "" then
      out:write(column.title, (" "):rep(width - #column.title), "  ", printable(row[i]), "\n")
    end
  end
end

--- Prints rows a page at a time; the first page decides on columns and widths, and whether the
-- terminal has room for them.
local function table_printer(host, columns)
  local out, rows, shown, records = host.out, {}, nil, 0
  local printer = {}
  local function begin()
    shown = layout(columns, rows)
    if host.columns and width_of_row(shown) > host.columns then
      return
    end
    records = nil
    write_row(out, shown, function(column) return column.title end)
    write_row(out, shown, rule)
  end
  function printer.add(item)
    rows[#rows + 1] = row_of(columns, item)
  end
  function printer.flush()
    if #rows > 0 and not shown then
      begin()
    end
    for _, row in ipairs(rows) do
      if records then
        out:write(records > 0 and "\n" or "")
        write_record(out, columns, row)
        records = records + 1
      else
        write_row(out, shown, function(column) return printable(row[column.index]) end)
      end
    end
    rows = {}
    out:flush()
  end
  printer.finish = printer.flush
  return printer
end

-- ---- the other formats --------------------------------------------------------------------

--- A printer that needs to know nothing of other entries: WRITE prints one.
local function plain_printer(out, write)
  local function flush()
    out:flush()
  end
  return { add = write, flush = flush, finish = flush }
end

--- What --query has found in each entry, one a line.
local function text_printer(host)
  local out = host.out
  return plain_printer(out, function(item)
    out:write(printable(cell(item)), "\n")
  end)
end

--- One field as RFC 4180 has it.
local function field(text)
  return text:find('[",\r\n]') and '"' .. text:gsub('"', '""') .. '"' or text
end

local function csv_line(texts)
  local fields = {}
  for i, text in ipairs(texts) do
    fields[i] = field(text)
  end
  return table.concat(fields, ",") .. "\r\n"
end

local function csv_printer(host, columns)
  local out, titles = host.out, {}
  for i, column in ipairs(columns) do
    titles[i] = column.title
  end
  out:write(csv_line(titles))
  return plain_printer(out, function(item)
    out:write(csv_line(row_of(columns, item)))
  end)
end

local function jsonl_printer(host)
  local out = host.out
  return plain_printer(out, function(item)
    out:write(json(item), "\n")
  end)
end

--- One array, whose entries are written as they come. The last one is kept until it is known what
-- follows, so that what has been written ends with its line: progress may stand below it.
local function json_printer(host)
  local out, last, is_first = host.out, nil, true
  local function write_last(after)
    out:write(is_first and "[\n" or "", "  ", last, after)
    is_first = false
  end
  local printer = plain_printer(out, function(item)
    if last then
      write_last ",\n"
    end
    last = json(item, INDENTED):gsub("\n", "\n  ")
  end)
  function printer.finish()
    if last then
      write_last "\n"
    end
    out:write(is_first and "[]\n" or "]\n")
    out:flush()
  end
  return printer
end

local PRINTERS = { table = table_printer, csv = csv_printer, jsonl = jsonl_printer,
  json = json_printer }
-- Of what --query finds.
local FOUND_PRINTERS = { table = text_printer, csv = csv_printer, jsonl = jsonl_printer,
  json = json_printer }

-- ---- what is printed ------------------------------------------------------------------------

--- A printer of a listing's entries: `add(item)`, `flush()` after a page, `finish()`.
---@param host table
---@param call table  description, format, path of --query
---@return table printer
function M.entries(host, call)
  if not call.path then
    local pages = call.description.pagination
    local entry = call.description.output.members[pages.result_key].member
    return PRINTERS[call.format](host, columns_of(entry))
  end
  local printer = FOUND_PRINTERS[call.format](host, columns_of(nil))
  local add = printer.add
  function printer.add(item)
    local found = query.at(call.path, item)
    if found ~= nil then
      add(found)
    end
  end
  return printer
end

--- Prints what --query has found: a list entry by entry.
local function print_found(host, call, found, is_list)
  if call.format == "json" and not is_list then
    host.out:write(found == nil and "null" or json(found, INDENTED), "\n")
    return
  end
  local printer = FOUND_PRINTERS[call.format](host, columns_of(nil))
  for _, item in ipairs(is_list and found or { found }) do
    printer.add(item)
  end
  printer.finish()
end

--- Prints the output RESULT of CALL.
---@param host table
---@param call table
---@param result table
function M.whole(host, call, result)
  local pages = call.description.pagination
  if call.path then
    print_found(host, call, query.at(call.path, result))
  elseif call.format == "json" then
    host.out:write(json(result, INDENTED), "\n")
  elseif pages then
    local printer = M.entries(host, call)
    for _, item in ipairs(result[pages.result_key] or {}) do
      printer.add(item)
    end
    printer.finish()
  elseif call.format == "table" then
    local columns = columns_of(call.description.output)
    write_record(host.out, columns, row_of(columns, result))
  else
    local printer = PRINTERS[call.format](host, columns_of(call.description.output))
    printer.add(result)
    printer.finish()
  end
end

return M
