-- SPDX-License-Identifier: MIT
--- `appintegrations wait-for-execution`: until a job has ended.
-- @module appintegrations.command.wait

local core = require "appintegrations.core"
local output = require "appintegrations.command.output"
local progress = require "appintegrations.command.progress"
local query = require "appintegrations.command.query"

local M = {}

--- Waits, and prints the association.
---@param host table
---@param client appintegrations.Client
---@param arguments table
---@return boolean? done
---@return table? problem
function M.run(host, client, arguments)
  local shape = core.describe("list_data_integration_associations").output
    .members.DataIntegrationAssociations.member
  local path, problem
  if arguments.query then
    path, problem = query.checked(host, arguments.query, shape)
    if not path then
      return nil, problem
    end
  end
  local line, started = progress.new(host), core.monotonic()
  local association, err = client:wait_for_execution({
    DataIntegrationIdentifier = arguments.data_integration_identifier,
    DataIntegrationAssociationIdentifier = arguments.data_integration_association_identifier,
  }, { interval = arguments.interval, deadline = arguments.deadline, on_progress = function(status)
    line:show("%s after %.0f s", status or "no status yet", core.monotonic() - started)
  end })
  line:clear()
  if not association then
    return nil, err
  end
  output.whole(host, { description = { output = shape }, path = path,
    format = output.format(host, arguments.output) }, association)
  return true
end

return M
