local names = require "appintegrations.base.names"

describe("a name that does not exist", function()
  it("is answered with the one that was meant, or with all that there are", function()
    local known = { region = 1, retry_mode = 2, [5] = 3 }
    assert.equal('; did you mean "region"?', names.hint("Region", known))
    assert.equal("; there are region, retry_mode", names.hint("zebra", known))
    assert.equal("; there are region, retry_mode", names.hint(nil, known))
    assert.same({ "region", "retry_mode" }, names.sorted(known))
  end)

  it("is answered with the one that was meant alone, where a list would be long", function()
    local known = { status = true, times = true, ThrottlingException = true }
    for text, meant in pairs { stauts = "status", Status = "status", time = "times",
      TrottlingException = "ThrottlingException" } do
      assert.equal(('; did you mean "%s"?'):format(meant), names.short_hint(text, known))
      assert.equal(('; did you mean "%s"?'):format(meant),
        names.meant(text, { "status", "times", "ThrottlingException" }))
    end
    for _, text in ipairs { "", "colour", ("x"):rep(1e6), 5 } do
      assert.equal("", names.short_hint(text, known))
      assert.is_nil(names.meant(text, { "status", "times" }))
    end
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
