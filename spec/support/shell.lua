--- Runs shell commands for specs, none without bound: what does not end is killed, and said.
--
--     local shell = require "spec.support.shell"
--     local output, code = shell.output("ls /nowhere")   -- both streams; the exit code

local files = require "spec.support.files"
local workdir = require "spec.support.workdir"

local M = {}

-- Seconds; less than the watchdog of the run waits (spec/support/run).
local LIMIT = math.floor((tonumber(os.getenv "SPEC_LIMIT") or 180) * 3 / 4)

--- TEXT as one word of a command.
---@param text string
---@return string
function M.word(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- What COMMAND prints on both streams, and its exit code, in every Lua. It reads nothing. Its
-- output goes to a file: one who reads a pipe waits for all that hold it, too.
---@param command string
---@param seconds? integer  within which it must end
---@return string output
---@return integer code
function M.output(command, seconds)
  local path = workdir.name()
  local limit = seconds or LIMIT
  local pipe = assert(io.popen(("timeout -k 5 %d sh -c %s >%s 2>&1 </dev/null; echo $? >%s.code")
    :format(limit, M.word(command), path, path)))
  pipe:close()
  local output, code = files.read(path), tonumber(files.read(path .. ".code"))
  os.remove(path)
  os.remove(path .. ".code")
  if code == 124 or code == 137 then
    error(("not done within %d seconds: %s\nIt has printed:\n%s"):format(limit, command, output), 2)
  end
  return output, code
end

return M
