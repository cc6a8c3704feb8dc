-- Which of several names was meant.
local core = require "appintegrations.core"

local OPTIONS = { "app_id", "ca_bundle", "connect_timeout", "credentials", "deadline",
  "endpoint_url", "logger", "max_attempts", "max_connections", "proxy", "region", "retry_mode",
  "timeout", "validate", "verify_tls" }

local MEMBERS = { "ApprovedOrigins", "Description", "FileConfiguration", "KmsKey", "Name",
  "ObjectConfiguration", "ScheduleConfig", "SourceURI", "Tags" }

describe("the nearest name", function()
  for written, meant in pairs {
    Region = "region", regoin = "region", timeuot = "timeout", ratry_mode = "retry_mode",
    maxAttempts = "max_attempts", endpoint = "endpoint_url", url = "endpoint_url",
    caBundle = "ca_bundle", time_out = "timeout", verify = "verify_tls", log = "logger",
  } do
    it(("of %s is %s"):format(written, meant), function()
      assert.equal(meant, core.nearest(written, OPTIONS))
    end)
  end

  it("shares words rather than letters", function()
    assert.equal("ScheduleConfig", core.nearest("ScheduleConfiguration", MEMBERS))
    assert.equal("FileConfiguration", core.nearest("FileConfig", MEMBERS))
    assert.equal("DataIntegrationAssociationIdentifier", core.nearest("AssociationId",
      { "DataIntegrationIdentifier", "DataIntegrationAssociationIdentifier" }))
    assert.equal("app_id", core.nearest("IdOfApp", OPTIONS))
    assert.equal("x_offset", core.nearest("OffsetX", { "y_offset", "x_offset", "z_offset" }))
    assert.is_nil(core.nearest("OffsetX", { "xyz_offset" })) -- x is not xyz
  end)

  it("goes on where what was written ends, rather than having two other letters", function()
    assert.equal("endpoint_url", core.nearest("endpoint", { "endqoinx", "endpoint_url" }))
    assert.equal("validate", core.nearest("valid", { "vaxyd", "validate" }))
  end)

  it("is none where nobody would mean one", function()
    for _, written in ipairs { "zebra", "", "_", "x", ("a"):rep(65), "\0\255", "__index" } do
      assert.is_nil(core.nearest(written, OPTIONS), written)
    end
    assert.is_nil(core.nearest("region", {}))
  end)

  it("is found in any bytes", function()
    for byte = 0, 255 do
      local text = string.char(byte):rep(64)
      assert.equal(text, core.nearest(text, { text }))
      core.nearest(text:sub(1, byte % 64), MEMBERS)
    end
  end)
end)
