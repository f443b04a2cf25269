// The channels that have subscribers on this shard, and who they are.
//
// Live members lie in a dense vector: fan-out is a loop over it and nothing else. Each member knows
// its place in its subscriber's list, and each subscription its place in the channel's vector, so
// removing either is a swap with the last, O(1). Members that still enter lie apart, so that the
// loop has no condition.
//
// Only data and its invariants; subscribing.h has the decisions.
//
// Threads: its shard's. Borrows: the subscribers, the rules' NamespaceOptions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/sip_hash.h"
#include "hub/channel_rules.h"
#include "hub/publication.h"
#include "hub/subscriber.h"

namespace usher::hub {

struct LocalChannel;

// Who holds a subscription: several can at once, and it ends when none of them does any more.
struct Holders {
  bool client = false;   // the client subscribed, by a command or by a wish at its start
  bool wish = false;     // the client wished at its start what the token had subscribed anyway: its
                         // own rights hold it, but a `subscribe` is still its first
  bool token = false;    // an exact entry of the token's channel_patterns, or a personal channel
  bool backend = false;  // the server API

  bool any() const { return client || wish || token || backend; }
  void add(const Holders& more) {
    client = client || more.client;
    wish = wish || more.wish;
    token = token || more.token;
    backend = backend || more.backend;
  }
};

// One channel of one subscriber.
struct Subscription {
  LocalChannel* channel = nullptr;
  std::uint32_t slot = 0;  // in the channel's `live`, or its `entering`
  bool live = false;
  Holders by;
};

// How much a connection has published in a namespace with a rate (hub_requests.cc).
struct PublishAllowance {
  const NamespaceOptions* space = nullptr;
  double left = 0;
  TimePoint at{};
};

struct SubscriberState {
  std::vector<Subscription> subscriptions;
  std::vector<PublishAllowance> allowances;
};

// A subscription on its way in: live deliveries wait here until the channel's home has answered.
struct PendingSubscription {
  enum class Step : std::uint8_t {
    owner,     // asking to whom the channel is bound
    reach,     // asking the broker for the channel's deliveries
    position,  // waiting for history and presence
    ready,     // waiting for the others of its operation
    telling,   // the operation's handler is being called; then it is live
    pending,   // waiting for the backend to bind the channel
  };

  std::uint64_t serial = 0;
  Subscriber* subscriber = nullptr;
  LocalChannel* channel = nullptr;
  std::uint32_t index = 0;  // in the subscriber's list
  Step step = Step::reach;
  std::uint8_t answers_missing = 0;  // in Step::position
  bool from_start = false;           // an owner gets all that is kept
  bool entered = false;              // the broker has been told of its presence
  bool lost = false;                 // deliveries are missing: it ends as soon as it is live
  bool told = false;                 // its client has been told that it is pending
  std::uint64_t lost_offset = 0;     // there were too many to hold back: those up to it are gone
  std::uint64_t operation = 0;       // 0: nobody waits for an answer
  std::size_t outcome = 0;           // its place in the operation
  std::optional<Position> recover_since;
  std::uint64_t position_offset = 0;  // held back deliveries up to it are in the answer
  TimePoint pending_until{};
  std::vector<Delivery> held_back;
};

struct Member {
  Subscriber* subscriber = nullptr;
  std::uint32_t index = 0;  // in the subscriber's list
};

struct LocalChannel {
  std::string_view name;  // the map's key
  const NamespaceOptions* options = nullptr;
  Position position;  // of the last delivery; epoch empty until an answer has told it
  std::vector<Member> live;
  std::vector<std::unique_ptr<PendingSubscription>> pending;

  bool empty() const { return live.empty() && pending.empty(); }
};

class LocalChannels {
 public:
  explicit LocalChannels(SipKey key);

  LocalChannel* find(std::string_view name);
  PendingSubscription* find_entry(std::uint64_t serial);

  // The subscriber's subscription to `name`, or null. Good until its list changes.
  Subscription* subscription(Subscriber& subscriber, std::string_view name);
  Subscription* subscription(Subscriber& subscriber, const LocalChannel& channel);

  // A new subscription that enters; the channel is made if it is not there. Requires that there is
  // none yet.
  PendingSubscription& add_pending(Subscriber& subscriber, std::string_view name,
                                   const NamespaceOptions& options);

  // The entry's subscription goes live; the entry is gone.
  void go_live(PendingSubscription& entry);

  // Takes out a subscription in whatever state. Returns true if its channel has nobody left: then
  // it has only that moment's name to be erased by.
  [[nodiscard]] bool remove(Subscriber& subscriber, std::uint32_t index);
  void erase(const LocalChannel& channel);

  std::size_t size() const { return channels_.size(); }
  std::size_t subscriptions() const { return subscriptions_; }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [name, channel] : channels_) visit(channel);
  }

 private:
  struct NameHash {
    using is_transparent = void;
    SipKey key;
    std::size_t operator()(std::string_view name) const { return sip_hash(key, name); }
  };

  void remove_live(LocalChannel& channel, std::uint32_t slot);
  void remove_entering(LocalChannel& channel, std::uint32_t slot);

  std::unordered_map<std::string, LocalChannel, NameHash, std::equal_to<>> channels_;
  std::unordered_map<std::uint64_t, PendingSubscription*> entries_;
  std::size_t subscriptions_ = 0;
  std::uint64_t last_serial_ = 0;
};

}  // namespace usher::hub
