--- Reading whole files, and what commands list, for specs and tools.

local M = {}

--- All bytes of the file at PATH; nil and why if it cannot be opened.
---@param path string
---@return string?
---@return string? message
function M.find(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local text = file:read "*a"
  file:close()
  return text
end

--- All bytes of the file at PATH, which must be there.
---@param path string
---@return string
function M.read(path)
  return assert(M.find(path))
end

--- The lines that COMMAND, which soon ends, prints on its standard output.
---@param command string
---@return string[]
function M.lines_of(command)
  local pipe, lines = assert(io.popen(command)), {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

return M
