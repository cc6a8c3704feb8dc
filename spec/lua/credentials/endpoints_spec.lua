local core = require "appintegrations.core"
local endpoints = require "appintegrations.credentials.endpoints"
local provider_context = require "spec.support.provider_context"

--- URL and signing region of SERVICE in REGION.
local function resolve(service, region, settings, fields)
  fields = fields or {}
  fields.settings = settings or {}
  local address, err = endpoints.resolve(provider_context.new(fields), service, region)
  if not address then
    return nil, err
  end
  return address.scheme .. "://" .. address.authority, address.signing_region
end

describe("endpoints of credential services", function()
  it("are regional, by partition", function()
    for _, case in ipairs {
      { "sts", "us-east-1", "https://sts.us-east-1.amazonaws.com" },
      { "sts", "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn" },
      { "sts", "eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu" },
      { "sts", "us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov" },
      { "sso", "eu-west-1", "https://portal.sso.eu-west-1.amazonaws.com" },
      { "sso_oidc", "eu-west-1", "https://oidc.eu-west-1.amazonaws.com" },
      { "signin", "eu-west-1", "https://eu-west-1.signin.aws.amazon.com" },
      { "signin", "cn-north-1", "https://cn-north-1.signin.amazonaws.cn" },
      { "signin", "us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com" },
      { "signin", "eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws-eusc.eu" },
      { "signin", "us-iso-east-1", "https://us-iso-east-1.signin.c2shome.ic.gov" },
      { "signin", "us-isob-east-1", "https://us-isob-east-1.signin.sc2shome.sgov.gov" },
      { "signin", "eu-isoe-west-1", "https://eu-isoe-west-1.signin.csphome.adc-e.uk" },
      { "signin", "us-isof-south-1", "https://us-isof-south-1.signin.csphome.hci.ic.gov" },
    } do
      local url, signing_region = resolve(case[1], case[2])
      assert.equal(case[3], url)
      assert.equal(case[2], signing_region)
    end
  end)

  it("have FIPS and dual-stack variants", function()
    local fips, dual = { use_fips_endpoint = true }, { use_dualstack_endpoint = true }
    local both = { use_fips_endpoint = true, use_dualstack_endpoint = true }
    for _, case in ipairs {
      { "sts", "us-east-1", fips, "https://sts-fips.us-east-1.amazonaws.com" },
      { "sts", "us-gov-west-1", fips, "https://sts.us-gov-west-1.amazonaws.com" },
      { "sso", "us-gov-west-1", fips, "https://portal.sso.us-gov-west-1.amazonaws.com" },
      { "sts", "us-gov-west-1", both, "https://sts-fips.us-gov-west-1.api.aws" },
      { "sts", "us-east-1", dual, "https://sts.us-east-1.api.aws" },
      { "sso_oidc", "us-east-1", both, "https://oidc-fips.us-east-1.api.aws" },
      { "signin", "us-gov-west-1", fips, "https://signin-fips.amazonaws-us-gov.com" },
      { "signin", "us-gov-east-1", fips,
        "https://us-gov-east-1.signin-fips.amazonaws-us-gov.com" },
      { "signin", "us-gov-west-1", both, "https://signin-fips.us-gov-west-1.api.aws" },
      { "signin", "us-east-1", fips, "https://signin-fips.us-east-1.amazonaws.com" },
      { "signin", "us-iso-east-1", dual, "https://signin.us-iso-east-1.api.aws.ic.gov" },
      { "signin", "us-east-1", dual, "https://signin.us-east-1.api.aws" },
    } do
      assert.equal(case[4], (resolve(case[1], case[2], case[3])))
    end
  end)

  it("of STS are global in the older regions when that is configured", function()
    local legacy = { sts_regional_endpoints = "legacy" }
    assert.same({ "https://sts.amazonaws.com", "us-east-1" },
      { resolve("sts", "eu-west-1", legacy) })
    assert.equal("https://sts.eu-south-1.amazonaws.com", (resolve("sts", "eu-south-1", legacy)))
    local fips = { sts_regional_endpoints = "legacy", use_fips_endpoint = true }
    assert.equal("https://sts-fips.us-east-1.amazonaws.com", (resolve("sts", "us-east-1", fips)))
    assert.equal("https://portal.sso.us-east-1.amazonaws.com",
      (resolve("sso", "us-east-1", legacy)))
    assert.equal("https://sts.amazonaws.com", (resolve("sts", "aws-global")))
  end)

  it("can be configured: variables, then the services section, then the profile", function()
    local fields = {
      env = { AWS_ENDPOINT_URL = "http://general", AWS_ENDPOINT_URL_STS = "http://variable:81/x/" },
      profiles = { p = { services = "local", endpoint_url = "http://profile" } }, profile = "p",
      services = { ["local"] = { sts = { endpoint_url = "http://section" } } },
    }
    assert.equal("http://variable:81", (resolve("sts", "us-east-1", nil, fields)))
    assert.equal("http://general", (resolve("sso", "us-east-1", nil, fields)))
    fields.env = {}
    assert.equal("http://section", (resolve("sts", "us-east-1", nil, fields)))
    assert.equal("http://profile", (resolve("signin", "us-east-1", nil, fields)))
    assert.equal("https://sts.us-east-1.amazonaws.com",
      (resolve("sts", "us-east-1", { ignore_configured_endpoint_urls = true }, fields)))
  end)

  it("fail with what is wrong", function()
    local function fails(pattern, ...)
      local url, err = resolve(...)
      assert.is_nil(url)
      assert.equal("InvalidConfig", err.code)
      assert.matches(pattern, err.message)
    end
    fails("no region for the endpoint of sts", "sts", nil)
    fails("a region consists of", "sts", "evil.example/")
    fails("variable AWS_ENDPOINT_URL_STS%) is not of the form", "sts", "us-east-1", nil,
      { env = { AWS_ENDPOINT_URL_STS = "localhost:4566" } })
    fails("variable AWS_ENDPOINT_URL%) cannot be combined", "sts", "us-east-1",
      { use_fips_endpoint = true }, { env = { AWS_ENDPOINT_URL = "http://localhost" } })
  end)

  it("agree with the partitions of the core", function()
    assert.equal("aws", (core.partition "us-east-1"))
  end)
end)
