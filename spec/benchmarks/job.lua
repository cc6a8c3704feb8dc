-- SPDX-License-Identifier: MIT
--- One measured process: job.lua SIDE JOB COUNT URL [AUTHORITY]. Prints what COUNT times the job
-- cost, as "cpu_seconds peak_kib". SIDE is one of the files beside this one: ours, minimum, raw.

local side, name, count, url, authority = arg[1], arg[2], tonumber(arg[3]), arg[4], arg[5]

local function peak_kib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s*(%d+)"
    if kib then
      return kib
    end
  end
end

local job = require("spec.benchmarks." .. side)[name](url, authority)
if name ~= "first" and name ~= "require" then
  for _ = 1, math.min(count, tonumber(os.getenv "WARM_UP" or 200)) do
    job()
  end
end
local before = os.clock()
for _ = 1, count do
  job()
end
print(os.clock() - before, peak_kib())
