--- What stands in the memory of another process, as a core dump of it would show: for specs on
-- secrets.
--
--     local child = require("spec.support.held_memory").start(dir, [[
--       … Lua code …
--       pause()      -- until the spec says go_on()
--     ]])
--     child:count("bytes")  -- how often they stand in memory that the child can write to
--     child:go_on()         -- lets it run to its next pause
--     child:stop()

local files = require "spec.support.files"
local socket = require "socket"

local LUA = os.getenv "LUA" or "lua5.4"
local PATIENCE = 20 -- seconds until the child must have come to its next pause
local CHUNK = 1024 * 1024
-- What AddressSanitizer notes of each byte stands in terabytes of addresses; the program's own
-- bytes never do.
local LARGEST = 1024 * 1024 * 1024

local M = {}

local Child = {}
Child.__index = Child

local PRELUDE = [[
local paused = 0
local function pause()
  collectgarbage() collectgarbage()
  paused = paused + 1
  local file = assert(io.open(PROGRESS .. paused, "w"))
  file:close()
  return io.read "*l"
end
local function read(path)
  local file = assert(io.open(path, "rb"))
  file:setvbuf "no" -- a copy in a buffer would be the program's own
  local text = file:read "*a"
  file:close()
  return text
end
]]

local function await(child)
  child.pauses = child.pauses + 1
  local deadline = socket.gettime() + PATIENCE
  while not files.find(child.progress .. child.pauses) do
    if socket.gettime() > deadline then
      error("the child has not come so far: " .. (files.find(child.output) or ""))
    end
    socket.sleep(0.005)
  end
end

--- Starts a Lua that runs CODE, with files in DIR, and waits for its first pause.
---@param dir table  of spec.support.workdir
---@param code string
---@param interpreter? string  what runs it, with where pauses are noted as a second argument
function M.start(dir, code, interpreter)
  local child = setmetatable({ progress = dir:file "progress", output = dir:file "output",
    pauses = 0 }, Child)
  local program = dir:write("program.lua", ("local PROGRESS = %q\n"):format(child.progress)
    .. PRELUDE .. code)
  child.pipe = assert(io.popen(("echo $$ >%s; exec %s %s %s >%s 2>&1"):format(dir:file "pid",
    interpreter or LUA, program, child.progress, child.output), "w"))
  await(child)
  child.pid = tonumber(files.read(dir:file "pid"))
  return child
end

function Child:go_on()
  self.pipe:write "\n"
  self.pipe:flush()
  await(self)
end

local function count_in(memory, from, to, bytes)
  local count, rest = 0, ""
  memory:seek("set", from)
  for at = from, to - 1, CHUNK do
    local chunk = memory:read(math.min(CHUNK, to - at))
    if not chunk then
      break
    end
    local text = rest .. chunk
    local found = text:find(bytes, 1, true)
    while found do
      count = count + 1
      found = text:find(bytes, found + 1, true)
    end
    rest = text:sub(-(#bytes - 1))
  end
  return count
end

--- How often BYTES, at least two of them, stand in what the child can write to.
function Child:count(bytes)
  local count = 0
  local memory = assert(io.open(("/proc/%d/mem"):format(self.pid), "rb"))
  for first, behind in files.read(("/proc/%d/maps"):format(self.pid)):gmatch "(%x+)%-(%x+) rw" do
    local from, to = tonumber(first, 16), tonumber(behind, 16)
    if to - from <= LARGEST then
      count = count + count_in(memory, from, to, bytes)
    end
  end
  memory:close()
  return count
end

function Child:stop()
  self.pipe:close()
end

return M
