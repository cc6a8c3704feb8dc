--- Random bytes as a source of choices: what a target makes its values of. Bytes that are used up
-- are zeros from then on, so that every input stands for something.
--
--     local from = bytes.new(input)
--     from:below(3), from:choice(list), from:text(), from:rest()

local Bytes = {}
Bytes.__index = Bytes

local M = {}

---@param input string
function M.new(input)
  return setmetatable({ input = input, at = 1 }, Bytes)
end

function Bytes:byte()
  local byte = self.input:byte(self.at) or 0
  self.at = self.at + 1
  return byte
end

--- 0 to N - 1; N at most 256.
function Bytes:below(n)
  return self:byte() % n
end

function Bytes:choice(list)
  return list[self:below(#list) + 1]
end

function Bytes:is_over()
  return self.at > #self.input
end

--- Up to LONGEST bytes (255 at most), whose length comes first.
function Bytes:text(longest)
  local length = self:byte() % ((longest or 32) + 1)
  local text = self.input:sub(self.at, self.at + length - 1)
  self.at = self.at + length
  return text
end

function Bytes:rest()
  local text = self.input:sub(self.at)
  self.at = #self.input + 1
  return text
end

--- Asserts that A and B are equal, tables by what is in them.
function M.same(a, b, where)
  where = where or "value"
  if type(a) == "table" and type(b) == "table" then
    for key, value in pairs(a) do
      M.same(value, b[key], where .. "." .. tostring(key))
    end
    for key in pairs(b) do
      if a[key] == nil then
        error(("%s.%s: nil is not %s"):format(where, tostring(key), tostring(b[key])), 2)
      end
    end
  elseif a ~= b and (a == a or b == b) then
    error(("%s: %q is not %q"):format(where, tostring(a), tostring(b)), 2)
  end
end

return M
