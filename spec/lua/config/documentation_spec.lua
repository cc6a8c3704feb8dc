-- The tables of the page on configuration against the code, in both directions.
local chain = require "appintegrations.credentials.chain"
local files = require "spec.support.files"
local options = require "appintegrations.config.options"
local settings = require "appintegrations.config.settings"

local ROOT = "lua/appintegrations/"
local PAGE = "src/docs/pages/configuration.md"

--- The Lua sources by path.
local function sources()
  local result = {}
  for _, path in ipairs(files.lines_of("find " .. ROOT .. " -name '*.lua' "
    .. "-not -path '*/emulator/*'")) do
    result[path] = files.read(path)
  end
  return result
end

local function set(list)
  local result = {}
  for _, name in ipairs(list or {}) do
    result[name] = true
  end
  return result
end

--- The providers in a cell as their files are called; people see "assume-role".
local function providers_in(cell)
  return ((cell or ""):gsub("%-", "_")):gmatch "`([^`]+)`"
end

--- The rows of the tables: lists of cells by the head's names.
local function rows()
  local result, head = {}, nil
  for line in files.read(PAGE):gmatch "[^\n]*" do
    if not line:find "^|" then
      head = line == "" and head or nil
    else
      local cells = {}
      for cell in line:sub(2):gmatch "([^|]*)|" do
        cells[#cells + 1] = cell:match "^%s*(.-)%s*$"
      end
      if line:find "^| Variable" or line:find "^| Provider" then
        head = cells
      elseif not line:find "^|%-" then
        local row = {}
        for i, name in ipairs(head) do
          row[name] = cells[i]
        end
        result[#result + 1] = row
      end
    end
  end
  return result
end

--- The names in backquotes in column NAME, and the rows that have them.
local function column(name)
  local result = {}
  for _, row in ipairs(rows()) do
    for text in (row[name] or ""):gmatch "`([^`]+)`" do
      result[text] = row
    end
  end
  return result
end

local function keys(table_)
  local list = {}
  for name in pairs(table_) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

describe("the reference page of the configuration", function()
  it("has every environment variable that the code names, and no other", function()
    local named = {}
    for _, text in pairs(sources()) do
      for name in text:gmatch '"([A-Z][A-Z_%d]+)"' do
        if name:find "^AWS_" or name:find "_PROXY$" or name:find "_BUNDLE$" then
          named[name] = true
        end
      end
    end
    named.HOME, named.USERPROFILE = true, true
    assert.same(keys(named), keys(column "Variable"))
  end)

  it("has every profile key of a setting, and every key that a provider reads", function()
    local known = set(settings.OTHER_KEYS)
    for _, setting in ipairs(settings.LIST) do
      if setting.key then
        known[setting.key] = true
      end
    end
    local foreign = set { "sso_oidc", "sso_token", "role_name" } -- modules, services, parameters
    for path, text in pairs(sources()) do
      if path:find("credentials/", 1, true) then
        for name in text:gmatch '[."]([%a]+_[%a_]+)' do
          if (name:find "^sso_" or name:find "^role_" or name:find "^aws_" or name:find "^source_p"
              or name:find "^web_identity_" or name:find "^credential_" or name:find "^mfa_s"
              or name:find "^external_" or name:find "^duration_" or name:find "^login_s")
              and not foreign[name] then
            known[name] = true
          end
        end
      end
    end
    assert.same(keys(known), keys(column "Key of the profile"))
  end)

  it("pairs variables, keys and options as the settings do", function()
    local by_variable = column "Variable"
    for _, setting in ipairs(settings.LIST) do
      for _, list in ipairs { setting.env or {}, setting.late_env or {} } do
        for _, variable in ipairs(list) do
          local row = by_variable[variable]
          local key = variable == "AWS_ENDPOINT_URL_APPINTEGRATIONS" and "services" or setting.key
          assert.equal(key and "`" .. key .. "`" or "", row["Key of the profile"], variable)
          if options.CLIENT[setting.name] then
            assert.equal("`" .. setting.name .. "`", row.Option, variable)
          end
        end
      end
    end
    for option, row in pairs(column "Option") do
      assert.truthy(options.CLIENT[option], option .. ": " .. row["What it does here"])
    end
  end)

  it("names the variables of the code that resolves files, profiles and proxies", function()
    local by_variable = column "Variable"
    for _, name in ipairs(settings.OTHER_ENV) do
      assert.truthy(by_variable[name], name)
    end
  end)

  it("says which provider reads what", function()
    local in_chain = set(chain.DEFAULT)
    in_chain.endpoints = true
    for _, row in ipairs(rows()) do
      for provider in providers_in(row.Provider) do
        assert.truthy(in_chain[provider], provider)
        local file = provider == "shared_credentials" and "profile_keys"
          or provider == "config_file" and "profile_keys" or provider
        local text = files.read(ROOT .. "credentials/" .. file .. ".lua")
        for _, cell in ipairs { row.Variable, row["Key of the profile"] } do
          local name = cell:match "`([^`]+)`"
          assert.truthy(not name or text:find(name, 1, true), (name or "") .. " in " .. file)
        end
      end
    end
  end)

  it("names every option of a client that decides where something comes from", function()
    local text = files.read(PAGE)
    local others = set { "logger", "log_bodies", "loop", "transport", "clock", "random", "sleep" }
    for name in pairs(options.CLIENT) do
      assert.truthy(others[name] or text:find("`" .. name, 1, true), name)
    end
  end)

  it("names the providers of the chain in their order", function()
    local order, seen = {}, {}
    for _, row in ipairs(rows()) do
      local provider = providers_in(row.Provider)()
      if provider and provider ~= "endpoints" and not seen[provider] then
        seen[provider] = true
        order[#order + 1] = provider
      end
    end
    local expected = {}
    for _, name in ipairs(chain.DEFAULT) do
      if name ~= "config_file" and name ~= "imds" then
        expected[#expected + 1] = name
      end
    end
    assert.same(expected, order)
  end)
end)
