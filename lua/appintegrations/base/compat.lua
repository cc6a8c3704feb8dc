-- SPDX-License-Identifier: MIT
--- What Lua states differ in. The module's code takes from here what a state may
-- lack: a sandbox may have opened no library but base, table and string.
-- @module appintegrations.base.compat

local M = {}

--- The global NAME, or nil: a host may have made it an error to ask for one that is absent, or keep
-- its globals behind a metatable, as nginx does for each request.
---@param name string
---@return any
---@nodiscard
function M.global(name)
  local found, value = pcall(function() return _G[name] end)
  return found and value or nil
end

local math, coroutine = M.global "math", M.global "coroutine"
local debug, package = M.global "debug", M.global "package"

local function floor(number)
  return number - number % 1
end

local function abs(number)
  return number < 0 and -number or number
end

local function min(a, b)
  return b < a and b or a
end

local function max(a, b)
  return b > a and b or a
end

--- The math library, or as much of it as the module uses: min and max of two numbers.
M.math = math or { floor = floor, abs = abs, min = min, max = max, huge = 1 / 0 }

--- The coroutine library; without one, all runs in a main thread that has no name.
coroutine = coroutine or { running = function() return nil end }
M.coroutine = coroutine

--- The module called NAME, loaded when one of its functions is first used: what a
-- simple call does without costs it nothing.
---@param name string
---@return table
---@nodiscard
function M.lazy(name)
  return setmetatable({}, {
    __index = function(stand_in, key)
      local module = require(name)
      setmetatable(stand_in, { __index = module })
      return module[key]
    end,
  })
end

-- Not before it is needed: programs that read files run before anything is built.
local core = M.lazy "appintegrations.core"

--- Whether VALUE has METATABLE, or the one of its name that another copy of the module has: a host
-- may have loaded it anew, or two versions of it, and use what the one returned with the other.
---@param value any
---@param metatable table  with a `__name`
---@return boolean
function M.has_metatable(value, metatable)
  local its = getmetatable(value)
  return its == metatable
    or type(its) == "table" and rawget(its, "__name") == metatable.__name
end

-- Lua 5.1, not LuaJIT, alone does not yield through pcall.
local PLAIN_51 = _VERSION == "Lua 5.1" and not M.global "jit"

--- Whether the running coroutine may yield here. Does not tell coroutines from the main thread.
---@return boolean
M.yieldable = PLAIN_51 and function()
  return core.yieldable()
end or function()
  return core.yieldable(pcall, xpcall)
end

-- There, the coroutines that `call` has made, and who called it.
local callers = setmetatable({}, { __mode = "kv" })

--- What a coroutine that CALL runs has come to: its yields are passed on.
local function pumped(thread, ok, ...)
  if ok and coroutine.status(thread) ~= "dead" then
    return pumped(thread, coroutine.resume(thread, coroutine.yield(...)))
  end
  return ok, ...
end

--- pcall that can be yielded through, in every Lua.
---@param f function
---@return boolean ok
---@return any ...
function M.call(f, ...)
  local caller = PLAIN_51 and coroutine.running()
  if not (caller and core.yieldable()) then
    return pcall(f, ...)
  end
  local thread = coroutine.create(f)
  callers[thread] = caller
  return pumped(thread, coroutine.resume(thread, ...))
end

--- The coroutine that runs, as the program knows it: where `call` has made one within, the one that
-- called. In the main thread nil in some versions of Lua.
---@return thread?
M.running = PLAIN_51 and function()
  local thread = coroutine.running()
  while callers[thread] do
    thread = callers[thread]
  end
  return thread
end or coroutine.running

--- What `coroutine.status` is elsewhere: nginx has another one, for coroutines of the same request.
---@type fun(thread: thread): string
M.status = rawget(coroutine, "_status") or coroutine.status

--- What a thread was doing, or the one that calls, for people; nil without the debug library.
---@param thread? thread
---@return string?
function M.traceback(thread)
  if not (debug and debug.traceback) then
    return nil
  end
  return thread and debug.traceback(thread) or debug.traceback("", 3):sub(2)
end

--- How the sources of this module begin: its directory, or what stands for it in a program that
-- has them within.
local getinfo = debug and debug.getinfo
local OWN = getinfo and getinfo(1, "S").source:match("^(.*)base[./\\]compat")

--- Whether a function of SOURCE is this module's. Where that is within core.so or a program, its
-- sources are named as files of a program in a folder of this name are, and what a program requires
-- first of an installed copy is a file; but all have the names of modules.
local function is_own(source)
  if OWN ~= "@appintegrations/" or not package then
    return source:sub(1, #OWN) == OWN
  end
  local file = source:sub(1, 1) == "@" and source:match "^.*[@/\\]appintegrations[/\\](.*)%.lua$"
  if not file then
    return false
  end
  local name = ("appintegrations." .. file):gsub("[/\\]", "."):gsub("%.init$", "")
  return package.preload[name] ~= nil or package.loaded[name] ~= nil
end

-- A program that calls from deeper recursion than this has other worries.
local MOST_LEVELS = 64

--- The nearest function of a program that INFO_AT(level) tells of, from level FIRST on.
local function nearest(first, info_at)
  for level = first, MOST_LEVELS do
    local info = info_at(level)
    if not info then
      return nil
    elseif info.currentline > 0 and not is_own(info.source) then
      return info.short_src .. ":" .. info.currentline
    end
  end
end

local function info_here(level)
  local info = getinfo(level + 2, "Sl") -- this function and `nearest` come first; no tail call
  return info
end

--- "script.lua:12": the nearest function on the stack that is not this module's. Nil without the
-- debug library, and in a coroutine that has no other.
---@return string?
function M.caller()
  if not OWN then
    return nil
  end
  local found = nearest(2, info_here)
  local thread = not found and callers[coroutine.running() or false]
  while thread and not found do
    found = nearest(0, function(level) return getinfo(thread, level, "Sl") end)
    thread = callers[thread]
  end
  return found
end

return M
