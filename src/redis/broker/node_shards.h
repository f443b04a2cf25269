// The shards of this node, as its parts reach them: work for a shard runs on that shard's thread.
//
// Threads: immutable once the threads run. Borrows: the post, and the objects passed to set().
#pragma once

#include <cstddef>
#include <vector>

#include "base/unique_function.h"
#include "hub/shard_post.h"
#include "redis/broker/redis_orders.h"

namespace usher::redis {

class NodeShards {
 public:
  using Work = UniqueFunction<void(RedisOrders&)>;

  NodeShards(hub::ShardPost& post, std::size_t count) : post_(post), shards_(count) {}

  // Must be called once for each shard, before the threads start.
  void set(std::size_t shard, RedisOrders& orders) { shards_[shard] = &orders; }

  std::size_t count() const { return shards_.size(); }

  // Runs `work` on that shard's thread, in the order of the calls: at once if it is the first
  // shard. Requires: the caller is the first shard's thread.
  void at(std::size_t shard, Work work);
  // Runs `work` on that shard's thread, later. Requires: the caller is another shard's thread.
  void post(std::size_t shard, Work work);

 private:
  hub::ShardPost& post_;
  std::vector<RedisOrders*> shards_;
};

}  // namespace usher::redis
