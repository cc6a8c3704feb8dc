--- Documents of any bytes for the reader of STS's XML: what it reads can be written, and reads
-- back as the same; and what it reads has no mark of what it must refuse.

local bytes = require "spec.fuzz.bytes"
local sts_xml = require "appintegrations.credentials.sts_xml"

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&#62;", ['"'] = "&quot;",
  ["'"] = "&#x27;", ["\r"] = "&#13;" }

local function written(name, content)
  local parts = {}
  if type(content) == "table" then
    for child, value in pairs(content) do
      parts[#parts + 1] = written(child, value)
    end
  else
    parts[1] = content:gsub("[&<>\"'\r]", ESCAPES)
  end
  return ("<%s>%s</%s>"):format(name, table.concat(parts, "\n"), name)
end

return function(input)
  local root, content = sts_xml.parse(input)
  if root then
    assert(not input:find("<!", 1, true) and not input:find "%z", "it must be refused")
    local again, same = sts_xml.parse(written(root, content))
    assert(again == root)
    bytes.same(content, same)
    assert(not sts_xml.parse(input .. "<"))
    assert(not sts_xml.parse("x" .. input))
  end
end
