// The channels that have subscribers on this shard, and their subscribers.
//
// Live members lie in a dense vector: fan-out is a loop over it and nothing else. Each member knows
// its place in its subscriber's list, and each subscription its place in the channel's vector, so
// removing either is a swap with the last, O(1). Pending subscriptions lie apart, so that the loop
// has no condition.
//
// Only data and its invariants; subscribing.h has the decisions.
//
// Threads: its shard's. Borrows: the subscribers, the rules' NamespaceOptions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/sip_hash.h"
#include "hub/channel_rules.h"
#include "hub/grant_table.h"
#include "hub/holders.h"
#include "hub/pending_subscription.h"
#include "hub/publication.h"
#include "hub/subscriber.h"
#include "limits/token_bucket.h"

namespace usher::hub {

// One channel of one subscriber.
struct Subscription {
  LocalChannel* channel = nullptr;
  std::uint32_t slot = 0;  // in the channel's `live`, or its `pending`
  bool live = false;
  Holders by;
  std::unique_ptr<HeldGrants> grants;  // null: none, as for most
};
static_assert(sizeof(Subscription) <= 3 * sizeof(void*), "each connection has many");

// How much a connection may still publish in a namespace with a rate (requests.h).
struct PublishAllowance {
  const NamespaceOptions* space = nullptr;
  limits::TokenBucket bucket;
};

struct SubscriberState {
  std::vector<Subscription> subscriptions;
  std::vector<PublishAllowance> allowances;
};

struct Member {
  Subscriber* subscriber = nullptr;
  std::uint32_t index = 0;  // in the subscriber's list
  // Of the publications that take each other's place on its connection (wire::Gathering): never two
  // subscriptions have the same at a time.
  std::uint32_t number = 0;
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
  // Returns null if the subscription is live or has ended.
  PendingSubscription* find_pending(std::uint64_t serial);

  // Returns the subscriber's subscription to `name`, or null. Valid until its list changes.
  Subscription* subscription(Subscriber& subscriber, std::string_view name);
  Subscription* subscription(Subscriber& subscriber, const LocalChannel& channel);

  // Adds a new pending subscription, and its channel if it is the first. Requires: the subscriber
  // has none to the channel yet.
  PendingSubscription& add_pending(Subscriber& subscriber, std::string_view name,
                                   const NamespaceOptions& options);

  // Hands a delivery to all live subscribers.
  void deliver(LocalChannel& channel, const Delivery& delivery);
  // The same to one of a channel whose publications may wait.
  void gather(LocalChannel& channel, Member& member, const Delivery& delivery);

  // The subscription goes live. `entry` is destroyed.
  void go_live(PendingSubscription& entry);

  // Removes a subscription, pending or live. Returns true if its channel has no subscriber left:
  // then the caller must erase() the channel.
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

  std::uint32_t next_number();
  void remove_live(LocalChannel& channel, std::uint32_t slot);
  void remove_pending(LocalChannel& channel, std::uint32_t slot);

  std::unordered_map<std::string, LocalChannel, NameHash, std::equal_to<>> channels_;
  std::unordered_map<std::uint64_t, PendingSubscription*> pending_;
  std::size_t subscriptions_ = 0;
  std::uint64_t last_serial_ = 0;
  std::uint32_t last_number_ = 0;
};

}  // namespace usher::hub
