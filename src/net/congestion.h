// Whether some shard is behind with what the others hand to it. While one is, no shard reads from
// its clients: so what shards hand to each other stays bounded, and the pressure goes back to where
// it comes from, which is the senders' sockets. Nobody waits for anybody: mailboxes are emptied all
// the while, so two shards can't hold up each other.
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
