local emulator = require "appintegrations.emulator"
local support = require "spec.support.service"

describe("an execution", function()
  local driver, now

  before_each(function()
    now = 1000
    driver = support.direct(assert(emulator.new {
      verify_signatures = false, clock = function() return now end, execution_seconds = 5,
    }))
    driver:call("POST", "/dataIntegrations", { Name = "n", KmsKey = "k" })
  end)

  local function associate(configuration)
    return driver:call("POST", "/dataIntegrations/n/associations",
      { ExecutionConfiguration = configuration }).body.DataIntegrationAssociationId
  end

  local function last()
    return driver:call("GET", "/dataIntegrations/n/associations").body
      .DataIntegrationAssociations[1].LastExecutionStatus
  end

  for _, mode in ipairs { "ON_DEMAND", "SCHEDULED" } do
    it("in mode " .. mode .. " is in progress, then completed", function()
      associate { ExecutionMode = mode }
      assert.equal("IN_PROGRESS", last().ExecutionStatus)
      now = 1004.999
      assert.equal("IN_PROGRESS", last().ExecutionStatus)
      now = 1005
      assert.equal("COMPLETED", last().ExecutionStatus)
    end)
  end

  it("runs again after an update, by the association's id or ARN", function()
    local id = associate { ExecutionMode = "ON_DEMAND" }
    local arn = driver:call("GET", "/dataIntegrations/n/associations").body
      .DataIntegrationAssociations[1].DataIntegrationAssociationArn
    for _, identifier in ipairs { id, (arn:gsub(":", "%%3A"):gsub("/", "%%2F")) } do
      now = now + 10
      assert.equal("COMPLETED", last().ExecutionStatus)
      assert.equal(200, driver:call("PATCH", "/dataIntegrations/n/associations/" .. identifier,
        { ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" } }).status)
      assert.equal("IN_PROGRESS", last().ExecutionStatus)
    end
  end)

  it("fails when its times make no sense", function()
    for _, times in ipairs { { StartTime = "yesterday" }, { StartTime = "5", EndTime = "soon" },
      { StartTime = "5", EndTime = "5" } } do
      local id = associate { ExecutionMode = "ON_DEMAND", OnDemandConfiguration = times }
      local status
      for _, item in ipairs(driver:call("GET", "/dataIntegrations/n/associations").body
        .DataIntegrationAssociations) do
        if item.DataIntegrationAssociationArn:find(id, 1, true) then
          status = item.LastExecutionStatus
        end
      end
      assert.equal("FAILED", status.ExecutionStatus)
      assert.matches("Time", status.StatusMessage)
    end
  end)

  it("does not exist without a configuration", function()
    associate(nil)
    assert.is_nil(last())
  end)

  it("cannot be had through another data integration", function()
    local id = associate { ExecutionMode = "ON_DEMAND" }
    driver:call("POST", "/dataIntegrations", { Name = "other", KmsKey = "k" })
    assert.equal("ResourceNotFoundException", driver:call("PATCH",
      "/dataIntegrations/other/associations/" .. id,
      { ExecutionConfiguration = { ExecutionMode = "ON_DEMAND" } }).code)
  end)
end)
