local apart = require "spec.support.apart"
local errors = require "appintegrations.base.errors"

describe("errors", function()
  it("reads well in a terminal", function()
    local err = errors.new {
      kind = "service", code = "ResourceNotFoundException", message = "No such data integration.",
      operation = "get_data_integration", status = 404, request_id = "1a2b", attempts = 3,
    }
    assert.equal("ResourceNotFoundException: No such data integration. "
      .. "[get_data_integration, HTTP 404, request 1a2b, 3 attempts]", tostring(err))
  end)

  it("drives no terminal, whatever a service says", function()
    local err = errors.new { kind = "service", code = "Odd\27[31m", status = 400,
      message = "a\27[2J\0b\194\1552Jc \195\188\194\160\r\n\td" }
    assert.equal("Odd [31m: a [2J b 2Jc \195\188\194\160 \n\td [HTTP 400]", tostring(err))
    assert.equal("Odd\27[31m", err.code) -- programs see what was said
  end)

  it("lists every violation on a line of its own", function()
    local err = errors.new {
      kind = "validation", code = "ParamValidationError", message = "2 problems",
      details = {
        { path = "Name", rule = "required", message = "is required" },
        { path = "Tags[\"a\"]", rule = "type", message = "expected string, got number" },
      },
    }
    assert.equal('ParamValidationError: 2 problems\n  Name: is required\n'
      .. '  Tags["a"]: expected string, got number', tostring(err))
  end)

  it("shows some of many violations", function()
    local details = {}
    for i = 1, 2000 do
      details[i] = { path = ("Filters[%d]"):format(i), rule = "type", message = "no" }
    end
    local _, lines = tostring(errors.violations(details)):gsub("\n", "\n")
    assert.equal(21, lines)
    assert.matches("\n  Filters%[20%]: no\n  and 1980 more, in details$",
      tostring(errors.violations(details)))
  end)

  it("says the one violation in its first line alone", function()
    local err = errors.new {
      kind = "validation", code = "ParamValidationError", message = "Name: is required",
      details = { { path = "Name", rule = "required", message = "is required" } },
      where = "script.lua:7",
    }
    assert.equal("ParamValidationError: Name: is required at script.lua:7", tostring(err))
  end)

  it("ends with where the program called", function()
    local fields = { kind = "config", code = "NoRegion", message = "no region" }
    local err = errors.locate(errors.new(fields))
    assert.matches("^[^\n]*errors_spec%.lua:%d+$", err.where)
    assert.equal("NoRegion: no region at " .. err.where, tostring(err))
    err.details = { { path = "a", rule = "r", message = "m" } }
    assert.equal("NoRegion: no region\n  a: m\n  at " .. err.where, tostring(err))
  end)

  it("joins texts", function()
    local err = errors.new { kind = "config", code = "NoRegion", message = "no region" }
    assert.equal("failed: NoRegion: no region", "failed: " .. err)
    assert.equal("NoRegion: no region!", err .. "!")
    assert.equal("NoRegion: no regionNoRegion: no region", err .. err)
  end)

  it("tells its own objects from others, and by code", function()
    local err = errors.new { kind = "cancelled", code = "Cancelled", message = "cancelled" }
    assert.is_true(errors.is_error(err))
    assert.is_true(errors.is_error(err, "Cancelled"))
    assert.is_false(errors.is_error(err, "NoRegion"))
    assert.is_false(errors.is_error({ kind = "cancelled", code = "Cancelled" }))
    assert.is_false(errors.is_error("Cancelled"))
    assert.is_false(err.retryable)
    assert.is_false(err.throttling)
  end)
end)

describe("where a host loads the module anew", function()
  it("clients, loops, errors and outputs of before are used beside the new ones", function()
    local output = apart [[
      local function load_anew()
        for name in pairs(package.loaded) do
          if name:find "^appintegrations" then
            package.loaded[name] = nil
          end
        end
        return require "appintegrations"
      end
      local function client_of(module, loop)
        return assert(module.client { region = "us-east-1", env = {}, loop = loop,
          credentials = { access_key_id = "A", secret_access_key = "S" },
          transport = { send = function() return { status = 200, body = "{}" } end } })
      end
      local old = load_anew()
      local loop, client = old.loop(), client_of(old)
      local new = load_anew()
      local _, err = client:get_application {}
      print(old.is_error(err), new.is_error(err, "ParamValidationError"), new.is_error {})
      print(new.json(client:list_applications {}))
      local task = loop:spawn(function()
        return new.check(client_of(new, loop):get_application {})
      end)
      loop:run()
      print(select(2, task:result()).code)
    ]]
    assert.equal('true\ttrue\tfalse\n{}\nParamValidationError\n', output)
  end)
end)
