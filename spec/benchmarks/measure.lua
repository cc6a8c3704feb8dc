-- SPDX-License-Identifier: MIT
--- Processes are run in turn, so that what disturbs the machine disturbs all sides: the figures of
-- each are medians of its turns, and a ratio is the median of the turns' ratios.

local core = require "appintegrations.core"

local M = {}

--- The numbers in the line that COMMAND prints.
---@param command string
---@return number ...
function M.numbers(command)
  local pipe = assert(io.popen(command))
  local line = pipe:read "*l"
  pipe:close()
  local numbers = {}
  for number in (line or ""):gmatch "%S+" do
    numbers[#numbers + 1] = assert(tonumber(number), line)
  end
  if #numbers == 0 then
    error("it failed: " .. command)
  end
  return (table.unpack or unpack)(numbers)
end

---@class Run
---@field command string  prints CPU seconds and peak KiB
---@field calls number    that it makes

--- Seconds of a call of RUN, by its own processor time and by the clock, and its peak in KiB.
---@param run Run
---@return { cpu: number, peak: number, wall: number }
function M.once(run)
  local started = core.monotonic()
  local cpu, peak = M.numbers(run.command)
  local wall = core.monotonic() - started
  return { cpu = cpu / run.calls, peak = peak, wall = wall / run.calls }
end

---@param values number[]
---@return number
local function median(values)
  local sorted = {}
  for i, value in ipairs(values) do
    sorted[i] = value
  end
  table.sort(sorted)
  return sorted[math.floor((#sorted + 1) / 2)]
end

--- Runs RUNS in turn, so many TURNS: of each the list of what it came to.
---@param runs Run[]
---@param turns integer
---@return table[][]
function M.in_turn(runs, turns)
  local results = {}
  for i = 1, #runs do
    results[i] = {}
  end
  for turn = 1, turns do
    for i, run in ipairs(runs) do
      results[i][turn] = M.once(run)
    end
  end
  return results
end

--- The median of FIELD in RESULTS; beside those of OTHERS, if given, the median of the ratios.
---@param results table[]
---@param field string
---@param others? table[]
---@return number figure
---@return number? ratio
function M.figure(results, field, others)
  local figures, ratios = {}, {}
  for turn, result in ipairs(results) do
    figures[turn] = result[field]
    ratios[turn] = others and result[field] / others[turn][field]
  end
  return median(figures), others and median(ratios)
end

return M
