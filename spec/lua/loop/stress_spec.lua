-- Random schedules. STRESS says how many, FIRST with which seed they begin, SEED which one alone:
-- make stress [COUNT=…] [FIRST=…] [SEED=…].
local cleanup = require "spec.support.cleanup"
local descriptors = require "spec.support.descriptors"
local shell = require "spec.support.shell"
local stress = require "spec.support.stress"

local ONE = tonumber(os.getenv "SEED" or "")
local FIRST = ONE or tonumber(os.getenv "FIRST" or "") or 1
local LAST = ONE or FIRST + (tonumber(os.getenv "STRESS" or "") or 200) - 1

-- A server keeps what it has received: it is replaced from time to time.
local SEEDS_OF_A_SERVER = 200

local function serve()
  local server = stress.serve()
  cleanup(function() server:stop() end)
  return server
end

local function kilobytes()
  if jit then
    jit.flush() -- what it has compiled is nobody's leak
  end
  for _ = 1, 3 do
    collectgarbage()
  end
  return collectgarbage "count"
end

describe("loops under stress", function()
  for from = FIRST, LAST, SEEDS_OF_A_SERVER do
    local last = math.min(LAST, from + SEEDS_OF_A_SERVER - 1)

    it(("account for every task, and leave nothing behind: seeds %d to %d"):format(from, last),
      function()
        local url, memory, open = serve().url, nil, nil
        for seed = from, last do
          stress.run(seed, url)
          if seed == from + 20 then -- what is loaded, and grows, with the first
            memory, open = kilobytes(), descriptors()
          end
        end
        if memory then
          assert.is_true(kilobytes() < memory + 300)
          assert.is_true(descriptors() <= open)
        end
      end)
  end

  --- Runs schedules in processes of their own, in which ACT is Lua code for the n-th operation or
  -- callback, whichever that is.
  local function in_processes(count, act)
    local server = serve()
    for i = 1, count do
      local seed = (ONE or 1000) + i - 1
      local program = ([[%s -e '
        local stress = require "spec.support.stress"
        local n, last = 0, %d
        stress.run(%d, "%s", function(world)
          n = n + 1
          if n == last then %s end
        end)
        io.write "end"']]):format(os.getenv "LUA" or "lua5.4", i % 20 + 1, seed, server.url, act)
      local output, status = shell.output(program)
      assert.equal(0, status, ("seed %d: %s"):format(seed, output))
      assert.matches("^end", output, 1, false)
    end
  end

  it("survive the end of the Lua state at any point", function()
    in_processes(25, 'io.write "end" os.exit(0, true)')
  end)

  it("survive a fork at any point, on both sides", function()
    in_processes(25, [[
      local forking = require "forking"
      io.stdout:flush()
      local pid = forking.fork()
      if pid == 0 then
        pcall(function() world.client():list_applications({}, { deadline = 1 }) end)
        for _, client in ipairs(world.clients) do pcall(client.close, client) end
        forking.exit(0)
      end
      forking.wait(pid)]])
  end)
end)
