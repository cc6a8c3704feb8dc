--- Shared config and credentials files of any text, after a byte that picks the kind: read, or
-- refused with file and line; and a file that was read is read again from what was found in it.

local profile_file = require "appintegrations.config.profile_file"

--- CONTENT as a file that says the same, where its texts allow that.
local function written(content)
  local lines = {}
  for name, keys in pairs(content.profiles) do
    if name:find "^[%w_-]+$" then
      lines[#lines + 1] = name == "default" and "[default]" or ("[profile %s]"):format(name)
      for key, value in pairs(keys) do
        if type(value) == "string" and value:find "^[%w/:.-]+$" and key:find "^[%w_-]+$" then
          lines[#lines + 1] = ("%s = %s # comment"):format(key, value)
        end
      end
    end
  end
  return table.concat(lines, "\r\n")
end

local function check_values(keys)
  for key, value in pairs(keys) do
    assert(key ~= "" and not key:find "[=:\n%z]", key)
    if type(value) == "table" then
      check_values(value)
    else
      assert(not value:find "^[ \t]" and not value:find "[ \t\r]$", value)
    end
  end
end

return function(input)
  local kind = (input:byte() or 0) % 2 == 0 and "config" or "credentials"
  local content, message = profile_file.parse(input:sub(2), "FILE", kind)
  if not content then
    assert(message:find "^FILE, line %d+: " or message == "FILE is UTF-16: save it as UTF-8",
      message)
    return
  end
  for _, text in pairs(content.near) do
    assert(text:find "^FILE, line %d+, has %[", text)
  end
  content.near = {} -- of a file as it is written here nothing is nearly right
  for _, group in pairs(content) do
    for _, keys in pairs(group) do
      check_values(keys)
    end
  end
  local again = assert(profile_file.parse(written(content), "FILE", "config"))
  for name, keys in pairs(again.profiles) do
    for key, value in pairs(keys) do
      assert(content.profiles[name][key] == value, key)
    end
  end
end
