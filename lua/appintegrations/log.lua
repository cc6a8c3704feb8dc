-- SPDX-License-Identifier: MIT
--- Ready loggers: one line of text for each event that matters, for people, or one JSON object
-- for each event, for machines.
--
--     local log = require "appintegrations.log"
--     local client = appintegrations.client { logger = log.stderr "info" }
--     local other = appintegrations.client { logger = log.jsonl(io.open("calls.jsonl", "a")) }
--
-- Levels: "error" tells which calls failed; "warn" adds retries and advisories;
-- "info" adds answers and new credentials; "debug" adds requests, headers,
-- timings and bodies (of a client with `log_bodies`). Secrets are masked in the
-- events already.
-- @module appintegrations.log

local core = require "appintegrations.core"
local texts = require "appintegrations.base.text"
local times = require "appintegrations.base.times"
local math = require("appintegrations.base.compat").math

local M = {}

local LEVELS = { error = 1, warn = 2, info = 3, debug = 4 }
-- Of an event that does not say so itself.
local LEVEL_OF = { request = 4, response = 3, retry = 2, credentials = 3, error = 1 }

--- "2026-11-22T10:20:30.123Z"
local function time_text(time)
  return (times.text(time):gsub("Z$", (".%03dZ"):format(math.floor(time % 1 * 1000))))
end

--- When credentials end; programs write "never" as a time without bound.
local function expiry_text(time)
  return time >= times.END and "beyond the year 9999" or "until " .. time_text(time)
end

local function milliseconds(seconds)
  return texts.decimal("%.1f", seconds * 1000) .. " ms"
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
    return ("credentials%s: %s"):format(event.provider and " from " .. event.provider or "",
      event.message)
  end
  return "new credentials" .. (event.provider and " from " .. event.provider or "")
    .. (event.elapsed and " after " .. milliseconds(event.elapsed) or "")
    .. (event.expiration and ", valid " .. expiry_text(event.expiration) or "")
end

function describe.error(event)
  return ("failed after %d %s and %s: %s"):format(event.attempts,
    event.attempts == 1 and "attempt" or "attempts", milliseconds(event.elapsed),
    error_text(event))
end

--- Passes lines at or above a level to WRITE: what comes from a network must not forge any.
local function writer(write, level)
  return function(event, line_level, text)
    if LEVELS[line_level] <= level then
      write(("%s %-5s %s%s"):format(time_text(event.time or core.now()), line_level,
        event.operation and event.operation .. ": " or "", texts.printable(text)))
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
  if event.body then
    line(event, "debug", "body: " .. event.body)
  end
  if event.timings then
    line(event, "debug", "timings: " .. pairs_text(event.timings, milliseconds))
  end
end

local NAMES = { "error", "warn", "info", "debug" }

--- The number of LEVEL; raises at the line of the caller's caller for what is none.
local function level_number(level)
  local number = LEVELS[level or "info"]
  if not number then
    error(('log: expected level "error", "warn", "info" or "debug", got %s')
      :format(tostring(level)), 3)
  end
  return number
end

--- The level of EVENT; nil for one that this version does not know.
local function level_of(event)
  return LEVELS[event.level] or LEVEL_OF[event.type]
end

--- A logger that passes each line, without its end, to WRITE.
---@param write fun(line: string)
---@param level? "error"|"warn"|"info"|"debug"  default "info"
---@return fun(event: table) logger
---@nodiscard
function M.to(write, level)
  if type(write) ~= "function" then
    error("log.to: expected a function, got " .. type(write), 2)
  end
  local line = writer(write, level_number(level))
  return function(event)
    local event_level = level_of(event)
    if event_level and describe[event.type] then
      line(event, NAMES[event_level], describe[event.type](event))
      add_details(line, event)
    end
  end
end

--- A logger that writes to standard error. Without a call, as `logger = log.stderr`, this function
-- is one itself, of the level "info".
---@param level? "error"|"warn"|"info"|"debug"  default "info"
---@return fun(event: table) logger
---@nodiscard
function M.stderr(level)
  if type(level) == "table" then -- an event
    return M.stderr "info"(level)
  end
  local io = require("appintegrations.base.compat").global "io"
  if not (io and io.stderr) then
    error("log.stderr: this Lua state has no io library; use log.to", 2)
  end
  level_number(level)
  local stderr = io.stderr
  return M.to(function(text)
    stderr:write(text, "\n")
  end, level)
end

-- The members of a JSON line, in this order.
local ORDER = { "time", "level", "type", "operation", "region", "host", "attempt", "attempts",
  "max_attempts", "method", "url", "status", "elapsed", "delay", "reason", "kind", "code",
  "message", "request_id", "invocation_id", "provider", "expiration", "where" }

--- A logger that writes each event as a line with one JSON object: what the event has, `time` as
-- text and `level`.
---@param target file*|fun(line: string)  a file that is open for writing; or a function, which
---                                       gets each line without its end
---@param level? "error"|"warn"|"info"|"debug"  default "debug": all events
---@return fun(event: table) logger
---@nodiscard
function M.jsonl(target, level)
  local write = type(target) == "function" and target
  if not write then
    local has_fields, method = pcall(function() return target.write end)
    if not has_fields or type(method) ~= "function" or type(target) == "string" then
      error("log.jsonl: expected a file, as io.open gives it, or a function, got "
        .. type(target), 2)
    end
    write = function(line)
      target:write(line, "\n")
    end
  end
  local number = level_number(level or "debug")
  local printing = require "appintegrations.base.printing"
  local mt = printing.new_metatable("Event", ORDER, { advisories = true, details = true })
  return function(event)
    local event_level = level_of(event)
    if event_level and event_level <= number then
      local line = setmetatable({}, mt)
      for name, value in pairs(event) do
        line[name] = value
      end
      line.time, line.level = time_text(event.time or core.now()), NAMES[event_level]
      write(printing.json(line))
    end
  end
end

return M
