--- What is to be done when the running spec has ended, however it ends:
--
--     local cleanup = require "spec.support.cleanup"
--     cleanup(function() server:stop() end)
--
-- In reverse order, before `after_each`. (Busted's `finally` does the last such thing only.)

local tasks = {}

require "busted".subscribe({ "test", "end" }, function()
  while tasks[1] do
    table.remove(tasks)()
  end
  return nil, true
end)

---@param task fun()
return function(task)
  tasks[#tasks + 1] = task
end
