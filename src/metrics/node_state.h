// What the whole process has in common: is it draining, how many connections it holds.
//
// Threads: shared by all shards; each member is atomic.
#pragma once

#include <atomic>
#include <cstdint>

namespace usher::metrics {

struct NodeState {
  std::atomic<bool> draining = false;          // set once, at SIGTERM
  std::atomic<std::uint64_t> connections = 0;  // admitted upgrades, until UpgradeGate::release()
};

}  // namespace usher::metrics
