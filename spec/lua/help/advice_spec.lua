local advice = require "appintegrations.help.advice"
local read = require("spec.support.files").read
local shell = require "spec.support.shell"

--- The codes of errors that the module's own sources make, each with a file that does.
local function codes()
  local found = {}
  local files = shell.output "find lua/appintegrations -name '*.lua' -not -path '*/emulator/*'"
  for path in files:gmatch "[^\n]+" do
    for code in read(path):gmatch '[^%w_]code = "(%u[%w]+)"' do
      found[code] = path
    end
  end
  local transport = "src/transport/failure.h"
  for code in read(transport):gmatch 'X%(%w[%w_]+, "%l+",%s*"(%u%w+)"%)' do
    found[code] = transport
  end
  return found
end

describe("advice", function()
  it("is there for every code that the module makes, which the page of errors has, too", function()
    local page, count = read "src/docs/pages/errors.md", 0
    for code, path in pairs(codes()) do
      assert.is_string(advice.of(code), ("%s, made in %s"):format(code, path))
      assert.truthy(page:find("`" .. code .. "`", 1, true), code .. " is not on the page")
      count = count + 1
    end
    assert.is_true(count > 20)
  end)

  it("is given for no code that nothing makes", function()
    local made = codes()
    for code in pairs(advice.CODES) do
      assert.is_string(made[code], code)
    end
  end)

  it("names nothing of Lua for a shell", function()
    local function check(code)
      local text = advice.for_shell(code, "get_application")
      for _, word in ipairs { "client:", "err%.", "options%.", " = ", "help%(", "OPERATION" } do
        assert.is_nil(text:find(word), code .. ": " .. text)
      end
    end
    for code, entry in pairs(advice.CODES) do
      if entry.kind ~= "validation" and entry.kind ~= "task" then -- a shell meets none, or is told
        check(code)
      end
    end
    for code in pairs(advice.SERVICE) do
      check(code)
    end
    assert.truthy(advice.for_shell("InvalidRequestException", "get_application")
      :find("`appintegrations help get-application`", 1, true))
  end)

  it("has for what messages say of options the flag, wherever it stands", function()
    for message, shown in pairs {
      ["not asked, as the option profile names a profile"] =
        "not asked, as --profile names a profile",
      ['no profile "x" (from option profile)'] = 'no profile "x" (from --profile)',
      ["(options.extra sends B)\n  (options.extra sends C)"] =
        "(--extra sends B)\n  (--extra sends C)",
      ['run "aws login", or pass the option credentials'] = 'run "aws login"',
      ["option timeout is 1000000000"] = "--timeout is 1000000000",
      ["nothing of that"] = "nothing of that",
    } do
      assert.equal(shown, advice.message_for_shell(message))
    end
  end)
end)
