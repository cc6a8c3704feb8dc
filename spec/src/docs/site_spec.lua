-- The site of the documents, as `make docs` builds it.
local appintegrations = require "appintegrations"
local advice = require "appintegrations.help.advice"
local options = require "appintegrations.config.options"
local shell = require "spec.support.shell"
local words = require "appintegrations.help.words"
local workdir = require "spec.support.workdir"

local LUA = os.getenv "LUA" or "lua5.4"

--- Why the site cannot be built here, or nil.
local function missing()
  return not workdir.shell("ldoc 2>&1 | grep -q generator") and "ldoc is absent, or its Lua"
    or not pcall(require, "argparse") and "argparse is absent for " .. LUA or nil
end

describe("the site of the documents", function()
  local dir, pages, log

  --- The pages by path from the site's directory.
  local function site()
    if not pages then
      dir = workdir.new()
      log = shell.output(("%s src/docs/build.lua %s/source %s/site && cd %s/source "
        .. "&& ldoc --quiet --fatalwarnings --testing ."):format(LUA, dir.path,
        dir.path, dir.path))
      pages = {}
      for path in shell.output(("cd %s/site && find . -name '*.html'"):format(dir.path))
        :gmatch("%./([^\n]+)") do
        pages[path] = dir:read("site/" .. path)
      end
    end
    return pages
  end

  teardown(function()
    if dir then
      dir:remove()
    end
  end)

  --- A spec that needs the site.
  local function of_site(does, body)
    it(does, function()
      local reason = missing()
      if reason then
        return pending(reason)
      end
      body(site())
    end)
  end

  of_site("is built without a warning", function(built)
    assert.equal("reading configuration from config.ld\n", log)
    assert.is_string(built["index.html"])
    assert.is_string(built["topics/start.html"])
  end)

  of_site("has no link that leads nowhere", function(built)
    local ids, count = {}, 0
    for path, text in pairs(built) do
      ids[path] = {}
      for id in text:gmatch(' id="([^"]+)"') do
        assert.is_nil(ids[path][id], path .. " has two of #" .. id)
        ids[path][id] = true
      end
    end
    for path, text in pairs(built) do
      for href in text:gmatch(' href="([^"]+)"') do
        local target, fragment = href:match("^([^#]*)#?(.*)$")
        if not target:find("^https?:") and not target:find("%.css$") then
          local file = target == "" and path
            or ((path:match("^(.*/)") or "") .. target):gsub("[^/]+/%.%./", "")
          assert.is_string(built[file], path .. " links to " .. href)
          assert.is_true(fragment == "" or ids[file][fragment] == true,
            path .. " links to " .. href)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 1000)
  end)

  of_site("has no Markdown, and no reference of LDoc's, left as it was", function(built)
    for path, text in pairs(built) do
      local prose = text:gsub("<pre.->.-</pre>", ""):gsub("<code>.-</code>", "")
      assert.is_nil(prose:find("```", 1, true), path)
      assert.is_nil(prose:find("%]%("), path)
      assert.is_nil(prose:find("???", 1, true), path)
      assert.is_nil(prose:find("\\[_*|<>]"), path)
      assert.is_nil(prose:find("[\1\2\3]"), path)
    end
  end)

  of_site("has every operation, method, option and error code", function(built)
    for _, operation in ipairs(appintegrations.operations()) do
      assert.truthy(built["topics/operations.html"]:find(' id="' .. operation .. '"', 1, true),
        operation)
    end
    for name in pairs(words.methods) do
      assert.truthy(built["topics/client.html"]:find(' id="' .. name .. '"', 1, true), name)
    end
    for name in pairs(options.CLIENT) do
      local shown = "<td><code>" .. name:gsub("_", "_<wbr>") .. "</code></td>"
      assert.truthy(built["topics/options.html"]:find(shown, 1, true), name)
    end
    for _, codes in ipairs { advice.CODES, advice.SERVICE } do
      for code in pairs(codes) do
        assert.truthy(built["topics/troubleshooting.html"]:find(' id="' .. code:lower() .. '"', 1,
          true), code)
      end
    end
  end)

  of_site("has the arguments of every function", function(built)
    for path, text in pairs(built) do
      if path:find("^modules/") then
        for arguments in text:gmatch('<h3 id="[^"]+"><a [^>]+><code>[^<(]+%(([^)<]*)') do
          for name in arguments:gmatch("[^%s,%[%]]+") do
            assert.truthy(text:find("<td><code>" .. name .. "</code></td>", 1, true),
              path .. ": " .. name)
          end
        end
      end
    end
    assert.truthy(built["modules/appintegrations.loop.html"]:find(
      "<code>loop:spawn(f, ...)</code>", 1, true))
  end)

  of_site("has every public function of the module", function(built)
    for name, value in pairs(appintegrations) do
      if type(value) == "function" then
        assert.truthy(built["modules/appintegrations.html"]:find(' id="' .. name .. '"', 1, true),
          name)
      end
    end
    for page, names in pairs {
      ["appintegrations.sigv4"] = { "sign", "presign", "Context" },
      ["appintegrations.log"] = { "stderr", "jsonl", "to" },
      ["appintegrations.stub"] = { "stub:respond", "stub:fail", "stub:answer", "stub:assert_done" },
      ["appintegrations.loop"] = { "loop:spawn", "loop:map", "loop:fds", "LoopOptions" },
      ["appintegrations.loop.task"] = { "task:join", "task:cancel", "task:result" },
      ["appintegrations.emulator"] = { "new", "service:seed", "service:inject" },
    } do
      for _, name in ipairs(names) do
        assert.truthy(built[("modules/%s.html"):format(page)]:find(' id="' .. name .. '"', 1, true),
          page .. " " .. name)
      end
    end
  end)
end)
