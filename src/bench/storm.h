// storm: a gateway is killed and started again, and all of its clients come back at once.
#pragma once

#include <string>

#include "bench/modes.h"

namespace usher::bench {

struct StormOptions {
  std::size_t clients = 8'000;
  std::string command;  // starts the gateway, in a shell
  Duration down_for = std::chrono::seconds(1);
  double per_second = 10;  // publications, before and after
  std::string channel = "bench:all";
  std::string api_key;
};
Report measure_storm(const Setting& setting, const StormOptions& options);

}  // namespace usher::bench
