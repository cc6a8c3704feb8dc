-- SPDX-License-Identifier: MIT
--- The version of this module, as in the rockspec and the user agent.
return "1.0.0"
