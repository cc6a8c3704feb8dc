-- SPDX-License-Identifier: MIT
--- Objects with methods and fields that people may take for lists: what walks over a list (pairs,
-- ipairs, #, a number as a key) raises, and says what to write instead.
--
-- Where pairs asks no metatable (Lua 5.1, LuaJIT as it mostly is) such an object is a userdata,
-- which pairs and ipairs refuse by themselves; elsewhere it is a table.
-- @module appintegrations.base.opaque

local compat = require "appintegrations.base.compat"

local M = {}

--- Whether pairs asks the metatable.
local function has_pairs()
  local asked = false
  local object = setmetatable({}, { __pairs = function(t) asked = true return next, t end })
  for _ in pairs(object) do break end -- luacheck: ignore 512
  return asked
end

--- What raises the message that ADVICE is.
local function refusal(advice)
  return function()
    local where = compat.caller()
    error((where and where .. ": " or "") .. advice, 0)
  end
end

--- METHODS, or what raises where a number is looked up.
local function index_of(methods, refuse)
  local index = {}
  for name, method in pairs(methods) do
    index[name] = method
  end
  return setmetatable(index, { __index = function(_, key)
    if type(key) == "number" then
      refuse()
    end
  end })
end

local function add_refusals(metatable, refuse)
  for _, event in ipairs { "__pairs", "__ipairs", "__len" } do
    metatable[event] = refuse
  end
end

--- Objects as tables: STATE itself.
local function tables(methods, events, refuse)
  local metatable = { __index = index_of(methods, refuse) }
  for name, value in pairs(events) do
    metatable[name] = value
  end
  add_refusals(metatable, refuse)
  return function(state)
    return setmetatable(state, metatable)
  end
end

local function state_of(object)
  return getmetatable(object).state
end

--- F, which takes a state, as a method of the object that stands for it.
local function method_of(f)
  return function(object, ...)
    return f(state_of(object), ...)
  end
end

local function all(...)
  return ...
end

--- F as an event of the object. No tail call of it: core.yieldable has to see that a generic for
-- calls. As many results as F has: LuaJIT's tostring hands all of them on.
local function event_of(f)
  return type(f) ~= "function" and f or function(object, ...)
    return all(f(state_of(object), ...))
  end
end

--- Objects as userdata. Each has a metatable of its own, which holds the state: a table of all
-- states by object would keep those for good whose state leads back to the object.
local function userdata(methods, events, refuse)
  local shared, own = {}, {}
  for name, method in pairs(methods) do
    own[name] = method_of(method)
  end
  own = index_of(own, refuse)
  for name, value in pairs(events) do
    shared[name] = event_of(value)
  end
  add_refusals(shared, refuse)
  function shared.__index(object, key)
    local value = own[key]
    if value == nil then
      value = state_of(object)[key]
    end
    return value
  end
  return function(state)
    local object = newproxy(true)
    local metatable = getmetatable(object)
    for event, value in next, shared do
      metatable[event] = value
    end
    metatable.state = state
    return object
  end
end

local as_tables = has_pairs() or not newproxy

--- A kind of objects with METHODS and the metatable's EVENTS, which get the state.
---@param methods table<string, function>
---@param events table<string, any>
---@param advice string  what to write instead of a loop with pairs
---@return fun(state: table): any  makes one
---@nodiscard
function M.class(methods, events, advice)
  return (as_tables and tables or userdata)(methods, events, refusal(advice))
end

return M
