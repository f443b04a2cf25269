// The settings of a storm.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "bench/load/redis_line.h"

namespace usher::bench {

// The address of the gateway's metrics.
struct AdminTarget {
  Address address;
  std::string authority;
  std::string path;  // before /metrics
};

struct StormOptions {
  std::size_t clients = 8'000;
  std::string command;  // starts the gateway, in a shell
  Duration down_for = std::chrono::seconds(1);
  double per_second = 10;  // publications, before and after the storm
  std::string channel = "bench:all";
  std::string api_key;
  std::optional<AdminTarget> admin;  // nullopt: its metrics are not watched
  std::optional<RedisTarget> redis;  // nullopt: Redis is not watched
};

}  // namespace usher::bench
