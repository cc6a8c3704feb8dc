-- SPDX-License-Identifier: MIT
--- Finding by name, the only handle that people remember.
-- @module appintegrations.helpers.find

local options = require "appintegrations.helpers.options"
local options_of = require "appintegrations.config.options"

local M = {}

--- A method that looks for a name in the listing that the iterator LISTING goes through: the
-- summary, or nil where there is none. The listing ends at the first hit; names are unique.
local function finder(name_of_method, listing)
  return function(client, name, call_options)
    options.expect(name, "string", name_of_method, options.PROGRAM)
    call_options = options.checked(call_options, options_of.CALL, name_of_method, options.PROGRAM)
    local iterator = client[listing](client, nil, call_options)
    while true do
      local summary, err = iterator:next()
      if summary == nil then
        return nil, err
      elseif type(summary) == "table" and summary.Name == name then
        return summary
      end
    end
  end
end

M.find_data_integration = finder("find_data_integration", "each_data_integration")
M.find_event_integration = finder("find_event_integration", "each_event_integration")
M.find_application = finder("find_application", "each_application")

return M
