-- SPDX-License-Identifier: MIT
--- The jobs of `make bench` as a good engineer would write them by hand for this one purpose:
-- minimum.c signs and sends, lua-cjson writes and reads.

local params = require "spec.benchmarks.create_params"

local M = {}

local function host_of(url)
  return url:match "^http://(.*)$"
end

function M.create(url)
  local lib, cjson = require "minimum", require("cjson").new()
  local host, n = host_of(url), 0
  return function()
    n = n + 1
    params.ClientToken = ("%08x-0000-4000-8000-000000000000"):format(n)
    cjson.decode(lib.send("POST", host, "/dataIntegrations", "", cjson.encode(params)))
  end
end

M.first = M.create

function M.list(url)
  local lib, cjson = require "minimum", require("cjson").new()
  local host, page, index, query = host_of(url), {}, 0, ""
  return function()
    index = index + 1
    if not page[index] then
      local answer = cjson.decode(lib.send("GET", host, "/dataIntegrations/many/associations",
        query))
      page, index, query = answer.DataIntegrationAssociations, 1, "nextToken=" .. answer.NextToken
    end
    assert(page[index])
  end
end

function M.sign()
  local lib = require "minimum"
  local payload = require("cjson").encode(params)
  return function()
    lib.sign(payload)
  end
end

function M.derive()
  local lib = require "minimum"
  local payload = require("cjson").encode(params)
  local day = 0
  return function()
    day = day + 1
    lib.sign(payload, ("%08dT102030Z"):format(20000101 + day % 10000000))
  end
end

return M
