--- Throwaway certificates for specs, made with the openssl program.
--
--     local certificates = require("spec.support.certificates").make()  -- nil without openssl
--     certificates.authority       -- file: the CA's certificate, for ca_bundle
--     certificates.key, certificates.certificate  -- of a server on 127.0.0.1, signed by the CA;
--                                  -- the address stands as a name, too: nginx looks for that
--     certificates.other           -- certificate (for the same key) of a server called
--                                  -- elsewhere.invalid
--     certificates.expired, certificates.future  -- valid in 2001, and in 2098, alone
--     certificates.lonely          -- signed by itself
--     certificates:remove()

local workdir = require "spec.support.workdir"

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
openssl req -x509 -key server.key -out lonely.pem -days 2 -subj /CN=127.0.0.1 \
  -addext subjectAltName=IP:127.0.0.1
printf '%%s\n' '[ca]' default_ca=c '[c]' database=index new_certs_dir=. rand_serial=yes \
  default_md=sha256 policy=p unique_subject=no '[p]' commonName=supplied >ca.conf
: >index
date() {
  openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in server.csr -notext \
    -extfile server.ext -out $1.pem -startdate $2 -enddate $3
}
date expired 20010101000000Z 20010102000000Z
date future 20980101000000Z 20980102000000Z
]]

function M.make()
  local dir = workdir.new()
  if not workdir.shell(commands:format(dir.path)) then
    dir:remove()
    return nil
  end
  return setmetatable({
    dir = dir, authority = dir:file "ca.pem", key = dir:file "server.key",
    certificate = dir:file "server.pem", other = dir:file "other.pem",
    expired = dir:file "expired.pem", future = dir:file "future.pem",
    lonely = dir:file "lonely.pem",
  }, Certificates)
end

function Certificates:remove()
  self.dir:remove()
end

return M
