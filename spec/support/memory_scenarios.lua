-- What spec/support/memory.c runs while allocations fail, or finalizers run. Each
-- function gets `open`, which returns the module, and an argument, and returns two
-- functions: one to run, and one that checks afterwards that all works; then a
-- table of what a finalizer may do meanwhile.

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

-- A text with escapes, for which there is no room yet.
local LISTING = '{"Applications":[{"Id":"1","Arn":"a","Name":"' .. ("\\u00e9"):rep(1000)
  .. '","Namespace":"n",'
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

--- What a finalizer may do to CLIENT and LOOP: what it comes to is its own affair.
local function acts_of(client, loop)
  local acts = {}
  function acts.call()
    client:list_applications { MaxResults = 1 }
    client:get_application { Arn = "x" }
    client:create_data_integration { Nmae = "x" }
  end
  function acts.cancel()
    client:cancel()
  end
  function acts.close()
    client:close()
  end
  if loop then
    function acts.step()
      loop:step(0)
    end
    function acts.spawn()
      loop:spawn(acts.call):cancel()
    end
  end
  for name, act in pairs(acts) do -- before 5.2, what a finalizer raises is the program's error
    acts[name] = function()
      pcall(act)
    end
  end
  return acts
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
  local client = assert(appintegrations.client(with { transport = answering(200, LISTING) }))
  return run, run, acts_of(client)
end

--- A call that succeeds: built, signed, answered. The first in its state.
function M.call(open)
  local client = assert(open().client(with { transport = answering(200, LISTING) }))
  local function run()
    local page, err = client:list_applications { MaxResults = 2 }
    assert(page, tostring(err))
    assert(#page.Applications == 2 and page.Applications[1].CreatedTime == 1.5)
    assert(page.Applications[1].Name == ("\195\169"):rep(1000) and page.NextToken == nil)
  end
  return run, run, acts_of(client)
end

--- The same when everything has been loaded: what each further call allocates.
function M.further_call(open)
  local run, check, acts = M.call(open)
  run()
  return run, check, acts
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
  return run, run, acts_of(client)
end

--- Parameters that are refused.
function M.violations(open)
  local client = assert(open().client(with { transport = answering(200, "{}") }))
  local function run()
    local ok, err = client:create_data_integration { Nmae = "x", Name = 1, Tags = { [1] = "a" } }
    assert(not ok and err.code == "ParamValidationError" and #err.details >= 4)
  end
  return run, run, acts_of(client)
end

--- An error of the service.
function M.failure(open)
  local client = assert(open().client(with { transport = answering(404, FAILURE) }))
  local function run()
    local ok, err = client:get_application { Arn = "x" }
    assert(not ok and err.code == "Gone" and err.message == "no such thing", tostring(err))
    assert(tostring(err):find("Gone", 1, true))
  end
  return run, run, acts_of(client)
end

--- Outputs and descriptions as text and as JSON.
function M.printing(open)
  local appintegrations = open()
  -- Lua 5.4 itself is left with half of a metatable if memory ends at the first large buffer.
  assert(#("x"):rep(100000) == 100000)
  local client = assert(appintegrations.client(with { transport = answering(200, LISTING) }))
  local function run()
    local page, meta = client:list_applications { MaxResults = 2 }
    assert(page, tostring(meta))
    assert(tostring(page):find('Name = "two"', 1, true) and tostring(meta):find "status = 200")
    assert(appintegrations.json(page):find('"CreatedTime":1.5', 1, true))
    assert(tostring(appintegrations.describe "get_application"):find "GetApplicationRequest")
  end
  return run, run, acts_of(client)
end

--- A request that is not sent, and wrong names.
function M.names(open)
  local appintegrations = open()
  local client = assert(appintegrations.client(with { transport = answering(200, LISTING) }))
  local function run()
    local request, err = client:prepare("list_applications", { MaxResults = 2 })
    assert(request, tostring(err))
    assert(tostring(request):find "maxResults=2")
    local ok, message = pcall(appintegrations.client, { regoin = "x" })
    assert(not ok and message:find('did you mean "region"', 1, true), message)
    ok, message = pcall(function() return client.get_aplication end)
    assert(not ok and message:find('did you mean "get_application"', 1, true), message)
  end
  return run, run, acts_of(client)
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
  return run, run, acts_of(client)
end

--- Runs LOOP to its end, which tells of the tasks that have failed, each once.
local function run_out(loop)
  while not loop:run() do
    assert(loop.count == 0)
  end
end

--- Two tasks of a loop that call over libcurl, and one that waits for them.
function M.loop(open, url)
  local appintegrations = open()
  local loop = appintegrations.loop()
  local client = assert(appintegrations.client(with { endpoint_url = url, loop = loop }))
  local function run()
    local function call()
      return client:list_applications { MaxResults = 1 }
    end
    local first, second = loop:spawn(call), loop:spawn(call)
    local third = loop:spawn(function()
      for _, task in ipairs { first, second } do
        local page, err = task:join()
        if not page then
          error(tostring(err), 0)
        end
      end
      return true
    end)
    local ok, err = loop:run()
    assert(ok, ok or tostring(err))
    assert(third:result(), "a task that has not ended")
  end
  return run, function()
    run_out(loop)
    run()
  end, acts_of(client, loop)
end

--- Many items, few at once, that wait for a time and for one another.
function M.map(open)
  local appintegrations = open()
  local loop = appintegrations.loop()
  local client = assert(appintegrations.client(with { transport = answering(200, LISTING) }))
  local list = { 1, 2, 3, 4, 5, 6, 7, 8 }
  local function run()
    local outputs, errors, failed = loop:map(list, function(item)
      loop:sleep(0)
      local slept, err = loop:spawn(loop.sleep, loop, 0):join()
      if item % 2 == 0 and slept then
        return item
      end
      return nil, err or "odd"
    end, 3)
    for i = 1, 8 do
      local err = errors[i]
      assert(err == nil or err == "odd", tostring(err))
    end
    assert(failed == 4 and outputs[8] == 8 and errors[7] == "odd")
  end
  return run, function()
    run_out(loop)
    run()
    assert(loop.count == 0)
  end, acts_of(client, loop)
end

--- Signing as a program does it by itself.
function M.sign(open, _, loaders)
  local appintegrations = open()
  local client = assert(appintegrations.client(with { transport = answering(200, LISTING) }))
  local sigv4 = loaders["appintegrations.sigv4"] "appintegrations.sigv4"
  local context = { region = "us-east-1", service = "s", time = 0,
    credentials = OPTIONS.credentials }
  local headers = { { "Host", "example.com" }, { "X-A", "1" }, { "x-a", "2" } }
  local function run()
    local added, parts = sigv4.sign({ method = "PUT", path = "/a/../b", query = "q=1&p",
      headers = headers, body = "body" }, context)
    assert(added.Authorization:find(parts.signature, 1, true))
    local query = sigv4.presign({ method = "GET", path = "/", headers = headers }, context)
    assert(query:find("X-Amz-Signature=", 1, true))
  end
  return run, run, acts_of(client)
end

--- Keys that the process of a profile prints, below the home directory FOLDER.
function M.process(open, folder)
  local appintegrations = open()
  local client
  local function run()
    client = assert(appintegrations.client { region = "us-east-1", env = { HOME = folder },
      profile = "process", transport = answering(200, LISTING) })
    local page, err = client:list_applications { MaxResults = 2 }
    assert(page, tostring(err))
  end
  run()
  return run, run, acts_of(setmetatable({}, { __index = function(_, name)
    return function(_, ...)
      return client[name](client, ...)
    end
  end }))
end

--- A call over libcurl to a server at URL.
function M.network(open, url)
  local client = assert(open().client(with { endpoint_url = url }))
  local function run()
    local page, err = client:list_applications { MaxResults = 1 }
    assert(page, tostring(err))
    assert(type(page.Applications) == "table")
  end
  return run, run, acts_of(client)
end

--- The same with a connection that stands.
function M.further_network_call(open, url)
  local run, check, acts = M.network(open, url)
  run()
  return run, check, acts
end

--- A value for which F is called when it is collected, in every Lua.
local function finalized(f)
  local proxy = rawget(_G, "newproxy")
  if proxy then
    local value = proxy(true)
    getmetatable(value).__gc = f
    return value
  end
  return setmetatable({}, { __gc = f })
end

--- Finalizers that send requests while the state is closed: what they make gets no call of its
-- own finalizer.
function M.closing(open, url)
  local early
  rawset(_G, "early", finalized(function() early() end))
  local appintegrations = open()
  local used = assert(appintegrations.client(with { endpoint_url = url }))
  assert(used:list_applications {})
  local function send()
    local client = assert(appintegrations.client(with { endpoint_url = url, max_connections = 2 }))
    for _, sender in ipairs { used, client } do
      sender.transport:send { method = "GET", url = url, headers = {}, timeout = 10 }
    end
  end
  early = send
  rawset(_G, "late", finalized(send))
  return function() return {} end, send
end

return M
