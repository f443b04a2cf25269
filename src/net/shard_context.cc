#include "net/shard_context.h"

namespace usher::net {

ShardContext::ShardContext(ShardOptions options, ShardDependencies dependencies)
    : options_(options),
      dependencies_(dependencies),
      now_(dependencies.clock.now()),
      wheel_(now_) {}

bool ShardContext::may_linger() {
  if (lingering_ >= options_.lingering_max) return false;
  ++lingering_;
  return true;
}

void ShardContext::report(const std::exception& broken) {
  dependencies_.log.error("internal error: please report it",
                          {LogField::whole("what", broken.what())});
  application_->on_internal_error(broken.what());
}

}  // namespace usher::net
