-- Five hundred calls at once, with a limit and a progress line.
-- Reads every data integration of the account in full, up to 16 calls at a time in one thread, and
-- shows on standard error how far it is. Prints names and keys.
--
--     lua5.4 examples/cookbook/get_many.lua
local appintegrations = require "appintegrations"

local AT_ONCE = 16

local loop = appintegrations.loop()
local client = appintegrations.check(appintegrations.client { loop = loop })

local arns = {}
for summary in client:each_data_integration() do
  arns[#arns + 1] = summary.Arn
end

local done = 0
local outputs, errors, failed = loop:map(arns, function(arn)
  local output, err = client:get_data_integration { Identifier = arn }
  done = done + 1
  if done % 10 == 0 or done == #arns then
    io.stderr:write(("\r%d of %d"):format(done, #arns))
  end
  return output, err
end, AT_ONCE)
io.stderr:write "\n"

for i = 1, #arns do
  if outputs[i] then
    print(outputs[i].Name, outputs[i].KmsKey)
  else
    io.stderr:write(arns[i], ": ", tostring(errors[i]), "\n")
  end
end
loop:close()
os.exit(failed == 0 and 0 or 1)
