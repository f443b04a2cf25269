// What a server's processes have used: CPU since they began, and memory of their own, from /proc.
//
// CPU is that of all their threads, ended ones included. Memory is RssAnon: pages that the program
// has written, not its code and not what the kernel keeps for its sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"

namespace usher::bench {

struct ProcessUsage {
  Duration cpu{};
  std::int64_t memory_bytes = 0;
};

// The sum over all; nothing if one of them is not there (any more).
std::optional<ProcessUsage> usage_of(std::span<const int> pids);

// The line `RssAnon: N kB` of a /proc/PID/status.
std::optional<std::int64_t> read_rss_anon_bytes(std::string_view status);

// utime + stime of a /proc/PID/stat, in clock ticks. The program's name, which may hold anything,
// stands in the last parentheses.
std::optional<std::int64_t> read_cpu_ticks(std::string_view stat);

}  // namespace usher::bench
