-- SPDX-License-Identifier: MIT
--- Where the services are that give credentials: STS, IAM Identity Center (SSO and
-- its OIDC), AWS Sign-In. The rules are those of the services' endpoint rule sets.
-- @module appintegrations.credentials.endpoints

local address_of = require "appintegrations.credentials.address"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"

local M = {}

--- By the name in `services` sections: the first label of the host, and the
-- variable that replaces the endpoint.
local SERVICES = {
  sts = { label = "sts", variable = "AWS_ENDPOINT_URL_STS" },
  sso = { label = "portal.sso", variable = "AWS_ENDPOINT_URL_SSO" },
  sso_oidc = { label = "oidc", variable = "AWS_ENDPOINT_URL_SSO_OIDC" },
  signin = { label = "signin", variable = "AWS_ENDPOINT_URL_SIGNIN" },
}

--- For the specs and the reference page.
M.reads = {
  env = {
    "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_SIGNIN",
  },
}

-- AWS Sign-In has domains of its own, those of the console. A partition that is not among them
-- has the general one.
local SIGNIN_DOMAINS = {
  aws = "aws.amazon.com", ["aws-cn"] = "amazonaws.cn", ["aws-eusc"] = "amazonaws-eusc.eu",
  ["aws-us-gov"] = "amazonaws-us-gov.com", ["aws-iso"] = "c2shome.ic.gov",
  ["aws-iso-b"] = "sc2shome.sgov.gov", ["aws-iso-e"] = "csphome.adc-e.uk",
  ["aws-iso-f"] = "csphome.hci.ic.gov",
}
local SIGNIN_WITHOUT_REGION = "us-gov-west-1" -- where its FIPS endpoint has no region in its name

local function set(names)
  local result = {}
  for name in names:gmatch "%S+" do
    result[name] = true
  end
  return result
end

-- Regions that have STS's global endpoint with sts_regional_endpoints = legacy.
local LEGACY_REGIONS = set [[
  ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 aws-global ca-central-1 eu-central-1
  eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
]]
local GLOBAL_REGION, GLOBAL_HOST, GLOBAL_SIGNING_REGION =
  "aws-global", "sts.amazonaws.com", "us-east-1"

local function text_of(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- The endpoint of SERVICE that someone has configured, and where.
local function configured(context, service)
  if context.setting "ignore_configured_endpoint_urls" then
    return nil
  end
  for _, variable in ipairs { SERVICES[service].variable, "AWS_ENDPOINT_URL" } do
    if context.getenv(variable) then
      return context.getenv(variable), "environment variable " .. variable
    end
  end
  local profile = context.profile or {}
  local services = text_of(profile.services) and context.profiles.services
    and context.profiles.services(profile.services)
  local section = services and services[service]
  if type(section) == "table" and text_of(section.endpoint_url) then
    return section.endpoint_url, ("services section %q"):format(profile.services)
  end
  return text_of(profile.endpoint_url), "profile key endpoint_url"
end

--- The host of AWS Sign-In, where its name is of another form than those of the others.
local function signin_host(region, partition, suffix, fips)
  local domain = SIGNIN_DOMAINS[partition] or suffix
  if not fips then
    return region .. ".signin." .. domain
  elseif partition == "aws-us-gov" then
    return (region == SIGNIN_WITHOUT_REGION and "" or region .. ".") .. "signin-fips." .. domain
  end
end

--- Host and signing region by the rule sets.
local function host_of(context, service, region, fips, dualstack)
  if service == "sts" and not fips and not dualstack and (region == GLOBAL_REGION
      or context.setting "sts_regional_endpoints" == "legacy" and LEGACY_REGIONS[region]) then
    return GLOBAL_HOST, GLOBAL_SIGNING_REGION
  end
  local partition, suffix, dualstack_suffix = core.partition(region)
  if not partition then
    return nil, suffix
  end
  local host = service == "signin" and not dualstack
    and signin_host(region, partition, suffix, fips)
  if host then
    return host, region
  end
  -- The GovCloud endpoints of these are FIPS endpoints under their usual name.
  local is_fips_anyway = partition == "aws-us-gov" and not dualstack and service ~= "signin"
  return SERVICES[service].label .. (fips and not is_fips_anyway and "-fips" or "") .. "."
    .. region .. "." .. (dualstack and dualstack_suffix or suffix), region
end

--- The endpoint of SERVICE ("sts", "sso", "sso_oidc", "signin") in REGION.
---@param context table
---@param service string
---@param region? string
---@return appintegrations.Address? address  with `signing_region`
---@return appintegrations.Error? err        kind "config"
---@nodiscard
function M.resolve(context, service, region)
  local fips = context.setting "use_fips_endpoint"
  local dualstack = context.setting "use_dualstack_endpoint"
  if region then -- it is signed with, or written into a file, whatever the host is
    local partition, problem = core.partition(region)
    if not partition then
      return nil, errors.invalid_config(("no endpoint of %s: %s"):format(service, problem))
    end
  end
  local url, origin = configured(context, service)
  if url then
    local address = address_of.parse(url)
    if not address or address.query then
      return nil, errors.invalid_config(("the endpoint URL (%s) is not of the form "
        .. "http[s]://host[:port][/path]"):format(origin))
    elseif fips or dualstack then
      return nil, errors.invalid_config(("a custom endpoint (%s) cannot be combined with "
        .. "use_fips_endpoint or use_dualstack_endpoint: leave out one of them"):format(origin))
    end
    address.signing_region = region or GLOBAL_SIGNING_REGION
    return address
  end
  if not region then
    return nil, errors.invalid_config(('no region for the endpoint of %s: pass region = '
      .. '"us-east-1" or set AWS_REGION'):format(service))
  end
  local host, signing_region = host_of(context, service, region, fips, dualstack)
  if not host then
    return nil, errors.invalid_config(("no endpoint of %s: %s"):format(service, signing_region))
  end
  local address = address_of.parse("https://" .. host)
  address.signing_region = signing_region
  return address
end

return M
