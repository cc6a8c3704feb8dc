-- A hundred calls in a host that polls by itself (here with LuaSocket's select), beside
-- a timer that ticks every 10 ms.
--
--   examples/with-emulator appintegrations-emulator lua5.4 examples/poll_loop.lua
local appintegrations = require "appintegrations"
local socket = require "socket"

local TICK = 0.01

local loop = appintegrations.loop()
local client = assert(appintegrations.client { loop = loop })

local work = loop:spawn(function()
  local numbers = {}
  for i = 1, 100 do
    numbers[i] = i
  end
  return loop:map(numbers, function() return client:list_applications() end, 10)
end)

--- What select takes: objects that know their descriptor.
local function selectable(fd)
  return { getfd = function() return fd end, dirty = function() return false end }
end

local ticks, next_tick = 0, socket.gettime() + TICK
local left, err = loop:step(0)
while left > 0 do
  local readers, writers = {}, {}
  for _, waiting in ipairs(loop:fds()) do
    local object = selectable(waiting.fd)
    readers[#readers + 1] = waiting.events:find "r" and object
    writers[#writers + 1] = waiting.events:find "w" and object
  end
  local until_tick = math.max(0, next_tick - socket.gettime())
  socket.select(readers, writers, math.min(loop:timeout() or until_tick, until_tick))
  if socket.gettime() >= next_tick then
    ticks, next_tick = ticks + 1, next_tick + TICK
  end
  left, err = loop:step(0)
end
assert(not err, err)

local outputs, errors = work:result()
assert(not errors, errors and tostring(select(2, next(errors))))
print(("%d calls, %d ticks"):format(#outputs, ticks))
loop:close()
