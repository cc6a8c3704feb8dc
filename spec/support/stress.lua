--- Random schedules of tasks on loops: each seed is one, which may be run again.
--
--     local stress = require "spec.support.stress"
--     local server = stress.serve()
--     stress.run(seed, server.url)   -- raises an error that says what is wrong
--
-- What happens in it: tasks call, sleep, yield, iterate (with prefetch, together), cancel, raise,
-- begin others and join them, map, collect garbage, cancel and close clients, nest loops; loggers,
-- credentials, clocks and sources of random numbers raise, yield, or call the client again.
-- Whatever that is, every task ends, what ends with an error ends with one that was made here or is
-- an error object, nobody gets an item that another has got, and nothing stays in flight.

local appintegrations = require "appintegrations"
local core = require "appintegrations.core"
local start = require("spec.support.server").start

local M = {}

-- Seconds that a schedule may take, and operations that it may have.
local PATIENCE, MOST_OPERATIONS = 20, 60

local MARK = "stress: raised on purpose"
local RAISED = setmetatable({}, { __tostring = function() return MARK end })

--- Numbers from 1 to N, the same for the same SEED in every Lua.
local function generator(seed)
  local state = seed % 2147483647
  if state == 0 then
    state = 1
  end
  return function(n)
    state = state * 16807 % 2147483647
    return math.floor(state / 2147483647 * n) + 1
  end
end

local function page(number, following)
  return { body = ('{"Applications":[{"Name":"%da"},{"Name":"%db"}]%s}'):format(number, number,
    following and (',"NextToken":"%s"'):format(following) or "") }
end

--- The service that schedules talk to.
function M.serve()
  return start {
    ["GET /applications"] = page(1, "p2"),
    ["GET /applications?nextToken=p2"] = page(2, "p3"),
    ["GET /applications?nextToken=p3"] = page(3),
    ["GET /applications/fine"] = { body = '{"Name":"fine"}' },
    ["GET /applications/slow"] = { body = '{"Name":"slow"}', delay = 0.002 },
    ["GET /applications/hang"] = { hang = true },
    ["GET /applications/reset"] = { reset = true },
    ["GET /applications/broken"] = { status = 500, body = "{}" },
    { status = 400, body = "{}" },
  }
end

local FATES = { "fine", "fine", "fine", "slow", "hang", "reset", "broken" }

--- That RESULT and ERR are what a call may return.
local function check_outcome(what, result, err)
  if result == nil and err ~= nil and not appintegrations.is_error(err) then
    error(("%s returned no error object but %s"):format(what, tostring(err)), 0)
  end
end

--- That what was raised is of our making, or an error object.
local function check_raised(err)
  local cause = type(err) == "table" and err.cause
  local text = tostring(err) .. (cause ~= nil and tostring(cause) or "")
  local is_ours = appintegrations.is_error(err) and err.code ~= "TaskFailed"
  if not (is_ours or text:find(MARK, 1, true)) then
    error("an error that nobody made: " .. text, 0)
  end
end

-- ---- the world of one schedule -------------------------------------------------------------

local function sometimes_raising(world, odds, f)
  return function(...)
    if world.hostile and world.pick(odds) == 1 then
      error(MARK, 0)
    end
    return f(...)
  end
end

--- What a callback may do besides its work.
local function mischief(world)
  if world.at_point then
    world.at_point(world)
  end
  local what = world.hostile and world.pick(12) or 0
  if what == 1 then
    error(MARK, 0)
  elseif what == 2 and coroutine.running() and world.in_task() then
    coroutine.yield()
  elseif what == 3 and not world.inside then
    world.inside = true
    check_outcome("a call in a callback", world.client():get_application { Arn = "fine" })
    world.inside = false
  elseif what == 4 then
    collectgarbage "step"
  end
end

local function new_client(world, loop)
  local pick = world.pick
  return assert(appintegrations.client {
    region = "us-east-1", env = {}, endpoint_url = world.url, loop = loop,
    timeout = 0.015, connect_timeout = 1, max_attempts = pick(2), max_connections = pick(8),
    credentials = pick(2) == 1 and { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" }
      or function()
        mischief(world)
        return { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret",
          expiration = core.now() + pick(1200) }
      end,
    logger = pick(2) == 1 and function() mischief(world) end or nil,
    clock = sometimes_raising(world, 200, core.now),
    random = sometimes_raising(world, 400, function() return pick(1000) / 1001 end),
  })
end

--- A call of CLIENT, and what may become of it.
local function call(world, client)
  check_outcome("a call", client:get_application { Arn = FATES[world.pick(#FATES)] })
end

local operations = {}

function operations.call(world) call(world, world.client()) end

function operations.sleep(world) world.loop:sleep(world.pick(3) / 2000) end

function operations.yield() coroutine.yield() end

function operations.raise(world)
  error(world.pick(2) == 1 and MARK or RAISED, 0)
end

function operations.iterate(world)
  local pick = world.pick
  local it = world.client():each_application({}, { prefetch = pick(2) == 1, limit = pick(9) })
  local left = pick(8)
  local item, err = it:next()
  while item and left > 0 do
    left = left - 1
    item, err = it:next()
  end
  check_outcome("an iterator", item, err)
  if pick(2) == 1 then
    it:close()
  end
end

--- Takes an item that others want too; false where there is none.
local function take_shared(shared)
  local item, err = shared.it:next()
  check_outcome("a shared iterator", item, err)
  if item and shared.taken[item.Name] then
    error("two takers got " .. item.Name, 0)
  elseif item then
    shared.taken[item.Name] = true
  end
  return item ~= nil
end

function operations.share(world)
  local left = world.pick(5)
  while left > 0 and take_shared(world.shared) do
    left = left - 1
  end
  if left > 0 and world.pick(4) == 1 then
    world.shared.it:close()
  end
end

operations.share_too = operations.share -- more often than others

function operations.cancel(world)
  local task = world.tasks[world.pick(#world.tasks)]
  if task then
    task:cancel()
  end
end

function operations.map(world)
  local list = {}
  for i = 1, world.pick(5) do
    list[i] = i
  end
  local outputs, errors, failed = world.loop:map(list, function()
    call(world, world.client())
    if world.pick(4) == 1 then
      error(MARK, 0)
    end
    return true
  end, world.pick(3))
  local counted = 0
  for _ in pairs(errors or {}) do
    counted = counted + 1
  end
  assert(outputs.n == #list and counted == failed, "loop:map has lost an outcome")
end

function operations.join(world)
  local task = world.spawn()
  if task then
    check_outcome("a join", task:join())
  end
end

function operations.spawn(world) world.spawn() end

function operations.collect(world) collectgarbage(world.pick(2) == 1 and "step" or "collect") end

function operations.cancel_client(world) world.client():cancel() end

function operations.close_client(world)
  local place = world.pick(#world.clients)
  world.clients[place]:close()
  world.clients[place] = new_client(world, world.pick(4) > 1 and world.loop or nil)
end

function operations.plain_coroutine(world)
  local thread = coroutine.create(function() call(world, world.client()) end)
  local ok, err = coroutine.resume(thread)
  if not ok then
    check_raised(err)
  end
end

--- A task that is cancelled within its call.
function operations.drop(world)
  if not world.loop.closed then -- to begin one there is misuse
    world.loop:begin(function() call(world, world.client()) end):cancel()
  end
end

function operations.nest(world)
  local inner = appintegrations.loop()
  local client = new_client(world, inner)
  for _ = 1, world.pick(3) do
    inner:spawn(function() call(world, client) end)
  end
  inner:run()
  inner:close()
end

local NAMES = {}
for name in pairs(operations) do
  NAMES[#NAMES + 1] = name
end
table.sort(NAMES)

--- What one task does.
local function body(world)
  return function()
    for _ = 1, world.pick(5) do
      world.left = world.left - 1
      if world.left < 0 then
        return true
      end
      local name = NAMES[world.pick(#NAMES)]
      world.log[#world.log + 1] = name
      if world.at_point then
        world.at_point(world)
      end
      operations[name](world)
    end
    return true
  end
end

local function new_world(seed, url)
  local pick = generator(seed * 7919 + 13)
  local world = { pick = pick, url = url, left = MOST_OPERATIONS, tasks = {}, clients = {},
    log = {}, hostile = false, loop = appintegrations.loop() }
  function world.client() return world.clients[pick(#world.clients)] end
  function world.in_task() return world.loop:in_task() end
  function world.spawn()
    if world.left > 0 and not world.loop.closed then
      local task = world.loop:spawn(body(world))
      world.tasks[#world.tasks + 1] = task
      return task
    end
  end
  for i = 1, pick(3) do
    world.clients[i] = new_client(world, (i == 1 or pick(3) > 1) and world.loop or nil)
  end
  world.shared = { taken = {},
    it = world.client():each_application({}, { prefetch = pick(2) == 1 }) }
  world.hostile = pick(3) > 1 -- from here on
  return world
end

--- Runs the loop of WORLD until its tasks have ended, or closes it on the way.
local function run_loop(world)
  local deadline, steps = core.monotonic() + PATIENCE, 0
  local closes_at = world.pick(4) == 1 and world.pick(30) or 0
  repeat
    steps = steps + 1
    if steps == closes_at then
      world.loop:close()
    end
    local left, err = world.loop:step(0.005)
    if err then
      check_raised(err)
    end
    if left > 0 and core.monotonic() > deadline then
      error(("%d tasks do not end"):format(left), 0)
    end
  until left == 0 and not err
end

local function check_end(world)
  for i, task in ipairs(world.tasks) do
    assert(task:done(), ("task %d of %d has not ended"):format(i, #world.tasks))
    local result, err = task:result()
    if result == nil and err ~= nil then
      check_raised(err)
    end
  end
  assert(world.loop:run() == true, "a task is left, or a failure is told twice")
  world.loop:close()
  if world.loop.engine then
    local waiting, running = world.loop.engine:counts()
    assert(waiting + running == 0, "a transfer is still in flight")
  end
  for _, client in ipairs(world.clients) do
    client:close()
  end
end

--- Runs the schedule of SEED against the service at URL.
---@param seed integer
---@param url string
---@param at_point? fun(world: table)  called before each operation, and in each callback
function M.run(seed, url, at_point)
  local world = new_world(seed, url)
  world.at_point = at_point
  for _ = 1, world.pick(6) do
    world.spawn()
  end
  local ok, err = xpcall(function()
    run_loop(world)
    check_end(world)
  end, function(problem) return debug.traceback(tostring(problem), 2) end)
  if not ok then
    error(("seed %d: %s\noperations: %s\nrun it again: make stress SEED=%d"):format(seed, err,
      table.concat(world.log, " "), seed), 0)
  end
end

return M
