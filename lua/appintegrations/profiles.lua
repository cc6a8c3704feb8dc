-- SPDX-License-Identifier: MIT
--- The shared config and credentials files.
-- The grammar is the SDKs' (AWS SDKs and Tools Reference Guide, "Shared config
-- and credentials files"), widened to what botocore, and so the AWS CLI, reads
-- too: indented keys, `key: value`, names with spaces. Sections of unknown kinds
-- are passed over; lines that no reader understands are errors.
-- @module appintegrations.profiles

local errors = require "appintegrations.errors"

local M = {}

local BYTE_ORDER_MARK = "\239\187\191"

--- TEXT without the white space around it.
local function trim(text)
  return text:match "^%s*(.-)%s*$"
end

--- TEXT without a comment: `#` or `;` after white space.
local function without_comment(text)
  local comment = text:find "%s[#;]"
  return trim(comment and text:sub(1, comment) or text)
end

--- The name in `"a b"`, `'a b'` or `a b`.
local function unquoted(name)
  return name:match '^"(.*)"$' or name:match "^'(.*)'$" or name
end

--- Key and value of `key = value`, or nil without a delimiter.
local function split_property(text)
  local key, value = text:match "^([^=:]*)[=:](.*)$"
  if key then
    return trim(key):lower(), without_comment(value)
  end
end

--- What the text between the brackets of a section announces, by the rules of a
-- file of KIND: where its keys go and under which name, or nil to pass it over.
local function section_target(inner, kind)
  if kind == "credentials" then
    return "profiles", unquoted(inner)
  end
  local word, rest = inner:match "^(%S+)%s+(.+)$"
  if word == "profile" then
    local name = unquoted(rest)
    return name == "default" and "prefixed_default" or "profiles", name
  elseif word == "sso-session" then
    return "sso_sessions", unquoted(rest)
  elseif word == "services" then
    return "services", unquoted(rest)
  elseif unquoted(inner) == "default" then
    return "profiles", "default"
  end
end

--- What reading a file knows at a line.
---@class appintegrations.ProfileReader
---@field keys? table     of the section being read; nil where it is passed over
---@field key? string     the last key, which indented lines continue
---@field indent integer  of that key
---@field block? table    its value, where that is a block of `key = value` lines
local Reader = {}
Reader.__index = Reader

function Reader:fail(message)
  return ("%s, line %d: %s"):format(self.file, self.line, message)
end

--- `[…]`
function Reader:section(text)
  local inner, after = text:match "^%[(.-)%]%s*(.*)$"
  if not inner then
    return self:fail 'a section must end with "]"'
  elseif after ~= "" and not after:find "^[#;]" then
    return self:fail 'text after the "]" of a section'
  elseif trim(inner) == "" then
    return self:fail "a section without a name"
  end
  local target, name = section_target(trim(inner), self.kind)
  self.inside, self.key, self.block = true, nil, nil
  self.keys = nil
  if target then
    local group = self.result[target]
    group[name] = group[name] or {}
    self.keys = group[name]
  end
end

--- `key = value`
function Reader:property(text, indent)
  local key, value = split_property(text)
  if not self.inside then
    return self:fail "a key outside of any section"
  elseif not key then
    return self:fail 'expected "key = value"'
  elseif key == "" then
    return self:fail 'no key before "="'
  end
  self.key, self.indent, self.block = key, indent, nil
  if self.keys then
    self.keys[key] = value
  end
end

--- An indented line: more of the value before it, or an entry of a block.
function Reader:continuation(text)
  local value = self.keys and self.keys[self.key]
  if self.block or value == "" then
    local key, entry = split_property(text)
    if not key or key == "" then
      return self:fail(('expected "key = value" in the block of "%s"'):format(self.key))
    end
    self.block = self.block or {}
    self.block[key] = entry
    self.keys[self.key] = self.block
  elseif value then
    self.keys[self.key] = value .. "\n" .. text
  end
end

--- Reads one LINE; returns a message if it cannot be.
function Reader:read(line)
  local indentation, text = line:match "^(%s*)(.-)%s*$"
  if text == "" or text:find "^[#;]" then
    return nil
  elseif line:find("%z") then
    return self:fail "a zero byte"
  elseif self.key and #indentation > self.indent then
    return self:continuation(text)
  elseif text:find "^%[" then
    return self:section(text)
  end
  return self:property(text, #indentation)
end

---@class appintegrations.ProfileFile
---@field profiles table<string, table>      keys by profile; a value is a string, or a table
---                                          for a block
---@field sso_sessions table<string, table>
---@field services table<string, table>

--- Reads the TEXT of a file. Pure: FILE is for messages only.
---@param text string
---@param file string
---@param kind "config"|"credentials"
---@return appintegrations.ProfileFile? content
---@return string? message  with file and line
---@nodiscard
function M.parse(text, file, kind)
  if text:sub(1, 3) == BYTE_ORDER_MARK then
    text = text:sub(4)
  end
  local result = { profiles = {}, prefixed_default = {}, sso_sessions = {}, services = {} }
  local reader = setmetatable({ file = file, kind = kind, line = 0, result = result }, Reader)
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    reader.line = reader.line + 1
    local message = reader:read(line)
    if message then
      return nil, message
    end
  end
  -- `[profile default]` replaces `[default]`, wherever either stands.
  result.profiles.default = result.prefixed_default.default or result.profiles.default
  result.prefixed_default = nil
  return result
end

-- The two files: which variable names them, else where they are.
local FILES = {
  { kind = "config", variable = "AWS_CONFIG_FILE", default = "~/.aws/config" },
  { kind = "credentials", variable = "AWS_SHARED_CREDENTIALS_FILE",
    default = "~/.aws/credentials" },
}

--- Reads one of the FILES; what became of it is in `status`.
local function load_file(which, files, getenv)
  local path = files.expand(getenv(which.variable) or which.default)
  local text, reason, absent = files.read(path)
  local file = { kind = which.kind, path = path, status = text and "read" or reason,
    absent = absent, text = text }
  local content, message = M.parse(text or "", path, which.kind)
  if not content then
    return nil, errors.new { kind = "config", code = "InvalidConfig", message = message }
  end
  file.content = content
  return file
end

--- Keys of profile NAME in the config file with those of the credentials file
-- over them, and which file each came from.
local function merged(config, credentials, name)
  local below, above = config.content.profiles[name], credentials.content.profiles[name]
  if not below and not above then
    return nil
  end
  local keys, origins = {}, {}
  for key, value in pairs(below or {}) do
    keys[key], origins[key] = value, config.path
  end
  for key, value in pairs(above or {}) do
    keys[key], origins[key] = value, credentials.path
  end
  return keys, origins
end

local function sorted_keys(...)
  local seen, names = {}, {}
  for i = 1, select("#", ...) do
    for name in pairs((select(i, ...))) do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

---@class appintegrations.Profiles
---@field files table[]  config and credentials: `{ kind, path, status, absent }`
---@field get fun(name: string): table?, table?  keys of a profile, and the file of each
---@field only fun(name: string, kind: string): table?  its keys in one of the two files
---@field sso_session fun(name: string): table?
---@field services fun(name: string): table?
---@field names fun(): string[]  of all profiles, sorted
---@field digest fun(): string  changes when a file does; tells nothing of its content

--- Loads both files; that they are missing is no error.
---@param files appintegrations.Files
---@param getenv fun(name: string): string?
---@return appintegrations.Profiles? profiles
---@return appintegrations.Error? err  InvalidConfig with file and line
---@nodiscard
function M.load(files, getenv)
  local loaded = {}
  for i, which in ipairs(FILES) do
    local file, err = load_file(which, files, getenv)
    if not file then
      return nil, err
    end
    loaded[i] = file
  end
  local config, credentials = loaded[1], loaded[2]
  -- Secrets live in closures only, where no dump of the client finds them.
  local contents = { config = config.content, credentials = credentials.content }
  local public = {}
  for i, file in ipairs(loaded) do
    public[i] = { kind = file.kind, path = file.path, status = file.status, absent = file.absent }
  end
  return {
    files = public,
    get = function(name)
      return merged(config, credentials, name)
    end,
    only = function(name, kind)
      return contents[kind].profiles[name]
    end,
    sso_session = function(name)
      return contents.config.sso_sessions[name]
    end,
    services = function(name)
      return contents.config.services[name]
    end,
    names = function()
      return sorted_keys(contents.config.profiles, contents.credentials.profiles)
    end,
    digest = function() -- brings OpenSSL with it
      local signing = require "appintegrations.signing"
      return signing.sha256((config.text or "") .. "\0" .. (credentials.text or ""))
    end,
  }
end

return M
