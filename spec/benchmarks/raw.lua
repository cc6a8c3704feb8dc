-- SPDX-License-Identifier: MIT
--- What libcurl alone costs (raw.c): one request sent again and again, nothing signed, no JSON
-- written or read.

local params = require "spec.benchmarks.create_params"

params.ClientToken = "00000001-0000-4000-8000-000000000000"

local M = {}

local function open(url, authority, resume)
  local raw = require "raw"
  raw.open(url .. "/dataIntegrations", require("cjson").encode(params), authority, resume)
  return raw
end

function M.create(url, authority)
  return open(url, authority, true).send
end

--- Of TLS sessions, too, nothing is kept.
function M.create_unresumed(url, authority)
  return open(url, authority, false).send
end

--- So many at once over the multi interface, and the end of all.
for _, handles in ipairs { 64, 512 } do
  M["flight_" .. handles] = function(url)
    local raw = open(url, nil, true)
    return function()
      raw.flight(handles)
    end
  end
end

M.wide_512 = M.flight_512

return M
