// How shards reach each other: work handed to another shard's thread.
//
// net/ implements it with one mailbox a shard, tests with queues that they empty as they like.
#pragma once

#include <cstddef>

#include "base/unique_function.h"

namespace usher::hub {

class ShardPost {
 public:
  virtual ~ShardPost() = default;

  // Runs `task` later on the thread of `shard`. Tasks from one shard to another run in the order of
  // posting; nothing is promised between tasks of different senders. Never runs it inline, and is
  // never asked to post to the caller's own shard (what is at home is called directly: so the order
  // of calls is the order of effects there too).
  virtual void post(std::size_t shard, UniqueFunction<void()> task) = 0;
};

}  // namespace usher::hub
