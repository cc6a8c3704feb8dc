local appintegrations = require "appintegrations"
local account = require "spec.support.account"

local raises = account.raises_in "execution_spec"

local world, client, service

before_each(function()
  world = account.new()
  client, service = world.client, world.service
end)

describe("waiting for an execution", function()
  local params

  local function associate(range)
    local association = assert(client:create_data_integration_association {
      DataIntegrationIdentifier = "crm", ExecutionConfiguration = range and {
        ExecutionMode = "ON_DEMAND", OnDemandConfiguration = range } or nil,
    })
    return { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = association.DataIntegrationAssociationId }
  end

  before_each(function()
    world.create_data_integration("crm")
    params = associate { StartTime = "1790000000000" }
    world.take_sent()
  end)

  it("returns the association once it has completed, and tells of progress", function()
    local seen = {}
    local association, meta = assert(client:wait_for_execution(params, {
      on_progress = function(status, item)
        seen[#seen + 1] = status
        assert.equal(status, item.LastExecutionStatus.ExecutionStatus)
      end,
    }))
    assert.equal("COMPLETED", association.LastExecutionStatus.ExecutionStatus)
    assert.matches(params.DataIntegrationAssociationIdentifier:gsub("%-", "%%-") .. "$",
      association.DataIntegrationAssociationArn)
    assert.same({ "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED" }, seen)
    assert.equal(15, meta.elapsed)
    assert.equal(4, meta.polls)
    assert.truthy(tostring(meta):find("\n  polls = 4,\n", 1, true), tostring(meta))
    assert.equal(200, meta.status)
    assert.is_string(meta.request_id)
  end)

  it("takes the association's ARN too", function()
    local association = assert(client:wait_for_execution(params))
    assert(client:wait_for_execution { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = association.DataIntegrationAssociationArn })
  end)

  it("returns ExecutionFailed with the service's reason", function()
    local failing = associate { StartTime = "2", EndTime = "1" }
    local association, err = client:wait_for_execution(failing)
    assert.is_nil(association)
    assert.is_true(appintegrations.is_error(err, "ExecutionFailed"))
    assert.equal("service", err.kind)
    assert.equal("EndTime is not after StartTime.", err.message)
    assert.equal("FAILED", err.association.LastExecutionStatus.ExecutionStatus)
    assert.equal("wait_for_execution", err.operation)
    assert.is_false(err.retryable)
  end)

  it("returns DeadlineExceeded before it would wait past the deadline", function()
    local started = world.now
    local association, err = client:wait_for_execution(params, { deadline = 9, interval = 4 })
    assert.is_nil(association)
    assert.equal("DeadlineExceeded", err.code)
    assert.equal("timeout", err.kind)
    assert.equal("the execution is IN_PROGRESS after 8 s; the next look, in 4 s, would be past the "
      .. "deadline of 9 s", err.message)
    assert.equal(8, world.now - started)
    assert.equal(3, #world.take_sent())
  end)

  it("gives each call what is left of the deadline", function()
    local rest = {}
    local send = client.transport.send
    function client.transport.send(self, request, deadline)
      rest[#rest + 1] = deadline - world.now
      return send(self, request, deadline)
    end
    client:wait_for_execution(params, { deadline = 9, interval = 4 })
    assert.same({ 9, 5, 1 }, rest)
  end)

  it("waits for a status that is not there yet", function()
    local without = associate(nil)
    local seen = 0
    local _, err = client:wait_for_execution(without, { deadline = 11,
      on_progress = function(status)
        assert.is_nil(status)
        seen = seen + 1
      end })
    assert.equal(3, seen)
    assert.matches("the execution is without a status after 10 s", err.message)
  end)

  it("asks for the page again on which it found the association", function()
    for _ = 1, 4 do
      params = associate { StartTime = "1790000000000" }
    end
    world.take_sent()
    local _, meta = assert(client:wait_for_execution(params))
    assert.equal(4, meta.polls)
    assert.equal(3 + 3, #world.take_sent()) -- three pages first, then the third
  end)

  it("begins anew when the page's token has become invalid", function()
    for _ = 1, 3 do
      params = associate { StartTime = "1790000000000" }
    end
    world.take_sent()
    service:fail_next { operation = "list_data_integration_associations", skip = 2,
      code = "InvalidRequestException" }
    local _, meta = assert(client:wait_for_execution(params))
    assert.equal(4, meta.polls)
    assert.equal(2 + (1 + 2) + 2, #world.take_sent())
  end)

  it("says when there is no such association, or no such data integration", function()
    local association, err = client:wait_for_execution { DataIntegrationIdentifier = "crm",
      DataIntegrationAssociationIdentifier = "none" }
    assert.is_nil(association)
    assert.equal("ResourceNotFoundException", err.code)
    assert.equal("the data integration crm has no association none", err.message)
    association, err = client:wait_for_execution { DataIntegrationIdentifier = "nothing",
      DataIntegrationAssociationIdentifier = "none" }
    assert.is_nil(association)
    assert.same({ "ResourceNotFoundException", 404 }, { err.code, err.status })
  end)

  it("ends with the error of a call that fails", function()
    service:fail_next { skip = 1, code = "AccessDeniedException" }
    local association, err = client:wait_for_execution(params)
    assert.is_nil(association)
    assert.equal("AccessDeniedException", err.code)
  end)

  it("is ended by client:cancel while it waits", function()
    local sleeps = 0
    client.sleep = function()
      sleeps = sleeps + 1
      client:cancel()
    end
    local association, err = client:wait_for_execution(params)
    assert.is_nil(association)
    assert.equal("Cancelled", err.code)
    assert.equal(1, sleeps)
    assert(client:list_applications())
  end)

  it("yields where the client's sleep does", function()
    client.sleep = coroutine.yield
    local waiting = coroutine.wrap(function() return client:wait_for_execution(params) end)
    assert.equal(5, (waiting()))
    world.now = world.now + 20
    assert.equal("COMPLETED", waiting().LastExecutionStatus.ExecutionStatus)
  end)

  it("raises for misuse at the caller's line", function()
    raises("wait_for_execution: expected a table, got string", function()
      client:wait_for_execution "crm"
    end)
    raises("wait_for_execution: DataIntegrationAssociationIdentifier: expected a string, got nil",
      function() client:wait_for_execution { DataIntegrationIdentifier = "crm" } end)
    raises('unknown parameter "Identifier"; there are DataIntegrationAssoc', function()
      client:wait_for_execution { Identifier = "crm" }
    end)
    raises('option "interval": expected a positive number, got 0', function()
      client:wait_for_execution(params, { interval = 0 })
    end)
    raises('option "on_progress": expected a function, got true', function()
      client:wait_for_execution(params, { on_progress = true })
    end)
    assert.same({}, world.sent)
  end)
end)
