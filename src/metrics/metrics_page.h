// The text of GET /metrics, in Prometheus' exposition format: the shards' counts, summed at the
// moment of asking.
//
// Threads: render() from any; add() before the first of them.
// Borrows: the ShardMetrics and NodeState, and what the gauges read; all must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "metrics/metrics.h"
#include "metrics/node_state.h"

namespace usher::metrics {

class MetricsPage {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

  MetricsPage(std::vector<const ShardMetrics*> shards, const NodeState& node, std::string version);

  enum class Kind : std::uint8_t { counter, gauge };

  // A value that somebody else keeps: live tickets, dropped log lines. `read` must be callable from
  // any thread.
  void add(std::string name, std::string help, Kind kind, std::function<double()> read);

  // Several values under one name, told apart by their labels.
  struct Series {
    std::vector<std::pair<std::string, std::string>> labels;
    std::function<double()> read;
  };
  void add(std::string name, std::string help, Kind kind, std::vector<Series> series);

  std::string render() const;

 private:
  struct Foreign {
    std::string name;
    std::string help;
    Kind kind;
    std::vector<Series> series;
  };

  std::vector<const ShardMetrics*> shards_;
  const NodeState& node_;
  std::string version_;
  std::vector<Foreign> foreign_;
};

}  // namespace usher::metrics
