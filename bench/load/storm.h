// The mode `storm`: a gateway is killed and started again, and all its clients come back at once.
#pragma once

#include "bench/load/modes.h"
#include "bench/load/storm_options.h"

namespace usher::bench {

Report measure_storm(const Setting& setting, const StormOptions& options);

}  // namespace usher::bench
