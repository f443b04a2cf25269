// How a subscription comes to be: rights, owner, the broker's deliveries, history and presence,
// then live.
//
// An operation is what one join() or subscribe() asked for: some channels, one answer. Each of its
// channels that may be entered gets an PendingSubscription (local_channels.h), which holds live
// deliveries back. When the last answer is in, the operation's handler is called with all outcomes;
// after that, and never before, what was held back goes out, without what the answer already has,
// and the subscriptions are live. So the client's view has neither a gap nor a duplicate.
//
//     owner ──► reach ──► position ──► ready ──► (live)
//       └─► pending ──────► (a binding names it: reach, as an operation of its own that ends in a
//       subscribe push)
//
// Answers name their entry by its serial; one that has gone is not found. SubscribeOperations end
// with their subscriber.
//
// Threads: its shard's. Borrows: HubState.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/hub_state.h"
#include "hub/pending_shares.h"

namespace usher::hub {

class Subscribing {
 public:
  struct Request {
    std::string channel;
    std::optional<Position> recover_since{};
    Holders by{.client = true};  // who asks: it says whose rights count
    bool filtered = false;       // SubscribeWish::filtered
  };

  using Done = UniqueFunction<void(Joined)>;

  explicit Subscribing(HubState& state) : state_(state) {}

  // One operation. `done` may be called inline.
  void begin(Subscriber& subscriber, std::vector<Request> requests, Done done);

  // The whole of a connection's start: `indexed` personal channels come first in the outcomes and
  // need only the broker's deliveries. When it is done the subscriber is live.
  void begin_join(Subscriber& subscriber, Joined indexed, std::vector<Request> requests, Done done);

  // Subscribes without the client's asking, and tells it by a push. `done` is told why not, or
  // nothing when the subscription is there, or pending; inline or later. It is destroyed uncalled
  // if the subscriber leaves first.
  using PushDone = UniqueFunction<void(std::optional<Error>)>;
  void begin_push(Subscriber& subscriber, Request request, PushDone done = {});

  // The subscription ends before it is live; who waits for its answer gets `error`. Does not say so
  // to the client.
  void cancel(PendingSubscription& entry, Error error);
  // The same because no holder has the right to it any more. A client that knows of the
  // subscription is told by an unsubscribe push, one that waits for an answer by that.
  void end_without_rights(PendingSubscription& entry);
  static constexpr Error kUnsubscribed =
      Error::not_available;  // because the client or the backend unsubscribed

  // The subscriber leaves, or its subscriptions are about to be dropped: nobody waits for answers
  // any more.
  void forget(ClientId client);

  // A delivery on the entry's channel, which is not live yet.
  void hold_back(PendingSubscription& entry, const Delivery& delivery);

  // Deliveries on the entry's channel may be missing: its client is told, once it is subscribed.
  void on_lost(PendingSubscription& entry);

  // The entry's channel belongs to `owner` now.
  void on_bound(PendingSubscription& entry, const Owner& owner);

  // A pending subscription is looked at again: its subscriber's identity has changed.
  void ask_again(PendingSubscription& entry);

  // Bindings may have been missed: what is pending is looked at again, some at every tick.
  void ask_all_again();

  // Ends what has been pending for too long.
  void tick();

 private:
  struct SubscribeOperation {
    Subscriber* subscriber = nullptr;
    Joined outcomes;
    std::vector<std::uint64_t> entries;  // serials
    std::size_t waiting = 1;             // answers missing; one is begin()'s own
    std::size_t recovery_bytes_left = 0;
    bool joins = false;
    Done done;
  };
  using SubscribeKey = std::pair<ClientId, std::uint64_t>;

  using SubscribeOperations = std::map<SubscribeKey, SubscribeOperation>;

  SubscribeOperation& open(Subscriber& subscriber, Done done, SubscribeKey& key);
  void add_to_join(SubscribeKey key, SubscribeOperation& operation, Request request, PushDone done);
  SubscribeOperation* operation_of(const PendingSubscription& entry);
  SubscribeOperations::iterator join_of(ClientId client);
  void start(const SubscribeKey& key, SubscribeOperation& operation, std::size_t outcome,
             Request request);
  void answer_live(const SubscribeKey& key, SubscribeOperation& operation, std::size_t outcome,
                   Subscription& subscription, std::optional<Position> since);
  bool is_full(Subscriber& subscriber, std::string_view channel) const;

  static std::size_t bytes_left(const SubscribeOperation& operation);
  void lose_held_back(PendingSubscription& entry);
  void ask_owner(PendingSubscription& entry);
  void on_owner(std::uint64_t serial, Result<std::optional<Owner>, Error> answer);
  void wait_for_owner(PendingSubscription& entry);
  bool make_room_for(std::string_view session);
  void stop_waiting(const PendingSubscription& entry);
  void ask_some_again();
  void activate(PendingSubscription& entry);
  void reach(PendingSubscription& entry);
  void on_reached(std::uint64_t serial, Result<void, Error> answer);
  void ask_position(PendingSubscription& entry, std::uint64_t serial);
  void on_page(std::uint64_t serial, Result<HistoryPage, Error> answer);
  void on_entered(std::uint64_t serial, Result<void, Error> answer);
  void one_answer_less(PendingSubscription& entry);

  void settle(const SubscribeKey& key);
  void finish(const SubscribeKey& key, SubscribeOperation operation);
  void go_live(PendingSubscription& entry);
  void renew(PendingSubscription& entry);

  HubState& state_;
  SubscribeOperations operations_;
  std::set<std::pair<TimePoint, std::uint64_t>> pending_;  // entries' serials
  PendingShares pending_shares_;                           // the same ones, by session
  std::deque<std::uint64_t> asking_again_;                 // likewise
  std::uint64_t last_operation_ = 0;
};

}  // namespace usher::hub
