// The state of the whole process: whether it drains, and how many connections it holds.
//
// Threads: shared by all shards; each member is atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace usher::metrics {

class MetricsPage;

struct NodeState {
  std::atomic<bool> draining = false;          // set once, at SIGTERM
  std::atomic<std::uint64_t> connections = 0;  // admitted upgrades, until UpgradeGate::release()
};

// Borrows `node`, which must outlive the page.
void add_to(MetricsPage& page, const NodeState& node, std::string version);

}  // namespace usher::metrics
