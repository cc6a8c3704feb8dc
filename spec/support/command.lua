--- Runs the command appintegrations inside a spec's process, against an emulator of its own.
--
--     local shell = require("spec.support.command").new()
--     local result = shell:run { "list-applications", "--output", "csv" }
--     result.code, result.out, result.err

local command = require "appintegrations.command"
local emulator = require "appintegrations.emulator"

local M = {}

local Shell = {}
Shell.__index = Shell

--- What looks like an output stream and keeps what is written.
local function sink()
  local pieces = {}
  local stream = { pieces = pieces }
  function stream:write(...)
    for i = 1, select("#", ...) do
      pieces[#pieces + 1] = (select(i, ...))
    end
    return self
  end
  function stream:flush()
    pieces[#pieces + 1] = ""
    return self
  end
  return stream
end

--- Runs the command with ARGS; INPUT is what stands on its standard input. `is_terminal`, `is_dumb`
-- and `columns` of the shell say what it is connected to; `one_terminal`: both streams to the same.
---@return { code: integer, out: string, err: string }
function Shell:run(args, input)
  local out = sink()
  local err = self.one_terminal and out or sink()
  local code = command.main(args, {
    out = out, err = err, is_terminal = self.is_terminal, is_dumb = self.is_dumb,
    columns = self.columns, client = self.client,
    input = { read = function() return input or "" end },
  })
  return { code = code, out = table.concat(out.pieces), err = table.concat(err.pieces) }
end

--- A shell whose calls go to a fresh emulator, unless OPTIONS of the client say otherwise.
---@param options? table
function M.new(options)
  local service = assert(emulator.new {})
  local client = { transport = service:transport(), region = "us-east-1", env = {}, files = false,
    credentials = { access_key_id = emulator.ACCESS_KEY_ID,
      secret_access_key = emulator.SECRET_ACCESS_KEY } }
  for name, value in pairs(options or {}) do
    client[name] = value
  end
  return setmetatable({ service = service, client = client,
    is_terminal = { out = false, err = false } }, Shell)
end

return M
