// The sinks of all shards of one process, and the way to each: its own thread.
//
// Threads: any shard's. Each sink is attached, read and called on its own shard's thread only.
// Borrows: post, the sinks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/broker.h"
#include "hub/shard_post.h"

namespace usher::hub {

class ShardSinks {
 public:
  ShardSinks(ShardPost& post, std::size_t shards) : post_(post), sinks_(shards) {}

  void attach(std::size_t shard, BrokerSink& sink) { sinks_[shard] = &sink; }
  std::size_t shards() const { return sinks_.size(); }

  // The sink of the caller's own shard.
  BrokerSink& here(std::size_t shard) { return *sinks_[shard]; }

  // Calls on_delivery() later on the thread of `shard`. Requires: this is not the caller's own.
  void post_delivery(std::size_t shard, const std::shared_ptr<const std::string>& channel,
                     const Delivery& delivery) {
    // Captures the place of the sink, not the sink: another thread's sink must not be read here.
    post_.post(shard, [&sink = sinks_[shard], channel, delivery] {
      sink->on_delivery(*channel, delivery);
    });
  }

  // Runs `work(sink)` on the thread of `shard`: at once if that is `here`, the caller's own.
  template <class Work>
  void at_shard(std::size_t here, std::size_t shard, Work work) {
    if (shard == here) return work(*sinks_[shard]);
    post_.post(shard, [&sink = sinks_[shard], work = std::move(work)]() mutable { work(*sink); });
  }

  // Runs `work(sink)` on the thread of every shard, `here` last.
  template <class Work>
  void at_every_shard(std::size_t here, const Work& work) {
    for (std::size_t shard = 0; shard < sinks_.size(); ++shard) {
      if (shard != here) at_shard(here, shard, work);
    }
    work(*sinks_[here]);
  }

 private:
  ShardPost& post_;
  std::vector<BrokerSink*> sinks_;
};

}  // namespace usher::hub
