--- All that is reached from a value: through tables and metatables, the upvalues of functions, what
-- userdata hold, and what stands on the stacks of coroutines.
--
--     local reachable = require "spec.support.reachable"
--     reachable.each({ err = err }, function(value, path) … end)
--     reachable.each(roots, visit, { public = true })   -- tables and metatables only

local M = {}

local debug = _G.debug
local user_values = debug.getuservalue or debug.getfenv

local function key_text(key)
  return type(key) == "string" and "." .. key or "[" .. type(key) .. "]"
end

local follow = {}

function follow.table(walk, value, path)
  for key, item in next, value do
    walk(key, path .. " key")
    walk(item, path .. key_text(key))
  end
end

follow["function"] = function(walk, value, path, options)
  local i = 1
  while not options.public do
    local name, item = debug.getupvalue(value, i)
    if not name then
      break
    end
    walk(item, path .. " upvalue " .. name)
    i = i + 1
  end
end

function follow.userdata(walk, value, path)
  local held = user_values(value)
  walk(held, path .. " holds")
end

function follow.thread(walk, value, path, options)
  local level = 0
  while not options.public and value ~= options.running and debug.getinfo(value, level, "f") do
    walk(debug.getinfo(value, level, "f").func, path .. " runs")
    local i = 1
    while true do
      local name, item = debug.getlocal(value, level, i)
      if not name then
        break
      end
      walk(item, path .. " local " .. name)
      i = i + 1
    end
    level = level + 1
  end
end

--- Calls VISIT(value, path) once for each string, table, function, userdata and coroutine; but for
-- _G and what is loaded, to which each function leads.
---@param roots table<string, any>  by names, with which the paths begin
---@param visit fun(value: any, path: string)
---@param options? { public?: boolean, except?: table<any, boolean> }
function M.each(roots, visit, options)
  options = options or {}
  local seen, queue, first = { [_G] = true, [package.loaded] = true }, {}, 1
  for value in pairs(options.except or {}) do
    seen[value] = true
  end
  seen[seen], seen[queue] = true, true
  options.running = coroutine.running()
  local function walk(value, path)
    if value ~= nil and value ~= options and not seen[value] then
      seen[value] = true
      queue[#queue + 1] = { value, path }
      seen[queue[#queue]] = true
    end
  end
  seen[walk] = true
  for name, value in pairs(roots) do
    walk(value, name)
  end
  while queue[first] do
    local value, path = queue[first][1], queue[first][2]
    first = first + 1
    visit(value, path)
    local step = follow[type(value)]
    if step then
      walk(debug.getmetatable(value), path .. " metatable")
      step(walk, value, path, options)
    end
  end
end

--- The first place reached from ROOTS at which a string, or the text of an object, has WANTED in
-- it; nil where there is none.
---@param roots table<string, any>
---@param wanted string
---@param options? { public?: boolean, texts?: boolean, except?: table<any, boolean> }
---@return string?
function M.find(roots, wanted, options)
  local found
  M.each(roots, function(value, path)
    local text = value
    if type(value) ~= "string" then
      local mt = debug.getmetatable(value)
      local ok, shown = pcall(tostring, mt and rawget(mt, "__tostring") and value or "")
      text = ok and shown or ""
    elseif options and options.texts then
      return
    end
    if not found and type(text) == "string" and text:find(wanted, 1, true) then
      found = path .. ": " .. text:sub(1, 200)
    end
  end, options)
  return found
end

return M
