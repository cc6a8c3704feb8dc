-- SPDX-License-Identifier: MIT
--- Where a client's configuration and credentials come from, for a person to whom
-- it does something else than expected. No secret is ever part of it.
-- @module appintegrations.explain

local chain = require "appintegrations.credentials.chain"
local core = require "appintegrations.core"
local settings = require "appintegrations.config.settings"
local text_of = require "appintegrations.base.text"
local times = require "appintegrations.base.times"

local M = {}

--- What `client:explain()` has found; printing it shows all of it.
---@class appintegrations.Explanation
---@field endpoint string  where requests go
---@field profile { name: string, origin: string, files: table[] }  with the files of the profiles
---@field time number  when it was made, by the services' clock as far as known
---@field settings table<string, { value: any, origin: string }>  each with its source
---@field credentials { provider?: string, expiration?: number, error?: string, providers: table[] }
---                   where they come from; all that were asked, in order, with what came of it
---@field advisories string[]  what was passed over as no one can have meant it

local mt = { __name = "appintegrations.Explanation" }

--- ROWS of texts with their columns aligned.
local function add_rows(lines, rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, text in ipairs(row) do
      widths[column] = widths[column] and widths[column] > #text and widths[column] or #text
    end
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for column, text in ipairs(row) do
      cells[column] = text .. (" "):rep(widths[column] - #text)
    end
    lines[#lines + 1] = text_of.trim_end("  " .. table.concat(cells, "  "))
  end
end

local function shown(value)
  if type(value) == "number" then
    return text_of.decimal("%.14g", value)
  end
  return value == nil and "-" or tostring(value)
end

local function setting_rows(explanation)
  local rows = {}
  for _, name in ipairs(explanation.order) do
    local setting = explanation.settings[name]
    rows[#rows + 1] = { name, shown(setting.value), setting.origin }
  end
  return rows
end

--- "expires 20261122T102030Z"
local function expiration_text(seconds, now)
  local verb = seconds > now and "expires " or "expired "
  if seconds >= times.END then
    return verb .. "after the year 9999"
  elseif seconds < 0 then
    return verb .. "before 1970"
  end
  return verb .. core.format_time(seconds)
end

--- "4 ms, expires 20261122T102030Z"
local function times_of(record, now)
  local parts = {}
  if record.elapsed then
    parts[1] = ("%.0f ms"):format(record.elapsed * 1000)
  end
  if record.expiration then
    parts[#parts + 1] = expiration_text(record.expiration, now)
  elseif record.status == "used" then
    parts[#parts + 1] = "does not expire"
  end
  return table.concat(parts, ", ")
end

local function provider_rows(records, now)
  local rows = {}
  for i, record in ipairs(records) do
    local when = times_of(record, now)
    rows[i] = { record.name, record.status,
      (record.reason or "") .. (when ~= "" and " (" .. when .. ")" or "") }
  end
  return rows
end

local function file_rows(files)
  local rows = {}
  for i, file in ipairs(files) do
    rows[i] = { file.kind .. " file", file.path, file.status }
  end
  return rows
end

function mt.__tostring(explanation)
  local profile, credentials = explanation.profile, explanation.credentials
  local lines = { "Endpoint: " .. explanation.endpoint, "Settings:" }
  add_rows(lines, setting_rows(explanation))
  lines[#lines + 1] = ('Profile: "%s" (%s)'):format(profile.name, profile.origin)
  add_rows(lines, file_rows(profile.files))
  lines[#lines + 1] = "Credentials: " .. (credentials.provider or "none")
  add_rows(lines, provider_rows(credentials.providers, explanation.time))
  if credentials.error then
    -- The providers' reasons stand above.
    lines[#lines + 1] = "  " .. (credentials.error:find("^NoCredentials") and chain.ADVICE
      or credentials.error)
  end
  if explanation.advisories[1] then
    lines[#lines + 1] = "Advisories:"
    for _, advisory in ipairs(explanation.advisories) do
      lines[#lines + 1] = "  " .. advisory
    end
  end
  return table.concat(lines, "\n")
end

local function settings_of(config)
  local result, order = {}, {}
  local function add(name)
    result[name] = { value = config[name], origin = config.origins[name] }
    order[#order + 1] = name
  end
  for _, setting in ipairs(settings.LIST) do
    add(setting.name)
  end
  add "proxy"
  add "no_proxy"
  return result, order
end

local function copy_list(list)
  local copy = {}
  for i, record in ipairs(list) do
    copy[i] = {}
    for name, value in pairs(record) do
      copy[i][name] = value
    end
  end
  return copy
end

--- What providers say, as it is NOW: what they gave may have expired.
local function providers_of(records, now)
  local copy = copy_list(records)
  for _, record in ipairs(copy) do
    if record.status == "used" and record.expiration and record.expiration <= now then
      record.status = "expired"
    end
  end
  return copy
end

local function advisories_of(config, from_providers)
  local list = {}
  for name in pairs(config.blank) do
    list[#list + 1] = ("environment variable %s is blank: taken as not set"):format(name)
  end
  for text in pairs(from_providers) do
    list[#list + 1] = text
  end
  table.sort(list)
  return list
end

--- Explains CLIENT. Asks for its credentials, which takes no longer than a call may.
---@param client appintegrations.Client
---@return appintegrations.Explanation
---@nodiscard
function M.of(client)
  local config = client.config
  local signer, err = client.credentials(config.deadline and client.clock() + config.deadline)
  local records, advisories = client.provider_records()
  local now = client.clock() + client.skew.correction
  local values, order = settings_of(config)
  return setmetatable({
    time = now,
    endpoint = ("%s://%s%s"):format(config.endpoint.scheme, config.endpoint.host,
      config.endpoint.path),
    profile = {
      name = config.profile_name, origin = config.origins.profile,
      files = copy_list(config.profiles.files),
    },
    settings = values,
    order = order,
    credentials = {
      provider = signer and signer.provider,
      expiration = signer and signer.expiration,
      error = err and tostring(err),
      providers = providers_of(records, now),
    },
    advisories = advisories_of(config, advisories),
  }, mt)
end

return M
