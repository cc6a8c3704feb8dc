-- Every snippet of the README and of the pages is run against an emulator: the Lua of a page as
-- one program, its shell lines as one script.
local cleanup = require "spec.support.cleanup"
local emulator = require "spec.support.emulator"
local files = require "spec.support.files"
local json = require "appintegrations.emulator.json"
local shell = require "spec.support.shell"
local snippets = require "spec.support.snippets"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua5.4"
local BUILD = os.getenv "BUILD" or "build/5.4"
local ROOT = shell.output("pwd"):gsub("\n$", "")

local function pages()
  local paths = { "README.md" }
  for path in shell.output("ls src/docs/pages/*.md"):gmatch("[^\n]+") do
    paths[#paths + 1] = path
  end
  return paths
end

--- Runs COMMAND in DIRECTORY, where the commands are found and calls go to SERVICE; its output,
-- and whether it succeeded.
local function run(command, directory, service)
  local output, code = shell.output(([[cd %s && export AWS_ENDPOINT_URL_APPINTEGRATIONS=%s \
    AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s HOME=/nonexistent \
    PATH=%s:"$PATH" LUA=%s && %s]]):format(shell.word(directory), service.url,
    emulator.credentials.access_key_id, emulator.credentials.secret_access_key,
    shell.word(ROOT .. "/" .. BUILD .. "/bin"), shell.word(LUA), command), 60)
  return output, code == 0
end

describe("the snippets of", function()
  for _, path in ipairs(pages()) do
    local text = files.read(path)
    local script = table.concat(snippets.blocks(text, "sh"))

    if snippets.program(text):find("%S") then
      it(path .. " do in Lua what the page says", function()
        local service = emulator.start { "--execution-seconds", "0.1" }
        cleanup(function() service:stop() end)
        local output, ok = run(("%s spec/support/snippets.lua %s"):format(LUA, path), ROOT, service)
        assert.is_true(ok, output)
      end)
    end

    if script ~= "" then
      it(path .. " run in a shell", function()
        if script:find("appintegrations [a-z]") and not pcall(require, "argparse") then
          return pending("argparse is absent for " .. LUA)
        end
        local service = emulator.start()
        local dir = workdir.new()
        cleanup(function()
          service:stop()
          dir:remove()
        end)
        local setup = text:match("\n<!%-%- setup\n(.-)\n%-%->")
        if setup then
          local output, ok = run(LUA .. " " .. dir:write("setup.lua", setup), ROOT, service)
          assert.is_true(ok, output)
        end
        for name, content in text:gmatch("\n<!%-%- (%S+) %-%->\n```json\n(.-)```") do
          dir:write(name, content)
        end
        local output, ok = run("sh -eu " .. dir:write("script", script), dir.path, service)
        assert.is_true(ok, output)
      end)
    end
  end
end)

it("README and first page name the same versions of what is needed", function()
  local readme, start = files.read "README.md", files.read "src/docs/pages/start.md"
  for _, library in ipairs { "libcurl ([%d.]+) or later", "OpenSSL (%d)",
    "lua%-cjson%s+([%d.]+)", "Debian (%d+) or later" } do
    assert.equal(readme:match(library), start:match(library), library)
    assert.is_string(readme:match(library), library)
  end
end)

-- The sanitizers' runtimes, which are loaded into every child, hang the program curl.
local CURL = "unset LD_PRELOAD; curl --max-time 20 -sS --fail-with-body "

describe("the control endpoints that the emulator's page lists", function()
  it("take what it says", function()
    if not workdir.shell("command -v curl >/dev/null") then
      return pending "curl is absent"
    end
    local text = files.read "src/docs/pages/emulator.md"
    local service, dir = emulator.start(), workdir.new()
    cleanup(function()
      service:stop()
      dir:remove()
    end)
    dir:write("seed.json", text:match("<!%-%- seed.json %-%->\n```json\n(.-)```"))
    dir:write("saved.json", (shell.output(CURL .. service.url .. "/_emulator/state")))
    local count = 0
    for line in text:gmatch("\n| `curl ([^`]+)`") do
      local output, ok = run(("E=%s/_emulator; %s%s"):format(service.url, CURL, line), dir.path,
        service)
      assert.is_true(ok, line .. "\n" .. output)
      count = count + 1
    end
    assert.is_true(count > 8)
    assert.equal(0, json.decode((shell.output(CURL .. service.url .. "/_emulator/faults")))
      .pending_faults)
  end)
end)
