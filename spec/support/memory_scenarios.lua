-- What spec/support/memory.c runs while allocations fail. Each function gets
-- `open`, which returns the module, and an argument, and returns two functions:
-- one to run, and one that checks afterwards that all works.

local M = {}

local OPTIONS = {
  region = "us-east-1", env = {}, retry_mode = "off",
  credentials = { -- the emulator's
    access_key_id = "AKIAIOSFODNN7EXAMPLE",
    secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  },
}

local CREATE = {
  Name = "crm", KmsKey = "arn:aws:kms:us-east-1:123456789012:key/1",
  SourceURI = "Salesforce://x/y",
  ScheduleConfig = {
    FirstExecutionFrom = "1", Object = "Account", ScheduleExpression = "rate(1 hour)",
  },
  Tags = { team = "crm", stage = "test" },
  ObjectConfiguration = { Account = { Fields = { "Id", "Name" } } },
}

local LISTING = '{"Applications":[{"Id":"1","Arn":"a","Name":"one","Namespace":"n",'
  .. '"CreatedTime":1.5,"LastModifiedTime":2},{"Name":"two"}],"NextToken":null}'
local FAILURE = '{"Message":"no such thing"}'

--- A transport that answers every request with STATUS and BODY.
local function answering(status, body)
  return {
    send = function()
      local headers = { ["x-amzn-requestid"] = "r" }
      headers["x-amzn-errortype"] = status > 299 and "Gone:x" or nil
      return { status = status, body = body, headers = headers }
    end,
  }
end

local function with(changes)
  local options = {}
  for name, value in pairs(OPTIONS) do
    options[name] = value
  end
  for name, value in pairs(changes) do
    options[name] = value
  end
  return options
end

--- Loading the module and making a client.
function M.load(open)
  local options = with { transport = answering(200, LISTING) }
  return function()
    return assert(open().client(options))
  end, function()
    local client = assert(open().client(options))
    assert(#assert(client:list_applications {}).Applications == 2)
  end
end

--- A further client of a loaded module.
function M.client(open)
  local appintegrations = open()
  local options = with { transport = answering(200, LISTING) }
  local function make()
    local client = assert(appintegrations.client(options))
    return client
  end
  make()
  return make, function()
    assert(#assert(make():list_applications {}).Applications == 2)
  end
end

function M.describe(open)
  local appintegrations = open()
  local function run()
    for _, operation in ipairs(appintegrations.operations()) do
      assert(appintegrations.describe(operation).name)
    end
  end
  return run, run
end

--- A call that succeeds: built, signed, answered. The first in its state.
function M.call(open)
  local client = assert(open().client(with { transport = answering(200, LISTING) }))
  local function run()
    local page = assert(client:list_applications { MaxResults = 2 })
    assert(#page.Applications == 2 and page.Applications[1].CreatedTime == 1.5)
    assert(page.NextToken == nil)
  end
  return run, run
end

--- The same when everything has been loaded: what each further call allocates.
function M.further_call(open)
  local run, check = M.call(open)
  run()
  return run, check
end

--- A request with everything in it.
function M.create(open)
  local client = assert(open().client(with { transport = answering(200, '{"Name":"crm"}') }))
  local function run()
    local created, err = client:create_data_integration(CREATE,
      { extra = { New = { 1, { a = true } } } })
    assert(created, tostring(err))
    assert(created.Name == "crm")
  end
  return run, run
end

--- Parameters that are refused.
function M.violations(open)
  local client = assert(open().client(with { transport = answering(200, "{}") }))
  local function run()
    local ok, err = client:create_data_integration { Nmae = "x", Name = 1, Tags = { [1] = "a" } }
    assert(not ok and err.code == "ParamValidationError" and #err.details >= 4)
  end
  return run, run
end

--- An error of the service.
function M.failure(open)
  local client = assert(open().client(with { transport = answering(404, FAILURE) }))
  local function run()
    local ok, err = client:get_application { Arn = "x" }
    assert(not ok and err.code == "Gone" and err.message == "no such thing")
    assert(tostring(err):find("Gone", 1, true))
  end
  return run, run
end

--- A listing of two pages.
function M.listing(open)
  local transport = {}
  function transport.send(_, request)
    local first = not request.query
    return {
      status = 200, headers = {},
      body = first and LISTING:gsub("null", '"t"') or LISTING,
    }
  end
  local client = assert(open().client(with { transport = transport }))
  local function run()
    local count = 0
    for application in client:each_application() do
      assert(application.Name)
      count = count + 1
    end
    assert(count == 4)
  end
  return run, run
end

--- Two tasks of a loop that call over libcurl, and one that waits for them.
function M.loop(open, url)
  local appintegrations = open()
  local loop = appintegrations.loop()
  local client = assert(appintegrations.client(with { endpoint_url = url, loop = loop }))
  local function run()
    local function call()
      return assert(client:list_applications { MaxResults = 1 })
    end
    local first, second = loop:spawn(call), loop:spawn(call)
    local third = loop:spawn(function()
      return assert(first:join()), assert(second:join())
    end)
    local ok, err = loop:run()
    assert(ok, ok or tostring(err))
    assert(third:result())
  end
  return run, run
end

--- A call over libcurl to a server at URL.
function M.network(open, url)
  local client = assert(open().client(with { endpoint_url = url }))
  local function run()
    local page, err = client:list_applications { MaxResults = 1 }
    assert(page, tostring(err))
    assert(type(page.Applications) == "table")
  end
  return run, run
end

--- The same with a connection that stands.
function M.further_network_call(open, url)
  local run, check = M.network(open, url)
  run()
  return run, check
end

return M
