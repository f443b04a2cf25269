// Adds the counts of all shards to the page, each as one sum.
//
//     ShardSums sums(page, shards);
//     sums.add("usher_tickets_issued_total", "Tickets given out.", &ShardMetrics::tickets_issued);
//
// `Shard` is the struct in which one shard counts. Names of an enum's values come from its
// to_string().
//
// Threads: none of its own. Borrows: the page during a call; the shards' counts, which must outlive
// the page.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "metrics/counts.h"
#include "metrics/metrics_page.h"

namespace usher::metrics {

template <class Shard>
class ShardSums {
 public:
  ShardSums(MetricsPage& page, std::vector<const Shard*> shards)
      : page_(page), shards_(std::move(shards)) {}

  // A Counter or a Gauge.
  template <class Metric>
  void add(const char* name, const char* help, Metric Shard::*member) {
    constexpr bool is_gauge = std::is_same_v<Metric, Gauge>;
    page_.add(name, help, is_gauge ? MetricsPage::Kind::gauge : MetricsPage::Kind::counter,
              sum_of([member](const Shard& shard) -> auto& { return shard.*member; }));
  }

  // Every value of the enum is a series from the start, so that rates work from the first event.
  template <class Enum>
  void add(const char* name, const char* help, const char* label, PerEnum<Enum> Shard::*member) {
    std::vector<MetricsPage::Series> series;
    for (std::size_t i = 0; i < PerEnum<Enum>::kSize; ++i) {
      const auto value = static_cast<Enum>(i);
      series.push_back({.labels = {{label, std::string(to_string(value))}},
                        .read = sum_of([member, value](const Shard& shard) -> auto& {
                          return (shard.*member)[value];
                        })});
    }
    page_.add(name, help, MetricsPage::Kind::counter, std::move(series));
  }

  // `pick` returns one Counter or Gauge of a shard.
  template <class Pick>
  std::function<double()> sum_of(Pick pick) const {
    return [shards = shards_, pick] {
      double total = 0;
      for (const Shard* shard : shards) total += static_cast<double>(pick(*shard).value());
      return total;
    };
  }

 private:
  MetricsPage& page_;
  std::vector<const Shard*> shards_;
};

}  // namespace usher::metrics
