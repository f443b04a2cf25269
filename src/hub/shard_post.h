// How shards reach each other: one shard posts a task to the thread of another.
//
// net/ implements it with one mailbox for each shard, tests with queues that they empty in any
// order.
#pragma once

#include <cstddef>

#include "base/unique_function.h"

namespace usher::hub {

class ShardPost {
 public:
  virtual ~ShardPost() = default;

  // Runs `task` later on the thread of `shard`, never inline. Tasks from one shard to another run
  // in the order of posting; nothing is promised between tasks of different senders. Requires:
  // `shard` is not the caller's own: there the caller calls directly, so that the order of calls is
  // the order of effects.
  virtual void post(std::size_t shard, UniqueFunction<void()> task) = 0;
};

}  // namespace usher::hub
