-- `make bench`: what calls cost beside a minimum written by hand, both measured
-- in turn in processes of their own against nginx with canned answers.
local core = require "appintegrations.core"
local cjson = require "cjson"
local socket = require "socket"

local LUA, DIR, ROUNDS = os.getenv "LUA", os.getenv "BENCH_DIR", tonumber(os.getenv "ROUNDS" or 5)

local function write(name, text)
  local file = assert(io.open(DIR .. "/" .. name, "w"))
  assert(file:write(text))
  assert(file:close())
end

local function read(name)
  local file = assert(io.open(name))
  local text = file:read "*a"
  file:close()
  return text
end

local function free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return port
end

local function page(token)
  local items = {}
  local arn = "arn:aws:app-integrations:us-east-1:111122223333:data-integration"
  for i = 1, 50 do
    items[i] = {
      DataIntegrationAssociationArn = arn .. ("-association/%08x"):format(i),
      DataIntegrationArn = arn .. "/6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10",
      ClientId = "queue-" .. i,
      DestinationURI = "s3://contact-center/cases/queue-" .. i,
      LastExecutionStatus = { ExecutionStatus = "COMPLETED", StatusMessage = "42 objects" },
      ExecutionConfiguration = {
        ExecutionMode = "ON_DEMAND",
        OnDemandConfiguration = { StartTime = "1790812800000", EndTime = "1793491200000" },
      },
    }
  end
  return cjson.encode { DataIntegrationAssociations = items, NextToken = token }
end

--- Starts nginx; it ends when the returned pipe is closed.
local function start_nginx()
  local port = free_port()
  write("nginx.conf", (read("spec/bench/nginx.conf"):gsub("@PORT@", tostring(port))))
  write("odd.json", page "odd")
  write("even.json", page "even")
  write("create.json", cjson.encode {
    Arn = "arn:aws:app-integrations:us-east-1:111122223333:data-integration/1",
    Id = "6f2d1c64-0d5a-4f43-9d4e-0f2f7f1f9a10", Name = "crm-cases",
    KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
    SourceURI = "Salesforce://AppFlow/crm-cases", Tags = { team = "contact-center" },
  })
  local pipe = assert(io.popen(("nginx -p '%s' -c nginx.conf -e stderr & pid=$!; cat >/dev/null; "
    .. "kill $pid; wait $pid"):format(DIR), "w"))
  local host = "127.0.0.1:" .. port
  for _ = 1, 100 do
    local connection = socket.connect("127.0.0.1", port)
    if connection then
      connection:close()
      return host, pipe
    end
    socket.sleep(0.05)
  end
  error "nginx does not start"
end

--- CPU seconds and peak KiB of one process, and the wall time around it.
local function run(side, job, count, host)
  local started = core.monotonic()
  local pipe = assert(io.popen(("exec %s spec/bench/job.lua %s %s %d %s"):format(LUA, side, job,
    count, host)))
  local line = pipe:read "*l"
  pipe:close()
  local wall = core.monotonic() - started
  local cpu, peak = (line or ""):match "^(%S+)%s+(%d+)$"
  assert(cpu, "the job failed: " .. job)
  return { cpu = tonumber(cpu), peak = tonumber(peak), wall = wall }
end

local function median(list, field)
  local values = {}
  for i, entry in ipairs(list) do
    values[i] = entry[field]
  end
  table.sort(values)
  return values[math.floor((#values + 1) / 2)]
end

--- Measures JOB on both sides in turn; returns the medians of FIELD.
local function compare(job, count, host, field)
  local results = { ours = {}, minimum = {} }
  for round = 1, ROUNDS do
    for side, list in pairs(results) do
      list[round] = run(side, job, count, host)
    end
  end
  return median(results.ours, field), median(results.minimum, field)
end

local function row(name, ours, minimum, scale, unit)
  print(("%-38s %10.2f %10.2f %-4s %8.2f"):format(name, ours * scale, minimum * scale, unit,
    ours / minimum))
end

local host, nginx = start_nginx()
print(("%-38s %10s %10s %-4s %8s"):format("", "ours", "minimum", "", "ratio"))
local function report(name, job, count, field, scale, unit)
  local ours, minimum = compare(job, count, host, field)
  row(name, ours, minimum, scale, unit)
end
report("CPU per create call", "create", 5000, "cpu", 1e6 / 5000, "us")
report("CPU per listed item (pages of 50)", "list", 50000, "cpu", 1e6 / 50000, "us")
report("CPU per signature, key kept", "sign", 100000, "cpu", 1e6 / 100000, "us")
report("process start to first call, wall", "first", 1, "wall", 1e3, "ms")
report("peak memory after 5,000 creates", "create", 5000, "peak", 1 / 1024, "MiB")

local few, many = run("ours", "list", 2000, host), run("ours", "list", 200000, host)
print(("%-38s %10.2f %10.2f %-4s %8.2f"):format("peak memory, 200,000 items : 2,000",
  many.peak / 1024, few.peak / 1024, "MiB", many.peak / few.peak))
local requires = {}
for i = 1, ROUNDS do
  requires[i] = run("ours", "require", 1, host)
end
print(("%-38s %10.2f %10s %-4s"):format('require "appintegrations", CPU',
  median(requires, "cpu") * 1e3, "", "ms"))
nginx:close()
