--- Calls a service object of the emulator in specs: directly, or over a real socket in this
-- process. Both drivers have the same face:
--
--     local driver = service.direct(object)        -- or service.over_http(object)
--     local answer = driver:call("POST", "/applications", { Name = … })
--     answer.status, answer.body (decoded), answer.code, answer.headers, answer.text
--
-- `body` is a table (written as JSON), a string (sent as it is) or nil.

local httpd = require "appintegrations.httpd"
local json = require "appintegrations.emulator.json"
local server_loop = require "appintegrations.emulator.server"
local signing = require "appintegrations.signing"
local socket = require "socket"
local eventually = require "spec.support.eventually"

local M = {}

--- Empty tables that must be sent as `[]`.
M.EMPTY_LIST = "__empty_list__"

local function encode(body)
  if type(body) ~= "table" then
    return body or ""
  end
  return (json.encode(body):gsub('"__empty_list__"', "[]"))
end

local function complete(status, headers, text)
  local error_type = headers["x-amzn-errortype"]
  return { status = status, headers = headers, text = text,
    body = text ~= "" and json.decode(text) or nil,
    code = error_type and error_type:match("^[^:]+") }
end

--- The headers of a signed request, as a list of pairs.
---@param options table  method, target, body, credentials, region, time, headers (a map to add)
---@return { [1]: string, [2]: string }[]
function M.signed_headers(options)
  local path, query = options.target:match("^([^?]*)%??(.*)$")
  local headers = { host = "127.0.0.1", ["content-type"] = "application/json" }
  for name, value in pairs(options.headers or {}) do
    headers[name] = value
  end
  signing.sign_request({ method = options.method, path = path,
    query = query ~= "" and query or nil, headers = headers, body = options.body },
    options.credentials, options.region or "us-east-1", "app-integrations", options.time)
  local list = {}
  for name, value in pairs(headers) do
    list[#list + 1] = { name, value }
  end
  return list
end

local function headers_for(driver, method, target, body)
  if not driver.credentials then
    return { { "Host", "127.0.0.1" } }
  end
  return M.signed_headers { method = method, target = target, body = body,
    credentials = driver.credentials, time = driver.service.clock() }
end

-- ---- direct ------------------------------------------------------------------------------------

local Direct = {}
Direct.__index = Direct

function Direct:call(method, target, body)
  body = encode(body)
  local response = self.service:handle { method = method, target = target,
    headers = headers_for(self, method, target, body), body = body }
  return complete(response.status, response.headers, response.body)
end

function Direct.close() end

--- A driver that hands requests over in Lua. With CREDENTIALS they are signed.
function M.direct(service, credentials)
  return setmetatable({ service = service, credentials = credentials }, Direct)
end

-- ---- over HTTP ---------------------------------------------------------------------------------

local OverHttp = {}
OverHttp.__index = OverHttp

local function step_until_readable(self)
  eventually("an answer", function()
    self.loop:step(0.005)
    return #socket.select({ self.client }, nil, 0) > 0
  end)
end

--- LENGTH bytes; or fewer, and why. The server moves on while they come.
local function receive_body(self, length)
  local text, problem = "", nil
  self.client:settimeout(0)
  eventually("the end of an answer", function()
    if #text == length then
      return true
    end
    local body, partial
    body, problem, partial = self.client:receive(length - #text)
    text = text .. (body or partial)
    self.loop:step(problem and 0.005 or 0)
    return problem and problem ~= "timeout"
  end)
  self.client:settimeout(5)
  return text, #text < length and problem or nil
end

--- Sends raw bytes and returns the raw answer: status line, headers, text.
function OverHttp:exchange(text)
  if not self.client then
    self.client = assert(socket.connect("127.0.0.1", self.server:port()))
    self.client:settimeout(5)
  end
  assert(self.client:send(text))
  step_until_readable(self)
  local status_line, message = self.client:receive("*l")
  if not status_line then
    self.client:close()
    self.client = nil
    return nil, message
  end
  local headers = {}
  for line in function() return self.client:receive("*l") end do
    if line == "" then
      break
    end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    headers[name:lower()] = value
  end
  local body, problem = receive_body(self, tonumber(headers["content-length"]))
  if problem then
    self.client:close()
    self.client = nil
  end
  return status_line, headers, body, problem
end

function OverHttp:call(method, target, body)
  body = encode(body)
  local lines = { method .. " " .. target .. " HTTP/1.1" }
  for _, header in ipairs(headers_for(self, method, target, body)) do
    lines[#lines + 1] = header[1] .. ": " .. header[2]
  end
  lines[#lines + 1] = "Content-Length: " .. #body
  local status_line, headers, text =
    self:exchange(table.concat(lines, "\r\n") .. "\r\n\r\n" .. body)
  if not status_line then
    return nil, headers
  end
  return complete(tonumber(status_line:match(" (%d+)")), headers, text)
end

function OverHttp:close()
  if self.client then
    self.client:close()
  end
  self.server:close()
end

--- A driver that sends requests through a socket to a server in this process.
function M.over_http(service, credentials)
  local server = assert(httpd.listen {})
  local driver = setmetatable({ service = service, credentials = credentials, server = server,
    errors = {}, requests = {} }, OverHttp)
  driver.loop = server_loop.new(service, server, {
    on_request = function(request) driver.requests[#driver.requests + 1] = request end,
    on_error = function(text) driver.errors[#driver.errors + 1] = text end,
  })
  return driver
end

return M
