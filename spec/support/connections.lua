--- Those of FDS, a list as engine:fds() and loop:fds() give it, that are connections. Newer
-- versions of libcurl have the host watch an event descriptor of theirs, too.
---@param fds { fd: integer, events: string }[]
---@return { fd: integer, events: string }[]
return function(fds)
  local result = {}
  for _, entry in ipairs(fds) do
    local info = assert(io.open("/proc/self/fdinfo/" .. entry.fd))
    local text = info:read "*a"
    info:close()
    if not text:find("eventfd-count", 1, true) then
      result[#result + 1] = entry
    end
  end
  return result
end
