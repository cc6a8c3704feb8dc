--- Texts as URLs of credential services, of the endpoint and of a proxy, as regions, as addresses:
-- what is taken leads to the host that it names and has no place for anything else.

local address = require "appintegrations.credentials.address"
local config = require "appintegrations.config"
local core = require "appintegrations.core"
local proxy = require "appintegrations.config.proxy"

--- The authority of URL by hand: what stands between "//" and the next "/", "?" or "#".
local function authority_of(url)
  return url:match "^%a+://([^/?#]*)"
end

local function check_address(text)
  local parsed = address.parse(text)
  address.is_near(text)
  address.is_loopback(text)
  if not parsed then
    return
  end
  assert(not parsed.url:find "[%c%s\\\"<>^`{|}#\128-\255]", parsed.url)
  assert(not parsed.authority:find("@", 1, true), parsed.url)
  assert(authority_of(parsed.url) == parsed.authority, parsed.url)
  assert(authority_of(text):lower():find(parsed.host, 1, true), parsed.host)
  local again = address.parse(parsed.url)
  assert(again and again.url == parsed.url and again.host == parsed.host)
  assert(address.same(parsed.host, again.host))
  assert(authority_of(address.at(parsed, "/x", "a=b").url) == parsed.authority)
end

local function check_endpoint(text)
  local settings, err = config.resolve { region = "us-east-1", env = {}, files = false,
    endpoint_url = text, retry_mode = "standard", credentials = {} }
  if not settings then
    assert(err.kind == "config" and err.code == "InvalidConfig", tostring(err))
  end
end

local function check_region(text)
  local host, partition = core.endpoint(text)
  if host then
    assert(#text <= 63 and not text:find "[^A-Za-z0-9-]", text)
    assert(host:sub(1, #text + 18) == "app-integrations." .. text .. ".", host)
    assert(not host:find "[^A-Za-z0-9.-]" and type(partition) == "string")
  end
end

local function check_proxy(text)
  local setting, message = proxy.resolve({ proxy = text }, "https", function() end)
  if setting then
    local before = text:match "^(.*)@"
    assert(not before or #before < 8 or not setting.shown:find(before .. "@", 1, true),
      setting.shown)
  else
    local secret, shown = text:match "//([^@/]*)@", message:gsub("%[user:password@%]", "")
    assert(not secret or #secret < 8 or not shown:find(secret .. "@", 1, true))
  end
end

local CHECKS = { check_address, check_endpoint, check_region, check_proxy }

return function(input)
  CHECKS[(input:byte() or 0) % #CHECKS + 1](input:sub(2))
end
