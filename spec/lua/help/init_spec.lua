-- SPDX-License-Identifier: MIT
local appintegrations = require "appintegrations"
local files = require "spec.support.files"
local shell = require "spec.support.shell"

local function client()
  return assert(appintegrations.client { region = "us-east-1", env = {}, files = false,
    transport = { send = function() error "nothing is sent" end } })
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), part .. " is not in:\n" .. text)
end

local help = appintegrations.help

describe("help", function()
  it("lists every operation, iterator and function", function()
    local text = help()
    for _, operation in ipairs(appintegrations.operations()) do
      has(text, "\n  " .. operation .. "\n")
    end
    has(text, "\n  each_event_integration_association\n")
    for name, value in pairs(appintegrations) do
      if type(value) == "function" then
        has(text, "\n  " .. name .. "(")
      end
    end
    for name in pairs(getmetatable(client()).__index) do
      has(text, name)
    end
  end)

  it("tells signature, members with type, limits and purpose, example and errors", function()
    local text = client():help "create_data_integration"
    assert.equal(appintegrations.help "create_data_integration", text)
    has(text, "client:create_data_integration(params [, options]) -> output, meta; or nil, err")
    has(text, "Name  string, 1 to 255 characters, required\n      Unique name, as")
    has(text, "ScheduleConfig  ScheduleConfiguration\n")
    has(text, "\nExample:\n  local output, err = client:create_data_integration {\n")
    has(text, "\n  DuplicateResourceException (409)  There is one")
  end)

  it("says of every member of every operation what it is", function()
    for _, operation in ipairs(appintegrations.operations()) do
      local description = appintegrations.describe(operation)
      local text = help(operation)
      for _, side in ipairs { "input", "output" } do
        for _, name in ipairs(description[side].order) do
          assert.truthy(text:find("\n  " .. name .. "  [^\n]+\n      %S"), operation .. "." .. name)
        end
      end
    end
  end)

  it("says of every operation how the service calls it", function()
    for _, operation in ipairs(appintegrations.operations()) do
      local description = appintegrations.describe(operation)
      has(help(operation), ("\n(%s: %s %s)\n"):format(description.name, description.method,
        description.path))
    end
  end)

  it("tells the limits of texts, numbers, lists and maps, and what is deprecated", function()
    local text = help "create_application"
    for _, line in ipairs {
      "Description  string, at most 1000 characters", "InitializationTimeout  integer, 1 to 600000",
      "Permissions  list of string, at most 150 entries",
      "Publications  list of Publication, at most 50 entries, deprecated",
      "Tags  map of string to string, 1 to 200 entries",
      "IsService  boolean, deprecated since 2025-12-01",
    } do
      has(text, "\n  " .. line .. "\n")
    end
    has(help "list_applications", "\n  MaxResults  integer, 1 to 50\n")
  end)

  it("knows an operation by the service's name and by its iterator", function()
    assert.equal(help "list_applications", help "ListApplications")
    assert.equal(help "list_applications", help "each_application")
  end)

  it("tells of a shape its members, values and users", function()
    local text = help "FileConfiguration"
    assert.matches("^FileConfiguration: a table\n", text)
    has(text, "Folders  list of string, 1 to 10 entries, required\n      Folders of the source")
    has(text, "Used by create_data_integration, get_data_integration.")
    text = help "ExecutionMode"
    assert.matches('^ExecutionMode: "ON_DEMAND" | "SCHEDULED"\n', text)
    has(text, '"ON_DEMAND"  One run, at once')
    has(help "InitializationTimeout", "Limits: 1 to 600000.")
  end)

  it("tells of an error code what it means and who answers it", function()
    local text = help "ConflictException"
    has(text, "HTTP status 409")
    has(text, "Answered by update_application.")
  end)

  it("tells of methods, functions and option tables", function()
    has(help "sync_tags", "client:sync_tags(arn, tags [, options])")
    has(help "loop", "appintegrations.loop([options])")
    has(help "Options", "deadline  number, optional\n      seconds for the whole call")
    has(help "ListingOptions", "And those of CallOptions.")
    has(help "Error", "where  string, optional\n      \"script.lua:12\"")
  end)

  it("knows every table that it names itself", function()
    local words = require "appintegrations.help.words"
    local function check(items, where)
      for _, item in ipairs(items or {}) do
        for name in item.type:gmatch "appintegrations%.(%u%w+)" do
          if name ~= "Loop" and name ~= "Task" then -- objects: their modules have pages
            assert.is_true(pcall(help, name), ("%s, of %s in %s"):format(name, item.name, where))
          end
        end
      end
    end
    for name, class in pairs(words.classes) do
      assert.is_true(#class.about > 0, name)
      check(class.fields, name)
    end
    for name, method in pairs(words.methods) do
      check(method.params, name)
      check(method.returns, name)
    end
  end)

  it("knows what the pages ask it", function()
    local count = 0
    for path in shell.output("ls README.md src/docs/pages/*.md"):gmatch "[^\n]+" do
      local text = files.read(path)
      for _, pattern in ipairs { 'help "([%w_]+)"', '`"(%u%w+)"`' } do
        for name in text:gmatch(path:find "site" and pattern or 'help "([%w_]+)"') do
          assert.is_true(pcall(help, name), name .. " in " .. path)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 10)
  end)

  it("raises at the caller's line for what there is not, and names the nearest", function()
    local ok, message = pcall(function()
      help "create_data_integratoin"
      return nil -- no tail call: the line is to be this one
    end)
    assert.is_false(ok)
    assert.truthy(message:find("init_spec.lua:%d+: help: nothing is called "
      .. '"create_data_integratoin"; did you mean "create_data_integration"%?'), message)
    ok, message = pcall(function()
      client():help "xyzzy"
      return nil
    end)
    assert.is_false(ok)
    assert.truthy(message:find("init_spec.lua:%d+: .*help%(%) lists"), message)
    assert.is_false((pcall(help, 7)))
  end)

  it("says where a field or a member stands, and which modules there are", function()
    for name, owners in pairs { max_connections = "LoopOptions, Options",
      KmsKey = "CreateDataIntegrationRequest, CreateDataIntegrationResponse, Get" } do
      local ok, message = pcall(help, name)
      assert.is_false(ok)
      assert.truthy(message:find("; it stands in " .. owners, 1, true), message)
    end
    for _, name in ipairs { "log", "emulator", "sigv4" } do
      has(help(name), ('require "appintegrations.%s"'):format(name))
      has(help(), "\n  " .. name .. "  ")
      assert.is_table(require("appintegrations." .. name))
    end
  end)

  it("is not loaded before somebody asks", function()
    local answer = shell.output((os.getenv "LUA" or "lua") .. [[ -e '
      local appintegrations = require "appintegrations"
      appintegrations.client { region = "us-east-1", env = {}, files = false }
      print(package.loaded["appintegrations.help"], package.loaded["appintegrations.help.words"])
    ']])
    assert.equal("nil\tnil\n", answer)
  end)
end)
