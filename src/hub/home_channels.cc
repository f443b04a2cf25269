#include "hub/home_channels.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace usher::hub {
namespace {

std::string new_epoch(Entropy& entropy) {
  const auto bytes = entropy.bytes<6>();
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

HomeChannels::HomeChannels(HomeChannelsOptions options, Entropy& entropy)
    : options_(options), entropy_(entropy), channels_(0, NameHash{SipKey::random(entropy)}) {}

HomeChannel* HomeChannels::find(std::string_view name, TimePoint now) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return nullptr;
  drop_expired(found->second, now);
  return &found->second;
}

HomeChannel* HomeChannels::obtain(std::string_view name, const NamespaceOptions& options,
                                  TimePoint now) {
  if (HomeChannel* const there = find(name, now)) return there;
  if (channels_.size() >= options_.channels_max) {
    if (idle_.empty()) return nullptr;
    forget(*idle_.front());
  }
  const auto made = channels_.try_emplace(std::string(name)).first;
  HomeChannel& channel = made->second;
  channel.name_ = made->first;
  channel.options_ = &options;
  if (options.has_history()) channel.stream_.emplace(new_epoch(entropy_));
  update(channel, now);
  return &channel;
}

void HomeChannels::append(HomeChannel& channel, PublicationPtr publication, TimePoint now) {
  Stream& stream = *channel.stream_;
  history_bytes_ += kept_bytes(*publication);
  stream.append(std::move(publication), now + channel.options().history_ttl);
  while (stream.size() > channel.options().history_size) drop_oldest(channel);
  if (channel.fresh_place_) fresh_.erase(*channel.fresh_place_);
  channel.fresh_place_ = fresh_.insert(fresh_.end(), &channel);
  update(channel, now);
  while (history_bytes_ > options_.history_bytes_max) {
    HomeChannel& quiet = *fresh_.front();
    drop_oldest(quiet);
    update(quiet, now);
  }
}

void HomeChannels::clear_stream(HomeChannel& channel, TimePoint now) {
  if (!channel.stream_) return;
  history_bytes_ -= channel.stream_->bytes();
  channel.stream_->clear();
  update(channel, now);
}

HomeChannels::Entered HomeChannels::enter(HomeChannel& channel, ClientInfo who, TimePoint now) {
  const auto found = channel.present_.find(who.client);
  if (found != channel.present_.end()) {
    found->second = std::move(who);
    return Entered::was_there;
  }
  if (channel.present_.size() >= options_.presence_per_channel_max ||
      present_ >= options_.presence_max) {
    return Entered::too_many;
  }
  std::string client = who.client;
  channel.present_.emplace(std::move(client), std::move(who));
  ++present_;
  update(channel, now);
  return Entered::is_new;
}

bool HomeChannels::leave(HomeChannel& channel, const std::string& client, TimePoint now) {
  if (channel.present_.erase(client) == 0) return false;
  --present_;
  update(channel, now);
  return true;
}

void HomeChannels::bind(HomeChannel& channel, Owner owner, TimePoint until, TimePoint now) {
  const bool another = channel.last_owner_ && *channel.last_owner_ != owner;
  if (another && channel.options().subscribe == Audience::owner) clear_stream(channel, now);
  channel.last_owner_ = owner;
  channel.binding_ = HomeChannel::Binding{std::move(owner), until};
  update(channel, now);
}

std::optional<Owner> HomeChannels::owner(const HomeChannel& channel) {
  if (!channel.binding_) return std::nullopt;
  return channel.binding_->owner;
}

void HomeChannels::want(HomeChannel& channel, std::size_t shard, bool wanted, TimePoint now) {
  if (channel.wanted_by(shard) == wanted) return;
  if (shard >= channel.wanted_.size()) channel.wanted_.resize(shard + 1);
  channel.wanted_[shard] = wanted;
  wanted ? ++channel.shards_wanting_ : --channel.shards_wanting_;
  update(channel, now);
}

void HomeChannels::tick(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    HomeChannel& channel = *deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    channel.deadline_.reset();
    drop_expired(channel, now);
    update(channel, now);
  }
  while (!idle_.empty() && idle_.front()->idle_since_ + options_.position_ttl <= now) {
    forget(*idle_.front());
  }
}

void HomeChannels::drop_expired(HomeChannel& channel, TimePoint now) {
  bool changed = false;
  if (channel.stream_) {
    while (!channel.stream_->empty() && channel.stream_->oldest_expires_at() <= now) {
      drop_oldest(channel);
      changed = true;
    }
  }
  if (channel.binding_ && channel.binding_->until <= now) {
    channel.binding_.reset();
    changed = true;
  }
  if (changed) update(channel, now);
}

void HomeChannels::drop_oldest(HomeChannel& channel) {
  const std::size_t before = channel.stream_->bytes();
  channel.stream_->drop_oldest();
  history_bytes_ -= before - channel.stream_->bytes();
}

// Puts the channel where it now belongs: among those with publications, those with a deadline, the
// idle ones.
void HomeChannels::update(HomeChannel& channel, TimePoint now) {
  const bool fresh = channel.stream_ && !channel.stream_->empty();
  if (!fresh && channel.fresh_place_) {
    fresh_.erase(*channel.fresh_place_);
    channel.fresh_place_.reset();
  }
  // One deadline at a time: what comes due later is found when that one is dealt with.
  if (!channel.deadline_ && (fresh || channel.binding_)) {
    TimePoint first = TimePoint::max();
    if (fresh) first = channel.stream_->oldest_expires_at();
    if (channel.binding_) first = std::min(first, channel.binding_->until);
    channel.deadline_ = first;
    deadlines_.emplace(first, &channel);
  }
  const bool idle = channel.idle();
  if (idle == channel.idle_place_.has_value()) return;
  if (idle) {
    channel.idle_since_ = now;
    channel.idle_place_ = idle_.insert(idle_.end(), &channel);
  } else {
    idle_.erase(*channel.idle_place_);
    channel.idle_place_.reset();
  }
}

void HomeChannels::forget(HomeChannel& channel) {
  USHER_CHECK(channel.idle());
  idle_.erase(*channel.idle_place_);
  if (channel.deadline_) deadlines_.erase({*channel.deadline_, &channel});
  channels_.erase(channels_.find(channel.name_));
}

}  // namespace usher::hub
