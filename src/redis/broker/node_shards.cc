#include "redis/broker/node_shards.h"

#include <utility>

namespace usher::redis {

void NodeShards::at(std::size_t shard, Work work) {
  if (shard == 0) return work(*shards_[0]);
  post(shard, std::move(work));
}

void NodeShards::post(std::size_t shard, Work work) {
  post_.post(shard,
             [&orders = *shards_[shard], work = std::move(work)]() mutable { work(orders); });
}

}  // namespace usher::redis
