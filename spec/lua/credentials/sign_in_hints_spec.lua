-- What an error tells a person to run is handed to a shell as it stands there, by clients whose
-- profiles have names of every kind.

local appintegrations = require "appintegrations"
local cleanup = require "spec.support.cleanup"
local exchange = require "appintegrations.credentials.exchange"
local logged_in = require "spec.support.logged_in"
local workdir = require "spec.support.workdir"

local NAMES = {
  "dev", "prod-1", "my dev", " ", "it's", 'the "old" one', "a'b\"c'd", "$HOME", "$(touch owned)",
  "`touch owned`", "a;touch owned", "a&b|c", "<in>out", "*", "?", "~", "~root", "!history", "#x",
  "a\\b", "\\", "back\\'slash", "{a,b}", "(sub)", "-x", "--no-verify-ssl", "a=b", "%s%d",
  "caf\195\169", "a\tb",
}
-- Such names no file can have.
local OTHERS = { "[x]", "a\nb", "", "\n" }

local KEYS = {
  ["aws sso login"] = logged_in.SSO_PROFILE:match "%[default%]\n(.-)%[",
  ["aws login"] = "login_session = " .. logged_in.SESSION .. "\n",
}

describe("the command in an error of", function()
  local dir

  before_each(function()
    dir = workdir.new()
    cleanup(function() dir:remove() end)
    workdir.shell(("mkdir %s %s"):format(dir:file ".aws", dir:file "bin"))
    dir:script("bin/aws", "for word; do printf '<%s>' \"$word\"; done >\"$OUT\"")
  end)

  --- What a call says for whom profile NAME with KEYS is the one.
  local function message_for(name, keys)
    local quote = name:find '"' and "'" or '"'
    dir:write(".aws/config", ("[profile %s%s%s]\n%s%s"):format(quote, name, quote, keys,
      logged_in.SSO_PROFILE:match "%[sso%-session.*"))
    local client = assert(appintegrations.client { region = "us-east-1", profile = name,
      env = { HOME = dir.path }, transport = { send = function() error "nothing is sent" end } })
    return select(2, client:list_applications()).message
  end

  --- The words that `aws` gets when a shell runs LINE.
  local function words_of(line)
    local script = dir:write("line", line)
    assert.is_true(workdir.shell(("mkdir %s && cd %s && PATH=%s:$PATH OUT=%s sh %s && rmdir %s")
      :format(dir:file "work", dir:file "work", dir:file "bin", dir:file "out", script,
        dir:file "work")), "it has failed, or left a file: " .. line)
    return dir:read "out"
  end

  --- What `aws` gets of COMMAND for NAME.
  local function expected(command, name)
    local joint = name:find "^-" and "=" or "><"
    return "<" .. command:sub(5):gsub(" ", "><") .. "><--profile" .. joint .. name .. ">"
  end

  for command, keys in pairs(KEYS) do
    it(command .. " names the profile as a shell takes it", function()
      for _, name in ipairs(NAMES) do
        local message = message_for(name, keys)
        local line = message:match 'run "(.*)"'
        assert.is_string(line, message)
        assert.equal(expected(command, name), words_of(line), message)
      end
      for _, name in ipairs(OTHERS) do
        assert.equal(expected(command, name), words_of(exchange.sign_in(command, name)))
      end
    end)
  end
end)
