#include "hub/home_channels.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace usher::hub {
namespace {

// How many publications of its channel one new one may displace.
constexpr std::size_t kTrimmedMax = 1000;

// By how much a namespace's history is cut at each tick after a reload with smaller limits.
constexpr std::size_t kCutBytes = 2 << 20;

std::string new_epoch(Entropy& entropy) {
  const auto bytes = entropy.bytes<6>();
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

HomeChannels::HomeChannels(HomeChannelsOptions options, Entropy& entropy)
    : options_(options), entropy_(entropy), channels_(0, NameHash{SipKey::random(entropy)}) {}

void HomeChannels::set_options(HomeChannelsOptions options) {
  options_ = options;
  reserved_in_use_ = 0;
  for (const auto& [space_options, space] : spaces_) {
    reserved_in_use_ += std::min(space.channels, reserved());
  }
  for (auto& [space_options, shares] : shares_) shares.set_max(bytes_max_of(*space_options));
}

HomeChannel* HomeChannels::find(std::string_view name, TimePoint now) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return nullptr;
  drop_expired(found->second, now);
  return &found->second;
}

HomeChannel* HomeChannels::obtain(std::string_view name, const NamespaceOptions& options,
                                  TimePoint now, std::string_view publisher) {
  if (HomeChannel* const there = find(name, now)) return there;
  Space& space = spaces_[&options];
  if (is_full_for(space)) {
    HomeChannel* const leaving = spare_channel(options, space, publisher);
    if (leaving == nullptr) return nullptr;
    clear_stream(*leaving, now);
    forget(*leaving);
  }
  count(space, true);
  const auto made = channels_.try_emplace(std::string(name)).first;
  HomeChannel& channel = made->second;
  channel.name_ = made->first;
  channel.options_ = &options;
  if (options.has_history()) channel.stream_.emplace(new_epoch(entropy_));
  update(channel, now);
  return &channel;
}

// A namespace may have more than its reserved part while the reserved parts of the others stay
// free.
bool HomeChannels::is_full_for(const Space& space) const {
  const std::size_t sure = reserved();
  if (space.channels < sure) return channels_.size() >= options_.channels_max;
  const std::size_t kept = options_.namespaces * sure;
  const std::size_t kept_free = kept - std::min(kept, reserved_in_use_);
  return channels_.size() + kept_free >= options_.channels_max;
}

// Returns the channel that makes room, in this order: an idle one without a position; one of the
// publisher's own, if it has at least as many as the client that keeps most; another idle one; one
// of that client. Returns null if there is none.
HomeChannel* HomeChannels::spare_channel(const NamespaceOptions& options, const Space& space,
                                         std::string_view publisher) {
  if (!space.unused.empty()) return space.unused.front();
  const auto shares = shares_.find(&options);
  const bool any_kept = shares != shares_.end();
  const auto* const own = any_kept ? shares->second.find(publisher) : nullptr;
  const auto* const most = any_kept ? shares->second.most() : nullptr;
  const bool own_first = own != nullptr && own->parts.size() >= most->parts.size();
  HomeChannel* const first = own_first ? only_of(*own) : nullptr;
  if (first != nullptr) return first;
  if (!space.spare.empty()) return space.spare.front();
  return most == nullptr ? nullptr : only_of(*most);
}

// Returns a channel that has nothing but the client's publications, or null.
HomeChannel* HomeChannels::only_of(const HistoryShares::Publisher& client) {
  constexpr std::size_t kLookedAtMax = 8;
  std::size_t looked_at = 0;
  for (const HistoryShares::Part& part : client.parts) {
    HomeChannel& channel = *part.channel;
    const bool others = channel.wanted() || !channel.present_.empty() || channel.binding_ ||
                        channel.stream_->size() > part.publications;
    if (!others) return &channel;
    if (++looked_at == kLookedAtMax) break;
  }
  return nullptr;
}

void HomeChannels::count(Space& space, bool one_more) {
  const std::size_t sure = reserved();
  const std::size_t before = std::min(space.channels, sure);
  one_more ? ++space.channels : --space.channels;
  reserved_in_use_ += std::min(space.channels, sure) - before;
}

void HomeChannels::append(HomeChannel& channel, PublicationPtr publication, TimePoint now,
                          std::string_view publisher) {
  Stream& stream = *channel.stream_;
  HistoryShares& shares = shares_of(channel.options());
  const std::size_t bytes = kept_bytes(*publication);
  history_bytes_ += bytes;
  stream.append(std::move(publication), now + channel.options().history_ttl,
                shares.add(publisher, channel, bytes));
  // More than one at a time only after a reload with smaller limits: then it takes some turns.
  for (std::size_t i = 0; i < kTrimmedMax && stream.size() > channel.options().history_size; ++i) {
    drop_oldest(channel);
  }
  update(channel, now);
  trim(shares, now);
}

void HomeChannels::trim(HistoryShares& shares, TimePoint now) {
  while (shares.over()) {
    HomeChannel& trimmed = shares.next_to_trim();
    drop_oldest(trimmed);
    update(trimmed, now);
  }
}

HistoryShares& HomeChannels::shares_of(const NamespaceOptions& options) {
  const auto found = shares_.find(&options);
  if (found != shares_.end()) return found->second;
  return shares_.try_emplace(&options, bytes_max_of(options)).first->second;
}

std::size_t HomeChannels::bytes_max_of(const NamespaceOptions& options) const {
  return options.history_bytes == 0 ? options_.history_bytes_max
                                    : options.history_bytes / options_.homes;
}

bool HomeChannels::take_version(HomeChannel& channel, std::uint64_t version,
                                std::string_view epoch) {
  return channel.stream_->take_version(version, epoch);
}

void HomeChannels::clear_stream(HomeChannel& channel, TimePoint now) {
  if (!channel.stream_) return;
  while (!channel.stream_->empty()) drop_oldest(channel);
  update(channel, now);
}

HomeChannels::Entered HomeChannels::add_presence(HomeChannel& channel, ClientInfo who,
                                                 TimePoint now) {
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

bool HomeChannels::remove_presence(HomeChannel& channel, const std::string& client, TimePoint now) {
  if (channel.present_.erase(client) == 0) return false;
  --present_;
  update(channel, now);
  forget_if_empty(channel);
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
  for (auto& [options, shares] : shares_) {
    shares.approach(kCutBytes);
    trim(shares, now);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    HomeChannel& channel = *deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    channel.deadline_.reset();
    drop_expired(channel, now);
    update(channel, now);
    forget_if_empty(channel);
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
  Stream& stream = *channel.stream_;
  const HistoryShares::Place place = stream.oldest_place();
  const std::size_t before = stream.bytes();
  stream.drop_oldest();
  const std::size_t bytes = before - stream.bytes();
  shares_of(channel.options()).remove(place, bytes);
  history_bytes_ -= bytes;
}

// Moves the channel to its new place: among the channels with a deadline, or the idle ones.
void HomeChannels::update(HomeChannel& channel, TimePoint now) {
  const bool fresh = channel.stream_ && !channel.stream_->empty();
  // One deadline at a time: when it is reached, the next one is computed.
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
    Space& space = spaces_[channel.options_];
    const bool unused = !channel.stream_ || channel.stream_->position().offset == 0;
    channel.spare_list_ = unused ? &space.unused : &space.spare;
    channel.spare_place_ = channel.spare_list_->insert(channel.spare_list_->end(), &channel);
  } else {
    no_more_idle(channel);
  }
}

void HomeChannels::no_more_idle(HomeChannel& channel) {
  idle_.erase(*channel.idle_place_);
  channel.idle_place_.reset();
  channel.spare_list_->erase(channel.spare_place_);
  channel.spare_list_ = nullptr;
}

// Without a stream there is no position that a client may come back to: nothing is worth keeping.
void HomeChannels::forget_if_empty(HomeChannel& channel) {
  if (channel.idle() && !channel.stream_) forget(channel);
}

void HomeChannels::forget(HomeChannel& channel) {
  USHER_CHECK(channel.idle());
  no_more_idle(channel);
  count(spaces_[channel.options_], false);
  if (channel.deadline_) deadlines_.erase({*channel.deadline_, &channel});
  channels_.erase(channels_.find(channel.name_));
}

}  // namespace usher::hub
