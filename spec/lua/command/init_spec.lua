local appintegrations = require "appintegrations"
local command = require "spec.support.command"
local flags = require "appintegrations.command.flags"

local KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"

local unpack_list = table.unpack or unpack

local function has(text, part)
  assert.truthy(text:find(part, 1, true), part .. " is not in:\n" .. text)
end

if not pcall(require, "argparse") then
  pending "the command: argparse is missing for this Lua"
  return
end

describe("the command", function()
  local shell

  before_each(function()
    shell = command.new()
  end)

  local function create(name, ...)
    local result = shell:run { "create-data-integration", "--name", name, "--kms-key", KEY, ... }
    assert.equal("", result.err)
    assert.equal(0, result.code)
    return result
  end

  it("has every operation with a flag for each member, and their words in its help", function()
    local overview = shell:run { "--help" }
    assert.equal(0, overview.code)
    for _, operation in ipairs(appintegrations.operations()) do
      local name = operation:gsub("_", "-")
      has(overview.out, "   " .. name)
      local result = shell:run { name, "--help" }
      assert.equal(0, result.code)
      for _, member in ipairs(appintegrations.describe(operation).input.order) do
        has(result.out, "--" .. flags.name(member))
      end
    end
    has(shell:run({ "create-data-integration", "--help" }).out, "Unique name, as \"crm-cases\"")
  end)

  it("shows in its usage what each flag takes", function()
    local usage = shell:run({ "create-application", "--help" }).out
    for _, flag in ipairs { "--name TEXT", "--iframe-config JSON", "--initialization-timeout N",
      "--permissions TEXT [TEXT] ...", "--tags KEY=VALUE [KEY=VALUE] ...",
      "--is-service [true|false]" } do
      has(usage, "[" .. flag .. "]")
    end
  end)

  it("turns flags into parameters of every shape", function()
    local result = create("crm", "--source-uri", "Salesforce://AppFlow/crm", "--tags", "team=a=b",
      "env=prod", "--schedule-config", '{"ScheduleExpression": "rate(1 hour)", "Object": null}',
      "--object-configuration", '{"Case": {"fields": ["Id"]}}')
    has(result.out, '"team": "a=b"')
    has(result.out, '"ScheduleExpression": "rate(1 hour)"')
    assert.is_nil(result.out:find('"Object"', 1, true))
    local arn = result.out:match '"Arn": "([^"]+)"'
    assert.equal(0, shell:run({ "untag-resource", "--resource-arn", arn, "--tag-keys", "team",
      "env" }).code)
    assert.equal('{\n  "tags": {}\n}\n',
      shell:run({ "list-tags-for-resource", "--resource-arn", arn }).out)
    local application = shell:run { "create-application", "--name", "desk", "--namespace", "desk",
      "--application-source-config", '{"ExternalUrlConfig":{"AccessUrl":"https://desk.example"}}',
      "--initialization-timeout", "5000", "--permissions", "User.Details.View" }
    assert.equal("", application.err)
    local id = application.out:match '"Id": "([^"]+)"'
    assert.equal("5000\n", shell:run({ "get-application", "--arn", id, "--query",
      "InitializationTimeout" }).out)
    assert.equal(0, shell:run({ "delete-application", "--arn", id, "--force" }).code)
  end)

  it("adds what a repeated flag says to a list or a map, and loses nothing", function()
    create("crm", "--tags", "a=1", "--tags", "b=2", "c=3")
    local tags = shell:run { "get-data-integration", "--identifier", "crm", "--query", "Tags",
      "--output", "jsonl" }
    assert.equal('{"a":"1","b":"2","c":"3"}\n', tags.out)
    local request = shell:run { "untag-resource", "--resource-arn", "arn:aws:a:b:c:d",
      "--tag-keys", "x", "--tag-keys", "y", "--dry-run" }
    has(request.out, "tagKeys=x&tagKeys=y")
    for _, arguments in ipairs { { "a=1", "a=2" }, { "a=1", "--tags", "a=2" } } do
      local twice = shell:run { "tag-resource", "--resource-arn", "arn:aws:a:b:c:d", "--tags",
        unpack_list(arguments) }
      assert.equal(2, twice.code)
      has(twice.err, '--tags: "a" is given twice')
    end
  end)

  it("reads parameters from standard input, from files, and flags win", function()
    create "one"
    create "two"
    assert.equal('"one"\n', shell:run({ "get-data-integration", "--input", "-", "--query", "Name" },
      '{"Identifier": "one"}').out)
    assert.equal('"two"\n', shell:run({ "get-data-integration", "--input", "-", "--query", "Name",
      "--identifier", "two" }, '{"Identifier": "one"}').out)
    assert.equal('"one"\n', shell:run({ "get-data-integration", "--input", "-", "--query", "Name" },
      '\239\187\191{"Identifier": "one"}').out)
    local missing = shell:run { "get-data-integration", "--input", "/nonexistent" }
    assert.equal(2, missing.code)
    has(missing.err, "--input: /nonexistent: ")
    has(shell:run({ "get-data-integration", "--input", '{"Identifier":"one"}' }).err,
      "--input: expected the name of a file")
    assert.equal(2, shell:run({ "get-data-integration", "--input", "-" }, "[1").code)
    has(shell:run({ "get-data-integration", "--input", "-" },
      '{"Identifier": "one", "Identifier": "two"}').err, '"Identifier" stands twice')
  end)

  it("prints one page and says how to go on, or all pages", function()
    for i = 1, 5 do
      create("i" .. i)
    end
    local page = shell:run { "list-data-integrations", "--max-results", "2", "-o", "jsonl" }
    assert.equal(2, select(2, page.out:gsub("\n", "")))
    local token = page.err:match "there is more: %-%-all, or %-%-next%-token (%S+)"
    local rest = shell:run { "list-data-integrations", "--next-token", token, "-o", "jsonl" }
    assert.equal(3, select(2, rest.out:gsub("\n", "")))
    local all = shell:run { "list-data-integrations", "--max-results", "2", "--all", "--query",
      "Name", "-o", "table" }
    assert.equal("i1\ni2\ni3\ni4\ni5\n", all.out)
    assert.equal("", all.err)
    local some = shell:run { "list-data-integrations", "--max-results", "2", "--all", "--limit",
      "3", "--query", "Name" }
    assert.equal('[\n  "i1",\n  "i2",\n  "i3"\n]\n', some.out)
    assert.equal("i1\ni2\ni3\n", shell:run({ "list-data-integrations", "--max-results", "2",
      "--limit", "3", "--query", "Name", "-o", "table" }).out)
  end)

  it("shows progress on a terminal alone that can take it away", function()
    create "one"
    shell.is_terminal.err = true
    local result = shell:run { "list-data-integrations", "--all", "-o", "jsonl" }
    has(result.err, "\r\27[Kpage 1, 1 so far")
    assert.equal("\r\27[K", result.err:sub(-4))
    shell.is_dumb = true
    assert.equal("", shell:run({ "list-data-integrations", "--all", "-o", "jsonl" }).err)
  end)

  it("takes nothing of the output away with the progress below it", function()
    for i = 1, 3 do
      create("i" .. i)
    end
    shell.is_terminal.err, shell.is_terminal.out, shell.one_terminal = true, true, true
    for _, format in ipairs { "table", "json", "jsonl", "csv" } do
      local shown = shell:run({ "list-data-integrations", "--all", "--max-results", "2", "-o",
        format }).out
      has(shown, "page 1, 2 so far")
      for before in shown:gmatch "(.)\r\27%[Kpage" do
        assert.equal("\n", before, format)
      end
    end
  end)

  it("prints a table on a terminal", function()
    create("one", "--description", "two\twords")
    shell.is_terminal.out = true
    local listed = shell:run { "list-data-integrations" }
    assert.truthy(listed.out:find "^Arn +Name\n%-+  %-+\narn:%S+  one\n$", listed.out)
    has(shell:run({ "get-data-integration", "--identifier", "one" }).out,
      "Description  two words\n")
  end)

  it("prints records where the terminal has no room for a table", function()
    create "one"
    create "two"
    shell.is_terminal.out, shell.columns = true, 40
    local listed = shell:run { "list-data-integrations" }
    assert.truthy(listed.out:find "^Arn   arn:%S+\nName  one\n\nArn   arn:%S+\nName  two\n$",
      listed.out)
  end)

  it("prints times as dates in tables and CSV, as seconds in JSON", function()
    local arguments = { "get-application", "--arn", shell:run({ "create-application", "--name",
      "desk", "--namespace", "desk", "--application-source-config",
      '{"ExternalUrlConfig":{"AccessUrl":"https://desk.example"}}', "--query", "Arn" }).out
      :match '"(.-)"', "-o", "table" }
    has(shell:run(arguments).out, "CreatedTime")
    assert.truthy(shell:run(arguments).out:find "CreatedTime +%d%d%d%d%-%d%d%-%d%dT[%d:]+Z\n")
    arguments[5] = "json"
    assert.truthy(shell:run(arguments).out:find '"CreatedTime": %d+')
  end)

  it("sends members that this version does not know", function()
    create("one", "--extra", '{"Novelty":{"A":1}}')
    has(shell:run({ "create-data-integration", "--name", "two", "--kms-key", KEY, "--extra",
      '{"Novelty":{"A":1}}', "--dry-run" }).out, '"Novelty":{"A":1}')
    for _, text in ipairs { "1", "{", "nonsense" } do
      local result = shell:run { "create-data-integration", "--name", "x", "--kms-key", KEY,
        "--extra", text }
      assert.equal(2, result.code)
      has(result.err, "--extra: expected a JSON object")
    end
  end)

  it("advises where a path looks like a slip, and takes it all the same", function()
    local result = shell:run { "list-applications", "--query", "Application[].Name" }
    assert.equal(0, result.code)
    has(result.err, 'has no member Application; did you mean "Applications"?\n')
    for path, message in pairs {
      ["[].Name"] = "ApplicationSummary is no list, as [] asks for; the path begins at each "
        .. "entry\n",
      ["Name[-1]"] = "ApplicationName is no list, as [-1] asks for;",
      ["Nmae"] = 'did you mean "Name"?; the path',
    } do
      has(shell:run({ "list-applications", "--all", "--query", path }).err, message)
    end
    for _, path in ipairs { "Applications[].Name", "Name" } do
      assert.equal("", shell:run({ "list-applications", "--all", "--query", path }).err)
    end
    has(shell:run({ "list-applications", "--query", "[].Name" }).err,
      "ListApplicationsResponse is no list, as [] asks for\n")
  end)

  it("prints CSV that spreadsheets read", function()
    create("one", "--source-uri", "s3://bucket/a,b")
    local lines = shell:run({ "list-data-integrations", "-o", "csv", "--all" }).out
    assert.truthy(lines:find '^Arn,Name,SourceURI\r\narn:[^,]+,one,"s3://bucket/a,b"\r\n$', lines)
  end)

  it("shows the signed request instead of sending it, secrets masked unless asked", function()
    shell.client.credentials.session_token = "session-token"
    local result = shell:run { "create-data-integration", "--name", "it's", "--kms-key", KEY,
      "--curl" }
    has(result.out, "curl --request POST https://app-integrations.us-east-1.amazonaws.com/")
    has(result.out, "--header 'authorization: ***'")
    has(result.out, "it'\\''s")
    assert.is_nil(result.out:find("session-token", 1, true))
    local shown = shell:run { "list-applications", "--dry-run", "--show-secrets" }
    has(shown.out, "\nauthorization: AWS4-HMAC-SHA256 Credential=")
    has(shown.out, "\nx-amz-security-token: session-token\n")
    shell.client.credentials.session_token = nil
    assert.equal("[]\n", shell:run({ "list-data-integrations", "--query",
      "DataIntegrations[].Name" }).out)
  end)

  it("tells what happens with --debug, bodies too", function()
    local result = shell:run { "create-data-integration", "--name", "x", "--kms-key", KEY,
      "--debug" }
    has(result.err, 'body: {"Name":"x"')
    has(result.err, "authorization=***")
  end)

  it("exits with 1 for what the service refuses, and says what to do", function()
    local result = shell:run { "get-data-integration", "--identifier", "none" }
    assert.equal(1, result.code)
    has(result.err, "appintegrations: ResourceNotFoundException: ")
    has(result.err, "`appintegrations doctor`")
    assert.equal("", result.out)
  end)

  it("exits with 2 for wrong usage, before anything is sent", function()
    for _, args in ipairs {
      {}, { "nonsense" }, { "get-data-integration", "--nonsense" }, { "get-data-integration" },
      { "list-applications", "--max-results", "many" }, { "list-applications", "--timeout", "0" },
      { "list-applications", "--region", "" }, { "list-applications", "-o", "xml" },
      { "list-applications", "--query", "a..b" }, { "delete-application", "--force", "maybe" },
      { "tag-resource", "--tags", "team" }, { "help", "xyzzy" }, { "apply" },
      { "create-data-integration", "--schedule-config", "{" },
      { "create-data-integration", "--schedule-config", "@/nonexistent" },
      { "list-data-integrations", "--validate", "harder" },
      { "list-applications", "--timeout", "1e400" },
      { "list-applications", "--limit", ("9"):rep(400) },
      { "wait-for-execution", "--interval", "1e400" },
    } do
      local result = shell:run(args)
      assert.equal(2, result.code, table.concat(args, " "))
      assert.equal("", result.out)
      assert.truthy(#result.err > 0)
    end
    has(shell:run({ "get-data-integration", "--identifer", "x" }).err, "'--identifier'")
    has(shell:run({ "create-data-integration", "--schedule-config", "null" }).err,
      "--schedule-config: expected JSON, or @FILE: null says nothing")
    has(shell:run({ "create-data-integration", "--object-configuration",
      '{"Case":{"fields":["Id",null]}}' }).err, "null stands in a list")
  end)

  it("takes the name of an operation as the module or the service has it", function()
    create "one"
    for _, name in ipairs { "get_data_integration", "GetDataIntegration" } do
      assert.equal('"one"\n', shell:run({ name, "--identifier", "one", "--query", "Name" }).out)
    end
  end)

  it("says what flags of the AWS command line are here", function()
    for flag, here in pairs { ["--cli-input-json"] = "--input FILE", ["--max-items"] = "--limit",
      ["--page-size=5"] = "--max-results", ["--starting-token"] = "--next-token" } do
      local result = shell:run { "list-applications", flag }
      assert.equal(2, result.code)
      has(result.err, ("\nHere that is %s.\n"):format(here))
    end
    for _, words in ipairs { { "--output", "text" }, { "-o", "text" }, { "--output=text" } } do
      has(shell:run({ "list-applications", unpack_list(words) }).err,
        "\n--output table prints a text that --query finds without quotes.\n")
    end
    for path, plain in pairs { ["file://all.json"] = "all.json", ["@all.json"] = "all.json" } do
      has(shell:run({ "get-data-integration", "--input", path }).err,
        "; a file is named as it is: " .. plain)
    end
  end)

  it("advises where commas seem to set entries of a map apart", function()
    local result = shell:run { "create-data-integration", "--name", "x", "--kms-key", KEY,
      "--tags", "team=a,cost=b" }
    assert.equal(0, result.code)
    assert.equal('appintegrations: advice: --tags: team is "a,cost=b": entries are set apart by '
      .. "spaces, as in team=support stage=trial\n", result.err)
    create("y", "--tags", "team=a,b", "cost=c")
    create("z", "--tags", '{"team":"a,b=c"}')
  end)

  it("says where flags and values stand", function()
    local before = shell:run { "--region", "us-east-1", "list-applications" }
    assert.equal(2, before.code)
    has(before.err, "Flags stand behind the command, as in `appintegrations doctor --region")
    local bare = shell:run { "get-data-integration", "crm" }
    assert.equal(2, bare.code)
    has(bare.err, "A value stands behind its flag")
    has(bare.err, "`appintegrations get-data-integration --help` lists the flags.")
    local dashed = shell:run { "update-data-integration", "--description", "- old", "--name", "x" }
    has(dashed.err, "joined to its flag: '--description=- old'\n")
    has(shell:run({ "apply", "--prun" }).err, "`appintegrations apply --help` lists the flags.")
    has(shell:run({ "get-data-integration", "--input", "-" }, " \n").err, "there is nothing")
  end)

  it("advises in the words of a shell", function()
    has(shell:run({ "list-applications", "--max-results", "99" }).err,
      "\nCompare the message with `appintegrations help list-applications`.\n")
    shell.client.region = nil
    local homeless = shell:run { "list-applications" }
    has(homeless.err, "NoRegion: no region: pass --region us-east-1, set AWS_REGION")
    has(homeless.err, "\nPass --region us-east-1, set AWS_REGION")
    has(shell:run({ "list-applications", "--region", "us east" }).err, "(from --region)")
    has(shell:run({ "list-applications", "--region", "us-east-1", "--input", "-" },
      '{"Novelty":1}').err, "(--extra sends members that this version does not know)")
    has(shell:run({ "doctor", "--region", "us-east-1" }).out, "  --region\n")
  end)

  it("exits with 3 without a region or credentials, and with 4 without a network", function()
    local homeless = command.new { credentials = function() return nil, "no" end }
    assert.equal(3, homeless:run({ "list-applications" }).code)
    homeless.client.region = nil
    local result = homeless:run { "list-applications" }
    assert.equal(3, result.code)
    has(result.err, "NoRegion")
    local errors = require "appintegrations.base.errors"
    local alone = command.new { retry_mode = "off", transport = { send = function()
      return nil, errors.new { kind = "transport", code = "ConnectionError", message = "no" }
    end } }
    assert.equal(4, alone:run({ "list-applications" }).code)
  end)

  it("fails a listing with what has come printed, and the document closed", function()
    for i = 1, 3 do
      create("i" .. i)
    end
    shell.client.retry_mode = "off"
    local transport, calls = shell.client.transport, 0
    shell.client.transport = { send = function(_, ...)
      calls = calls + 1
      if calls > 1 then
        return { status = 503, headers = {}, body = "" }
      end
      return transport:send(...)
    end }
    local result = shell:run { "list-data-integrations", "--all", "--max-results", "2", "--query",
      "Name" }
    assert.equal(1, result.code)
    assert.equal('[\n  "i1",\n  "i2"\n]\n', result.out)
    has(result.err, "503")
  end)

  it("helps with operations, shapes and errors", function()
    local text = appintegrations.help "create_data_integration" .. "\n"
    assert.equal(text, shell:run({ "help", "create-data-integration" }).out)
    assert.equal(shell:run({ "--help" }).out, shell:run({ "help" }).out)
    has(shell:run({ "help", "NoCredentials" }).out, "What to do: ")
    has(shell:run({ "help", "apply" }).out, "Usage: appintegrations apply ")
    has(shell:run({ "help", "doctor" }).out, "Usage: appintegrations doctor ")
    has(shell:run({ "help", "find-application" }).out, "client:find_application(")
    has(shell:run({ "help", "list-aplications" }).err, 'did you mean "list_applications"?')
    assert.equal("appintegrations " .. appintegrations._VERSION .. "\n",
      shell:run({ "--version" }).out)
  end)

  it("examines itself", function()
    local result = shell:run { "doctor" }
    assert.equal(0, result.code)
    has(result.out, "Credentials: ")
    has(result.out, "All is well.\n")
    shell.client.credentials.secret_access_key = ("x"):rep(40)
    result = shell:run { "doctor" }
    assert.equal(1, result.code)
    has(result.out, "Advice:\n  The secret key does not belong")
    assert.is_nil(result.out:find(("x"):rep(40), 1, true))
    shell.client.region = nil
    result = shell:run { "doctor" }
    assert.equal(3, result.code)
    has(result.out, "Call: failed\n  NoRegion")
  end)

  it("exports and applies a document, as JSON and as Lua", function()
    create("one", "--description", 'a "quoted"\nline', "--tags", "team=a", "end=b")
    for _, format in ipairs { "json", "lua" } do
      local document = shell:run({ "export", "--format", format }).out
      assert.equal("nothing to do\n", shell:run({ "apply", "-" }, document).out)
      local other = command.new()
      has(other:run({ "apply", "-", "--dry-run" }, document).out,
        "would create data integration one\n")
      assert.equal(0, other:run({ "apply", "-" }, document).code)
      assert.equal(document, other:run({ "export", "--format", format }).out)
    end
    local pruned = shell:run({ "apply", "-", "--prune" }, "return { DataIntegrations = {} }")
    assert.equal("delete data integration one\n", pruned.out)
    assert.equal("[]\n", shell:run({ "list-data-integrations", "--all" }).out)
  end)

  it("takes no document that is none, and runs nothing but a table", function()
    for _, text in ipairs { "nonsense(", "return 1", "return os.exit()", "{", "\27Lua",
      'return { DataIntegrations = { {} } }', 'return { Widgets = {} }' } do
      local result = shell:run({ "apply", "-" }, text)
      assert.equal(2, result.code, text)
      assert.equal("", result.out)
    end
  end)

  it("completes in bash, and enum values too", function()
    local script = shell:run({ "completion", "bash" }).out
    has(script, "create-data-integration")
    has(script, "MCP_SERVER")
    local path = require("spec.support.workdir").new()
    local check = path:write("completion", script)
    assert.is_true(require("spec.support.workdir").shell("bash -n " .. check))
    path:remove()
    local newer = shell:run { "list-applications", "--application-type", "NEWER" }
    assert.equal(1, newer.code) -- for the service to say
  end)

  it("completes in zsh where its script is sourced, as in a folder of $fpath", function()
    local script = shell:run({ "completion", "zsh" }).out
    assert.matches("^#compdef appintegrations\n", script)
    assert.equal("\n}\n\nif [[ ${funcstack[1]-} == _appintegrations ]]; then\n"
      .. '  _appintegrations "$@"\nelse\n  compdef _appintegrations appintegrations\nfi\n',
      script:match "\n}\n\n[^}]*}[^}]*$")
  end)

  it("has a manual page", function()
    local page = shell:run({ "manual" }).out
    for _, operation in ipairs(appintegrations.operations()) do
      has(page, "\n.SS " .. operation:gsub("_", "\\-") .. "\n")
    end
    has(page, ".SH EXIT STATUS")
    for line in page:gmatch "[^\n]+" do
      assert.is_nil(line:find "^%.[^%a]", line)
    end
  end)
end)
