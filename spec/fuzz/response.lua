--- Answers with any status, headers and body: an output or an error of the contract. What the
-- request was told to keep secret is not looked for here: texts.lua does.

local bytes = require "spec.fuzz.bytes"
local core = require "appintegrations.core"
local errors = require "appintegrations.base.errors"
local response_of = require "appintegrations.call.response"

local operations = core.operations()
local STATUSES = { 200, 204, 299, 301, 400, 403, 404, 409, 429, 500, 503, 599 }
local NAMES = { "x-amzn-errortype", "x-amzn-requestid", "content-type", "retry-after", "date",
  "x-amz-retry-after" }

--- The code of an error by hand: up to ":" or ",", after the last "#".
local function code_of(header)
  local code = header:sub(1, 256):gsub("[:,].*$", "")
  while code:find("#", 1, true) do
    code = code:sub(code:find("#", 1, true) + 1)
  end
  return (code:gsub("^%s+", ""):gsub("%s+$", ""))
end

return function(input)
  local from = bytes.new(input)
  local response = { status = from:choice(STATUSES), headers = {} }
  local operation = from:choice(operations)
  for _ = 1, from:below(4) do
    response.headers[from:choice(NAMES)] = from:text(40)
  end
  response.body = from:rest()
  local output, err = response_of.read(operation, response)
  if response.status < 300 then
    assert((output ~= nil) == (core.decode(nil, response.body) ~= nil or response.body == ""))
  else
    local code = code_of(response.headers["x-amzn-errortype"] or "")
    assert(not output and err.kind == "service" and err.status == response.status)
    assert(code == "" or err.code == code, err.code)
    assert(type(err.code) == "string" and err.code ~= "" and #err.code <= 256)
  end
  if err then
    assert(errors.is_error(err) and type(err.message) == "string")
    assert(type(tostring(err)) == "string")
    assert(type(err.retryable) == "boolean" and type(err.throttling) == "boolean")
  end
end
