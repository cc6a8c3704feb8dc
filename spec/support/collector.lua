--- Runs F with a garbage collector that begins anew when it has ended, so that finalizers run
-- within all that F does.

local finalizers = require "spec.support.finalizers"

---@param f fun()
---@param speed? integer  percent of what is allocated; by default it goes as fast as it can, which
--- takes long where F allocates much
return function(f, speed)
  local pause = finalizers.set("pause", speed and 100 or 0)
  local stepmul = finalizers.set("stepmul", speed or 10000)
  local ok, err = finalizers.interpreted(f)
  finalizers.set("pause", pause)
  finalizers.set("stepmul", stepmul)
  if not ok then
    error(err, 0)
  end
end
