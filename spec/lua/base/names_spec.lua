local names = require "appintegrations.base.names"

describe("a name that does not exist", function()
  it("is answered with the one that was meant, or with all that there are", function()
    local known = { region = 1, retry_mode = 2, [5] = 3 }
    assert.equal('; did you mean "region"?', names.hint("Region", known))
    assert.equal("; there are region, retry_mode", names.hint("zebra", known))
    assert.equal("; there are region, retry_mode", names.hint(nil, known))
    assert.same({ "region", "retry_mode" }, names.sorted(known))
  end)

  it("is an operation's in another spelling, or none", function()
    assert.is_nil(names.operation_problem "get_application")
    assert.is_nil(names.operation_problem "list_applications")
    assert.equal('no operation is called "GetApplication"; did you mean "get_application"?',
      names.operation_problem "GetApplication")
    assert.equal('no operation is called "zebra" (operations() lists them)',
      names.operation_problem "zebra")
    assert.equal("expected the name of an operation, got table", names.operation_problem {})
  end)
end)
