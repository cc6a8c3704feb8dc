-- SPDX-License-Identifier: MIT
--- Finds the operation of a request from the model's methods and path templates.
-- @module appintegrations.emulator.router

local lower = require("appintegrations.base.text").lower
local names = require "appintegrations.base.names"
local uri = require "appintegrations.emulator.uri"

local M = {}

--- `get_application` of either name of an operation: the API's, `GetApplication`, and that itself.
---@param name string
---@return string
function M.method_name(name)
  return lower((name:gsub("([a-z])([A-Z])", "%1_%2")))
end

--- What is wrong with NAME as one of an operation, or nil.
---@param name any
---@param known table<string, any>  method names
---@return string?
function M.wrong_operation(name, known)
  if type(name) == "string" and known[M.method_name(name)] then
    return nil
  end
  return ("there is no operation %s%s"):format(tostring(name), names.short_hint(name, known))
end

local Router = {}
Router.__index = Router

--- The parts of a path between its slashes: "/a//b" has "a", "" and "b".
local function segments(path)
  local list = {}
  for segment in path:gmatch("/([^/]*)") do
    list[#list + 1] = segment
  end
  return list
end

--- A template's segments: fixed texts, and `{ label = name }`.
local function compile(template)
  local list = segments(template)
  for i, segment in ipairs(list) do
    local label = segment:match("^{(.*)}$")
    list[i] = label and { label = label } or segment
  end
  return list
end

--- The labels of PARTS if they fit TEMPLATE, else nil. A label is a whole segment: a slash in a
-- value is encoded, so ARNs come as one segment.
local function fit(template, parts)
  if #template ~= #parts then
    return nil
  end
  local labels = {}
  for i, expected in ipairs(template) do
    if type(expected) == "table" then
      labels[expected.label] = parts[i] ~= "" and uri.decode(parts[i]) or nil
      if not labels[expected.label] then
        return nil
      end
    elseif expected ~= parts[i] then
      return nil
    end
  end
  return labels
end

--- The route of METHOD and raw PATH: the operation's description and its decoded labels; nil
-- for what the service does not have.
---@param method string
---@param path string
---@return table? operation
---@return table<string, string>? labels
function Router:match(method, path)
  local parts = segments(path)
  for _, route in ipairs(self.routes) do
    local labels = route.operation.method == method and fit(route.template, parts)
    if labels then
      return route.operation, labels
    end
  end
  return nil
end

--- A router over OPERATIONS, a list of descriptions as core.describe gives them.
---@param operations table[]
---@return table router
function M.new(operations)
  local routes = {}
  for i, operation in ipairs(operations) do
    routes[i] = { operation = operation, template = compile(operation.path) }
  end
  return setmetatable({ routes = routes }, Router)
end

return M
