-- SPDX-License-Identifier: MIT
--- What the command has of its process: streams, what they are connected to, and how it ends when
-- it is interrupted or nobody takes what it prints.
-- @module appintegrations.command.host

local core = require "appintegrations.core"
local compat = require "appintegrations.base.compat"

local M = {}

-- What a stream raises that takes nothing more.
local WriteFailure = { __name = "WriteFailure" }

--- STREAM with a check after each write: a full disk must not look like an empty answer.
local function checked(stream)
  local function check(ok, message)
    if not ok then
      error(setmetatable({ message = message }, WriteFailure), 0)
    end
  end
  return {
    write = function(self, ...)
      check(stream:write(...))
      return self
    end,
    flush = function(self)
      check(stream:flush())
      return self
    end,
  }
end

--- How many columns the terminal on standard output has; COLUMNS wins, as for other programs.
local function columns_of(is_terminal)
  local wanted = tonumber(core.getenv "COLUMNS")
  return is_terminal and (wanted and wanted > 0 and wanted or core.terminal_columns(1)) or nil
end

--- Whether a terminal can do no more than print, as git asks it.
local function is_dumb()
  local term = core.getenv "TERM"
  return term == nil or term == "dumb"
end

--- The process as it is.
---@return table host  out, err, input: streams; is_terminal: which of out and err is one; is_dumb:
---                    whether that can take nothing away; columns: how wide standard output is,
---                    nil if that does not matter
function M.of_process()
  core.occupy_standard_streams()
  local is_terminal = { out = core.is_terminal(1), err = core.is_terminal(2) }
  return { out = io.stdout, err = io.stderr, input = io.stdin, is_terminal = is_terminal,
    is_dumb = is_dumb(), columns = columns_of(is_terminal.out) }
end

local function is_interruption(problem)
  return type(problem) == "string" and problem:find "interrupted!$" ~= nil
end

--- Adds to a text where it was raised: it tells of a slip in this program.
local function with_traceback(problem)
  return type(problem) == "string" and not is_interruption(problem)
    and problem .. "\n" .. (compat.traceback() or "") or problem
end

--- Runs WHAT with HOST; what it returns, or the exit code that a way to end has in ENDS:
-- `interrupted` (Lua raises that after Ctrl-C), or `unwritable`, which is told on standard error.
---@param host table
---@param ends { interrupted: integer, unwritable: integer }
---@param what fun(host: table): integer
---@return integer code
function M.run(host, ends, what)
  local watched = setmetatable({ out = checked(host.out) }, { __index = host })
  local ok, code = xpcall(function()
    local result = what(watched)
    watched.out:flush()
    return result
  end, with_traceback)
  if ok then
    return code
  elseif getmetatable(code) == WriteFailure then
    host.err:write("appintegrations: standard output: ", tostring(code.message), "\n")
    return ends.unwritable
  elseif is_interruption(code) then
    host.err:write "\n"
    return ends.interrupted
  end
  error(code, 0)
end

return M
