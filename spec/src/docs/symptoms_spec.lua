-- What the page on troubleshooting says that one sees is what one sees.
local account = require "spec.support.account"
local appintegrations = require "appintegrations"
local files = require "spec.support.files"

local page = files.read "src/docs/pages/symptoms.md"

--- The first column's code in the row that has TEXT, up to what it leaves out.
local function shown(text)
  for code in page:gmatch("\n| `([^\n`]-)` ") do
    if code:find(text, 1, true) then
      return (code:gsub("….*$", ""))
    end
  end
end

local function message_of(f)
  local ok, message = pcall(f)
  assert(not ok, "nothing was raised")
  return tostring(message)
end

describe("the symptoms on the page", function()
  local client = account.new().client

  for text, f in pairs {
    ["unknown option"] = function() local c = appintegrations.client { retries = 3 } return c end,
    ["with a colon"] = function() local out = client.get_application {} return out end,
    ["field 'new'"] = function() local c = appintegrations.new {} return c end,
    ["ListDataIntegrationsResponse"] = function()
      for _ in client:list_data_integrations() do error "not called" end
    end,
  } do
    it("have " .. text, function()
      local expected, message = shown(text), message_of(f)
      assert.is_string(expected)
      -- Before 5.4, Lua has no names of types, and says less of what was called.
      if text:find "Response$" and not message:find("appintegrations", 1, true) then
        assert.truthy(message:find("attempt to call a table value", 1, true), message)
      elseif text == "field 'new'" then
        assert.truthy(message:find("attempt to call", 1, true) and message:find("'new'", 1, true),
          message)
      else
        assert.truthy(message:find(expected, 1, true), message)
      end
    end)
  end

  it("have a tail call without a line", function()
    assert.truthy(page:find("An error of misuse has no file and line", 1, true))
    local message = message_of(function() return client.get_application {} end)
    assert.is_nil(message:find("symptoms_spec.lua", 1, true), message)
  end)
end)
