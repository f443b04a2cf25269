#include "redis/broker/feed_channels.h"

namespace usher::redis {

std::pair<FeedChannel&, bool> FeedChannels::add(const std::string& name) {
  const auto [found, is_new] = map_.try_emplace(name);
  FeedChannel& channel = found->second;
  if (is_new) {
    channel.name = std::make_shared<const std::string>(name);
    channel.serial = ++last_serial_;
  }
  return {channel, is_new};
}

FeedChannel* FeedChannels::find(std::string_view name) {
  const auto found = map_.find(name);
  return found != map_.end() ? &found->second : nullptr;
}

FeedChannel* FeedChannels::find(const Ref& ref) {
  FeedChannel* const channel = find(*ref.name);
  return channel != nullptr && channel->serial == ref.serial ? channel : nullptr;
}

// By the iterator: the name that `channel` holds goes with it.
void FeedChannels::erase(const FeedChannel& channel) { map_.erase(map_.find(*channel.name)); }

}  // namespace usher::redis
