--- The ways to break the sources: operators, bounds, order, numbers, what is left out.
--
--     for _, place in ipairs(mutants.places(mutants.sources())) do … end
--
-- A place is { path, number (of the line), before, after (the line), what (was done) }. What only
-- describes is no place: comments, strings, constant tables, generated files, types for editors.

local files = require "spec.support.files"

local M = {}

-- What is replaced, plain text, by what. Spaces around keep "<" apart from "->", "<<" and others.
local SWAPS = {
  c = { { " == ", " != " }, { " != ", " == " }, { " < ", " <= " }, { " <= ", " < " },
    { " > ", " >= " }, { " >= ", " > " }, { " && ", " || " }, { " || ", " && " },
    { " + 1", "" }, { " - 1", "" }, { " + ", " - " }, { " - ", " + " }, { "true", "false" },
    { "false", "true" }, { "if (!", "if (" }, { "++", "--" }, { "return -1;", "return 0;" } },
  lua = { { " == ", " ~= " }, { " ~= ", " == " }, { " < ", " <= " }, { " <= ", " < " },
    { " > ", " >= " }, { " >= ", " > " }, { " and ", " or " }, { " or ", " and " },
    { " + 1", "" }, { " - 1", "" }, { " + ", " - " }, { " - ", " + " }, { "true", "false" },
    { "false", "true" }, { "not ", "" }, { "return nil,", "return false," } },
}
-- Statements of one line that may be left out: calls, and in C assignments.
local STATEMENTS = {
  c = { "^%s+[%l_]+%(.*%);$", "^%s+[%w_%->%.]+ = [^;]+;$" },
  lua = { "^%s+[%w_.:]+%(.*%)$" },
}
-- Checks that may be left out, by what they become.
local CHECKS = {
  c = { "^(%s*if %()(.*)(%) {)$", "^(%s*if %()(.*)(%))$", "^(%s*} else if %()(.*)(%) {)$" },
  lua = { "^(%s*if )(.*)( then)$", "^(%s*elseif )(.*)( then)$" },
}
local NEVER = { c = "%1false && (%2)%3", lua = "%1false and (%2)%3" }

--- LINE with blanks for what stands in strings and in a comment behind the code.
local function code_of(line, language)
  local out, at, quote = {}, 1, nil
  while at <= #line do
    local c = line:sub(at, at)
    if quote then
      if c == "\\" then -- it and what it escapes
        out[#out + 1] = "\1"
        at = at + 1
      elseif c == quote then
        quote = nil
      end
      out[#out + 1] = "\1"
    elseif c == '"' or c == "'" then
      quote = c
      out[#out + 1] = "\1"
    elseif line:find(language == "c" and "^/%*" or "^%-%-", at) then
      break
    else
      out[#out + 1] = c
    end
    at = at + 1
  end
  return table.concat(out)
end

--- The mutants of LINE: each { what it becomes, what was done }.
local function mutants_of(line, language)
  local code, list, seen = code_of(line, language), {}, { [line] = true }
  local function add(after, what)
    if not seen[after] then
      seen[after] = true
      list[#list + 1] = { after, what }
    end
  end
  for _, swap in ipairs(SWAPS[language]) do
    local from, to = swap[1], swap[2]
    local at = code:find(from, 1, true)
    while at do
      local part_of_name = from:find "^%a" and code:find("^[%w_]", at - 1)
        or from:find "%a$" and code:find("^[%w_]", at + #from)
      if not part_of_name then
        add(line:sub(1, at - 1) .. to .. line:sub(at + #from), from .. "->" .. to)
      end
      at = code:find(from, at + #from, true)
    end
  end
  for _, pattern in ipairs(STATEMENTS[language]) do
    if line:find(pattern) and not line:find "^%s*return" then
      add("", "left out")
    end
  end
  for _, pattern in ipairs(CHECKS[language]) do
    if code:find(pattern) then
      add((line:gsub(pattern, NEVER[language])), "never")
    end
  end
  for at, digits, after in code:gmatch "()%f[%w_.]([1-9]%d?%d?)%f[^%w_.]()" do
    add(line:sub(1, at - 1) .. ("%d"):format(digits + 1) .. line:sub(after), "a number")
  end
  return list
end

--- Which of LINES are code: no comments, preprocessor, declarations and constant tables.
local function code_lines(lines, language)
  local code, within = {}, nil
  for number, line in ipairs(lines) do
    if within then -- a comment, a constant table or a long string, up to its end
      within = not line:find(within) and within or nil
    elseif language == "c" then
      within = line:find "^%s*/%*" and not line:find "%*/" and "%*/"
        or line:find "^%l.* = {$" and "^};" or line:find "^enum.* {$" and "^}" or nil
      -- What does not stand in a function is data.
      code[number] = not within and line:find "^%s" and not line:find "/%*"
        and not line:find "^%s*[%w_ ]*const .*[%]%d] = {" and not line:find "^%s+static const"
        and not line:find "^%s+{.*}"
    else
      within = line:find "^%a[%w_. ]+ = {$" and "^}" or line:find "^%a[%w_. ]+ = {[^}]*$" and "}$"
        or line:find "%[%[" and not line:find "%]%]" and "%]%]" or nil
      code[number] = not within and not line:find "^%s*%-%-" and not line:find "require"
        and not line:find "^%a[%w_. ]+ = {.*}$" and not line:find "%[%["
    end
  end
  return code
end

--- The files that can be broken: but for what is generated, makes pages, or runs within nginx and
-- HAProxy alone.
---@return string[] paths
function M.sources()
  return files.lines_of("git ls-files 'src/*/*.c' 'lua/*.lua' | grep -v -e model/tables.c "
    .. "-e /types.lua -e help/words.lua -e src/docs/ "
    .. "-e transport/resty.lua -e transport/haproxy.lua")
end

--- All places of PATHS that can be broken.
---@param paths string[]
---@return table[] places
function M.places(paths)
  local list = {}
  for _, path in ipairs(paths) do
    local language, lines = path:match "%.(%l+)$", {}
    for line in files.read(path):gmatch "([^\n]*)\n" do
      lines[#lines + 1] = line
    end
    local code = code_lines(lines, language)
    for number, line in ipairs(lines) do
      for _, mutant in ipairs(code[number] and mutants_of(line, language) or {}) do
        list[#list + 1] = { path = path, number = number, before = line, after = mutant[1],
          what = mutant[2] }
      end
    end
  end
  return list
end

return M
