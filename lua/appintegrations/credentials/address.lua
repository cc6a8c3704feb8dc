-- SPDX-License-Identifier: MIT
--- URLs of credential services, and which hosts are near: the addresses of a
-- machine's own metadata services are reached directly, never through a proxy,
-- and only they may be asked for credentials without TLS.
-- @module appintegrations.credentials.address

local limits = require "appintegrations.base.limits"
local text_of = require "appintegrations.base.text"

local lower = text_of.lower

local M = {}

--- The 8 groups of an IPv6 address without zone, or nil (RFC 4291, section 2.2).
local function ipv6_groups(text)
  local groups = {}
  local function add(part)
    for group in (part .. ":"):gmatch "([^:]*):" do
      if not group:find "^%x%x?%x?%x?$" then
        return false
      end
      groups[#groups + 1] = tonumber(group, 16)
    end
    return true
  end
  local before, after = text:match "^(.-)::(.*)$"
  if not before then
    return add(text) and #groups == 8 and groups or nil
  end
  if before ~= "" and not add(before) then
    return nil
  end
  local gap = #groups + 1
  if after ~= "" and not add(after) then
    return nil
  end
  for _ = #groups, 7 do
    table.insert(groups, gap, 0)
  end
  return #groups == 8 and groups or nil
end

--- The 4 numbers of an IPv4 address, or nil. Only the usual form: what "127.1" or
-- "0177.0.0.1" is taken for differs between resolvers.
local function ipv4_numbers(text)
  local numbers = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if #numbers ~= 4 then
    return nil
  end
  for i, digits in ipairs(numbers) do
    if digits:find "^0%d" or #digits > 3 or tonumber(digits) > 255 then
      return nil
    end
    numbers[i] = tonumber(digits)
  end
  return numbers
end

--- An IP address in one spelling, or TEXT as it is.
local function canonical(text)
  local groups = text:find(":", 1, true) and ipv6_groups(text)
  if groups then
    return ("%x:%x:%x:%x:%x:%x:%x:%x"):format((table.unpack or unpack)(groups))
  end
  return text
end

local LOOPBACK = canonical "::1"

--- Whether HOST, a name or an address without brackets, is this machine.
---@param host string
---@return boolean
function M.is_loopback(host)
  local numbers = ipv4_numbers(host)
  return host == "localhost" or (numbers ~= nil and numbers[1] == 127)
    or canonical(host) == LOOPBACK
end

--- Whether HOST is this machine or one of its metadata services.
---@param host string
---@return boolean
function M.is_near(host)
  local numbers = ipv4_numbers(host)
  return M.is_loopback(host)
    or (numbers ~= nil and numbers[1] == 169 and numbers[2] == 254)
    or canonical(host):find "^fe[89ab]%x:" ~= nil
    or canonical(host):find "^fd00:ec2:" ~= nil
end

--- Whether A and B are the same host, however its address is spelled.
---@param a string
---@param b string
---@return boolean
function M.same(a, b)
  return canonical(a) == canonical(b)
end

---@class appintegrations.Address
---@field url string      as it will be sent
---@field scheme string   "http" or "https"
---@field authority string  host with its port, as in the Host header
---@field host string     without port and brackets, in lower case
---@field path string     from "/"
---@field query? string   without "?"

--- Host and port of an AUTHORITY, or nil.
local function split_authority(authority)
  local host, port = authority:match "^%[([%x:]+)%](.*)$"
  if host then
    host = ipv6_groups(host) and host
  else
    host, port = authority:match "^([A-Za-z0-9._-]+)(.*)$"
  end
  if host and limits.is_port(port) then
    return lower(host), port
  end
end

--- Takes an absolute URL apart. No user, no fragment, nothing that would have to
-- be encoded.
---@param url string
---@return appintegrations.Address? address  nil: not such a URL
---@nodiscard
function M.parse(url)
  local scheme, authority, rest = url:match "^([A-Za-z]+)://([^/?#]+)(.*)$"
  scheme = scheme and lower(scheme)
  if (scheme ~= "http" and scheme ~= "https") or rest:find "[^A-Za-z0-9%-._~!$&'()*+,;=:@%%/?]" then
    return nil
  end
  local host, port = split_authority(authority)
  if not host then
    return nil
  end
  if port == (scheme == "https" and ":443" or ":80") then
    port = "" -- the default port does not stand in the Host header
  end
  local path, query = rest:match "^([^?]*)%??(.*)$"
  local address = {
    scheme = scheme, host = host, path = path == "" and "/" or path,
    authority = (host:find(":", 1, true) and "[" .. host .. "]" or host) .. port,
    query = query ~= "" and query or nil,
  }
  address.url = scheme .. "://" .. address.authority .. address.path
    .. (address.query and "?" .. address.query or "")
  return address
end

--- ADDRESS with PATH and QUERY appended.
---@param address appintegrations.Address
---@param path string    from "/", encoded
---@param query? string  encoded
---@return appintegrations.Address
---@nodiscard
function M.at(address, path, query)
  local base = text_of.without_end_slashes(address.path)
  return {
    scheme = address.scheme, authority = address.authority, host = address.host,
    path = base .. path, query = query,
    url = address.scheme .. "://" .. address.authority .. base .. path
      .. (query and "?" .. query or ""),
  }
end

return M
