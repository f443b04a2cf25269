// The channels that are at home on this shard: streams, presence, bindings, and which shards want
// their deliveries.
//
// A channel is made when it first needs more than live messages. It is forgotten when it has no
// publication, no client present, no binding and no shard that listens; a channel with a history
// also waits for `position_ttl`, during which a client may come back to its position. Expiry goes
// by deadlines, never by a scan.
//
// Threads: its shard's. Borrows: the rules' NamespaceOptions, entropy.
// Limits: HomeChannelsOptions. When there are too many channels, an idle one of the same namespace
// makes room: first one without any publication ever, then one of the publishing client if it has
// many, then the one that has been idle longest, then one of the client that keeps most. So
// channels with made-up names displace each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/sip_hash.h"
#include "hub/channel_rules.h"
#include "hub/history_shares.h"
#include "hub/stream.h"

namespace usher::hub {

struct HomeChannelsOptions {
  std::size_t channels_max = 0;
  std::size_t namespaces = 1;  // with channels here: half of each one's equal part is reserved
  std::size_t history_bytes_max = 0;  // of a namespace without `history_bytes`
  std::size_t homes = 1;              // among which a namespace's `history_bytes` are divided
  std::size_t presence_per_channel_max = 0;
  std::size_t presence_max = 0;
  Duration position_ttl{};
};

class HomeChannel {
 public:
  std::string_view name() const { return name_; }
  const NamespaceOptions& options() const { return *options_; }
  // Returns null unless the namespace keeps history.
  const Stream* stream() const { return stream_ ? &*stream_ : nullptr; }
  const std::map<std::string, ClientInfo>& present() const { return present_; }
  bool wanted_by(std::size_t shard) const { return shard < wanted_.size() && wanted_[shard]; }
  bool wanted() const { return shards_wanting_ > 0; }

 private:
  friend class HomeChannels;

  struct Binding {
    Owner owner;
    TimePoint until;
  };

  bool idle() const {
    return !wanted() && present_.empty() && !binding_ && (!stream_ || stream_->empty());
  }

  std::string_view name_;  // the map's key
  const NamespaceOptions* options_ = nullptr;
  std::optional<Stream> stream_;
  std::map<std::string, ClientInfo> present_;  // by client
  std::optional<Binding> binding_;
  std::optional<Owner> last_owner_;  // kept after the binding has expired
  std::vector<bool> wanted_;         // by shard
  std::size_t shards_wanting_ = 0;

  std::optional<TimePoint> deadline_;  // its key in deadlines_
  std::optional<std::list<HomeChannel*>::iterator> idle_place_;
  std::list<HomeChannel*>* spare_list_ = nullptr;  // while it is idle and may make room
  std::list<HomeChannel*>::iterator spare_place_{};
  TimePoint idle_since_{};
};

class HomeChannels {
 public:
  HomeChannels(HomeChannelsOptions options, Entropy& entropy);

  // Channels and publications beyond the new limits stay until others come.
  void set_options(HomeChannelsOptions options);

  // Returns the channel, or null. First drops everything that has expired by `now`.
  HomeChannel* find(std::string_view name, TimePoint now);
  // Makes the channel if it does not exist. Returns null if its namespace has too many in use.
  // The pointer is valid until the next call that may make or forget a channel.
  HomeChannel* obtain(std::string_view name, const NamespaceOptions& options, TimePoint now,
                      std::string_view publisher = {});

  // Requires a stream, and that the publication has its next offset. Trims to the limits.
  // `publisher`: as in PublishRequest.
  void append(HomeChannel& channel, PublicationPtr publication, TimePoint now,
              std::string_view publisher = {});
  void clear_stream(HomeChannel& channel, TimePoint now);
  // As Stream::take_version(). Requires a stream.
  static bool take_version(HomeChannel& channel, std::uint64_t version, std::string_view epoch);

  enum class Entered : std::uint8_t { is_new, was_there, too_many };
  Entered add_presence(HomeChannel& channel, ClientInfo who, TimePoint now);
  // Returns false if the client was not present. May forget the channel.
  bool remove_presence(HomeChannel& channel, const std::string& client, TimePoint now);

  // Where `owner` decides about subscribers, a new owner gets no publication from the time since
  // the channel was bound to another one.
  void bind(HomeChannel& channel, Owner owner, TimePoint until, TimePoint now);
  static std::optional<Owner> owner(const HomeChannel& channel);

  void want(HomeChannel& channel, std::size_t shard, bool wanted, TimePoint now);

  void tick(TimePoint now);

  std::size_t size() const { return channels_.size(); }
  std::size_t history_bytes() const { return history_bytes_; }
  std::size_t present() const { return present_; }

 private:
  struct NameHash {
    using is_transparent = void;
    SipKey key;
    std::size_t operator()(std::string_view name) const { return sip_hash(key, name); }
  };

  void drop_expired(HomeChannel& channel, TimePoint now);
  // The part of the table that one namespace uses.
  struct Space {
    std::size_t channels = 0;
    std::list<HomeChannel*> spare;   // idle, and with a position; longest idle first
    std::list<HomeChannel*> unused;  // idle, and never published to; likewise
  };

  HomeChannel* spare_channel(const NamespaceOptions& options, const Space& space,
                             std::string_view publisher);
  static HomeChannel* only_of(const HistoryShares::Publisher& client);
  bool is_full_for(const Space& space) const;
  // How many channels each namespace may have for certain.
  std::size_t reserved() const { return options_.channels_max / (2 * options_.namespaces); }
  std::size_t bytes_max_of(const NamespaceOptions& options) const;
  void count(Space& space, bool one_more);
  HistoryShares& shares_of(const NamespaceOptions& options);
  void trim(HistoryShares& shares, TimePoint now);
  void drop_oldest(HomeChannel& channel);
  void update(HomeChannel& channel, TimePoint now);
  void no_more_idle(HomeChannel& channel);
  void forget_if_empty(HomeChannel& channel);
  void forget(HomeChannel& channel);

  HomeChannelsOptions options_;
  Entropy& entropy_;
  std::unordered_map<std::string, HomeChannel, NameHash, std::equal_to<>> channels_;
  // No later than the next expiry of each channel.
  std::set<std::pair<TimePoint, HomeChannel*>> deadlines_;
  std::list<HomeChannel*> idle_;  // longest idle first
  // Of namespaces that have been published to.
  std::map<const NamespaceOptions*, HistoryShares> shares_;
  std::map<const NamespaceOptions*, Space> spaces_;
  std::size_t reserved_in_use_ = 0;  // channels within the reserved parts of their namespaces
  std::size_t history_bytes_ = 0;
  std::size_t present_ = 0;
};

}  // namespace usher::hub
