-- A hundred calls in a libuv host (luv), beside a timer that ticks every 10 ms.
--
--   examples/with-emulator appintegrations-emulator lua5.4 examples/luv_loop.lua
local appintegrations = require "appintegrations"
local uv = require "luv"

--- Drives LOOP from libuv until its tasks have ended; then calls WHEN_DONE with the
-- first failure of a task, if any.
local function drive(loop, when_done)
  local timer, polls = uv.new_timer(), {}
  local step

  --- Has libuv wait for what the loop waits for. Started anew each time: libcurl may have
  -- closed a socket and been given the same number for the next one.
  local function wait()
    local unused = polls
    polls = {}
    for _, waiting in ipairs(loop:fds()) do
      local fd = waiting.fd
      polls[fd] = unused[fd] or uv.new_poll(fd)
      unused[fd] = nil
      polls[fd]:stop()
      polls[fd]:start(waiting.events, step)
    end
    for _, poll in pairs(unused) do
      poll:close()
    end
    local seconds = loop:timeout()
    timer:stop()
    if seconds then
      timer:start(math.ceil(seconds * 1000), 0, step)
    end
  end

  function step()
    local left, err = loop:step(0)
    if left > 0 and not err then
      return wait()
    end
    for _, poll in pairs(polls) do
      poll:close()
    end
    polls = {}
    if not timer:is_closing() then
      timer:close()
      when_done(err)
    end
  end

  timer:start(0, 0, step)
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

local ticks, ticker = 0, uv.new_timer()
ticker:start(10, 10, function()
  ticks = ticks + 1
end)

drive(loop, function(err)
  assert(not err, err)
  ticker:close()
end)
uv.run()

local outputs, errors = work:result()
assert(not errors, errors and tostring(select(2, next(errors))))
print(("%d calls, %d ticks"):format(#outputs, ticks))
loop:close()
