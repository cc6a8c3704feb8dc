local command = require "spec.support.command"

if not pcall(require, "argparse") then
  pending "the command: argparse is missing for this Lua"
  return
end

local ENDED = 3600 -- seconds after which any execution of the emulator has ended

describe("wait-for-execution", function()
  local shell, association

  before_each(function()
    shell = command.new()
    shell:run { "create-data-integration", "--name", "crm", "--kms-key", "alias/crm" }
    association = shell:run({ "create-data-integration-association",
      "--data-integration-identifier", "crm", "--execution-configuration",
      '{"ExecutionMode":"ON_DEMAND","OnDemandConfiguration":{"StartTime":"1790000000000"}}',
      "--query", "DataIntegrationAssociationId" }).out:match '^"([^"]+)"\n$'
  end)

  local function wait(...)
    return shell:run { "wait-for-execution", "--data-integration-identifier", "crm",
      "--data-integration-association-identifier", association, ... }
  end

  it("prints the association whose execution has ended", function()
    shell.service:set_clock { advance = ENDED }
    local result = wait("--query", "LastExecutionStatus.ExecutionStatus")
    assert.same({ 0, '"COMPLETED"\n', "" }, { result.code, result.out, result.err })
  end)

  it("tells the status on a terminal, and gives up after its deadline", function()
    shell.is_terminal.err = true
    local result = wait("--interval", "0.01", "--deadline", "0.05")
    assert.equal(4, result.code)
    assert.equal("", result.out)
    assert.truthy(result.err:find("IN_PROGRESS after 0 s", 1, true), result.err)
  end)

  it("needs both identifiers", function()
    local result = shell:run { "wait-for-execution", "--data-integration-identifier", "crm" }
    assert.equal(2, result.code)
    assert.truthy(result.err:find("--data-integration-association-identifier", 1, true))
  end)
end)
