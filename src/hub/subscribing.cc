#include "hub/subscribing.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "hub/recovery.h"
#include "wire/protocol_reply.h"

namespace usher::hub {
namespace {

using Step = PendingSubscription::Step;

Error error_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::unknown:
      return Error::unknown_channel;
    case Verdict::malformed:
      return Error::bad_request;
    case Verdict::denied:
      return Error::permission_denied;
    case Verdict::allowed:
    case Verdict::owner_decides:
      break;
  }
  USHER_INVARIANT(false);
  return Error::internal;
}

// Assigned as a constant: g++ 12 suspects a moved one of being read uninitialized.
void refuse(JoinedChannel& joined, Error error) {
  const SubscribeOutcome refused(error);
  joined.outcome = refused;
}

// What a subscription that ended on the client's wish was refused for: nothing.
std::optional<Error> refusal_of(const JoinedChannel& joined) {
  if (joined.outcome || joined.outcome.error() == Subscribing::kUnsubscribed) return std::nullopt;
  return joined.outcome.error();
}

}  // namespace

// --- operations ---

Subscribing::SubscribeOperation& Subscribing::open(Subscriber& subscriber, Done done,
                                                   SubscribeKey& key) {
  key = {subscriber.client(), ++last_operation_};
  SubscribeOperation& operation = operations_[key];
  operation.subscriber = &subscriber;
  operation.recovery_bytes_left = state_.options.recovery_bytes_max;
  operation.done = std::move(done);
  return operation;
}

void Subscribing::begin(Subscriber& subscriber, std::vector<Request> requests, Done done) {
  SubscribeKey key;
  SubscribeOperation& operation = open(subscriber, std::move(done), key);
  operation.outcomes.reserve(requests.size());
  for (Request& request : requests) {
    operation.outcomes.push_back({request.channel, Subscribed{}});
    start(key, operation, operation.outcomes.size() - 1, std::move(request));
  }
  settle(key);
}

void Subscribing::begin_join(Subscriber& subscriber, Joined indexed, std::vector<Request> requests,
                             Done done) {
  SubscribeKey key;
  SubscribeOperation& operation = open(subscriber, std::move(done), key);
  operation.joins = true;
  operation.outcomes = std::move(indexed);
  for (std::size_t outcome = 0; outcome < operation.outcomes.size(); ++outcome) {
    ++operation.waiting;
    state_.broker.subscribe(operation.outcomes[outcome].channel,
                            [this, key, outcome](Result<void, Error> answer) {
                              const auto found = operations_.find(key);
                              if (found == operations_.end()) return;
                              if (!answer) refuse(found->second.outcomes[outcome], answer.error());
                              settle(key);
                            });
  }
  for (Request& request : requests) {
    operation.outcomes.push_back({request.channel, Subscribed{}});
    start(key, operation, operation.outcomes.size() - 1, std::move(request));
  }
  settle(key);
}

void Subscribing::begin_push(Subscriber& subscriber, Request request, PushDone done) {
  const Holders by = state_.permitted(subscriber, request.channel, request.by);
  if (!by.any()) {
    if (done) done(error_of(state_.verdict(subscriber, request.channel, request.by)));
    return;
  }
  if (const auto join = join_of(subscriber.client()); join != operations_.end()) {
    // Nothing may be pushed yet; it becomes one of the channels that the connection starts with.
    return add_to_join(join->first, join->second, std::move(request), std::move(done));
  }
  if (Subscription* const there = state_.channels.subscription(subscriber, request.channel)) {
    there->by.add(by);
    if (done) done(std::nullopt);
    return;
  }
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  begin(subscriber, std::move(requests),
        [&subscriber, done = std::move(done)](Joined joined) mutable {
          const JoinedChannel& one = joined.front();
          // A pending one is told when its time comes.
          if (one.outcome && !one.outcome->pending) {
            HubState::push_subscribed(subscriber, one.channel, *one.outcome);
          }
          if (done) done(refusal_of(one));
        });
}

void Subscribing::add_to_join(SubscribeKey key, SubscribeOperation& operation, Request request,
                              PushDone done) {
  auto& outcomes = operation.outcomes;
  const auto there = std::find_if(outcomes.begin(), outcomes.end(), [&](const JoinedChannel& one) {
    return one.channel == request.channel;
  });
  const auto outcome = static_cast<std::size_t>(there - outcomes.begin());
  if (there == outcomes.end()) outcomes.push_back({request.channel, Subscribed{}});
  if (done) {
    operation.done = [joined_done = std::move(operation.done), outcome,
                      done = std::move(done)](Joined joined) mutable {
      const auto refused = refusal_of(joined[outcome]);
      joined_done(std::move(joined));
      done(refused);
    };
  }
  ++operation.waiting;  // the operation must not end inside start()
  start(key, operation, outcome, std::move(request));
  settle(key);
}

Subscribing::SubscribeOperation* Subscribing::operation_of(const PendingSubscription& entry) {
  const auto found = operations_.find({entry.subscriber->client(), entry.operation});
  return found == operations_.end() ? nullptr : &found->second;
}

Subscribing::SubscribeOperations::iterator Subscribing::join_of(ClientId client) {
  // It is the first operation of a connection's life.
  const auto first = operations_.lower_bound({client, 0});
  const bool joins =
      first != operations_.end() && first->first.first == client && first->second.joins;
  return joins ? first : operations_.end();
}

void Subscribing::forget(ClientId client) {
  const auto first = operations_.lower_bound({client, 0});
  auto last = first;
  while (last != operations_.end() && last->first.first == client) ++last;
  operations_.erase(first, last);
}

void Subscribing::settle(const SubscribeKey& key) {
  const auto found = operations_.find(key);
  USHER_INVARIANT(found != operations_.end());
  if (--found->second.waiting > 0) return;
  SubscribeOperation operation = std::move(found->second);
  operations_.erase(found);
  finish(key, std::move(operation));
}

void Subscribing::finish(const SubscribeKey& key, SubscribeOperation operation) {
  for (const std::uint64_t serial : operation.entries) {
    PendingSubscription* const entry = state_.channels.find_entry(serial);
    if (entry != nullptr && entry->operation == key.second && entry->step == Step::ready) {
      entry->step = Step::telling;
    }
  }
  operation.done(std::move(operation.outcomes));
  // A handler of the server API's may not know that its subscriber has left.
  Subscriber* const subscriber = state_.index.find(key.first);
  if (subscriber == nullptr) return;
  if (operation.joins) hub_side(*subscriber).stage = HubSide::Stage::live;
  for (const std::uint64_t serial : operation.entries) {
    PendingSubscription* const entry = state_.channels.find_entry(serial);
    if (entry == nullptr || entry->operation != key.second) continue;
    entry->operation = 0;
    if (entry->step == Step::telling) go_live(*entry);
  }
}

void Subscribing::go_live(PendingSubscription& entry) {
  if (entry.lost) return renew(entry);
  for (const Delivery& delivery : entry.held_back) {
    if (delivery.offset != 0 && delivery.offset <= entry.position_offset) continue;
    entry.subscriber->deliver(delivery.frame);
    ++state_.stats.deliveries;
  }
  state_.channels.go_live(entry);
}

// A client subscribes again by itself; for the other holders the server does.
void Subscribing::renew(PendingSubscription& entry) {
  Subscriber& subscriber = *entry.subscriber;
  const LocalChannel& channel = *entry.channel;
  Request request{
      .channel = std::string(channel.name),
      .recover_since = Position{entry.position_offset, channel.position.epoch},
      .by = state_.channels.subscription(subscriber, channel)->by,
  };
  request.by.client = false;
  state_.drop(subscriber, entry.index);
  HubState::push_unsubscribe(subscriber, request.channel, kInsufficientState);
  begin_push(subscriber, std::move(request));
}

// --- one subscription of an operation ---

// Personal channels are not counted, nor refused.
bool Subscribing::is_full(Subscriber& subscriber, std::string_view channel) const {
  const auto& side = hub_side(subscriber).state;
  const std::size_t most = state_.options.channels_per_connection;
  if (side == nullptr || side->subscriptions.size() < most) return false;
  const auto is_personal = [](std::string_view name) {
    return personal_name(name).kind != Personal::no;
  };
  const auto& all = side->subscriptions;
  const auto personal = std::count_if(all.begin(), all.end(), [&](const Subscription& one) {
    return is_personal(one.channel->name);
  });
  return !is_personal(channel) && all.size() - static_cast<std::size_t>(personal) >= most;
}

void Subscribing::start(const SubscribeKey& key, SubscribeOperation& operation, std::size_t outcome,
                        Request request) {
  Subscriber& subscriber = *operation.subscriber;
  if (request.filtered) return refuse(operation.outcomes[outcome], Error::bad_request);
  Holders by = state_.permitted(subscriber, request.channel, request.by);
  if (!by.any()) {
    const Verdict refused = state_.verdict(subscriber, request.channel, request.by);
    refuse(operation.outcomes[outcome], error_of(refused));
    return;
  }
  if (Subscription* const there = state_.channels.subscription(subscriber, request.channel)) {
    if (!by.client) {
      // The client has it, or is about to be answered: there is nothing to add but who holds it.
      there->by.add(by);
      return;
    }
    if (there->by.client) {
      refuse(operation.outcomes[outcome], Error::already_subscribed);
      return;
    }
    if (there->live) {
      return answer_live(key, operation, outcome, *there, std::move(request.recover_since));
    }
    // The server's is on its way: this one takes its place, so that the client has its answer.
    by.add(there->by);
    cancel(*there->channel->pending[there->slot], kUnsubscribed);
  }
  if (is_full(subscriber, request.channel)) {
    refuse(operation.outcomes[outcome], Error::limit_exceeded);
    return;
  }

  const NamespaceOptions& options = *state_.rules.options(request.channel);
  const bool personal = personal_name(request.channel).kind != Personal::no;
  PendingSubscription& entry = state_.channels.add_pending(subscriber, request.channel, options);
  state_.channels.subscription(subscriber, *entry.channel)->by = by;
  entry.operation = key.second;
  entry.outcome = outcome;
  entry.recover_since = std::move(request.recover_since);
  operation.entries.push_back(entry.serial);
  ++operation.waiting;
  if (options.subscribe == Audience::owner && !personal) {
    entry.from_start = true;
    ask_owner(entry);
  } else {
    reach(entry);
  }
}

// Nothing changes but who wants it: what has been delivered so far is where the answer starts.
void Subscribing::answer_live(const SubscribeKey& key, SubscribeOperation& operation,
                              std::size_t outcome, Subscription& subscription,
                              std::optional<Position> since) {
  subscription.by.client = true;
  const LocalChannel& channel = *subscription.channel;
  RecoveryWish wish{.since = std::move(since)};
  if (!needs_history(*channel.options, wish)) {
    operation.outcomes[outcome].outcome = not_recoverable(wish);
    return;
  }
  if (!wish.since && !channel.position.epoch.empty()) {
    operation.outcomes[outcome].outcome =
        Subscribed{.recoverable = true, .position = channel.position};
    return;
  }
  ++operation.waiting;
  const RecoveryLimits limits{state_.options.recovery_publications_max, bytes_left(operation)};
  HistoryQuery query = recovery_query(wish, limits);
  state_.broker.history(channel.name, std::move(query),
                        [this, key, outcome, limits, wish = std::move(wish),
                         options = channel.options](Result<HistoryPage, Error> page) {
                          const auto found = operations_.find(key);
                          if (found == operations_.end()) return;
                          JoinedChannel& told = found->second.outcomes[outcome];
                          if (page) {
                            told.outcome = recovered(*options, wish, std::move(*page), 0, limits);
                          } else {
                            refuse(told, page.error());
                          }
                          settle(key);
                        });
}

// A recovery must fit both what one operation may bring and what may wait for the peer.
std::size_t Subscribing::bytes_left(const SubscribeOperation& operation) {
  return std::min(operation.recovery_bytes_left, operation.subscriber->room_bytes());
}

void Subscribing::cancel(PendingSubscription& entry, Error error) {
  Subscriber& subscriber = *entry.subscriber;
  const std::uint64_t serial = entry.operation;
  SubscribeOperation* const operation = operation_of(entry);
  const bool answered = entry.step == Step::ready || entry.step == Step::pending;
  if (operation != nullptr) refuse(operation->outcomes[entry.outcome], error);
  if (entry.step == Step::pending) stop_waiting(entry);
  state_.drop(subscriber, entry.index);
  if (operation != nullptr && !answered) settle({subscriber.client(), serial});
}

void Subscribing::end_without_rights(PendingSubscription& entry) {
  if (entry.operation != 0 && !entry.told) return cancel(entry, Error::permission_denied);
  Subscriber& subscriber = *entry.subscriber;
  const std::string channel(entry.channel->name);
  cancel(entry, kUnsubscribed);
  HubState::push_unsubscribe(subscriber, channel, kRightsLost);
}

void Subscribing::hold_back(PendingSubscription& entry, const Delivery& delivery) {
  if (entry.step == Step::owner || entry.step == Step::pending) return;
  // While its answer is being told, it is about to be live: nothing can be lost any more.
  const bool is_over = entry.held_back.size() >= state_.options.held_back_max;
  if (is_over && entry.step != Step::telling) lose_held_back(entry);
  entry.held_back.push_back(delivery);
}

// What has not asked for history yet will find all that is kept in it.
void Subscribing::on_lost(PendingSubscription& entry) {
  if (entry.step == Step::position || entry.step == Step::ready || entry.step == Step::telling) {
    entry.lost = true;
  }
  entry.held_back.clear();
}

void Subscribing::lose_held_back(PendingSubscription& entry) {
  for (const Delivery& lost : entry.held_back) {
    entry.lost_offset = std::max(entry.lost_offset, lost.offset);
  }
  entry.held_back.clear();
  if (entry.step != Step::ready || entry.lost_offset <= entry.position_offset) return;
  // The answer is there and not yet told: it has to say so.
  SubscribeOperation* const operation = operation_of(entry);
  USHER_INVARIANT(operation != nullptr);
  Subscribed& subscribed = *operation->outcomes[entry.outcome].outcome;
  entry.position_offset = subscribed.position.offset = entry.lost_offset;
  subscribed.publications.clear();
  if (!subscribed.was_recovering) return;
  subscribed.recovered = false;
  subscribed.gap = wire::RecoveryGap::limit;
}

}  // namespace usher::hub
