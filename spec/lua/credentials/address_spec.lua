local address = require "appintegrations.credentials.address"

describe("an address", function()
  it("is taken apart", function()
    assert.same({
      url = "http://169.254.170.2/v2/x?id=1", scheme = "http", authority = "169.254.170.2",
      host = "169.254.170.2", path = "/v2/x", query = "id=1",
    }, address.parse "http://169.254.170.2/v2/x?id=1")
    assert.same({
      url = "https://[fd00:ec2::23]:8443/", scheme = "https", authority = "[fd00:ec2::23]:8443",
      host = "fd00:ec2::23", path = "/",
    }, address.parse "HTTPS://[FD00:EC2::23]:8443")
    assert.equal("example.org", address.parse("https://Example.ORG:443").authority)
    assert.equal("example.org:443", address.parse("http://example.org:443").authority)
  end)

  it("is refused when it could be read in two ways", function()
    for _, url in ipairs {
      "", "169.254.170.2/x", "ftp://localhost/", "http://", "http:///x", "http://127.0.0.1@evil/",
      "http://a:b@c/", "http://localhost:x/", "http://localhost:123456/", "http://localhost:65536/",
      "http://localhost/#x",
      "http://localhost/a b", "http://localhost/\r\nx: y", "http://[::1", "http://[::1]x/",
      "http://[1:2:3]/", "http://[::g]/", "http://[fe80::1%25eth0]/", "http://a\\b/", "http://é/",
      "http://[1::2::3]/", "http://[:::]/",
    } do
      assert.is_nil(address.parse(url), url)
    end
  end)

  it("gets a path of the service behind its own", function()
    local base = address.parse "http://127.0.0.1:4566/sts/"
    assert.equal("http://127.0.0.1:4566/sts/v1/token", address.at(base, "/v1/token").url)
    assert.same({ path = "/sts/x", query = "a=b" }, (function()
      local at = address.at(base, "/x", "a=b")
      return { path = at.path, query = at.query }
    end)())
  end)

  it("is this machine in any spelling of loopback", function()
    for _, host in ipairs { "localhost", "127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1",
      "0000::0001" } do
      assert.is_true(address.is_loopback(host), host)
    end
    for _, host in ipairs { "128.0.0.1", "127.0.0.1.example.org", "127.1", "0177.0.0.1",
      "127.0.0.256", "::2", "1::", "::ffff:7f00:1", "localhost.example.org" } do
      assert.is_false(address.is_loopback(host), host)
    end
  end)

  it("is near when it is link-local or one of EC2's own", function()
    for _, host in ipairs { "169.254.169.254", "169.254.0.1", "fd00:ec2::254", "fd00:0ec2:0::23",
      "fe80::1", "febf::1", "127.0.0.1" } do
      assert.is_true(address.is_near(host), host)
    end
    for _, host in ipairs { "169.255.0.1", "10.0.0.1", "fd00:ec3::1", "fec0::1",
      "sts.amazonaws.com", "fe80.example.org" } do
      assert.is_false(address.is_near(host), host)
    end
  end)

  it("is the same however it is spelled", function()
    assert.is_true(address.same("fd00:ec2::23", "fd00:ec2:0:0:0:0:0:23"))
    assert.is_false(address.same("fd00:ec2::23", "fd00:ec2::24"))
    assert.is_true(address.same("a.example", "a.example"))
  end)
end)
