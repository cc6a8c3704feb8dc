-- SPDX-License-Identifier: MIT
--- Loggers for people: one line of text for each event that matters.
--
--     local client = appintegrations.client {
--       logger = require("appintegrations.log").stderr "info",
--     }
--
-- Levels: "error" tells which calls failed; "warn" adds retries and advisories;
-- "info" adds answers and new credentials; "debug" adds requests, headers and
-- timings. Secrets are masked in the events already.
-- @module appintegrations.log

local core = require "appintegrations.core"
local math = require("appintegrations.compat").math

local M = {}

local LEVELS = { error = 1, warn = 2, info = 3, debug = 4 }
local LEVEL_OF = { request = 4, response = 3, retry = 2, credentials = 3, error = 1 }

--- VALUE on one line: what comes from a network must not forge lines or drive a
-- terminal.
local function one_line(value)
  return (tostring(value):gsub("[%c\127]", " "))
end

--- "2026-11-22T10:20:30.123Z"
local function time_text(time)
  local basic = core.format_time(time)
  return ("%s-%s-%sT%s:%s:%s.%03dZ"):format(basic:sub(1, 4), basic:sub(5, 6), basic:sub(7, 8),
    basic:sub(10, 11), basic:sub(12, 13), basic:sub(14, 15), math.floor(time % 1 * 1000))
end

local function milliseconds(seconds)
  return ("%.1f ms"):format(seconds * 1000)
end

--- `name=value` pairs of MAP in the order of the names.
local function pairs_text(map, text_of)
  local names, parts = {}, {}
  for name in pairs(map) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = name .. "=" .. text_of(map[name])
  end
  return table.concat(parts, " ")
end

local function error_text(event)
  return ("%s: %s%s"):format(event.code, event.message,
    event.request_id and " (request " .. event.request_id .. ")" or "")
end

local describe = {}

function describe.request(event)
  return ("%s %s, attempt %d of %d, %d bytes"):format(event.method, event.url, event.attempt,
    event.max_attempts, event.body_bytes)
end

function describe.response(event)
  return ("HTTP %d after %s, attempt %d, %d bytes%s"):format(event.status,
    milliseconds(event.elapsed), event.attempt, event.body_bytes,
    event.request_id and ", request " .. event.request_id or "")
end

function describe.retry(event)
  return ("attempt %d of %d failed, again in %s (%s): %s"):format(event.attempt,
    event.max_attempts, milliseconds(event.delay), event.reason, error_text(event))
end

function describe.credentials(event)
  if event.message then
    return "credentials: " .. event.message
  end
  return "new credentials" .. (event.elapsed and " after " .. milliseconds(event.elapsed) or "")
    .. (event.expiration and ", valid until " .. time_text(event.expiration) or "")
end

function describe.error(event)
  return ("failed after %d attempts and %s: %s"):format(event.attempts,
    milliseconds(event.elapsed), error_text(event))
end

--- Passes lines at or above a level to WRITE.
local function writer(write, level)
  return function(event, line_level, text)
    if LEVELS[line_level] <= level then
      write(("%s %-5s %s%s"):format(time_text(event.time or core.now()), line_level,
        event.operation and event.operation .. ": " or "", one_line(text)))
    end
  end
end

--- Further lines: what is wrong with the input, and what "debug" wants to see.
local function add_details(line, event)
  for _, advisory in ipairs(event.advisories or {}) do
    line(event, "warn", ("%s: %s"):format(advisory.path, advisory.message))
  end
  for _, violation in ipairs(event.details or {}) do
    line(event, "error", ("%s: %s"):format(violation.path, violation.message))
  end
  if event.headers then
    line(event, "debug", "headers: " .. pairs_text(event.headers, tostring))
  end
  if event.timings then
    line(event, "debug", "timings: " .. pairs_text(event.timings, milliseconds))
  end
end

local NAMES = { "error", "warn", "info", "debug" }

--- A logger that passes each line, without its end, to WRITE.
---@param write fun(line: string)
---@param level? "error"|"warn"|"info"|"debug"  default "info"
---@return fun(event: table) logger
---@nodiscard
function M.to(write, level)
  if type(write) ~= "function" then
    error("log.to: expected a function, got " .. type(write), 2)
  end
  local number = LEVELS[level or "info"]
  if not number then
    error(('log: expected level "error", "warn", "info" or "debug", got %s')
      :format(tostring(level)), 2)
  end
  local line = writer(write, number)
  return function(event)
    local event_level = LEVEL_OF[event.type]
    if event_level then
      line(event, NAMES[event_level], describe[event.type](event))
      add_details(line, event)
    end
  end
end

--- A logger that writes to standard error.
---@param level? "error"|"warn"|"info"|"debug"  default "info"
---@return fun(event: table) logger
---@nodiscard
function M.stderr(level)
  if not (io and io.stderr) then
    error("log.stderr: this Lua state has no io library; use log.to", 2)
  end
  if level ~= nil and not LEVELS[level] then
    error(('log: expected level "error", "warn", "info" or "debug", got %s')
      :format(tostring(level)), 2)
  end
  local stderr = io.stderr
  return M.to(function(text)
    stderr:write(text, "\n")
  end, level)
end

return M
