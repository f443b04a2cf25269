// Whether some shard is behind with the tasks in its mailbox. While one is, no shard reads from its
// clients: so mailboxes stay bounded, and the pressure goes back to the senders' sockets. No shard
// waits for another: mailboxes are emptied meanwhile, so two shards cannot block each other.
//
// Threads: shared by all shards.
#pragma once

#include <atomic>

namespace usher::net {

class Congestion {
 public:
  bool any() const { return shards_behind_.load(std::memory_order_relaxed) > 0; }
  void add_shard_behind() { shards_behind_.fetch_add(1, std::memory_order_relaxed); }
  void remove_shard_behind() { shards_behind_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> shards_behind_ = 0;
};

}  // namespace usher::net
