// What a storm is made of.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "bench/load/redis_line.h"

namespace usher::bench {

// Where the gateway tells its metrics.
struct AdminTarget {
  Address address;
  std::string authority;
  std::string path;  // before /metrics
};

struct StormOptions {
  std::size_t clients = 8'000;
  std::string command;  // starts the gateway, in a shell
  Duration down_for = std::chrono::seconds(1);
  double per_second = 10;  // publications, before and after
  std::string channel = "bench:all";
  std::string api_key;
  std::optional<AdminTarget> admin;  // nothing: its metrics are not looked at
  std::optional<RedisTarget> redis;  // likewise
};

}  // namespace usher::bench
