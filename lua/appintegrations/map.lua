-- SPDX-License-Identifier: MIT
--- What loop:map does: a task for each item, so many of them at once.
-- @module appintegrations.map

local task_of = require "appintegrations.task"

local M = {}

local start

local function fail(map, i, err)
  map.errors = map.errors or {}
  map.errors[i] = err
end

--- Begins no more items.
local function skip_rest(map)
  for i = map.following, map.outputs.n do
    fail(map, i, task_of.cancelled())
  end
  map.following = map.outputs.n + 1
end

--- Notes what became of item I, and starts the next one.
local function ended(map, i, task)
  local output, err = task.values[1], task.values[2]
  map.outputs[i] = output
  if output == nil and err ~= nil then
    fail(map, i, err)
  end
  map.tasks[i] = nil
  map.active = map.active - 1
  start(map)
end

--- Starts items while there may be more at once; opens the gate behind the last one.
function start(map)
  if map.loop.closed then
    skip_rest(map)
  end
  while map.active < map.limit and map.following <= map.outputs.n do
    local i = map.following
    map.following = i + 1
    map.active = map.active + 1
    local task = map.loop:spawn(map.f, map.list[i], i)
    map.tasks[i] = task
    task.observed = true -- its failure is in `errors`
    task.on_end = function(self)
      ended(map, i, self)
    end
  end
  if map.active == 0 then
    map.loop:open_gate(map.gate)
  end
end

--- Cancels the items that run, and those that have not begun.
local function stop(map)
  skip_rest(map)
  local running = {}
  for _, task in pairs(map.tasks) do
    running[#running + 1] = task
  end
  for _, task in ipairs(running) do
    task:cancel()
  end
end

--- See loop:map.
---@param loop appintegrations.Loop
---@param list any[]
---@param f function
---@param limit integer
---@return table outputs
---@return table? errors
function M.run(loop, list, f, limit)
  local map = {
    loop = loop, list = list, f = f, limit = limit,
    outputs = { n = #list }, errors = nil,
    following = 1, active = 0, tasks = {},
    gate = { open = false },
  }
  start(map)
  local all = loop:await_gate(map.gate)
  while not (all or loop.closed) do -- cancelled, or stuck: the items are told, and end
    stop(map)
    all = loop:await_gate(map.gate)
  end
  for i in pairs(map.tasks) do -- the loop is closed: they are on their own
    fail(map, i, task_of.cancelled())
  end
  return map.outputs, map.errors
end

return M
