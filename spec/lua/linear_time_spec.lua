-- Every reader of bytes that a server, a file or a process has chosen, fed with 1 MiB of its
-- worst. The readers of a transport or of the emulator have specs of their own.

local core = require "appintegrations.core"
local linear = require "spec.support.linear"

--- All of the common worst, and MORE.
local function worst(more)
  local all = {}
  for name, make in pairs(linear.WORST) do
    all[name] = make
  end
  for name, make in pairs(more or {}) do
    all[name] = make
  end
  return all
end

local repeated = linear.repeated

describe("linear time #native", function()
  it("reads the shared config and credentials files", function()
    local parse = require("appintegrations.config.profile_file").parse
    local texts = worst {
      ["white space in a value"] = repeated("[default]\na = b", " ", "c"),
      ["white space in a key"] = repeated("[default]\na", " ", "b = c"),
      ["white space in a section"] = repeated("[profile", " ", "b]"),
      ["white space after a section"] = repeated("[default]", " ", "b"),
      ["sections"] = repeated("", "[profile a]\n", ""),
      ["keys"] = repeated("[default]\n", "a=b\n", ""),
      ["continued lines"] = repeated("[default]\na = b\n", "  c\n", ""),
      ["a block"] = repeated("[default]\na =\n", "  c = d\n", ""),
      ["comments"] = repeated("[default]\na = b", " #", ""),
      ["marks of comments"] = repeated("[default]\na = b", "#", ""),
    }
    linear.all(function(text) return parse(text, "file", "config") end, texts)
    linear.check(function(text) return parse(text, "file", "credentials") end, texts.sections)
  end)

  it("masks secrets in what a process says", function()
    local redact = require "appintegrations.call.redact"
    linear.all(function(text) return redact.text(text) end, worst {
      ["names with many dashes"] = repeated("", "a-", ""),
      ["a name and white space"] = repeated("token", " ", "x"),
      ["names and white space"] = repeated("", "token ", ""),
      ["names and equals"] = repeated("", "token=", ""),
      ["quoted names"] = repeated("", "token\" : \"", ""),
    })
  end)

  it("hides a token that a service repeats", function()
    local redact = require "appintegrations.call.redact"
    local secrets = { ("a"):rep(1000), ("ab"):rep(20) }
    linear.all(function(text) return redact.without(text, secrets) end, worst {
      ["the token"] = repeated("", ("a"):rep(1000), ""),
      ["nearly the token"] = repeated("", ("a"):rep(999) .. "b", ""),
    })
  end)

  it("reads the XML of STS", function()
    local xml = require "appintegrations.credentials.sts_xml"
    linear.all(function(text) return xml.parse(text) end, worst {
      ["white space before"] = repeated("", " ", "<a/>"),
      ["white space in a declaration"] = repeated("<?xml ", " ", ""),
      ["a name"] = repeated("<", "a", ""),
      ["white space in a tag"] = repeated("<a", " ", "b"),
      ["attributes"] = repeated("<a", " b='c'", ">"),
      ["an attribute's name"] = repeated("<a ", "b", ""),
      ["an attribute's white space"] = repeated("<a b", " ", ""),
      ["an attribute's value"] = repeated("<a b='", "&#x", "'/>"),
      ["references"] = repeated("<a>", "&#38;", "</a>"),
      ["an unfinished reference"] = repeated("<a>&", "a", "</a>"),
      ["text and ampersands"] = repeated("<a>", "&a", "</a>"),
      ["children"] = repeated("<a>", "<b/>", "</a>"),
      ["white space between children"] = repeated("<a><b/>", " ", "<c/></a>"),
    })
  end)

  it("cleans the text of a service", function()
    local exchange = require "appintegrations.credentials.exchange"
    linear.all(function(text) return exchange.clean(text, { "token-token" }) end, worst {
      ["the secret"] = repeated("", "token-token", ""),
    })
  end)

  it("splits a command line", function()
    local words = require "appintegrations.credentials.words"
    linear.all(function(text) return words.split(text) end, worst {
      ["quoted letters"] = repeated("", "'a'", ""),
      ["escaped letters"] = repeated("", "\\a", ""),
      ["double quoted backslashes"] = repeated("\"", "\\a", "\""),
    })
  end)

  it("reads addresses and endpoint URLs", function()
    local address = require "appintegrations.credentials.address"
    local texts = worst {
      ["an IPv6 address"] = repeated("http://[", "1:", "]/"),
      ["a host"] = repeated("http://", "a.", "/"),
      ["a path"] = repeated("http://a", "/", "?"),
      ["a port"] = repeated("http://a:", "1", "/"),
    }
    linear.all(function(text) return address.parse(text) end, texts)
    linear.all(function(text) return address.is_near(text) end, worst {
      ["groups"] = repeated("", "1:", ""), ["gaps"] = repeated("", "::", ""),
    })
    linear.check(function(text)
      return address.at({ path = text, scheme = "", authority = "" }, "/a")
    end, repeated("", "/", "a"), "slashes within a path")
    local config = require "appintegrations.config"
    texts["a host before a query"] = repeated("http://", "a", "?")
    texts["slashes within a path"] = repeated("http://a/", "/", "a")
    linear.all(function(text)
      local _, err = config.resolve { region = "us-east-1", env = {}, files = false,
        endpoint_url = text, retry_mode = "standard" }
      return err
    end, texts)
  end)

  it("reads a proxy's URL", function()
    local proxy = require "appintegrations.config.proxy"
    linear.all(function(text)
      return proxy.resolve({ proxy = text }, "https", function() end)
    end, worst {
      ["users"] = repeated("http://", "a@", ""), ["letters and a host"] = repeated("", "a", "://b"),
    })
  end)

  it("reads settings from the environment", function()
    local seen = {}
    for _, setting in ipairs(require("appintegrations.config.settings").LIST) do
      if setting.parse and not seen[setting.parse] then
        seen[setting.parse] = true
        linear.all(function(text) return setting.parse(text) end, linear.WORST)
      end
    end
  end)

  it("reads what providers answer", function()
    local context = require "spec.support.provider_context"
    local function provider_of(name, body)
      local fields = { env = { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1/x" } }
      fields.http = function()
        return { status = 200, headers = {}, body = body }
      end
      return require("appintegrations.credentials." .. name).new(context.new(fields))
    end
    for _, name in ipairs { "container", "imds" } do
      linear.all(function(text) return provider_of(name, text).retrieve() end, linear.WORST)
    end
  end)

  it("shows tables, whatever a service has put into them", function()
    local output = require "appintegrations.command.output"
    linear.check(function(text)
      local out = { write = function() end, flush = function() end }
      output.whole({ out = out }, { description = core.describe "list_applications",
        format = "table" }, { Applications = { { Name = text, Arn = "x" } } })
    end, repeated("a", " ", "b"), "white space within a value")
  end)

  it("reads what signs a request to the emulator", function()
    local verify = require("appintegrations.emulator").new {}
    linear.check(function(text)
      verify:handle { method = "GET", target = "/applications", body = "",
        headers = { { "Authorization", text } } }
    end, repeated("AWS4-HMAC-SHA256 ", "a", ""), "a long name")
    local canonical = require "appintegrations.emulator.canonical"
    linear.check(function(text)
      local headers, names = {}, {}
      for i = 1, #text / 16 do
        names[i] = ("x%07d"):format(i)
        headers[i] = { names[i], "1" }
      end
      return canonical.headers(headers, names)
    end, repeated("", "a", ""), "signed headers")
    verify:close()
  end)

  it("reads token files", function()
    local context = require "spec.support.provider_context"
    local fields = { env = { AWS_WEB_IDENTITY_TOKEN_FILE = "/token", AWS_ROLE_ARN = "arn" } }
    fields.http = function() return { status = 403, headers = {}, body = "" } end
    linear.all(function(text)
      local world = context.new(fields)
      world.files["/token"] = text
      return require("appintegrations.credentials.web_identity").new(world).retrieve()
    end, linear.WORST)
  end)
end)
