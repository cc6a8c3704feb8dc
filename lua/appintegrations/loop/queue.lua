-- SPDX-License-Identifier: MIT
--- The tasks that are ready, oldest first: a ring of places that are used again and again. In a
-- list whose keys only grow, Lua would look for room anew at nearly every insertion.
-- @module appintegrations.loop.queue

local M = {}

---@class appintegrations.Queue
---@field first integer  the place of the oldest; places count from 1 to `room`
---@field count integer
---@field room integer

---@return appintegrations.Queue
function M.new()
  return { first = 1, count = 0, room = 0 }
end

--- Makes room for COUNT in all, so that pushing them cannot fail.
---@param queue appintegrations.Queue
---@param count integer
function M.reserve(queue, count)
  local room = queue.room
  if count <= room then
    return
  end
  local larger = room > 4 and 2 * room or 8
  while larger < count do
    larger = 2 * larger
  end
  for place = room + 1, larger do
    queue[place] = false
  end
  for place = 1, queue.first + queue.count - 1 - room do -- what stands at the beginning again
    queue[room + place], queue[place] = queue[place], false
  end
  queue.room = larger
end

--- Adds VALUE behind the others; there must be room.
---@param queue appintegrations.Queue
---@param value any
function M.push(queue, value)
  local place = queue.first + queue.count
  queue[place > queue.room and place - queue.room or place] = value
  queue.count = queue.count + 1
end

--- Takes the oldest one out; nil when there is none.
---@param queue appintegrations.Queue
---@return any value
function M.pop(queue)
  if queue.count == 0 then
    return nil
  end
  local first = queue.first
  local value = queue[first]
  queue[first] = false
  queue.first = first < queue.room and first + 1 or 1
  queue.count = queue.count - 1
  return value
end

return M
