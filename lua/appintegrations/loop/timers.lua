-- SPDX-License-Identifier: MIT
--- What is due when: a binary heap, so that thousands of sleeping tasks cost
-- O(log n) each.
-- @module appintegrations.loop.timers

local M = {}

---@class appintegrations.Timer
---@field due number     by the loop's clock
---@field order integer  of two that are due at the same time the older one comes first
---@field value any
---@field place? integer in the heap; nil once it has been taken out

---@class appintegrations.Timers
local methods = {}
methods.__index = methods

--- Puts TIMER where it belongs in a heap of SIZE, beginning at PLACE, which is free (it is that of
--- REMOVED, whose end the heap's last timer is to fill). Calls nothing, and allocates nothing once
--- anything has changed: for want of memory it is done in full or not at all.
local function fill(heap, timer, place, size, removed)
  heap[place] = timer
  if removed then
    heap[size + 1], removed.place = nil, nil
  end
  local due, order = timer.due, timer.order
  while place > 1 do -- rises above those that are due later
    local parent = (place - place % 2) / 2
    local other = heap[parent]
    if other.due < due or other.due == due and other.order < order then
      break
    end
    heap[place], other.place, place = other, place, parent
  end
  while 2 * place <= size do -- sinks below those that are due earlier
    local child = 2 * place
    local other, right = heap[child], heap[child + 1]
    if right and (right.due < other.due
        or right.due == other.due and right.order < other.order) then
      child, other = child + 1, right
    end
    if due < other.due or due == other.due and order < other.order then
      break
    end
    heap[place], other.place, place = other, place, child
  end
  heap[place], timer.place = timer, place
end

--- Adds VALUE, to be due at a time.
---@param due number
---@param value any
---@return appintegrations.Timer timer  to remove it with
function methods:add(due, value)
  self.added = self.added + 1
  local timer = { due = due, order = self.added, value = value, place = false }
  local size = #self.heap + 1
  fill(self.heap, timer, size, size)
  return timer
end

--- Takes TIMER out; nothing happens if it is out already.
---@param timer appintegrations.Timer
function methods:remove(timer)
  local heap, place = self.heap, timer.place
  if not place then
    return
  end
  local size = #heap
  local last = heap[size]
  if last == timer then
    heap[size], timer.place = nil, nil
  else
    fill(heap, last, place, size - 1, timer)
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
