local files_of = require "appintegrations.base.files"
local profile_file = require "appintegrations.config.profile_file"
local profiles = require "appintegrations.config.profiles"
local workdir = require "spec.support.workdir"

local function parse(text, kind)
  local content, message = profile_file.parse(text, "FILE", kind or "config")
  assert.is_nil(message)
  return content
end

--- Keys of profile NAME in TEXT.
local function keys(text, name, kind)
  return parse(text, kind).profiles[name or "default"]
end

local function problem(text, kind)
  local content, message = profile_file.parse(text, "FILE", kind or "config")
  assert.is_nil(content)
  return message
end

describe("a profile file", function()
  it("has profiles under a prefix in config, under bare names in credentials", function()
    local text = "[profile a]\nregion = x\n[b]\nregion = y\n[profilec]\nregion = z\n"
    assert.same({ a = { region = "x" } }, parse(text).profiles)
    assert.same({ b = { region = "y" }, ["profile a"] = { region = "x" },
      profilec = { region = "z" } }, parse(text, "credentials").profiles)
  end)

  it("has the default profile with or without the prefix, which wins", function()
    assert.same({ a = "1" }, keys "[default]\na = 1\n")
    assert.same({ a = "2" }, keys "[profile default]\na = 2\n")
    assert.same({ a = "2" }, keys "[default]\na = 1\nb = 1\n[profile default]\na = 2\n")
    assert.same({ a = "2" }, keys '[profile "default"]\na = 2\n[default]\na = 1\n')
  end)

  it("has sections for sessions and services beside the profiles", function()
    local content = parse("[sso-session s]\nsso_region = r\n"
      .. "[services t]\ns3 =\n  endpoint_url = u\n")
    assert.same({ s = { sso_region = "r" } }, content.sso_sessions)
    assert.same({ t = { s3 = { endpoint_url = "u" } } }, content.services)
    assert.same({}, content.profiles)
  end)

  it("passes over sections that it does not know, with what stands in them", function()
    assert.same({ default = { a = "1" } }, parse("[plugins]\nx = 1\n  more\n[preview]\n[a b c]\ny ="
      .. "\n  z = 1\n[default]\na = 1\n").profiles)
  end)

  it("takes names with spaces, in quotes or not, and padding", function()
    assert.same({ a = "1" }, keys('[profile "a b"]\na = 1', "a b"))
    assert.same({ a = "1" }, keys("[profile 'a b']\na = 1", "a b"))
    assert.same({ a = "1" }, keys("[ \tprofile   a b ]\na = 1", "a b"))
    assert.same({ a = "1" }, keys("[a b]\na = 1", "a b", "credentials"))
    assert.same({ s = { a = "1" } }, parse('[sso-session "s"]\na = 1').sso_sessions)
  end)

  it("trims keys and values, and folds the case of keys only", function()
    assert.same({ region = "EU-west-1", ["a key"] = "b c" },
      keys "[default]\n  Region  =\t EU-west-1 \nA key=b c\t\n")
  end)

  it("keeps all that follows the first delimiter", function()
    assert.same({ a = "b=c", u = "http://h:1/?x=y", k = "v:w=x", empty = "" },
      keys "[default]\na=b=c\nu = http://h:1/?x=y\nk: v:w=x\nempty =\n")
  end)

  it("ends a value at a comment after white space, and nowhere else", function()
    assert.same({ a = "1", b = "1#2", c = "1;2", d = "", e = "#1" },
      keys "[default]\na = 1 # c\nb = 1#2\nc = 1;2 ; c # d\nd = # c\ne =#1\n")
  end)

  it("passes over lines that are comments or blank, also indented ones and in blocks", function()
    assert.same({ a = "1", s3 = { x = "1", y = "2" } },
      keys("# c\n\n; c\n[default] # c\n  # c\na = 1\n\t\n ; c\n"
        .. "s3 =\n  # c\n  x = 1 ; c\n\n  y = 2\n"))
  end)

  it("allows a comment right after a section", function()
    assert.same({ a = "1" }, keys("[profile x]# c\na = 1", "x"))
    assert.same({ a = "1" }, keys("[profile x] ; c\na = 1", "x"))
  end)

  it("continues a value on lines that are indented more", function()
    assert.same({ a = "1\n2 # 3\n4", b = "5" }, keys "[default]\na = 1\n  2 # 3\n\n\t4\nb = 5\n")
  end)

  it("lets keys of a section be indented, as botocore does", function()
    assert.same({ a = "1", b = "2\n3", c = "4" },
      keys "[default]\n  a = 1\n  b = 2\n    3\n  c = 4\n")
  end)

  it("reads an empty value with indented lines as a block", function()
    assert.same({ s3 = { max = "10", addressing = "path" }, region = "x" },
      keys "[default]\ns3 =\n  Max = 10\n  addressing: path\nregion = x\n")
  end)

  it("merges sections of one name, and of a key has the last value", function()
    assert.same({ a = "3", b = "2", c = "4" },
      keys "[default]\na = 1\nb = 2\n[profile x]\n[default]\na = 3\nc = 4\n")
  end)

  it("may have a byte order mark, DOS line ends, and no line end at its end", function()
    assert.same({ a = "1", b = "2", s = { x = "y" } },
      keys "\239\187\191[default]\r\na = 1\r\nb = 2\r\ns =\r\n  x = y")
  end)

  it("may be empty", function()
    assert.same({ profiles = {}, sso_sessions = {}, services = {}, near = {} }, parse "")
    assert.same({ default = {} }, parse "[default]".profiles)
  end)

  it("says file and line of what it cannot read", function()
    assert.equal('FILE, line 1: a key outside of any section', problem "a = 1")
    assert.equal('FILE, line 1: a key outside of any section', problem "  text\n[default]\n")
    assert.equal('FILE, line 2: expected "key = value"', problem "[default]\nregion\n")
    assert.equal('FILE, line 2: no key before "="', problem "[default]\n= x\n")
    assert.equal('FILE, line 3: a section must end with "]"',
      problem "[default]\r\n\r\n[profile x\r\n")
    assert.equal('FILE, line 1: text after the "]" of a section', problem "[default] x\n")
    assert.equal("FILE, line 1: a section without a name", problem "[ ]\n")
    assert.equal('FILE, line 3: expected "key = value" in the block of "s3"',
      problem "[default]\ns3 =\n  text\n")
    assert.equal("FILE, line 2: a zero byte", problem "[default]\na = \0\n")
  end)

  it("says what to do with a file in UTF-16", function()
    local text = "[default]\nregion = eu-west-1\n"
    local little, big = text:gsub(".", "%0\0"), text:gsub(".", "\0%0")
    for _, wide in ipairs { "\255\254" .. little, "\254\255" .. big, little, big } do
      assert.equal("FILE is UTF-16: save it as UTF-8", problem(wide))
    end
  end)

  it("shows no value in a message", function()
    for _, text in ipairs {
      "aws_secret_access_key = SECRET", "[default]\nSECRET\n", "[default]\n= SECRET\n",
      "[default]\ns3 =\n  SECRET\n", "[default] SECRET\n", "[default]\nx = SECRET\0",
      "[SECRET\n",
    } do
      assert.is_nil(problem(text):find("SECRET", 1, true))
    end
  end)
end)

describe("loading the two files", function()
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  local function load(env, enabled)
    local function getenv(name)
      return env[name]
    end
    return profiles.load(files_of.new(getenv, enabled ~= false), getenv)
  end

  local function load_texts(config, credentials)
    return load {
      AWS_CONFIG_FILE = dir:write("config", config),
      AWS_SHARED_CREDENTIALS_FILE = dir:write("credentials", credentials),
    }
  end

  it("puts keys of the credentials file over those of the config file, one by one", function()
    local loaded = load_texts("[profile a]\nregion = r\nrole_arn = old\n[profile b]\nx = 1\n",
      "[a]\nrole_arn = new\n[c]\ny = 2\n")
    local found, origins = loaded.get "a"
    assert.same({ region = "r", role_arn = "new" }, found)
    assert.same({ region = dir:file "config", role_arn = dir:file "credentials" }, origins)
    assert.same({ role_arn = "new" }, loaded.only("a", "credentials"))
    assert.same({ region = "r", role_arn = "old" }, loaded.only("a", "config"))
    assert.same({ "a", "b", "c" }, loaded.names())
    assert.is_nil(loaded.get "d")
  end)

  it("looks below the home directory unless it is told otherwise", function()
    workdir.shell("mkdir " .. dir:file ".aws")
    dir:write(".aws/config", "[default]\nregion = r\n")
    dir:write("other", "[default]\nregion = s\n")
    assert.equal("r", load({ HOME = dir.path }).get("default").region)
    assert.equal("r", load({ USERPROFILE = dir.path }).get("default").region)
    assert.equal("s", load({ HOME = dir.path, AWS_CONFIG_FILE = "~/other" }).get("default").region)
  end)

  it("looks where a variable with variables in it says", function()
    dir:write("other", "[default]\nregion = s\n")
    for _, path in ipairs { "$BASE/other", "${BASE}/other", "$BASE/$NAME", "~/${NAME}" } do
      local loaded = load { HOME = dir.path, BASE = dir.path, NAME = "other",
        AWS_CONFIG_FILE = path }
      assert.equal("s", loaded.get("default").region)
      assert.equal(dir:file "other", loaded.files[1].path)
    end
    for path, meant in pairs { ["/$NONE/${NONE}/x"] = "/$NONE/${NONE}/x", ["/${A/x"] = "/${A/x",
      ["/${}$/x"] = "/${}$/x", ["/$A$A_"] = "/$B$A_" } do
      assert.equal(meant, load({ A = "$B", B = "b", AWS_CONFIG_FILE = path }).files[1].path)
    end
  end)

  it("knows what ~ is without HOME", function()
    local core = require "appintegrations.core"
    local files = files_of.new(function() end, true)
    assert.equal(core.home_directory() .. "/x", files.expand "~/x")
    assert.equal(core.home_directory(), files.expand "~")
    assert.equal("~other/x", files.expand "~other/x")
    assert.equal("/a/~/b", files.expand "/a/~/b")
  end)

  it("says where nobody knows a home, and reads nothing below the working directory", function()
    local core = require "appintegrations.core"
    local home_directory = core.home_directory
    core.home_directory = function() end
    local done, loaded = pcall(load, {})
    core.home_directory = home_directory
    assert.is_true(done, loaded)
    for i, name in ipairs { "config", "credentials" } do
      assert.same({ "~/.aws/" .. name, "the home directory is unknown: set HOME", true },
        { loaded.files[i].path, loaded.files[i].status, loaded.files[i].absent })
    end
  end)

  it("goes on without files that are not there, and says so", function()
    local loaded = load { HOME = dir.path }
    assert.same({}, loaded.names())
    assert.equal("No such file or directory", loaded.files[1].status)
    assert.equal(dir:file ".aws/credentials", loaded.files[2].path)
    assert.is_true(loaded.files[2].absent)
  end)

  it("goes on without a file that it may not read, and says so", function()
    local loaded = load { HOME = dir.path, AWS_CONFIG_FILE = dir.path }
    assert.equal("Is a directory", loaded.files[1].status)
  end)

  it("reads nothing when files are switched off", function()
    local loaded = load({ AWS_CONFIG_FILE = dir:write("config", "[default]\na = 1\n") }, false)
    assert.same({}, loaded.names())
    assert.truthy(loaded.files[1].status:find("files = false", 1, true))
  end)

  it("returns a config error for a malformed file", function()
    local loaded, err = load_texts("[default]\n", "[default\n")
    assert.is_nil(loaded)
    assert.equal("config", err.kind)
    assert.equal("InvalidConfig", err.code)
    assert.equal(dir:file "credentials" .. ', line 1: a section must end with "]"', err.message)
  end)

  it("has a digest that changes with the files", function()
    local first = load_texts("[default]\n", "").digest()
    assert.equal(first, load_texts("[default]\n", "").digest())
    assert.not_equal(first, load_texts("[default]\na = 1\n", "").digest())
    assert.not_equal(load_texts("", "[default]\n").digest(), first)
  end)

  it("hides what it has read from a dump", function()
    local loaded = load_texts("[default]\naws_secret_access_key = SECRET\n",
      "[default]\naws_secret_access_key = SECRET\n")
    local function scan(value, seen)
      if type(value) == "string" then
        assert.is_nil(value:find("SECRET", 1, true))
      elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for key, entry in pairs(value) do
          scan(key, seen)
          scan(entry, seen)
        end
      end
    end
    scan(loaded, {})
  end)
end)
