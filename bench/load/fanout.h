// The mode `fanout`: messages to one channel, delivered to many subscribers. Each delivery is timed
// from the moment the message was due.
#pragma once

#include "bench/load/fanout_options.h"
#include "bench/load/modes.h"

namespace usher::bench {

Report measure_fanout(LoadThreads& threads, const FanoutOptions& options);

}  // namespace usher::bench
