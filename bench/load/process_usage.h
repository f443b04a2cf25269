// The resources of a server's processes, from /proc: CPU since their start, and private memory.
//
// CPU is that of all their threads, ended ones included. Memory is RssAnon: pages that the program
// has written. It includes neither the program's code nor the kernel's memory for sockets.
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

// Returns the sum over all, or `nullopt` if one of the processes does not exist (any more).
std::optional<ProcessUsage> usage_of(std::span<const int> pids);

// Reads the line `RssAnon: N kB` of a /proc/PID/status.
std::optional<std::int64_t> read_rss_anon_bytes(std::string_view status);

// Reads utime + stime of a /proc/PID/stat, in clock ticks. The program's name, which may contain
// any character, ends at the last closing parenthesis.
std::optional<std::int64_t> read_cpu_ticks(std::string_view stat);

}  // namespace usher::bench
