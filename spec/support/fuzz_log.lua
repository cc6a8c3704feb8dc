--- Says in one line what a run of libFuzzer has done, by its log: `lua fuzz_log.lua NAME FILE`.

local name, path = arg[1], arg[2]
local file = assert(io.open(path))
local log = file:read "*a"
file:close()

local coverage
for edges, features, kept in log:gmatch "cov: (%d+) ft: (%d+) corp: (%d+)" do
  coverage = ("%s edges, %s features, %s inputs kept"):format(edges, features, kept)
end
print(("%-10s %10s executions, %6s a second, %s"):format(name,
  log:match "number_of_executed_units: (%d+)" or "no",
  log:match "average_exec_per_sec: +(%d+)" or "?", coverage or "no coverage told"))
