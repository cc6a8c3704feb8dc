--- Who has run `aws login` or `aws sso login`: what profiles say of it, and which token files that
-- leaves in the home directory.

local M = {}

--- The key of RFC 7515, appendix A.3, in SEC 1 form: what a login signs its proofs with.
M.KEY = [[
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END EC PRIVATE KEY-----
]]

M.SESSION = "arn:aws:iam::111122223333:user/me"
--- Named by the SHA-256 of the session.
M.LOGIN_NAME = "6eeec053fe13079aaf7fd81065ec5ecbdb93674f20700e51842d0c769b240c8a.json"
M.LOGIN_FILE = ".aws/login/cache/" .. M.LOGIN_NAME
M.LOGIN_PROFILE = "[default]\nlogin_session = " .. M.SESSION .. "\n"

--- Named by the SHA-1 of "corp".
M.SSO_FILE = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
M.SSO_PROFILE = [[
[default]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Reader
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
]]

--- The time so many SECONDS from now, as the files have it.
---@param seconds integer
---@return string
function M.time(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + seconds)
end

return M
