// The channels that are at home on this shard: streams, presence, bindings, and which shards want
// their deliveries.
//
// A channel is made when somebody first needs more of it than live messages, and forgotten when
// nothing is left: no publication, nobody present, no binding, no shard that listens; and, where it
// has a history, `position_ttl` over, during which a client may come back to its position. What
// expires is found by deadline, never by a scan.
//
// Threads: its shard's. Borrows: the rules' NamespaceOptions, entropy.
// Limits: HomeChannelsOptions. When there are too many channels, an idle one of the same namespace
// makes room: first one that has never been published to, then one of the client that publishes if
// it has many, then the one that has been idle longest, then one of the client that keeps most. So
// names that are made up push out each other.
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
  std::size_t namespaces = 1;  // that have channels here: each has half of its equal part for sure
  std::size_t history_bytes_max = 0;  // of a namespace that says no `history_bytes`
  std::size_t homes = 1;              // each has such a part of a namespace's `history_bytes`
  std::size_t presence_per_channel_max = 0;
  std::size_t presence_max = 0;
  Duration position_ttl{};
};

class HomeChannel {
 public:
  std::string_view name() const { return name_; }
  const NamespaceOptions& options() const { return *options_; }
  // Only where the namespace keeps history.
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
  std::optional<Owner> last_owner_;  // also when the binding has expired
  std::vector<bool> wanted_;         // by shard
  std::size_t shards_wanting_ = 0;

  std::optional<TimePoint> deadline_;  // its place in deadlines_
  std::optional<std::list<HomeChannel*>::iterator> idle_place_;
  std::list<HomeChannel*>* spare_list_ = nullptr;  // while it is idle: what may make room
  std::list<HomeChannel*>::iterator spare_place_{};
  TimePoint idle_since_{};
};

class HomeChannels {
 public:
  HomeChannels(HomeChannelsOptions options, Entropy& entropy);

  // Without what has expired by `now`. Null: there is none.
  HomeChannel* find(std::string_view name, TimePoint now);
  // Made if there is none. Null: its namespace has too many in use. Good until the next call that
  // may make or forget one.
  HomeChannel* obtain(std::string_view name, const NamespaceOptions& options, TimePoint now,
                      std::string_view publisher = {});

  // Requires a stream, and that the publication's offset is its next one. Trims as the limits say;
  // `publisher` as in PublishRequest.
  void append(HomeChannel& channel, PublicationPtr publication, TimePoint now,
              std::string_view publisher = {});
  void clear_stream(HomeChannel& channel, TimePoint now);

  enum class Entered : std::uint8_t { is_new, was_there, too_many };
  Entered add_presence(HomeChannel& channel, ClientInfo who, TimePoint now);
  // False: it was not there. The channel may be forgotten.
  bool remove_presence(HomeChannel& channel, const std::string& client, TimePoint now);

  // Where owners decide who subscribes, a new one gets nothing that was published while, or since,
  // the channel was another's.
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
  // What a namespace has of the table.
  struct Space {
    std::size_t channels = 0;
    std::list<HomeChannel*> spare;   // idle, and with a position; longest idle first
    std::list<HomeChannel*> unused;  // idle, and never published to; likewise
  };

  HomeChannel* spare_channel(const NamespaceOptions& options, const Space& space,
                             std::string_view publisher);
  static HomeChannel* only_of(const HistoryShares::Publisher& client);
  bool is_full_for(const Space& space) const;
  void count(Space& space, bool one_more);
  HistoryShares& shares_of(const NamespaceOptions& options);
  void drop_oldest(HomeChannel& channel);
  void update(HomeChannel& channel, TimePoint now);
  void no_more_idle(HomeChannel& channel);
  void forget_if_empty(HomeChannel& channel);
  void forget(HomeChannel& channel);

  const HomeChannelsOptions options_;
  Entropy& entropy_;
  std::unordered_map<std::string, HomeChannel, NameHash, std::equal_to<>> channels_;
  std::set<std::pair<TimePoint, HomeChannel*>>
      deadlines_;                 // when something of it expires, or earlier
  std::list<HomeChannel*> idle_;  // longest idle first
  std::map<const NamespaceOptions*, HistoryShares> shares_;  // of those that have been published to
  std::map<const NamespaceOptions*, Space> spaces_;
  std::size_t reserved_in_use_ = 0;  // channels that namespaces have within their sure parts
  std::size_t history_bytes_ = 0;
  std::size_t present_ = 0;
};

}  // namespace usher::hub
