-- SPDX-License-Identifier: MIT
--- The jobs of data integration associations. Nothing runs: a job's status follows from when it
-- was started and the clock. It is IN_PROGRESS for the service's execution_seconds, then
-- COMPLETED; it FAILS at once when its times make no sense, so that callers can meet every status.
-- A scheduled job counts as one first run that starts with the association.
-- @module appintegrations.emulator.execution

local M = {}

--- Why a job with CONFIGURATION must fail, or nil. Times are epoch milliseconds in strings.
local function failure(configuration)
  local times = configuration.OnDemandConfiguration
  if not times then
    return nil
  end
  local from = times.StartTime:find("^%d+$") and tonumber(times.StartTime)
  local to = times.EndTime and times.EndTime:find("^%d+$") and tonumber(times.EndTime)
  if not from then
    return "StartTime is no time in epoch milliseconds."
  elseif times.EndTime and not to then
    return "EndTime is no time in epoch milliseconds."
  elseif to and to <= from then
    return "EndTime is not after StartTime."
  end
  return nil
end

--- A job with CONFIGURATION that starts at NOW; nil without a configuration.
---@param configuration? table  ExecutionConfiguration
---@param now number
---@return table? execution
function M.start(configuration, now)
  return configuration and { started = now, failure = failure(configuration) } or nil
end

--- LastExecutionStatus of EXECUTION at NOW; nil if there was none.
---@param execution? table
---@param now number
---@param seconds number  how long a job takes
---@return table?
function M.status(execution, now, seconds)
  if not execution then
    return nil
  elseif execution.failure then
    return { ExecutionStatus = "FAILED", StatusMessage = execution.failure }
  elseif now < execution.started + seconds then
    return { ExecutionStatus = "IN_PROGRESS", StatusMessage = "The job is running." }
  end
  return { ExecutionStatus = "COMPLETED", StatusMessage = "The job has completed." }
end

return M
