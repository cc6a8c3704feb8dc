--- Runs a scenario again and again while the system fails: at the first call of a kind, then at the
-- second, and so on until the scenario gets through. A program of its own, under the preloaded
-- library of spec/support/faults.c:
--
--     LD_PRELOAD=build/5.4/faults.so lua5.4 spec/support/fault_scenarios.lua \
--         SCENARIO KIND ERRNO HOW_MANY STEP
--
-- SERVICE_URL, SIGNIN_URL and FOLDER in the environment tell what spec/support/faults.lua has made.
-- Of the calls of KIND, HOW_MANY fail with ERRNO, from the n-th on, for every STEP-th n. Three
-- kinds are others: "jump" moves the wall clock by ERRNO seconds at the n-th look at it,
-- "descriptors" lets the process have n - 1 more of them, "signals" has one come every ERRNO
-- microseconds; the latter two for n up to HOW_MANY. What is promised each time: a result or an
-- error object (or Lua's "not enough memory" where memory was out), no descriptor and no memory
-- lost, and that the same works again when the system does.
-- Prints "N faults: R results, E errors, M memory errors", or what was broken.

local faults = require "faults"

local appintegrations = require "appintegrations"
local core = require "appintegrations.core"

local name, kind, errno, how_many, step = ...
how_many, step = tonumber(how_many), tonumber(step)
local url, folder = os.getenv "SERVICE_URL", os.getenv "FOLDER"

faults.arm("open", 1, "EIO")
assert(not io.open "/dev/null", "the library is not preloaded")
faults.disarm()

local MOST = 5000 -- calls of a kind that no scenario reaches

local KEYS = { -- the emulator's
  access_key_id = "AKIAIOSFODNN7EXAMPLE",
  secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

--- A client of OPTIONS whose retries do not wait.
local function new_client(options)
  local all = { region = "us-east-1", endpoint_url = url, deadline = 20, timeout = 10,
    connect_timeout = 1, imds = false,
    sleep = function() return true end, env = { HOME = folder } }
  for option, value in pairs(options) do
    all[option] = value
  end
  return appintegrations.client(all)
end

--- What F makes of a client of OPTIONS that is closed afterwards, however F ends.
local function with_client(options, f)
  local client, err = new_client(options)
  if not client then
    return nil, err
  end
  local ok, result, problem = pcall(f, client)
  client:close()
  if not ok then
    error(result, 0)
  end
  return result, problem
end

local function list_one(client)
  return client:list_applications { MaxResults = 1 }
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local LOGIN = read(folder .. "/login.json")

local scenarios = {}

function scenarios.create()
  return with_client({ credentials = KEYS }, function(client)
    return client:create_event_integration { EventBridgeBus = "default",
      Name = core.uuid(),
      EventFilter = { Source = "aws.partner/example.com" } }
  end)
end

function scenarios.list()
  return with_client({ credentials = KEYS }, function(client)
    local pages, count = client:each_event_integration { MaxResults = 1 }, 0
    local item, err = pages:next()
    while item do
      count = count + 1
      item, err = pages:next()
      if count == 3 then
        return true
      end
    end
    return err == nil and true or nil, err
  end)
end

--- Keys from the shared files of the folder.
function scenarios.files()
  return with_client({ profile = "keys" }, list_one)
end

--- Keys that a process of a profile prints.
function scenarios.process()
  return with_client({ profile = "process" }, list_one)
end

--- Keys of `aws login`, which are refreshed and written back.
function scenarios.refresh()
  return with_client({ profile = "login", env = { HOME = folder,
    AWS_ENDPOINT_URL_SIGNIN = os.getenv "SIGNIN_URL", AWS_LOGIN_CACHE_DIRECTORY = folder } },
    list_one)
end

--- Calls that are in flight when all is closed.
function scenarios.close()
  local loop = appintegrations.loop()
  local client, err = new_client { credentials = KEYS, loop = loop }
  if not client then
    return nil, err
  end
  local ok, problem = pcall(function()
    for _ = 1, 3 do
      loop:spawn(list_one, client)
    end
    loop:step(0)
    loop:step(0)
    client:cancel()
  end)
  client:close()
  loop:close()
  if not ok then
    error(problem, 0)
  end
  return true
end

local run = scenarios[name]

--- The login's file, whose credentials have expired.
local function prepare()
  if name == "refresh" then
    write(folder .. "/" .. os.getenv "LOGIN_FILE", LOGIN)
  end
end

local descriptors -- that are open when nothing is in flight
local outcomes = { result = 0, error = 0, memory = 0 }

--- Prints, or writes to the file OUTPUT where the standard output is closed.
local function tell(text)
  local path = os.getenv "OUTPUT"
  if path then
    write(path, text .. "\n")
  else
    print(text)
  end
end

--- Says what is broken, and ends.
local function complain(n, text)
  tell(("%s %d: %s"):format(kind, n, text))
  os.exit(1)
end

--- Runs the scenario without faults: it works.
local function check(n)
  prepare()
  local ok, result, err = pcall(run)
  if not (ok and result) then
    complain(n, "broken afterwards: " .. tostring(ok and err or result))
  end
end

--- What makes the system fail from the N-th time on, and what ends that and tells how often.
local disturb = setmetatable({}, { __index = function()
  return function(n)
    faults.arm(kind, n, errno, how_many)
  end
end })

local restore = setmetatable({}, { __index = function()
  return function()
    return select(2, faults.disarm())
  end
end })

function disturb.jump(n)
  faults.jump(tonumber(errno), n)
end

function restore.jump(n)
  return math.max(faults.jump(0) - n + 1, 0)
end

function disturb.descriptors(n)
  faults.limit_descriptors(descriptors + n - 1)
end

function restore.descriptors(n)
  faults.limit_descriptors(1024)
  return n <= how_many and 1 or 0
end

function disturb.signals()
  faults.interrupt(tonumber(errno))
end

function restore.signals(n)
  faults.interrupt(0)
  return n <= how_many and 1 or 0
end

--- Runs it with faults from the N-th call on; how many there were, and what it came to.
local function run_failing(n)
  prepare()
  disturb[kind](n)
  local ok, result, err = pcall(run)
  local failed = restore[kind](n)
  if ok and result then
    return failed, "result"
  elseif ok and appintegrations.is_error(err) and tostring(err) ~= "" then
    return failed, "error"
  elseif not ok and kind == "malloc" and tostring(result):find "not enough memory" then
    return failed, "memory"
  end
  complain(n, (ok and "no error object: " or "raised: ") .. tostring(ok and err or result))
end

local function held()
  for _ = 1, 4 do -- before 5.2, an owner goes in one cycle, what it has owned in the next
    collectgarbage()
  end
  return faults.bytes() or 0
end

--- Whether what MEASURE tells grows each time that the N-th call fails. (Once is no leak: an
-- answer that comes before it is cancelled leaves a connection that is kept, for instance.)
local function grows(measure, n)
  local before = measure()
  for _ = 1, 12 do
    run_failing(n)
    check(n)
    local after = measure()
    if after <= before then
      return false
    end
    before = after
  end
  return true
end

-- What is loaded when it is first needed is there: a module that cannot be read is another matter.
local files = io.popen "cd lua && find appintegrations -name '*.lua'"
for file in files:lines() do
  if not file:find "emulator" and not file:find "/types.lua" and not file:find "transport/[rh]" then
    require(file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
  end
end
files:close()

for _ = 1, 3 do -- everything is loaded, and what stays for good has been allocated
  check(0)
end
local most_held, most_open = held(), faults.descriptors()
descriptors = most_open
local tried = 0
for n = 1, MOST, step do
  local failed, outcome = run_failing(n)
  if failed == 0 then
    break
  end
  tried, outcomes[outcome] = tried + 1, outcomes[outcome] + 1
  check(n)
  local now_held, now_open = held(), faults.descriptors()
  if now_open > most_open and grows(faults.descriptors, n) then
    complain(n, ("%d descriptors were left"):format(faults.descriptors() - descriptors))
  elseif now_held > most_held and grows(held, n) then
    complain(n, "memory is lost each time")
  end
  most_held, most_open = math.max(most_held, now_held), math.max(most_open, now_open)
end
tell(("%d faults: %d results, %d errors, %d memory errors"):format(tried, outcomes.result,
  outcomes.error, outcomes.memory))
