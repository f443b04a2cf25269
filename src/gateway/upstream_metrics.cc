#include "gateway/upstream_metrics.h"

#include <chrono>

#include "base/check.h"
#include "metrics/shard_sums.h"

namespace usher::gateway {
namespace {

using metrics::MetricsPage;
using Sums = metrics::ShardSums<UpstreamMetrics>;

constexpr double kMicro = 1e-6;

std::string_view to_string(edge::Direction direction) {
  switch (direction) {
    case edge::Direction::to_upstream:
      return "to_upstream";
    case edge::Direction::to_client:
      return "to_client";
    case edge::Direction::count_:
      break;
  }
  USHER_CHECK(false);
}

// One series for each value of an enum, of each upstream.
template <class Enum, class Pick, class Name>
std::vector<MetricsPage::Series> by_enum(const Sums& sums, const std::vector<std::string>& names,
                                         const char* label, Pick pick, Name name_of) {
  std::vector<MetricsPage::Series> series;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t v = 0; v < static_cast<std::size_t>(Enum::count_); ++v) {
      const auto value = static_cast<Enum>(v);
      series.push_back(
          {.labels = {{"upstream", names[i]}, {label, std::string(name_of(value))}},
           .read = sums.sum_of([i, value, pick](const UpstreamMetrics& shard) -> auto& {
             return pick(shard[i])[value];
           })});
    }
  }
  return series;
}

template <class Pick>
std::vector<MetricsPage::Series> by_name(const Sums& sums, const std::vector<std::string>& names,
                                         Pick pick, double unit = 1) {
  std::vector<MetricsPage::Series> series;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto sum =
        sums.sum_of([i, pick](const UpstreamMetrics& shard) -> auto& { return pick(shard[i]); });
    series.push_back(
        {.labels = {{"upstream", names[i]}}, .read = [sum, unit] { return sum() * unit; }});
  }
  return series;
}

}  // namespace

void UpstreamMetrics::on_answer(std::size_t upstream, doors::UpstreamResult result, Duration took) {
  UpstreamCounts& counts = counts_[upstream];
  counts.opened[result].add();
  if (result == doors::UpstreamResult::opened) counts.connections.add(1);
  if (result == doors::UpstreamResult::unreachable) return;
  counts.answers.add();
  counts.answer_micros.add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

void add_to(MetricsPage& page, const std::vector<const UpstreamMetrics*>& shards,
            const std::vector<std::string>& names) {
  if (names.empty()) return;
  const Sums sums(page, shards);
  using Kind = MetricsPage::Kind;
  page.add("usher_upstream_connections", "Open tunnels.", Kind::gauge,
           by_name(sums, names, [](const UpstreamCounts& c) -> auto& { return c.connections; }));
  page.add("usher_upstream_opened_total", "Tunnels that were to be opened, by how that ended.",
           Kind::counter,
           by_enum<doors::UpstreamResult>(
               sums, names, "result", [](const UpstreamCounts& c) -> auto& { return c.opened; },
               [](doors::UpstreamResult result) { return doors::to_string(result); }));
  page.add("usher_upstream_bytes_total", "Bytes of messages passed on.", Kind::counter,
           by_enum<edge::Direction>(
               sums, names, "direction", [](const UpstreamCounts& c) -> auto& { return c.bytes; },
               [](edge::Direction direction) { return to_string(direction); }));
  page.add(
      "usher_upstream_answer_seconds_sum",
      "Time from dialling an upstream to its answer, of all answers.", Kind::counter,
      by_name(
          sums, names, [](const UpstreamCounts& c) -> auto& { return c.answer_micros; }, kMicro));
  page.add("usher_upstream_answer_seconds_count", "Answers of the upstream.", Kind::counter,
           by_name(sums, names, [](const UpstreamCounts& c) -> auto& { return c.answers; }));
}

}  // namespace usher::gateway
