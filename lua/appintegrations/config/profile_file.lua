-- SPDX-License-Identifier: MIT
--- The grammar of the shared config and credentials files.
-- It is the SDKs' (AWS SDKs and Tools Reference Guide, "Shared config and
-- credentials files"), widened to what botocore, and so the AWS CLI, reads too:
-- indented keys, `key: value`, names with spaces. Sections of unknown kinds are
-- passed over; lines that no reader understands are errors.
-- @module appintegrations.config.profile_file

local text_of = require "appintegrations.base.text"
local lower, trim = text_of.lower, text_of.trim

local M = {}

local BYTE_ORDER_MARK = "\239\187\191"
-- As Windows' editors write it: with a mark, or with every other byte zero.
local UTF16 = { "^\255\254", "^\254\255", "^%z[A-Za-z%[#]", "^[A-Za-z%[#]%z" }

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
    return lower(trim(key)), without_comment(value)
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

--- The profile that the text between the brackets of a section would be in the other file, and
-- how its section looks in this one: here `[NAME]`, there `[profile NAME]`. Nil where it is right.
local function nearly(inner, kind)
  if kind == "credentials" then
    local rest = inner:match "^profile%s+(.+)$"
    return rest and unquoted(rest), "[%s]"
  elseif not inner:find "%s" and unquoted(inner) ~= "default" then
    return unquoted(inner), "[profile %s]"
  end
end

--- What reading a file knows at a line.
---@class appintegrations.ProfileReader
---@field keys? table     of the section being read; nil where it is passed over
---@field key? string     the last key, which indented lines continue
---@field indent integer  of that key
---@field block? table    its value, where that is a block of `key = value` lines
---@field lines? string[]  or where that goes on: its lines so far
local Reader = {}
Reader.__index = Reader

function Reader:fail(message)
  return ("%s, line %d: %s"):format(self.file, self.line, message)
end

--- The last key has got all its lines.
function Reader:finish()
  if self.lines then
    self.keys[self.key] = table.concat(self.lines, "\n")
  end
  self.key, self.block, self.lines = nil, nil, nil
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
  local near, right = nearly(trim(inner), self.kind)
  if near then
    self.result.near[near] = ("%s, line %d, has [%s]: in this file it has to be %s"):format(
      self.file, self.line, trim(inner), right:format(near))
  end
  self:finish()
  self.inside, self.keys = true, nil
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
  self:finish()
  self.key, self.indent = key, indent
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
    self.lines = self.lines or { value }
    self.lines[#self.lines + 1] = text
  end
end

--- Reads one LINE; returns a message if it cannot be.
function Reader:read(line)
  local indentation, text = line:match "^%s*", trim(line)
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
---@field near table<string, string>  by profile: what stands where its section nearly is

local function is_utf16(text)
  for _, pattern in ipairs(UTF16) do
    if text:find(pattern) then
      return true
    end
  end
  return false
end

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
  elseif is_utf16(text) then
    return nil, file .. " is UTF-16: save it as UTF-8"
  end
  local result = { profiles = {}, prefixed_default = {}, sso_sessions = {}, services = {},
    near = {} }
  local reader = setmetatable({ file = file, kind = kind, line = 0, result = result }, Reader)
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    reader.line = reader.line + 1
    local message = reader:read(line)
    if message then
      return nil, message
    end
  end
  reader:finish()
  -- `[profile default]` replaces `[default]`, wherever either stands.
  result.profiles.default = result.prefixed_default.default or result.profiles.default
  result.prefixed_default = nil
  return result
end

return M
