// The channels that have subscribers on this node, with how far each has come: the table that
// channel_feed.h and stream_checks.h work on.
//
// A channel may be erased and added again while an answer about it is on its way. So each gets a
// serial number, and a Ref that was taken before finds nothing.
//
// Threads: the first shard's. Limits: as many channels as the hubs have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/sip_hash.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "redis/broker/stream_tracker.h"

namespace usher::redis {

struct FeedChannel {
  struct Ref {
    std::shared_ptr<const std::string> name;
    std::uint64_t serial = 0;
  };
  // A handler that waits until the shards have everything up to `position`.
  struct Delivered {
    hub::Position position;
    hub::Handler<void> done;
  };
  enum class Check : std::uint8_t { none, queued, running };

  std::shared_ptr<const std::string> name;
  const hub::NamespaceOptions* options = nullptr;
  std::uint64_t serial = 0;
  std::vector<bool> wanted;  // by shard
  std::size_t shards_wanting = 0;
  bool reached = false;                     // messages flow, and the position is known
  std::vector<hub::Handler<void>> waiting;  // until then
  StreamTracker tracker;                    // if it has history
  std::vector<Delivered> delivered;
  Check check = Check::none;  // changed by StreamChecks alone
  bool untold = false;        // is in ChannelFeed's list of channels to be told of a gap
  bool suspect = false;       // messages may have been missed before it was reached

  // Only where subscribers are decided by `owner`.
  bool silent = false;       // nothing is delivered until the owner is known
  bool kept_back = false;    // a message that history does not have came while it was silent
  bool bound_since = false;  // a binding came after history was asked

  bool is_owners() const { return options->subscribe == hub::Audience::owner; }
  Ref ref() const { return {name, serial}; }
};

class FeedChannels {
 private:
  struct NameHash {
    using is_transparent = void;
    SipKey key;
    std::size_t operator()(std::string_view name) const { return sip_hash(key, name); }
  };
  using Map = std::unordered_map<std::string, FeedChannel, NameHash, std::equal_to<>>;

 public:
  using Ref = FeedChannel::Ref;

  explicit FeedChannels(const SipKey& key) : map_(0, NameHash{key}) {}

  // Returns the channel, and whether it is new: then it has its name and serial number, and nothing
  // else.
  std::pair<FeedChannel&, bool> add(const std::string& name);
  // Return null if the channel is not there (any more). A pointer is valid until the channel is
  // erased.
  FeedChannel* find(std::string_view name);
  FeedChannel* find(const Ref& ref);
  void erase(const FeedChannel& channel);

  std::size_t size() const { return map_.size(); }
  template <class Visit>
  void for_each(Visit visit) {
    for (auto& [name, channel] : map_) visit(channel);
  }

 private:
  Map map_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace usher::redis
