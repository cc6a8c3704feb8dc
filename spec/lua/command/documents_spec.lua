local command = require "spec.support.command"

if not pcall(require, "argparse") then
  pending "the command: argparse is missing for this Lua"
  return
end

describe("export", function()
  it("writes Lua that is read as it stands, what is empty on one line", function()
    local shell = command.new()
    assert.equal("return {\n  Applications = {},\n  DataIntegrations = {},\n"
      .. "  EventIntegrations = {},\n}\n", shell:run({ "export", "--format", "lua" }).out)
    shell:run { "create-event-integration", "--name", "orders", "--event-filter",
      '{"Source":"aws.cases"}', "--event-bridge-bus", "default", "--tags", "end=1" }
    assert.equal([[
return {
  Applications = {},
  DataIntegrations = {},
  EventIntegrations = {
    {
      EventBridgeBus = "default",
      EventFilter = {
        Source = "aws.cases",
      },
      Name = "orders",
      Tags = {
        ["end"] = "1",
      },
    },
  },
}
]], shell:run({ "export", "--format", "lua" }).out)
  end)
end)

describe("apply", function()
  local shell

  before_each(function()
    shell = command.new()
    shell:run { "create-data-integration", "--name", "one", "--kms-key", "alias/crm",
      "--description", "was", "--tags", "keep=1", "change=2", "drop=3" }
  end)

  local CHANGED = [[{ "DataIntegrations": [{ "Name": "one", "KmsKey": "alias/crm",
    "Description": "is", "Tags": { "keep": "1", "change": "4", "add": "5" } }] }]]
  local DIFF = '  - Description: "was"\n  + Description: "is"\n'
    .. '  + Tags["add"]: "5"\n  - Tags["change"]: "2"\n  + Tags["change"]: "4"\n'
    .. '  - Tags["drop"]: "3"\n'

  it("shows what becomes of each member, and does it once", function()
    local dry = shell:run({ "apply", "-", "--dry-run" }, CHANGED)
    assert.same({ 0, "would update data integration one\n" .. DIFF, "" },
      { dry.code, dry.out, dry.err })
    assert.equal("update data integration one\n" .. DIFF, shell:run({ "apply", "-" }, CHANGED).out)
    assert.equal("nothing to do\n", shell:run({ "apply", "-" }, CHANGED).out)
  end)

  it("shows how far it has come on a terminal, not between the lines", function()
    shell.is_terminal.err = true
    local result = shell:run({ "apply", "-" }, CHANGED)
    assert.equal("update data integration one\n" .. DIFF, result.out)
    assert.equal("\r\27[K1 looked at\r\27[K", result.err)
  end)

  it("tells what has failed beside what was done", function()
    shell.service:inject { code = "AccessDeniedException", operation = "update_data_integration" }
    local result = shell:run({ "apply", "-" }, CHANGED)
    assert.equal(1, result.code)
    assert.truthy(result.out:find("one failed: AccessDeniedException: ", 1, true), result.out)
  end)

  local OTHER_KEY = [[{ "DataIntegrations": [{ "Name": "one", "KmsKey": "alias/new" },
    { "Name": "two", "KmsKey": "alias/crm" }] }]]

  it("ends with 1 where a member cannot be changed: others have been", function()
    local dry = shell:run({ "apply", "-", "--dry-run" }, OTHER_KEY)
    assert.equal("update data integration one failed: ", dry.out:match "^[%w ]+: ")
    assert.truthy(dry.out:find("\nwould create data integration two\n", 1, true), dry.out)
    local result = shell:run({ "apply", "-" }, OTHER_KEY)
    assert.equal(1, result.code)
    assert.truthy(result.out:find("\ncreate data integration two\n", 1, true), result.out)
    for _, text in ipairs { result.out, result.err } do
      assert.truthy(text:find("or name the member with --ignore", 1, true), text)
    end
  end)

  it("leaves a member as it is that --ignore names", function()
    local result = shell:run({ "apply", "-", "--ignore", "KmsKey", "--ignore", "Description" },
      OTHER_KEY)
    assert.same({ 0, "create data integration two\n" }, { result.code, result.out })
    assert.equal(2, shell:run({ "apply", "-", "--ignore", "Kms" }, OTHER_KEY).code)
  end)

  it("says of a file that cannot be read its name once", function()
    assert.equal("appintegrations: /nonexistent: No such file or directory\n",
      shell:run({ "apply", "/nonexistent" }).err)
    assert.truthy(shell:run({ "apply", "-" }, "[]").err
      :find("- is no document as export prints it: ", 1, true))
  end)

  it("says what is wrong with a document that was edited by hand, and touches nothing", function()
    for text, message in pairs {
      [""] = "there is nothing", ["null"] = "null says nothing",
      ['[{ "Name": "one" }]'] = "expected lists by name, as { \"DataIntegrations\": [",
      ["true"] = "expected lists by name", ["return { {} }"] = "expected lists by name",
      ['{\n  "DataIntegrations": [\n  ],\n}'] = "expected a member's name in line 4 at byte 1",
      ['{ "DataIntegrations": [], "Applications": [], "DataIntegrations": [] }'] =
        '"DataIntegrations" stands twice in an object',
      ["\255\254{\0}\0"] = "is in UTF-16; UTF-8 is needed",
    } do
      local result = shell:run({ "apply", "-", "--prune" }, text)
      assert.same({ 2, "" }, { result.code, result.out }, text)
      assert.truthy(result.err:find(message, 1, true), result.err)
    end
    assert.equal('"was"\n', shell:run({ "get-data-integration", "--identifier", "one", "--query",
      "Description" }).out)
  end)

  it("leads to no flag that it has not", function()
    local result = shell:run({ "apply", "-" },
      '{ "DataIntegrations": [{ "Name": "one", "KmsKey": "k", "Novelty": 1 }] }')
    assert.equal("appintegrations: ParamValidationError: DataIntegrations[1].Novelty: is no member "
      .. "of CreateDataIntegrationRequest (nothing was sent) [apply]\n", result.err)
  end)

  it("shows an empty list as one", function()
    shell:run { "create-application", "--name", "desk", "--namespace", "desk", "--permissions",
      "User.Details.View", "--application-source-config",
      '{"ExternalUrlConfig":{"AccessUrl":"https://desk.example"}}' }
    local result = shell:run({ "apply", "-", "--dry-run" }, [[{ "Applications": [{
      "Name": "desk", "Namespace": "desk", "Permissions": [], "ApplicationSourceConfig":
      { "ExternalUrlConfig": { "AccessUrl": "https://desk.example" } },
      "IframeConfig": { "Sandbox": [], "Allow": ["camera"] } }] }]])
    assert.truthy(result.out:find('\n  - Permissions: ["User.Details.View"]\n'
      .. "  + Permissions: []\n", 1, true), result.out)
    assert.truthy(result.out:find('\n  + IframeConfig: {"Allow":["camera"],"Sandbox":[]}\n', 1,
      true), result.out)
  end)
end)
