--- Runs the Lua snippets of a page of text as one program, in the order in which they stand:
--
--     lua spec/support/snippets.lua README.md
--
-- Lines keep their numbers. What a line has behind `-->` is what it must print last; a line that
-- begins with that tells it of the line before. A comment `<!-- setup … -->` holds Lua that
-- readers do not see. `M.blocks` has the fenced blocks for specs.

local load_text = loadstring or load -- luacheck: ignore 113

local M = {}

--- The fenced blocks of TEXT in LANGUAGE: a list of texts.
---@param text string
---@param language string
---@return string[]
function M.blocks(text, language)
  local blocks = {}
  for code in ("\n" .. text):gmatch("\n```" .. language .. "\n(.-)```") do
    blocks[#blocks + 1] = code
  end
  return blocks
end

--- The Lua of the page as one text with the page's line numbers, and by line what is to be
-- printed there.
---@param text string
---@return string code
---@return table<integer, string> expected
function M.program(text)
  local lines, expected, inside = {}, {}, nil
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local kept = ""
    if inside and line:find(inside) then
      inside = nil
    elseif inside then
      kept = line
      local printed = line:match("%-%-> ?(.*)$")
      if printed then
        expected[line:find("^%-%->") and #lines or #lines + 1] = printed
      end
    elseif line == "```lua" then
      inside = "^```$"
    elseif line:find("^<!%-%- setup") then
      inside = "^%-%->$"
    end
    lines[#lines + 1] = kept
  end
  return table.concat(lines, "\n") .. "\n", expected
end

--- What PRINT is called with, by line; what Lua's own would do besides.
local function recorded(printed)
  return function(...)
    local texts = {}
    for i = 1, select("#", ...) do
      texts[i] = tostring((select(i, ...)))
    end
    printed[debug.getinfo(2, "l").currentline] = table.concat(texts, "\t")
  end
end

--- Runs the page at PATH; its problems, each with its line.
local function run(path)
  local file = assert(io.open(path, "rb"))
  local code, expected = M.program(file:read("*a"))
  file:close()
  local chunk, printed, problems = assert(load_text(code, "@" .. path)), {}, {}
  print = recorded(printed) -- luacheck: ignore 121
  local ok, err = xpcall(chunk, function(err)
    return debug.traceback(tostring(err))
  end)
  if not ok then
    problems[1] = err
  end
  for line, text in pairs(expected) do
    if printed[line] ~= text then
      problems[#problems + 1] = ("%s:%d: printed %q, not %q"):format(path, line,
        tostring(printed[line]), text)
    end
  end
  table.sort(problems)
  return problems
end

if arg and arg[0] and arg[0]:find("snippets%.lua$") then
  local problems = run(arg[1])
  for _, problem in ipairs(problems) do
    io.stderr:write(problem, "\n")
  end
  os.exit(#problems == 0 and 0 or 1)
end

return M
