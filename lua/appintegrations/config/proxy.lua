-- SPDX-License-Identifier: MIT
--- Which proxy requests go through: the option, else the environment's by the
-- scheme of what they are sent to, as curl and Python read it. The URL may hold a
-- password: it stays in a closure, and what is shown of it is masked.
-- @module appintegrations.config.proxy

local M = {}

-- Names in the order in which they are asked. Upper-case HTTP_PROXY is what a
-- web server makes of a request's "Proxy" header in CGI programs (CVE-2016-5385):
-- where there are signs of one, it is not believed.
local VARIABLES = {
  https = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" },
  http = { "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY" },
}

local function from_environment(scheme, getenv)
  for _, name in ipairs(VARIABLES[scheme]) do
    local value = getenv(name)
    if value and not (name == "HTTP_PROXY" and getenv "REQUEST_METHOD") then
      return value, "environment variable " .. name
    end
  end
end

--- URL without user and password.
---@param url string
---@return string
function M.masked(url)
  local scheme, rest = url:match "^([A-Za-z0-9]+://)(.*)$"
  scheme, rest = scheme or "", rest or url
  return scheme .. rest:gsub("^.*@", "***@")
end

---@class appintegrations.ProxySetting
---@field shown? string       the endpoint's, as URL without user and password
---@field origin string
---@field url fun(scheme: "http"|"https"): string?  with them, for what has an URL of that scheme
---@field no_proxy? string    hosts to reach directly
---@field no_proxy_origin string

local function invalid(url)
  local place = url:gsub("^[A-Za-z0-9]+://", ""):gsub("^.*@", "")
  return url:find "[%c%s]" or not place:find "^[A-Za-z0-9%[]"
end

--- The proxies of a client with an endpoint of SCHEME: STS and others may have another one.
---@param options appintegrations.Options  `proxy` a URL, or false for none; `no_proxy`
---@param scheme "http"|"https"
---@param getenv fun(name: string): string?
---@return appintegrations.ProxySetting? setting
---@return string? message  where the URL is none
---@nodiscard
function M.resolve(options, scheme, getenv)
  local urls, origins = {}, {}
  for name in pairs(VARIABLES) do
    if options.proxy ~= nil then
      urls[name], origins[name] = options.proxy or nil, "option proxy"
    else
      urls[name], origins[name] = from_environment(name, getenv)
    end
  end
  local no_proxy, no_proxy_origin = options.no_proxy, "option no_proxy"
  if options.proxy == nil and next(urls) and not no_proxy then
    for _, name in ipairs { "no_proxy", "NO_PROXY" } do
      no_proxy = no_proxy or getenv(name)
      no_proxy_origin = "environment variable " .. name
      if no_proxy then
        break
      end
    end
  end
  local url, origin = urls[scheme], origins[scheme]
  if url and invalid(url) then
    return nil, ("the proxy URL (%s) is not of the form [http://][user:password@]host[:port]")
      :format(origin)
  end
  return {
    shown = url and M.masked(url) or nil,
    origin = origin or "default",
    url = function(of)
      return urls[of]
    end,
    no_proxy = no_proxy,
    no_proxy_origin = no_proxy and no_proxy_origin or "default",
  }
end

return M
