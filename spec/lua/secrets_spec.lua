-- Where secrets must not be: with each source of credentials, in whatever a call can come to, in
-- nothing that the program gets or that is shown of it; not in files of others, nor on the command
-- lines and in the environment of children. Of each kind of secret there is one with MARKED in it.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local log = require "appintegrations.log"
local reachable = require "spec.support.reachable"
local servers = require "spec.support.server"
local sources = require "spec.support.credential_sources"
local workdir = require "spec.support.workdir"

local MARK = sources.MARK

-- What becomes of a call: answers of the service to it, options of the client and of the call, and
-- the kind of error it ends with.
local FATES = {
  success = { answer = { body = '{"Applications":[{"Name":"a"}],"NextToken":"n"}' } },
  ["an error of the service"] = { kind = "service", answer = { status = 403,
    headers = { ["x-amzn-errortype"] = "AccessDeniedException" }, body = '{"Message":"no"}' } },
  throttling = { kind = "service", answer = { status = 429,
    headers = { ["x-amzn-errortype"] = "ThrottlingException" }, body = "{}" } },
  ["an answer that is none"] = { kind = "response", answer = { body = "<html>" } },
  ["an answer that is too long"] = { kind = "response", answer = { body = (" "):rep(5000) },
    client = { max_response_bytes = 2000 } },
  ["a reset connection"] = { kind = "transport", answer = { reset = true } },
  ["a timeout"] = { kind = "timeout", answer = { hang = true }, call = { timeout = 0.05 } },
  ["parameters that are wrong"] = { kind = "validation", params = { MaxResults = "x" } },
}

--- FATES for the source with a script of SCRIPT: each endpoint of a credential service refuses.
local function refused(script)
  local all = {}
  for name in pairs(script) do
    all[name] = { status = 403, body = '{"message":"no"}' }
  end
  return all
end

--- All that a program and its logs see of FATE with the source NAME.
local function seen_of(name, fate, is_refused)
  local source = sources.new(name)
  cleanup(function() source:remove() end)
  local script = is_refused and refused(source.script) or source.script
  script["GET /applications"] = fate.answer
  local server = servers.start(script)
  cleanup(function() server:stop() end)
  local seen = { events = {}, lines = {} }
  local function write(line) seen.lines[#seen.lines + 1] = line end
  local text, jsonl = log.to(write, "debug"), log.jsonl(write)
  local options = source:options(server.url, fate.client)
  options.max_attempts, options.log_bodies = 2, true
  function options.logger(event)
    seen.events[#seen.events + 1] = event
    text(event)
    jsonl(event)
  end
  local client = assert(appintegrations.client(options))
  cleanup(function() client:close() end)
  seen.output, seen.meta = client:list_applications(fate.params, fate.call)
  seen.explanation = client:explain()
  return seen, client, source, server
end

local function assert_no_secret(roots, options)
  assert.is_nil(reachable.find(roots, MARK, options))
end

describe("a secret", function()
  for _, name in ipairs(sources.NAMES) do
    for what, fate in pairs(FATES) do
      it(("from %s stands in nothing that a program gets: %s"):format(name, what), function()
        local seen, client = seen_of(name, fate)
        assert.equal(fate.kind, seen.output == nil and seen.meta.kind or nil, tostring(seen.meta))
        assert_no_secret(seen)
        assert_no_secret({ explanation = tostring(seen.explanation),
          json = appintegrations.json(seen.meta), shown = tostring(client) })
      end)
    end

    it(("from %s stands in no text of what a client is made of"):format(name), function()
      local _, client = seen_of(name, FATES.success)
      local loop = appintegrations.loop()
      cleanup(function() loop:close() end)
      local task = loop:spawn(function() return client:list_applications() end)
      loop:run()
      local it = client:each_application()
      assert(it:next())
      assert_no_secret({ client = client, loop = loop, task = task, iterator = it,
        prepared = assert(client:prepare "list_applications"),
        stub = appintegrations.stub(client) }, { texts = true, except = { [sources] = true } })
      assert_no_secret({ prepared = tostring(client:prepare "list_applications") })
    end)
  end

  it("is found where it is held: by a client, behind its functions", function()
    for _, name in ipairs(sources.NAMES) do
      local _, client = seen_of(name, FATES.success)
      assert.is_string(reachable.find({ client = client }, MARK), name)
      assert.is_nil(reachable.find({ client = client }, MARK, { public = true }), name)
    end
  end)

  for _, name in ipairs { "role", "web_identity", "container", "imds", "sso", "login" } do
    it(("from %s stands in nothing that is said when its service refuses"):format(name), function()
      local seen = seen_of(name, FATES.success, true)
      assert.is_nil(seen.output)
      assert.equal("credentials", seen.meta.kind, tostring(seen.meta))
      assert_no_secret(seen)
      assert_no_secret { explanation = tostring(seen.explanation) }
    end)
  end

  it("is in no argument and no variable of a credential process", function()
    local _, _, source = seen_of("process", FATES.success)
    local argv, environ = source.dir:read "argv", source.dir:read "environ"
    assert.matches("\none\ntwo\n$", argv)
    assert.matches("HOME=", environ)
    assert_no_secret { argv = argv, environ = environ }
  end)

  it("is in no file but those that held it, for their owner only once it is written", function()
    local old = io.popen("umask"):read "*l"
    for _, name in ipairs { "sso", "login" } do
      local _, _, source = seen_of(name, FATES.success)
      local dir, list = source.dir, workdir.new()
      cleanup(function() list:remove() end)
      assert.is_true(workdir.shell(("cd %s && grep -rl %s . >%s; stat -c %%a $(grep -rl %s2 .) >%s")
        :format(dir.path, MARK, list:file "files", MARK .. "REFRESH", list:file "modes")))
      local expected = {}
      for path, text in pairs(source.files) do
        expected[#expected + 1] = text:find(MARK, 1, true) and "./" .. path or nil
      end
      assert.equal(table.concat(expected, "\n") .. "\n", list:read "files")
      assert.equal("600\n", list:read "modes", "umask " .. old)
    end
  end)
end)
