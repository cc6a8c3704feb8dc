--- Says which spec runs, in one line of the file that SPEC_PROGRESS names: what the watchdog of a
-- run (spec/support/watchdog) looks at. helper.lua loads it.

local path = os.getenv "SPEC_PROGRESS"
local count = 0

--- TEXT behind a number, as two specs may have the same name.
local function write(text)
  local file = io.open(path, "w")
  if file then
    count = count + 1
    file:write(count, " ", (text:gsub("%c", " ")), "\n")
    file:close()
  end
  return nil, true
end

--- The names of ELEMENT and of what it stands in, its file first.
local function name_of(busted, element)
  local names = {}
  while element and element.name do -- the whole suite has none
    table.insert(names, 1, element.name)
    element = busted.parent(element)
  end
  return table.concat(names, " / ")
end

if path then
  local busted = require "busted"
  busted.subscribe({ "file", "start" }, function(file) return write(name_of(busted, file)) end)
  busted.subscribe({ "test", "start" }, function(test) return write(name_of(busted, test)) end)
  busted.subscribe({ "test", "end" }, function(test)
    return write("behind " .. name_of(busted, test))
  end)
end
