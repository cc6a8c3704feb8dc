-- SPDX-License-Identifier: MIT
--- What is due when: a binary heap, so that thousands of sleeping tasks cost
-- O(log n) each.
-- @module appintegrations.timers

local M = {}

---@class appintegrations.Timer
---@field due number     by the loop's clock
---@field order integer  of two that are due at the same time the older one comes first
---@field value any
---@field place? integer in the heap; nil once it has been taken out

---@class appintegrations.Timers
local methods = {}
methods.__index = methods

local function before(a, b)
  return a.due < b.due or a.due == b.due and a.order < b.order
end

local function put(heap, timer, place)
  heap[place] = timer
  timer.place = place
end

local function rise(heap, timer, place)
  while place > 1 do
    local parent = (place - place % 2) / 2
    if not before(timer, heap[parent]) then
      break
    end
    put(heap, heap[parent], place)
    place = parent
  end
  put(heap, timer, place)
end

local function sink(heap, timer, place)
  local size = #heap
  while 2 * place <= size do
    local child = 2 * place
    if child < size and before(heap[child + 1], heap[child]) then
      child = child + 1
    end
    if not before(heap[child], timer) then
      break
    end
    put(heap, heap[child], place)
    place = child
  end
  put(heap, timer, place)
end

--- Adds VALUE, to be due at a time.
---@param due number
---@param value any
---@return appintegrations.Timer timer  to remove it with
function methods:add(due, value)
  self.added = self.added + 1
  local timer = { due = due, order = self.added, value = value }
  rise(self.heap, timer, #self.heap + 1)
  return timer
end

--- Takes TIMER out; nothing happens if it is out already.
---@param timer appintegrations.Timer
function methods:remove(timer)
  local heap, place = self.heap, timer.place
  if not place then
    return
  end
  local last = heap[#heap]
  heap[#heap] = nil
  timer.place = nil
  if last ~= timer then
    sink(heap, last, place)
    rise(heap, last, last.place)
  end
end

--- When the first one is due, or nil.
---@return number?
function methods:due()
  local first = self.heap[1]
  return first and first.due
end

--- Takes out the first one if it is due at NOW, and returns its value.
---@param now number
---@return any value
function methods:take(now)
  local first = self.heap[1]
  if first and first.due <= now then
    self:remove(first)
    return first.value
  end
end

---@return appintegrations.Timers
function M.new()
  return setmetatable({ heap = {}, added = 0 }, methods)
end

return M
