--- A page of a listing, as a response of spec.support.server: its applications are called "1a" and
--- "1b" for NUMBER 1, and FOLLOWING is the token of the next one.
---@param number integer
---@param following? string
---@param fields? table  of the response, on top
return function(number, following, fields)
  local response = { body = ('{"Applications":[{"Name":"%da"},{"Name":"%db"}]%s}'):format(number,
    number, following and (',"NextToken":"%s"'):format(following) or "") }
  for key, value in pairs(fields or {}) do
    response[key] = value
  end
  return response
end
