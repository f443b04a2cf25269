#include "bench/load/process_usage.h"

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>

#include "base/system.h"

namespace usher::bench {
namespace {

std::string read_proc(int pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::int64_t> number_at(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data() + first, text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

// To the nanosecond where the kernel says so, else in ticks of 10 ms.
std::optional<Duration> cpu_of(int pid) {
  if (const auto exact = process_cpu_time(pid)) return exact;
  const auto ticks = read_cpu_ticks(read_proc(pid, "stat"));
  if (!ticks) return std::nullopt;
  const auto nanoseconds = 1'000'000'000 / sysconf(_SC_CLK_TCK) * *ticks;
  return std::chrono::nanoseconds(nanoseconds);
}

}  // namespace

std::optional<std::int64_t> read_rss_anon_bytes(std::string_view status) {
  constexpr std::string_view kName = "\nRssAnon:";
  const auto at = status.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  const auto kilobytes = number_at(status.substr(at + kName.size()));
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

std::optional<std::int64_t> read_cpu_ticks(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(name_end + 1);
  constexpr int kFieldsBefore = 11;  // state … cmajflt
  for (int i = 0; i <= kFieldsBefore; ++i) {
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  const auto user = number_at(rest);
  const auto space = rest.find(' ');
  if (!user || space == std::string_view::npos) return std::nullopt;
  const auto system = number_at(rest.substr(space));
  if (!system) return std::nullopt;
  return *user + *system;
}

std::optional<ProcessUsage> usage_of(std::span<const int> pids) {
  ProcessUsage sum;
  for (const int pid : pids) {
    const auto cpu = cpu_of(pid);
    const auto memory = read_rss_anon_bytes(read_proc(pid, "status"));
    if (!cpu || !memory) return std::nullopt;
    sum.cpu += *cpu;
    sum.memory_bytes += *memory;
  }
  return sum;
}

}  // namespace usher::bench
