#include "bench/load/redis_peaks.h"

#include <algorithm>
#include <charconv>

namespace usher::bench {

std::optional<std::int64_t> read_info(std::string_view info, std::string_view key) {
  while (!info.empty()) {
    const std::string_view line = info.substr(0, info.find("\r\n"));
    info.remove_prefix(std::min(line.size() + 2, info.size()));
    if (line.size() <= key.size() || !line.starts_with(key) || line[key.size()] != ':') continue;
    std::int64_t value = 0;
    const char* const end = line.data() + line.size();
    const auto parsed = std::from_chars(line.data() + key.size() + 1, end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

void RedisPeaks::Growth::take(std::int64_t value, bool is_first) {
  if (!is_first) sum += value >= last ? value - last : value;
  last = value;
}

void RedisPeaks::take(std::string_view info) {
  const auto raise = [&](std::int64_t& peak, const char* key) {
    peak = std::max(peak, read_info(info, key).value_or(0));
  };
  raise(memory_bytes_, "used_memory");
  raise(clients_, "connected_clients");
  raise(blocked_, "blocked_clients");
  raise(operations_, "instantaneous_ops_per_sec");
  memory_bytes_max_ = read_info(info, "maxmemory").value_or(0);
  clients_max_ = read_info(info, "maxclients").value_or(0);
  rejected_.take(read_info(info, "rejected_connections").value_or(0), !seen_);
  evicted_.take(read_info(info, "evicted_keys").value_or(0), !seen_);
  seen_ = true;
}

void RedisPeaks::add_to(Report& report) const {
  if (!seen_) return;
  report.add("redis_memory_peak_bytes", memory_bytes_);
  report.add("redis_memory_limit_bytes", memory_bytes_max_);
  report.add("redis_clients_peak", clients_);
  report.add("redis_clients_limit", clients_max_);
  report.add("redis_clients_blocked_peak", blocked_);
  report.add("redis_operations_per_second_peak", operations_);
  report.add("redis_connections_rejected", rejected_.sum);
  report.add("redis_keys_evicted", evicted_.sum);
  if (memory_bytes_max_ > 0 && memory_bytes_ > memory_bytes_max_) {
    report.fail("Redis went above its maxmemory of " + std::to_string(memory_bytes_max_) +
                " bytes: it used " + std::to_string(memory_bytes_));
  }
  if (rejected_.sum > 0) {
    report.fail("Redis was at its maxclients of " + std::to_string(clients_max_) +
                ": it rejected " + std::to_string(rejected_.sum) + " connections");
  }
  if (evicted_.sum > 0) {
    report.fail("Redis was at its maxmemory of " + std::to_string(memory_bytes_max_) +
                " bytes: it evicted " + std::to_string(evicted_.sum) + " keys");
  }
}

}  // namespace usher::bench
