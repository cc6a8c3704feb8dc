--- The last of the seconds since 1970 that os.date tells apart here: where a time has 32 bits, that
-- is in 2038.
local ok, year = pcall(os.date, "!%Y", 32503680000)
return ok and year == "3000" and 253402300799 or 2147483647
