-- SPDX-License-Identifier: MIT
local core = require "appintegrations.core"
local partitions = require "spec.data.partitions"

describe("the endpoint of a region", function()
  it("is the service's host in that region", function()
    assert.same({ "app-integrations.us-east-1.amazonaws.com", "aws" },
      { core.endpoint("us-east-1") })
    assert.same({ "app-integrations.cn-north-1.amazonaws.com.cn", "aws-cn" },
      { core.endpoint("cn-north-1", false, false) })
  end)

  it("has variants for FIPS and dual stack", function()
    assert.equal("app-integrations-fips.us-gov-west-1.amazonaws.com",
      (core.endpoint("us-gov-west-1", true)))
    assert.equal("app-integrations.eu-west-1.api.aws", (core.endpoint("eu-west-1", nil, true)))
    assert.equal("app-integrations-fips.eusc-de-east-1.api.amazonwebservices.eu",
      (core.endpoint("eusc-de-east-1", true, true)))
  end)

  it("is found by pattern for a region that is newer than the list", function()
    for region, partition in pairs {
      ["us-central-17"] = "aws", ["mx-north-2"] = "aws", ["cn-south-9"] = "aws-cn",
      ["us-gov-north-3"] = "aws-us-gov", ["us-isob-south-2"] = "aws-iso-b",
      ["us-iso-north-1"] = "aws-iso", ["us-isof-x-1"] = "aws-iso-f",
      ["eu-isoe-north-4"] = "aws-iso-e", ["eusc-de-west-1"] = "aws-eusc",
    } do
      assert.equal(partition, select(2, core.endpoint(region)), region)
    end
  end)

  it("is the default partition's where no pattern matches", function()
    for _, region in ipairs { "xx-moon-1", "local", "us-east-1a", "eusc-fr-east-1", "US-EAST-1" } do
      assert.same({ "app-integrations." .. region .. ".amazonaws.com", "aws" },
        { core.endpoint(region) })
    end
  end)

  it("is refused for what cannot stand in a host name", function()
    for _, region in ipairs {
      "", "evil.example/#", "evil.example", "a/b", "us east 1", "us-east-1\n", "us-east-1\0",
      "us_east_1", "@x", "é", "-us", "us-", "us%2feast", ("a"):rep(64), ("a"):rep(100000),
    } do
      local host, message = core.endpoint(region)
      assert.is_nil(host)
      assert.truthy(message:find("letters, digits and hyphens", 1, true))
    end
  end)

  it("may have a region of 63 characters", function()
    local region = ("a"):rep(63)
    assert.equal("app-integrations-fips." .. region .. ".api.aws",
      (core.endpoint(region, true, true)))
  end)

  for _, partition in ipairs(partitions) do
    it("agrees with the public data in each region of " .. partition.id, function()
      for _, region in ipairs(partition.regions) do
        for _, fips in ipairs { false, true } do
          for _, dualstack in ipairs { false, true } do
            local expected = ("app-integrations%s.%s.%s"):format(fips and "-fips" or "", region,
              dualstack and partition.dualstack_suffix or partition.suffix)
            assert.same({ expected, partition.id }, { core.endpoint(region, fips, dualstack) })
          end
        end
      end
    end)
  end
end)
