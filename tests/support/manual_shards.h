// Shards without threads: their mailboxes are queues, whose tasks run in an order drawn by seed.
//
// Each pair of shards has a queue of its own. So the tasks from one shard to another keep their
// order, and no others do: hub::ShardPost promises no more than that.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "base/check.h"
#include "hub/shard_post.h"

namespace usher::test {

class ManualShards final : public hub::ShardPost {
 public:
  explicit ManualShards(std::size_t shards, std::uint64_t seed = 1)
      : shards_(shards), queues_(shards * shards), random_(seed) {}

  // Makes the test act as code of that shard from now on.
  void act_as(std::size_t shard) { current_ = shard; }
  std::size_t shards() const { return shards_; }

  void post(std::size_t shard, UniqueFunction<void()> task) override {
    USHER_CHECK(shard < shards_ && shard != current_);
    queues_[current_ * shards_ + shard].push_back(std::move(task));
    ++posted_;
  }

  // Runs one task of a queue drawn at random. Returns false if there is none. Restores act_as().
  bool run_one() {
    if (posted_ == 0) return false;
    std::size_t queue = random_() % queues_.size();
    while (queues_[queue].empty()) queue = (queue + 1) % queues_.size();
    UniqueFunction<void()> task = std::move(queues_[queue].front());
    queues_[queue].pop_front();
    --posted_;
    const std::size_t before = std::exchange(current_, queue % shards_);
    task();
    current_ = before;
    return true;
  }

  void run_all() {
    while (run_one()) {
    }
  }

  std::size_t posted() const { return posted_; }

 private:
  const std::size_t shards_;
  std::vector<std::deque<UniqueFunction<void()>>> queues_;  // by sender, then receiver
  std::mt19937_64 random_;
  std::size_t current_ = 0;
  std::size_t posted_ = 0;
};

}  // namespace usher::test
