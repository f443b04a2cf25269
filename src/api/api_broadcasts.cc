#include "api/api_broadcasts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/api_result.h"
#include "api/channel_name.h"

namespace usher::api {

struct ApiBroadcasts::Broadcast {
  BroadcastCall call;
  ApiDone done;
  std::size_t next = 0;  // the first channel that is not published
  std::size_t missing;   // responses
  std::vector<std::string> responses;

  void put(std::size_t index, std::string response) {
    responses[index] = std::move(response);
    if (--missing > 0 || !done) return;
    std::exchange(done, nullptr)(join("responses", responses));
  }

  // Some channels may have it.
  void fail() {
    if (done) std::exchange(done, nullptr)(ApiError{hub::Error::internal});
  }
};

void ApiBroadcasts::start(BroadcastCall call, ApiDone done) {
  const std::size_t count = call.channels.size();
  auto broadcast = std::make_shared<Broadcast>();
  broadcast->call = std::move(call);
  broadcast->done = std::move(done);
  broadcast->missing = count;
  broadcast->responses.resize(count);
  work_.start([this, broadcast = std::move(broadcast)] {
    try {
      publish_slice(broadcast);
    } catch (...) {
      broadcast->fail();
      throw;
    }
    return broadcast->next == broadcast->call.channels.size();
  });
}

void ApiBroadcasts::publish_slice(const std::shared_ptr<Broadcast>& broadcast) {
  const std::size_t data_bytes = std::max<std::size_t>(1, broadcast->call.publication.data.size());
  const std::size_t slice =
      std::clamp<std::size_t>(kSliceBytesMax / data_bytes, 1, kSliceChannelsMax);
  const std::size_t end = std::min(broadcast->call.channels.size(), broadcast->next + slice);
  while (broadcast->next < end) publish(broadcast, broadcast->next++);
}

void ApiBroadcasts::publish(const std::shared_ptr<Broadcast>& broadcast, std::size_t index) {
  hub::PublishRequest request = broadcast->call.publication;
  request.channel = std::move(broadcast->call.channels[index]);
  if (const auto error = check_channel(dependencies_.channel_rules, request.channel)) {
    return broadcast->put(index, to_reply(*error));
  }
  dependencies_.broker.publish(
      std::move(request), [this, broadcast, index](Result<hub::Position, hub::Error> position) {
        if (position) dependencies_.metrics.publications[metrics::PublishedBy::backend].add();
        broadcast->put(index, to_reply(outcome_of_publication(position)));
      });
}

}  // namespace usher::api
