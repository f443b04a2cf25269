// Publishes the server API's broadcasts, some channels in each turn of the loop.
//
// A broadcast may name ten thousand channels, and each publication goes to all their subscribers:
// done in one turn it would hold up everything else on the shard. So a turn publishes a slice, and
// the rest waits for turns of its own. Broadcasts are done one after the other, each in the order
// of its channels, and answered in that order when the engine has answered for all of them.
//
// Threads: one per shard. Borrows: Dependencies, which must outlive it.
// Limits: kSliceChannelsMax publications and about kSliceBytesMax of `data` in one turn.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "api/api_request.h"
#include "api/api_result.h"
#include "api/sliced_work.h"
#include "http/dependencies.h"

namespace usher::api {

class ApiBroadcasts {
 public:
  static constexpr std::size_t kSliceChannelsMax = 100;
  static constexpr std::size_t kSliceBytesMax = 1 << 20;

  explicit ApiBroadcasts(http::RouteDependencies& dependencies)
      : dependencies_(dependencies), work_(dependencies.in_a_turn) {}

  // `done` has one response for each channel; a name that is none costs itself only.
  void start(BroadcastCall call, ApiDone done);

 private:
  struct Broadcast;

  void publish_slice(const std::shared_ptr<Broadcast>& broadcast);
  void publish(const std::shared_ptr<Broadcast>& broadcast, std::size_t index);

  http::RouteDependencies& dependencies_;
  SlicedWork work_;
};

}  // namespace usher::api
