-- SPDX-License-Identifier: MIT
--- What loop:map does: a task for each item, so many of them at once.
-- @module appintegrations.loop.map

local task_of = require "appintegrations.loop.task"
local turn = require "appintegrations.loop.turn"

local M = {}

local start

local function fail(map, i, err)
  map.errors = map.errors or {}
  map.failed = map.errors[i] == nil and map.failed + 1 or map.failed
  map.errors[i] = err
end

--- Begins no more items.
local function skip_rest(map)
  for i = map.following, map.outputs.n do
    fail(map, i, task_of.cancelled())
  end
  map.following = map.outputs.n + 1
end

--- Opens the gate behind the last item.
local function open_if_done(map)
  if map.active == 0 and map.following > map.outputs.n then
    turn.open_gate(map.loop, map.gate)
  end
end

--- Notes what became of the item of TASK, and starts the next one.
local function ended(task)
  local map, i = task.map, task.item
  local output, err = task.values[1], task.values[2]
  map.outputs[i] = output
  if output == nil and err ~= nil then
    fail(map, i, err)
  end
  map.active = map.active - 1
  start(map)
end

--- Starts one item; false where the loop is closed.
local function start_one(map, i)
  local task = turn.add(map.loop, map.f, { n = 2, map.list[i], i }, true)
  if not task then
    return false
  end
  map.following, map.active = i + 1, map.active + 1
  task.map, task.item, task.on_end = map, i, ended
  task.observed = true -- its failure is in `errors`
  return true
end

--- Starts items while there may be more at once.
function start(map)
  while map.active < map.limit and map.following <= map.outputs.n do
    if not start_one(map, map.following) then
      skip_rest(map)
    end
  end
  open_if_done(map)
end

--- The tasks of MAP that have not ended.
local function running(map)
  local loop, tasks = map.loop, {}
  for i = 1, loop.count do
    local task = loop.tasks[i]
    tasks[#tasks + 1] = task and task.map == map and task or nil
  end
  return tasks
end

--- Cancels the items that run, and those that have not begun.
local function stop(map)
  skip_rest(map)
  local tasks = running(map)
  map.active = #tasks -- an error may have come out of `ended`
  for _, task in ipairs(tasks) do
    task:cancel()
  end
  open_if_done(map)
end

--- See loop:map.
---@param loop appintegrations.Loop
---@param list any[]
---@param f function
---@param limit integer
---@return table outputs
---@return table? errors
---@return integer failed
function M.run(loop, list, f, limit)
  local map = {
    loop = loop, list = list, f = f, limit = limit,
    outputs = { n = #list }, errors = nil, failed = 0,
    following = 1, active = 0,
    gate = { open = false },
  }
  start(map)
  local all = loop:await_gate(map.gate)
  while not (all or loop.closed) do -- cancelled, or stuck: the items are told, and end
    stop(map)
    all = loop:await_gate(map.gate)
  end
  if not all then -- the loop is closed: those that run are on their own
    for _, task in ipairs(running(map)) do
      task.on_end = nil
      fail(map, task.item, task_of.cancelled())
    end
    skip_rest(map)
  end
  return map.outputs, map.errors, map.failed
end

return M
