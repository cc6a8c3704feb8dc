local account = require "spec.support.account"
local fake = require "spec.support.fake_transport"

local raises = account.raises_in "tags_spec"

local world, client, service

before_each(function()
  world = account.new()
  client, service = world.client, world.service
end)

describe("bringing tags into line", function()
  local arn

  before_each(function()
    arn = world.create_data_integration("crm").Arn
    world.take_sent()
  end)

  local function tags()
    return assert(client:list_tags_for_resource { resourceArn = arn }).tags
  end

  it("adds, changes and removes what differs, and says so", function()
    assert(client:tag_resource { resourceArn = arn, tags = { old = "1", stays = "2", team = "a" } })
    world.take_sent()
    local changes = assert(client:sync_tags(arn, { team = "b", stays = "2", new = "3" }))
    assert.same({ added = { team = "b", new = "3" }, removed = { "name", "old" } }, changes)
    assert.same({ "GET /tags", "POST /tags", "DELETE /tags" }, world.take_sent())
    assert.same({ team = "b", stays = "2", new = "3" }, tags())
  end)

  it("calls for nothing more than the list where nothing differs", function()
    assert.same({ added = {}, removed = {} }, (assert(client:sync_tags(arn, { name = "crm" }))))
    assert.same({ "GET /tags" }, world.take_sent())
  end)

  it("removes all tags where none is wanted, in one call", function()
    assert.same({ added = {}, removed = { "name" } }, (assert(client:sync_tags(arn, {}))))
    assert.same({ "GET /tags", "DELETE /tags" }, world.take_sent())
    assert.same({}, tags())
  end)

  it("removes first where the resource cannot hold all at once", function()
    local old, new = {}, {}
    for i = 1, 200 do
      old["old" .. i], new["new" .. i] = "1", "1"
    end
    assert(client:sync_tags(arn, old))
    world.take_sent()
    assert(client:sync_tags(arn, new))
    assert.same({ "GET /tags", "DELETE /tags", "POST /tags" }, world.take_sent())
    assert.same(new, tags())
  end)

  it("sends more tags than a call takes in several calls, which the service may refuse", function()
    local many = {}
    for i = 1, 201 do
      many["key" .. i] = "1"
    end
    local changes, err = client:sync_tags(arn, many)
    assert.is_nil(changes)
    assert.equal("InvalidRequestException", err.code)
    assert.matches("at most 200 tags, not 201", err.message)
    assert.same({ "GET /tags", "POST /tags" }, world.take_sent())
    assert.same({ name = "crm" }, tags()) -- nothing has been removed for what cannot be
    assert(client:sync_tags(arn, {}))
    world.take_sent()
    assert.is_nil((client:sync_tags(arn, many)))
    assert.same({ "GET /tags", "POST /tags", "POST /tags" }, world.take_sent())
  end)

  it("leaves AWS's own tags alone", function()
    local odd, transport = fake.client {
      fake.json(200, '{"tags":{"aws:cloudformation:stack-name":"s","awsome":"x"}}'),
      fake.json(200, "{}"),
    }
    assert.same({ added = {}, removed = { "awsome" } }, (assert(odd:sync_tags("arn", {}))))
    assert.equal("tagKeys=awsome", transport.requests[2].query)
  end)

  it("keeps one deadline for all of its calls", function()
    local slow, transport = fake.client(function(request)
      world.now = world.now + 2
      return fake.json(200, request.method == "GET" and '{"tags":{"a":"b"}}' or "{}")
    end, { clock = function() return world.now end })
    assert(slow:sync_tags("arn", { c = "d" }, { deadline = 10 }))
    local timeouts = {}
    for i, request in ipairs(transport.requests) do
      timeouts[i] = request.timeout
    end
    assert.same({ 10, 8, 6 }, timeouts)
    local changes, err = slow:sync_tags("arn", { c = "d" }, { deadline = 3 })
    assert.is_nil(changes)
    assert.same({ "DeadlineExceeded", "sync_tags" }, { err.code, err.operation })
    assert.equal(3 + 2, #transport.requests)
  end)

  it("prints what it has done", function()
    assert.equal('{ added = { stage = "x" }, removed = { "name" } }',
      tostring((client:sync_tags(arn, { stage = "x" }))))
  end)

  it("returns the error of the call that fails", function()
    local changes, err = client:sync_tags(arn .. "x", {})
    assert.is_nil(changes)
    assert.same({ "ResourceNotFoundException", "list_tags_for_resource" }, { err.code,
      err.operation })
    service:fail_next { operation = "tag_resource", code = "ThrottlingException" }
    changes, err = client:sync_tags(arn, { a = "b" })
    assert.is_nil(changes)
    assert.equal("tag_resource", err.operation)
    assert.same({ name = "crm" }, tags())
  end)

  it("raises for misuse at the caller's line", function()
    raises("sync_tags: the ARN: expected a string, got nil", function() client:sync_tags() end)
    raises("sync_tags: the tags: expected a table, got string", function()
      client:sync_tags(arn, "team=a")
    end)
    raises("sync_tags: team: expected a string, got number", function()
      client:sync_tags(arn, { team = 1 })
    end)
    raises("sync_tags: a tag's key: expected a string, got number", function()
      client:sync_tags(arn, { "team" })
    end)
    raises('sync_tags: unknown option "extra"', function()
      client:sync_tags(arn, {}, { extra = {} })
    end)
    assert.same({}, world.sent)
  end)
end)
