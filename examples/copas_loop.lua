-- A hundred calls in a Copas host, beside a timer that ticks every 10 ms. Copas waits for
-- sockets in its threads: one for each socket that the loop waits for.
--
--   examples/with-emulator appintegrations-emulator lua5.1 examples/copas_loop.lua
local appintegrations = require "appintegrations"
local copas = require "copas"
local socket = require "socket"

local TICK = 0.01

--- What Copas takes for a socket: it "would block" once, and has something when Copas
-- comes back. Once the loop waits for FD no more, `stale` ends the waiting.
local function waitable(fd)
  local object = { stale = false, asked = false }
  local function attempt()
    if object.asked then
      return "ready"
    end
    object.asked = true
    return nil, "timeout", 0
  end
  object.receive, object.send = attempt, attempt
  function object.getfd() return object.stale and -1 or fd end
  function object.dirty() return object.stale end
  function object.settimeout() end
  function object.close() end -- Copas closes what a thread leaves; it is the loop's
  return object
end

local watched = {}

--- Has Copas wait for what LOOP waits for.
local function watch(loop)
  local unused = watched
  watched = {}
  for _, waiting in ipairs(loop:fds()) do
    for event in waiting.events:gmatch "." do
      local key = event .. waiting.fd
      local object = unused[key]
      if not object or object.done then
        object = waitable(waiting.fd)
        copas.addthread(function()
          if event == "r" then
            copas.receive(object, 1)
          else
            copas.send(object, "x")
          end
          object.done = true
        end)
      end
      unused[key], watched[key] = nil, object
    end
  end
  for _, object in pairs(unused) do
    object.stale = true
  end
end

local loop = appintegrations.loop()
local client = assert(appintegrations.client { loop = loop })

local work = loop:spawn(function()
  local numbers = {}
  for i = 1, 100 do
    numbers[i] = i
  end
  return loop:map(numbers, function() return client:list_applications() end, 10)
end)

local ticks, next_tick = 0, socket.gettime() + TICK
local left, err = loop:step(0)
while left > 0 do
  watch(loop)
  local until_tick = math.max(0, next_tick - socket.gettime())
  copas.step(math.min(loop:timeout() or until_tick, until_tick))
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
