local config_of = require "appintegrations.config"
local workdir = require "spec.support.workdir"

describe("the configuration", function()
  local dir

  before_each(function()
    dir = workdir.new()
  end)

  after_each(function()
    dir:remove()
  end)

  --- Resolves OPTIONS in a home directory with the given files.
  local function resolve(options, env, config, credentials)
    env = env or {}
    env.HOME = env.HOME or dir.path
    workdir.shell("mkdir -p " .. dir:file ".aws")
    dir:write(".aws/config", config or "")
    dir:write(".aws/credentials", credentials or "")
    options.env = env
    return config_of.resolve(options)
  end

  local function resolved(...)
    local config, err = resolve(...)
    assert.is_nil(err)
    return config
  end

  local function failure(...)
    local config, err = resolve(...)
    assert.is_nil(config)
    assert.equal("config", err.kind)
    return err
  end

  -- Setting, option, variable, key: texts or values that differ, and what they become.
  local cases = {
    { name = "use_fips_endpoint", option = true, env = "AWS_USE_FIPS_ENDPOINT",
      texts = { "TRUE", "true" }, values = { true, true }, default = false },
    { name = "use_dualstack_endpoint", option = true, env = "AWS_USE_DUALSTACK_ENDPOINT",
      texts = { "true", "True" }, values = { true, true }, default = false },
    { name = "retry_mode", option = "off", env = "AWS_RETRY_MODE",
      texts = { "adaptive", "legacy" }, values = { "adaptive", "standard" },
      default = "standard" },
    { name = "max_attempts", option = 7, env = "AWS_MAX_ATTEMPTS", texts = { "1", "4" },
      values = { 1, 4 }, default = 3 },
    { name = "defaults_mode", option = "mobile", env = "AWS_DEFAULTS_MODE",
      texts = { "in-region", "legacy" }, values = { "in-region", "legacy" },
      default = "standard" },
    { name = "ca_bundle", option = "/o.pem", env = "AWS_CA_BUNDLE", texts = { "/e.pem", "/p.pem" },
      values = { "/e.pem", "/p.pem" } },
    { name = "app_id", option = "o", env = "AWS_SDK_UA_APP_ID", key = "sdk_ua_app_id",
      texts = { "e", "p" }, values = { "e", "p" } },
    { name = "disable_clock_skew_correction", option = true,
      env = "AWS_DISABLE_CLOCK_SKEW_CORRECTION", texts = { "true", "true" },
      values = { true, true }, default = false },
    { name = "sts_regional_endpoints", env = "AWS_STS_REGIONAL_ENDPOINTS",
      texts = { "legacy", "Regional" }, values = { "legacy", "regional" }, default = "regional" },
    { name = "metadata_service_timeout", env = "AWS_METADATA_SERVICE_TIMEOUT",
      texts = { "2.5", "3" }, values = { 2.5, 3 }, default = 1 },
    { name = "metadata_service_num_attempts", env = "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
      texts = { "2", "3" }, values = { 2, 3 }, default = 1 },
    { name = "ec2_metadata_v1_disabled", env = "AWS_EC2_METADATA_V1_DISABLED",
      texts = { "true", "TRUE" }, values = { true, true }, default = false },
    { name = "ec2_metadata_service_endpoint", env = "AWS_EC2_METADATA_SERVICE_ENDPOINT",
      texts = { "http://a", "http://b" }, values = { "http://a", "http://b" } },
    { name = "ec2_metadata_service_endpoint_mode", env = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
      texts = { "IPv6", "ipv4" }, values = { "ipv6", "ipv4" } },
    { name = "imds_use_ipv6", env = "AWS_IMDS_USE_IPV6", texts = { "true", "true" },
      values = { true, true }, default = false },
  }

  for _, case in ipairs(cases) do
    local name, key = case.name, case.key or case.name

    it("takes " .. name .. " from option, environment, profile, default, in this order", function()
      local text = ("[default]\nregion = us-east-1\n%s = %s\n"):format(key, case.texts[2])
      local env = { [case.env] = case.texts[1] }
      if case.option ~= nil then
        local config = resolved({ [name] = case.option }, env, text)
        assert.equal(case.option, config[name])
        assert.equal("option " .. name, config.origins[name])
      end
      local config = resolved({}, env, text)
      assert.equal(case.values[1], config[name])
      assert.equal("environment variable " .. case.env, config.origins[name])
      config = resolved({}, { [case.env] = "" }, text)
      assert.equal(case.values[2], config[name])
      assert.equal('profile "default" in ' .. dir:file ".aws/config", config.origins[name])
      config = resolved({}, {}, "[default]\nregion = us-east-1\n" .. key .. " =\n")
      assert.equal(case.default, config[name])
      assert.equal("default", config.origins[name])
    end)
  end

  it("takes the region from AWS_REGION before AWS_DEFAULT_REGION before the profile", function()
    local text = "[default]\nregion = eu-west-3\n"
    local env = { AWS_REGION = "eu-west-1", AWS_DEFAULT_REGION = "eu-west-2" }
    assert.equal("eu-west-4", resolved({ region = "eu-west-4" }, env, text).region)
    assert.equal("eu-west-1", resolved({}, env, text).region)
    assert.equal("eu-west-2", resolved({}, { AWS_DEFAULT_REGION = "eu-west-2" }, text).region)
    assert.equal("eu-west-3", resolved({}, {}, text).region)
    assert.equal("eu-west-5", resolved({}, {}, text, "[default]\nregion = eu-west-5\n").region)
  end)

  it("takes the region of older FIPS settings for one with use_fips_endpoint", function()
    for region, host in pairs {
      ["fips-us-east-1"] = "app-integrations-fips.us-east-1.amazonaws.com",
      ["us-gov-west-1-fips"] = "app-integrations-fips.us-gov-west-1.amazonaws.com",
    } do
      local config = resolved({ use_fips_endpoint = false }, { AWS_REGION = region })
      assert.equal(host, config.endpoint.host)
      assert.is_true(config.use_fips_endpoint)
      assert.is_nil(config.region:find "fips")
      assert.equal(('the region "%s", environment variable AWS_REGION'):format(region),
        config.origins.use_fips_endpoint)
    end
    local err = failure { region = "fips-us-east-1", endpoint_url = "http://h" }
    assert.matches('cannot be combined .*%(the region "fips%-us%-east%-1", option region%)',
      err.message)
    assert.equal("InvalidConfig", failure({ region = "fips-" }).code)
  end)

  it("says what to do without a region", function()
    local err = failure({}, {}, "[default]\n")
    assert.equal("NoRegion", err.code)
    assert.truthy(err.message:find("AWS_REGION", 1, true))
    assert.truthy(err.message:find(dir:file ".aws/config", 1, true))
  end)

  it("has REQUESTS_CA_BUNDLE after the profile, and expands ~ in a path", function()
    local env = { REQUESTS_CA_BUNDLE = "/r.pem", AWS_REGION = "us-east-1" }
    assert.equal("/r.pem", resolved({}, env).ca_bundle)
    assert.equal(dir.path .. "/p.pem",
      resolved({}, env, "[default]\nca_bundle = ~/p.pem").ca_bundle)
  end)

  it("refuses a text that is no value, with where it stands", function()
    local env = { AWS_REGION = "us-east-1" }
    for variable, text in pairs {
      AWS_MAX_ATTEMPTS = "0", AWS_RETRY_MODE = "fast", AWS_USE_FIPS_ENDPOINT = "yes",
      AWS_DEFAULTS_MODE = "quick", AWS_METADATA_SERVICE_TIMEOUT = "-1",
      AWS_STS_REGIONAL_ENDPOINTS = "global",
    } do
      local err = failure({}, { AWS_REGION = "us-east-1", [variable] = text })
      assert.equal("InvalidConfig", err.code)
      assert.truthy(err.message:find(variable, 1, true))
      assert.truthy(err.message:find(text, 1, true))
    end
    local err = failure({}, env, "[default]\nmax_attempts = many\n")
    assert.equal(('profile "default" in %s: max_attempts is "many"; expected a whole number from 1')
      :format(dir:file ".aws/config"), err.message)
    assert.equal("InvalidConfig", failure({}, env, "[default]\nretry_mode =\n  a = b\n").code)
  end)

  it("takes only true to switch metadata off", function()
    for text, expected in pairs { ["true"] = true, TRUE = true, ["1"] = false, yes = false } do
      local env = { AWS_REGION = "us-east-1", AWS_EC2_METADATA_DISABLED = text }
      assert.equal(expected, resolved({}, env).ec2_metadata_disabled)
    end
  end)

  it("takes the connect timeout from the defaults mode", function()
    for mode, seconds in pairs {
      standard = 3.1, ["in-region"] = 1.1, ["cross-region"] = 3.1, mobile = 30,
    } do
      local env = { AWS_REGION = "us-east-1", AWS_DEFAULTS_MODE = mode }
      local config = resolved({}, env)
      assert.equal(seconds, config.connect_timeout)
      assert.equal("defaults mode " .. mode, config.origins.connect_timeout)
      assert.equal("standard", config.retry_mode)
      assert.equal(2, resolved({ connect_timeout = 2 }, env).connect_timeout)
    end
    assert.equal("default", resolved({ region = "us-east-1" }).origins.connect_timeout)
  end)

  it("takes parameter_validation for validate", function()
    local options = { region = "us-east-1" }
    local off = "[default]\nparameter_validation = false"
    local on = "[default]\nparameter_validation = true"
    assert.is_false(resolved(options, {}, off).validate)
    assert.equal("standard", resolved(options, {}, on).validate)
    options.validate = "strict"
    assert.equal("strict", resolved(options, {}, off).validate)
  end)

  describe("of a profile", function()
    local text = "[default]\nregion = us-east-1\n[profile a]\nregion = us-west-1\n"
      .. "[profile b]\nregion = us-west-2\n"

    it("is that of the option before AWS_PROFILE before default", function()
      local env = { AWS_PROFILE = "b", AWS_DEFAULT_PROFILE = "default" }
      local config = resolved({ profile = "a" }, env, text)
      assert.same({ "us-west-1", "a", true, "option profile" },
        { config.region, config.profile_name, config.explicit_profile, config.origins.profile })
      config = resolved({}, env, text)
      assert.same({ "us-west-2", "b", false, "environment variable AWS_PROFILE" },
        { config.region, config.profile_name, config.explicit_profile, config.origins.profile })
      assert.equal("us-west-1", resolved({}, { AWS_DEFAULT_PROFILE = "a" }, text).region)
      assert.equal("us-east-1", resolved({}, {}, text).region)
    end)

    it("is an error where it is named and does not exist", function()
      local err = failure({ profile = "c" }, {}, text)
      assert.equal("ProfileNotFound", err.code)
      assert.truthy(err.message:find('"c" (from option profile)', 1, true))
      assert.truthy(err.message:find("a, b, default", 1, true))
      err = failure({}, { AWS_PROFILE = "c" }, text)
      assert.equal("ProfileNotFound", err.code)
      assert.truthy(err.message:find("AWS_PROFILE", 1, true))
    end)

    it("is an error that names the line which is nearly its section", function()
      local err = failure({ profile = "prod" }, {}, "[default]\n\n[prod]\nregion = r\n")
      assert.equal("ProfileNotFound", err.code)
      assert.truthy(err.message:find(
        "/config, line 3, has [prod]: in this file it has to be [profile prod]", 1, true),
        err.message)
      err = failure({ profile = "my dev" }, {}, "", '[profile "my dev"]\n')
      assert.truthy(err.message:find(
        '/credentials, line 1, has [profile "my dev"]: in this file it has to be [my dev]', 1,
        true), err.message)
    end)

    it("may be missing where nobody names one", function()
      assert.equal("us-east-1", resolved({ region = "us-east-1" }).region)
    end)

    it("may stand in the credentials file alone", function()
      assert.equal("eu-west-1",
        resolved({ profile = "x" }, {}, "", "[x]\nregion = eu-west-1\n").region)
    end)

    it("is not looked up where files are switched off, unless the program names one", function()
      local options = { region = "us-east-1", files = false }
      assert.equal("us-east-1", resolved(options, { AWS_PROFILE = "a" }, text).region)
      options.profile = "a"
      local err = failure(options, {}, text)
      assert.equal("ProfileNotFound", err.code)
      assert.truthy(err.message:find("files = false", 1, true))
    end)
  end)

  describe("of the endpoint", function()
    local text = [[
[default]
region = us-east-1
endpoint_url = http://profile
services = s
[profile plain]
region = us-east-1
endpoint_url = http://profile
[services s]
s3 =
  endpoint_url = http://wrong
appintegrations =
  endpoint_url = http://services
]]

    local function host(options, env, config)
      return resolved(options, env, config or text).endpoint.host
    end

    it("takes the most particular one", function()
      local env = {
        AWS_ENDPOINT_URL_APPINTEGRATIONS = "http://own", AWS_ENDPOINT_URL = "http://all",
      }
      assert.equal("option", host({ endpoint_url = "http://option" }, env))
      assert.equal("own", host({}, env))
      env.AWS_ENDPOINT_URL_APPINTEGRATIONS = nil
      assert.equal("all", host({}, env))
      assert.equal("services", host({}, {}))
      assert.equal("profile", host({ profile = "plain" }, {}))
      assert.equal("app-integrations.us-east-1.amazonaws.com",
        host({}, {}, "[default]\nregion = us-east-1\n"))
    end)

    it("says where it comes from", function()
      assert.equal("section [services s] in " .. dir:file ".aws/config",
        resolved({}, {}, text).origins.endpoint_url)
    end)

    it("is by rule where configured ones are to be ignored, but for the option", function()
      local rule = "app-integrations.us-east-1.amazonaws.com"
      local env = { AWS_ENDPOINT_URL_APPINTEGRATIONS = "http://own",
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "true" }
      assert.equal(rule, host({}, env))
      local ignoring = text:gsub("region", "ignore_configured_endpoint_urls = true\n%0", 1)
      assert.equal(rule, host({}, {}, ignoring))
      assert.equal("option", host({ endpoint_url = "http://option" }, env))
    end)

    it("needs the services section that the profile names", function()
      local err = failure({}, {}, "[default]\nregion = us-east-1\nservices = t\n")
      assert.equal("InvalidConfig", err.code)
      assert.truthy(err.message:find("[services t]", 1, true))
      err = failure({}, {}, "[default]\nregion = us-east-1\nservices =\n  a = b\n")
      assert.matches("services: expected a name, got an indented block$", err.message)
      assert.equal("app-integrations.us-east-1.amazonaws.com",
        host({}, {}, "[default]\nregion = us-east-1\nservices =\n"))
    end)

    it("cannot be a custom one together with FIPS or dual stack", function()
      local env = { AWS_ENDPOINT_URL = "http://x", AWS_USE_FIPS_ENDPOINT = "true" }
      local err = failure({}, env, text)
      assert.equal("InvalidConfig", err.code)
      assert.truthy(err.message:find("AWS_USE_FIPS_ENDPOINT", 1, true))
      assert.truthy(err.message:find("AWS_ENDPOINT_URL", 1, true))
    end)

    it("refuses a URL that is none", function()
      for _, url in ipairs {
        "ftp://x", "x", "http://", "http://a:b", "http://h/?q", "http://u:p@h", "http://h:65536",
        "http://h:99999999999999999999", "http://[::1]:65536",
        "http://" .. ("h"):rep(254),
      } do
        local err = failure({ region = "us-east-1", endpoint_url = url })
        assert.equal("InvalidConfig", err.code)
        assert.is_nil(err.message:find("u:p", 1, true))
      end
    end)

    it("has its default port left out and its path kept", function()
      local function endpoint(url)
        return resolved({ region = "us-east-1", endpoint_url = url }).endpoint
      end
      assert.same({ scheme = "http", host = "h", path = "/a/%2fb", url = "http://h/a/%2fb" },
        endpoint "http://H:80/a/%2fb/")
      assert.same({ scheme = "https", host = "h:80", path = "", url = "https://h:80" },
        endpoint "https://h:80")
      assert.same({ scheme = "http", host = "[::1]:4570", path = "", url = "http://[::1]:4570" },
        endpoint "http://[::1]:4570")
      assert.equal(("h"):rep(253), endpoint("http://" .. ("h"):rep(253)).host)
    end)
  end)

  it("works in a Lua state without io and os", function()
    local saved_io, saved_os = io, os
    local config, err
    _G.io, _G.os = nil, nil
    config, err = config_of.resolve { region = "us-east-1", env = { HOME = dir.path } }
    _G.io, _G.os = saved_io, saved_os
    assert.is_nil(err)
    assert.equal("us-east-1", config.region)
  end)
end)

describe("the proxy", function()
  local function resolve(options, env, endpoint_url)
    options.env = env
    options.files = false
    options.region = "us-east-1"
    options.endpoint_url = endpoint_url
    local config, err = config_of.resolve(options)
    return config or {}, err
  end

  local function url(...)
    local config, err = resolve(...)
    assert.is_nil(err)
    return config.proxy_url(config.endpoint.scheme)
  end

  local HTTP = "http://127.0.0.1:4570"

  it("is the option before the environment's for the endpoint's scheme", function()
    local env = { HTTPS_PROXY = "http://s:1", http_proxy = "http://p:1", ALL_PROXY = "http://a:1" }
    assert.equal("http://o:1", url({ proxy = "http://o:1" }, env))
    assert.equal("http://s:1", url({}, env))
    assert.equal("http://p:1", url({}, env, HTTP))
    assert.equal("http://a:1", url({}, { ALL_PROXY = "http://a:1" }))
    assert.is_nil(url({}, {}))
  end)

  it("can be switched off in spite of the environment", function()
    assert.is_nil(url({ proxy = false }, { HTTPS_PROXY = "http://s:1" }))
  end)

  it("is another one for what is sent by another scheme", function()
    local env = { HTTPS_PROXY = "http://s:1", http_proxy = "http://p:1", no_proxy = "h" }
    assert.equal("http://s:1", resolve({}, env, HTTP).proxy_url "https")
    assert.equal("http://p:1", resolve({}, env).proxy_url "http")
    env.HTTPS_PROXY = nil
    local config = resolve({}, env)
    assert.is_nil(config.proxy)
    assert.equal("h", config.no_proxy)
    assert.equal("http://o:1", resolve({ proxy = "http://o:1" }, env).proxy_url "http")
    assert.is_nil(resolve({ proxy = false }, env).proxy_url "http")
  end)

  it("prefers the lower-case names", function()
    assert.equal("http://l", url({}, { https_proxy = "http://l", HTTPS_PROXY = "http://u" }))
  end)

  it("does not believe HTTP_PROXY in a CGI program", function()
    assert.equal("http://u", url({}, { HTTP_PROXY = "http://u" }, HTTP))
    assert.is_nil(url({}, { HTTP_PROXY = "http://u", REQUEST_METHOD = "GET" }, HTTP))
    assert.equal("http://l", url({}, { http_proxy = "http://l", REQUEST_METHOD = "GET" }, HTTP))
  end)

  it("has exceptions from NO_PROXY, or from the option", function()
    local env = { HTTPS_PROXY = "http://s", NO_PROXY = "upper", no_proxy = "lower" }
    assert.equal("lower", resolve({}, env).no_proxy)
    env.no_proxy = nil
    local config = resolve({}, env)
    assert.equal("upper", config.no_proxy)
    assert.equal("environment variable NO_PROXY", config.origins.no_proxy)
    assert.equal("mine", resolve({ no_proxy = "mine" }, env).no_proxy)
    assert.is_nil(resolve({ proxy = "http://o" }, env).no_proxy)
  end)

  it("keeps its password out of what is shown and of what a dump finds", function()
    for _, proxy in ipairs { "http://user:PASS@h:1", "user:PASS@h", "http://us@er:P/PASS@h" } do
      local config = resolve({ proxy = proxy }, {})
      assert.equal(proxy, config.proxy_url "https")
      assert.truthy(config.proxy:find("***@h", 1, true))
      for _, value in pairs(config) do
        assert.is_true(type(value) ~= "string" or not value:find("PASS", 1, true))
      end
    end
  end)

  it("must be a URL; the message does not show it", function()
    for _, proxy in ipairs { "http://", "", "http://u:PASS@", "h PASS", "http://h\r\nPASS" } do
      local _, err = resolve({ proxy = proxy }, {})
      assert.equal("InvalidConfig", err.code)
      assert.is_nil(err.message:find("PASS", 1, true))
      assert.truthy(err.message:find("option proxy", 1, true))
    end
  end)
end)
