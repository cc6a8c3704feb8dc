--- Throwaway certificates for specs, made with the openssl program.
--
--     local certificates = require("spec.support.certificates").make()  -- nil without openssl
--     certificates.authority       -- file: the CA's certificate, for ca_bundle
--     certificates.key, certificates.certificate  -- of a server on 127.0.0.1, signed by the CA;
--                                  -- the address stands as a name, too: nginx looks for that
--     certificates.other           -- certificate (for the same key) of a server called
--                                  -- elsewhere.invalid
--     certificates:remove()

local M = {}

local Certificates = {}
Certificates.__index = Certificates

local commands = [[
set -e; cd %s; exec >/dev/null 2>&1
new_key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $new_key -keyout ca.key -out ca.pem -days 2 -subj /CN=Spec-CA \
  -addext basicConstraints=critical,CA:TRUE
openssl req -new $new_key -keyout server.key -out server.csr -subj /CN=127.0.0.1
echo subjectAltName=IP:127.0.0.1,DNS:127.0.0.1 >server.ext
echo subjectAltName=DNS:elsewhere.invalid >other.ext
for name in server other; do
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile $name.ext -out $name.pem
done
]]

function M.make()
  local directory = os.tmpname()
  os.remove(directory)
  local made = os.execute("mkdir " .. directory)
  made = made and os.execute(commands:format(directory))
  if made ~= true and made ~= 0 then
    return nil
  end
  return setmetatable({
    directory = directory, authority = directory .. "/ca.pem",
    key = directory .. "/server.key", certificate = directory .. "/server.pem",
    other = directory .. "/other.pem",
  }, Certificates)
end

function Certificates:remove()
  os.execute("rm -r " .. self.directory)
end

return M
