--- What busted loads before all specs: .busted names it.

require "spec.support.progress"
require "spec.support.forgetting"
