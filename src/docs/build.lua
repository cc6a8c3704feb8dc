-- SPDX-License-Identifier: MIT
--- Makes the documentation's site: writes what LDoc reads (pages as HTML, the public part of the
-- modules, its configuration and template) into a directory, from which LDoc makes the pages.
--
--     lua src/docs/build.lua build/docs-source build/docs
-- @module docs.build

package.path = "src/docs/?.lua;src/model/?.lua;src/base/?.lua;" .. package.path

local cookbook = require "cookbook"
local description = require "description"
local emit_types = require "emit_types"
local manual = require "manual"
local markdown = require "markdown"
local module_pages = require "module"
local reference = require "reference"
local script = require "script"
local sources = require "sources"
local troubleshooting = require "troubleshooting"
local words = require "appintegrations.help.words"

-- The pages by groups of the navigation. Those that are not in src/docs/pages are MADE.
local GROUPS = {
  { "Guide", { "start", "calls", "listings", "errors", "configuration", "loops", "helpers", "logs",
    "testing", "command", "embedding", "cookbook", "troubleshooting" } },
  { "Reference", { "operations", "shapes", "client", "options", "emulator", "manual", "examples",
    "changelog" } },
}

-- The modules that programs require, and what their methods are called on.
local MODULES = {
  { path = "module", name = "appintegrations" },
  { path = "loop/init", name = "appintegrations.loop", methods = "loop",
    hidden = { new = true, cancel_task = true } },
  { path = "loop/task", name = "appintegrations.loop.task", methods = "task",
    hides_functions = true },
  { path = "paginate", name = "appintegrations.paginate", methods = "it", hides_functions = true },
  { path = "base/errors", name = "appintegrations.base.errors", hides_functions = true },
  { path = "log", name = "appintegrations.log" },
  { path = "stub", name = "appintegrations.stub", methods = "stub", hides_functions = true },
  { path = "emulator/init", name = "appintegrations.emulator", Service = "service",
    hidden = { Request = true, Response = true, QUOTAS = true, fail_next = true, handle = true,
      uuid = true, resource_id = true } },
  { path = "emulator/options", name = "appintegrations.emulator.options",
    hides_functions = true },
  { path = "emulator/faults", name = "appintegrations.emulator.faults",
    hides_functions = true },
  { path = "sigv4", name = "appintegrations.sigv4" },
  { path = "transport/curl", name = "appintegrations.transport.curl", Transport = "transport",
    hidden = { CurlTransport = true, Scheduler = true, submit = true, take = true } },
  { path = "transport/haproxy", name = "appintegrations.transport.haproxy" },
  { path = "transport/resty", name = "appintegrations.transport.resty", Transport = "transport",
    hidden = { RestyTransport = true, RestyExchange = true } },
}

-- ---- files ------------------------------------------------------------------------------------

local read, write = script.read, script.write

local function page_path(name)
  return "src/docs/pages/" .. name .. ".md"
end

-- ---- pages that are made ----------------------------------------------------------------------

local model = description.read("src/model/appintegrations.model")

local function iterators()
  local names = {}
  for _, operation in ipairs(model.operations) do
    names[#names + 1] = operation.pagination and emit_types.iterator_name(operation)
  end
  return names
end

local function example_files()
  local paths = {}
  local pipe = assert(io.popen("find examples -type f ! -path '*/cookbook/*' | LC_ALL=C sort"))
  for path in pipe:lines() do
    paths[#paths + 1] = path
  end
  pipe:close()
  return paths
end

local LANGUAGES = { lua = "lua", py = "python", mjs = "javascript", c = "c", sh = "sh" }

local MADE = {
  operations = function() return reference.operations(model) end,
  shapes = function() return reference.shapes(model) end,
  client = function() return module_pages.methods(iterators()) end,
  options = module_pages.options,
  troubleshooting = function()
    return troubleshooting.page(read(page_path "symptoms"))
  end,
  cookbook = function()
    return cookbook.page(function(name) return read("examples/cookbook/" .. name .. ".lua") end)
  end,
  manual = function()
    local parser = require("appintegrations.command.parser").new()
    return manual.page(require("appintegrations.command.manual").text(parser))
  end,
  examples = function()
    local out = { read(page_path "examples") }
    for _, path in ipairs(example_files()) do
      out[#out + 1] = ("## %s\n\n```%s\n%s```\n"):format(path:gsub("^examples/", ""),
        LANGUAGES[path:match("%.(%w+)$")] or "text", read(path))
    end
    return table.concat(out, "\n")
  end,
  changelog = function() return read "CHANGELOG.md" end,
}

--- The names of all pages, in the order of the navigation.
local function page_names()
  local names = {}
  for _, group in ipairs(GROUPS) do
    for _, name in ipairs(group[2]) do
      names[#names + 1] = name
    end
  end
  return names
end

--- The Markdown of all pages by name.
local function page_texts()
  local texts = {}
  for _, name in ipairs(page_names()) do
    texts[name] = MADE[name] and MADE[name]() or read(page_path(name))
  end
  return texts
end

-- ---- links ------------------------------------------------------------------------------------

-- What site.md links to: pages that are made, and their sections, by name and id.
local made_targets = {}

--- Of sections that have the same id it is the first one, in the order of the navigation.
local function add_made_targets(texts)
  for name in pairs(MADE) do
    made_targets[name] = name .. ".html"
  end
  for _, name in ipairs(page_names()) do
    local _, headings = markdown.html(MADE[name] and texts[name] or "")
    for _, heading in ipairs(headings) do
      made_targets[heading.id] = made_targets[heading.id] or ("%s.html#%s"):format(name, heading.id)
    end
  end
end

--- The page of the module whose source is at PATH, below lua/appintegrations.
local function module_page(path)
  for _, module in ipairs(MODULES) do
    if module.path .. ".lua" == path then
      return "../modules/" .. module.name .. ".html"
    end
  end
end

--- Where HREF of the page NAME goes in the site.
local function target_of(href)
  local page, fragment = href:match("^(%w+)%.md(#?.*)$")
  if page == "site" then
    return made_targets[fragment:sub(2)]
  elseif page then
    return page .. ".html" .. fragment
  end
  local below, path = href:match("^%.%./%.%./%.%./(%w+)/(.*)$")
  if below == "examples" then
    return "examples.html#" .. markdown.slug(path)
  end
  return below == "lua" and module_page(path:match("^appintegrations/(.*)$")) or nil
end

--- The link function for the page NAME.
local function link_of(name)
  return function(href)
    if href:find("^https?:") or href:find("^#") then
      return href
    end
    return target_of(href)
      or error(("the page %s has a link that leads nowhere: %s"):format(name, href), 0)
  end
end

-- ---- navigation -------------------------------------------------------------------------------

--- A line of the template: a link to the page NAME, with its sections where it is shown itself.
local function navigation_entry(name, page)
  local lines = { ('<li><a href="$(base)topics/%s.html"$(here == "%s" and current or "")>%s</a>')
    :format(name, name, page.title) }
  lines[#lines + 1] = ('# if here == "%s" then\n<ul>'):format(name)
  for _, heading in ipairs(page.headings) do
    lines[#lines + 1] = heading.level == 2
      and ('<li><a href="#%s">%s</a></li>'):format(heading.id, heading.text) or nil
  end
  lines[#lines + 1] = "</ul>\n# end\n</li>"
  return table.concat(lines, "\n")
end

local function navigation(pages)
  local lines = {}
  for _, group in ipairs(GROUPS) do
    lines[#lines + 1] = "<h2>" .. group[1] .. "</h2>\n<ul>"
    for _, name in ipairs(group[2]) do
      lines[#lines + 1] = navigation_entry(name, pages[name])
    end
    lines[#lines + 1] = "</ul>"
  end
  return table.concat(lines, "\n")
end

-- ---- what LDoc reads --------------------------------------------------------------------------

local function quoted_list(directory, names)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = ("%q"):format(directory .. name)
  end
  return "{ " .. table.concat(list, ", ") .. " }"
end

local CONFIG = [[
project = "appintegrations"
title = "appintegrations"
dir = %q
format = "plain"
backtick_references = false
wrap = true
no_space_before_args = true
style = "."
template = "."
file = %s
topics = %s
full_description = %q
]]

--- Completes the entries of MODULES, and tells where tables are described.
local function prepare_modules()
  for name in pairs(words.classes) do
    sources.links[name] = "../topics/options.html#" .. name:lower()
  end
  sources.links.Client = "../topics/client.html"
  for _, module in ipairs(MODULES) do
    module.hidden = module.hidden or {}
    module.text = read("lua/appintegrations/" .. module.path .. ".lua")
    module.objects = { methods = module.methods or false, Service = module.Service or false,
      Transport = module.Transport or false }
    if module.hides_functions then
      module.objects.M = false
    end
    for name, id in pairs(sources.tables(module, module.text)) do
      sources.links[name] = ("%s.html#%s"):format(module.name, id)
    end
  end
end

--- The sources of the modules, in DIRECTORY; their files' names.
local function write_modules(directory)
  prepare_modules()
  local files = {}
  for i, module in ipairs(MODULES) do
    files[i] = module.name .. ".lua"
    write(directory .. "/" .. files[i], sources.public(module, module.text))
  end
  return files
end

--- A link to the page NAME, if there is one, at the end of another.
local function turn_link(class, name, pages)
  return name and ('<a class="%s" href="%s.html">%s</a>'):format(class, name, pages[name].title)
    or "<span></span>"
end

--- The pages, by name: title, headings. Each is written to DIRECTORY as HTML.
local function write_pages(directory, texts)
  local pages, names = {}, page_names()
  for name, text in pairs(texts) do
    local html, headings = markdown.html(text, link_of(name))
    pages[name] = { title = headings[1].text, headings = headings, html = html }
  end
  for i, name in ipairs(names) do
    write(directory .. "/" .. name, ('%s\n<p class="turn">%s%s</p>\n'):format(pages[name].html,
      turn_link("previous", names[i - 1], pages), turn_link("next", names[i + 1], pages)))
  end
  return pages
end

local function front_page()
  local html = markdown.html(read(page_path "index"), function(href)
    local target = link_of("index")(href)
    return target:find("^https?:") and target or "topics/" .. target
  end)
  return html
end

--- Makes DIRECTORY; what an earlier run has left in SITE goes.
local function prepare_directories(directory, site)
  for _, folder in ipairs { directory .. "/modules", directory .. "/pages", site .. "/modules",
    site .. "/topics" } do
    os.execute(("rm -rf '%s'"):format(folder))
  end
  os.execute(("mkdir -p '%s/modules' '%s/pages'"):format(directory, directory))
end

local function main(directory, site)
  prepare_directories(directory, site)
  local texts = page_texts()
  add_made_targets(texts)
  local files = write_modules(directory .. "/modules")
  local pages = write_pages(directory .. "/pages", texts)
  local template = read("src/docs/ldoc.ltp"):gsub("@NAVIGATION@", (navigation(pages):gsub("%%",
    "%%%%")))
  write(directory .. "/ldoc.ltp", template)
  write(directory .. "/ldoc.css", read "src/docs/ldoc.css")
  write(directory .. "/config.ld", CONFIG:format(site, quoted_list("modules/", files),
    quoted_list("pages/", page_names()), front_page()))
end

main(arg[1], arg[2])
