-- SPDX-License-Identifier: MIT
--- The SDKs of other languages, where they are installed (`make bench-peers` sees to that).

local M = {}

local FOLDER = os.getenv "BENCH_PEERS" -- node_modules is there
local PATIENCE = 300 -- seconds

local function first_line_of(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local line = pipe:read "*l"
  pipe:close()
  return line
end

--- The first Python here that has botocore. A shim would cost a start of its own: it is passed by.
local function botocore()
  for _, python in ipairs { "python3", "/usr/bin/python3" } do
    local found = first_line_of(python
      .. " -c 'import botocore, sys; print(sys.executable, botocore.__version__)'")
    local program, version = (found or ""):match "^(%S+) (%S+)$"
    if program then
      return {
        name = "botocore " .. version, short = "py",
        command = function(job, count, url, authority)
          return ("exec timeout %d %s spec/benchmarks/botocore.py %s %d %s %s"):format(PATIENCE,
            program, job, count, url, authority or "")
        end,
        -- It derives the key for each signature.
        jobs = { create = true, first = true, list = "pages", flight_64 = true, derive = "sign" },
      }
    end
  end
  return { name = "botocore", absent = "not installed" }
end

local function javascript()
  local version = first_line_of(("cd '%s' && node -p 'require(%q).version'"):format(FOLDER,
    "@aws-sdk/client-appintegrations/package.json"))
  if not version or version == "" then
    return { name = "JavaScript SDK", absent = "not installed" }
  end
  return {
    name = "JavaScript SDK " .. version, short = "js",
    command = function(job, count, url, authority)
      return ("NODE_EXTRA_CA_CERTS=%s exec timeout %d node spec/benchmarks/javascript.mjs "
        .. "'%s' %s %d %s"):format(authority or "", PATIENCE, FOLDER, job, count, url)
    end,
    jobs = { create = true, first = true, list = "pages", flight_64 = true, sign = true,
      derive = true },
  }
end

--- Each has a name, and: `absent`, which says why, or a short name, command(job, count, url,
--- authority), and jobs, which says how it calls ours (true: as we do).
---@param url string  of a server: one that cannot make a call there counts as absent
---@return table[]
function M.find(url)
  local peers = { botocore(), javascript() }
  for _, peer in ipairs(peers) do
    if not peer.absent and not first_line_of(peer.command("first", 1, url)) then
      peer.absent = "installed, but a call fails"
    end
  end
  return peers
end

return M
