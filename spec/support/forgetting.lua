--- Has busted forget what a file's specs are made of once they have run. It would keep that to the
-- end, and with it the copy of the module that each file has loaded: hundreds of specs ask for full
-- collections, which would go over all of them.

local busted = require "busted"

local function forget(element)
  for _, child in ipairs(busted.children(element)) do
    forget(child)
    child.run = nil -- the file's own says where errors are
  end
  element.env = nil
end

busted.subscribe({ "file", "end" }, function(file)
  forget(file)
  return nil, true
end)
