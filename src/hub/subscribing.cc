#include "hub/subscribing.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "hub/recovery.h"

namespace usher::hub {
namespace {

bool is_personal(std::string_view channel) { return personal_name(channel).kind != Personal::no; }

// Returns why the channel is not subscribed. That the client has unsubscribed meanwhile is no
// refusal.
std::optional<Error> refusal_of(const JoinedChannel& joined) {
  if (joined.outcome || joined.outcome.error() == kUnsubscribed) return std::nullopt;
  return joined.outcome.error();
}

// A subscription that has other holders, too, does not depend on what its client has missed.
bool refuses_gap(const NamespaceOptions& options, const Subscribing::Request& request,
                 const Holders& by) {
  const bool is_clients = !by.token && !by.backend;
  return is_clients &&
         (request.refuse_unrecovered || options.unrecoverable == Unrecoverable::refuse);
}

}  // namespace

Subscribing::Subscribing(Dependencies dependencies) : with_(dependencies) {
  with_.operations.attach(*this);
}

// --- operations ---

void Subscribing::begin(Subscriber& subscriber, std::vector<Request> requests,
                        SubscribeOperation::Done done) {
  SubscribeOperation& operation = with_.operations.open(subscriber, std::move(done));
  const SubscribeOperation::Key key = operation.key;
  operation.outcomes.reserve(requests.size());
  for (Request& request : requests) {
    const std::size_t outcome = operation.add(request.channel);
    start(operation, outcome, std::move(request));
  }
  with_.operations.settle(key);
}

void Subscribing::begin_join(Subscriber& subscriber, Joined indexed, std::vector<Request> requests,
                             SubscribeOperation::Done done) {
  SubscribeOperation& operation = with_.operations.open(subscriber, std::move(done));
  const SubscribeOperation::Key key = operation.key;
  operation.joins = true;
  operation.outcomes = std::move(indexed);
  for (std::size_t outcome = 0; outcome < operation.outcomes.size(); ++outcome) {
    ++operation.waiting;
    with_.broker.subscribe(operation.outcomes[outcome].channel,
                           [this, key, outcome](Result<void, Error> answer) {
                             SubscribeOperation* const found = with_.operations.find(key);
                             if (found == nullptr) return;
                             if (!answer) found->refuse(outcome, answer.error());
                             with_.operations.settle(key);
                           });
  }
  for (Request& request : requests) {
    const std::size_t outcome = operation.add(request.channel);
    start(operation, outcome, std::move(request));
  }
  with_.operations.settle(key);
}

void Subscribing::begin_push(Subscriber& subscriber, Request request, PushDone done) {
  const Identity identity = subscriber.identity();
  const Holders by = wanted(identity, request).by;
  if (!by.any()) {
    if (done) done(refusal_of(with_.rules, identity, request.channel, request.by));
    return;
  }
  if (SubscribeOperation* const join = with_.operations.join_of(subscriber.client())) {
    // Nothing may be pushed yet: it becomes one of the channels that the connection starts with.
    return add_to_join(*join, std::move(request), std::move(done));
  }
  if (Subscription* const there = with_.channels.subscription(subscriber, request.channel)) {
    const auto answer = with_.grants.answer_of(request.grants);
    if (answer) {
      there->by.add(by);
      with_.grants.hold(subscriber, *there, request.grants);
    }
    if (done) done(answer ? std::nullopt : std::optional<Error>(answer.error()));
    return;
  }
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  begin(subscriber, std::move(requests),
        [&subscriber, done = std::move(done)](const Joined& joined) mutable {
          const JoinedChannel& one = joined.front();
          // A pending one is told when it is bound.
          if (one.outcome && !one.outcome->pending) {
            push_subscribed(subscriber, one.channel, *one.outcome);
          }
          if (done) done(refusal_of(one));
        });
}

void Subscribing::add_to_join(SubscribeOperation& join, Request request, PushDone done) {
  auto& outcomes = join.outcomes;
  const auto there = std::find_if(outcomes.begin(), outcomes.end(), [&](const JoinedChannel& one) {
    return one.channel == request.channel;
  });
  const auto outcome = static_cast<std::size_t>(there - outcomes.begin());
  if (there == outcomes.end()) join.add(request.channel);
  if (done) {
    join.done = [joined_done = std::move(join.done), outcome,
                 done = std::move(done)](Joined joined) mutable {
      const auto refused = refusal_of(joined[outcome]);
      joined_done(std::move(joined));
      done(refused);
    };
  }
  const SubscribeOperation::Key key = join.key;
  ++join.waiting;  // the operation must not end inside start()
  start(join, outcome, std::move(request));
  with_.operations.settle(key);
}

void Subscribing::on_settled(SubscribeOperation operation) {
  for (const std::uint64_t serial : operation.pending) {
    PendingSubscription* const entry = with_.channels.find_pending(serial);
    if (entry == nullptr || entry->operation != operation.key.second) continue;
    // False: it waits for a binding.
    static_cast<void>(entry->life.take(PendingEvent::handler_called));
  }
  operation.done(std::move(operation.outcomes));
  // The handler may belong to the server API, and then the subscriber may have left in it.
  Subscriber* const subscriber = with_.index.find(operation.key.first);
  if (subscriber == nullptr) return;
  if (operation.joins) hub_side(*subscriber).stage = HubSide::Stage::live;
  for (const std::uint64_t serial : operation.pending) {
    PendingSubscription* const entry = with_.channels.find_pending(serial);
    if (entry == nullptr || entry->operation != operation.key.second) continue;
    entry->operation = 0;
    if (entry->life.take(PendingEvent::handler_returned)) go_live(*entry);
  }
}

// --- one subscription of an operation ---

// Personal channels are not counted, nor refused.
bool Subscribing::is_full(Subscriber& subscriber, std::string_view channel) const {
  const auto& side = hub_side(subscriber).state;
  const std::size_t most = with_.options.channels_per_connection;
  if (side == nullptr || side->subscriptions.size() < most) return false;
  const auto& all = side->subscriptions;
  const auto personal = std::count_if(all.begin(), all.end(), [](const Subscription& one) {
    return is_personal(one.channel->name);
  });
  return !is_personal(channel) && all.size() - static_cast<std::size_t>(personal) >= most;
}

Wanted Subscribing::wanted(const Identity& identity, const Request& request) const {
  return wanted_by(with_.rules, identity, request.channel, request.by, !request.shown.token.empty(),
                   granted_by(request.grants));
}

void Subscribing::start(SubscribeOperation& operation, std::size_t outcome, Request request) {
  Subscriber& subscriber = *operation.subscriber;
  const std::string& channel = request.channel;
  if (request.filtered) return operation.refuse(outcome, Error::bad_request);
  const Identity identity = subscriber.identity();
  Wanted wanted = this->wanted(identity, request);
  if (!wanted.by.any()) {
    return operation.refuse(outcome, refusal_of(with_.rules, identity, channel, request.by));
  }
  auto grant = with_.grants.answer_of(request.grants);
  if (!grant) return operation.refuse(outcome, grant.error());
  if (Subscription* const there = with_.channels.subscription(subscriber, channel)) {
    if (answer_there(operation, outcome, *there, request, wanted, *grant)) return;
    wanted.by.add(there->by);
    const auto former = grants_for(*there, there->by);
    request.grants.insert(request.grants.begin(), former.begin(), former.end());
    with_.endings.end(subscriber, *there);
  }
  if (is_full(subscriber, channel)) return operation.refuse(outcome, Error::limit_exceeded);
  start_new(operation, outcome, std::move(request), wanted, std::move(*grant));
}

bool Subscribing::answer_there(SubscribeOperation& operation, std::size_t outcome,
                               Subscription& there, Request& request, const Wanted& wanted,
                               GrantAnswer& grant) {
  Subscriber& subscriber = *operation.subscriber;
  if (!wanted.by.client) {
    // The client has it, or is about to be answered: only its holders change.
    there.by.add(wanted.by);
    with_.grants.hold(subscriber, there, request.grants);
    return true;
  }
  if (there.by.client) {
    operation.refuse(outcome, Error::already_subscribed);
    return true;
  }
  // The server's subscription is on its way. The client's takes its place, so that the client gets
  // an answer.
  if (!there.live) return false;
  RecoveryWish wish{.since = std::move(request.recover_since),
                    .refuse_gap = refuses_gap(*there.channel->options, request, wanted.by)};
  if (wanted.decider == Decider::token) {
    with_.decisions.begin_live(operation, outcome, there, std::move(wish),
                               std::move(request.shown));
    return true;
  }
  // A channel that the server has opened needs no decision of the hook.
  there.by.client = true;
  with_.grants.hold(subscriber, there, request.grants);
  with_.positions.answer_live(operation, outcome, there, std::move(wish), std::move(grant));
  return true;
}

void Subscribing::start_new(SubscribeOperation& operation, std::size_t outcome, Request request,
                            const Wanted& wanted, GrantAnswer grant) {
  Subscriber& subscriber = *operation.subscriber;
  const NamespaceOptions& options = *with_.rules.options(request.channel);
  PendingSubscription& entry = with_.channels.add_pending(subscriber, request.channel, options);
  Subscription& added = *with_.channels.subscription(subscriber, *entry.channel);
  added.by = wanted.by;
  with_.grants.hold(subscriber, added, request.grants);
  entry.grant = std::move(grant);
  entry.operation = operation.key.second;
  entry.outcome = outcome;
  entry.recover_since = std::move(request.recover_since);
  entry.refuses_gap = refuses_gap(options, request, wanted.by);
  operation.pending.push_back(entry.serial);
  ++operation.waiting;
  if (wanted.decider != Decider::none) {
    with_.decisions.begin(entry, std::move(request.shown));
  } else if (options.subscribe == Audience::owner && !is_personal(request.channel)) {
    entry.from_start = true;
    USHER_INVARIANT(entry.life.take(PendingEvent::owner_needed));
    with_.owners.begin(entry);
  } else {
    USHER_INVARIANT(entry.life.take(PendingEvent::no_owner_needed));
    with_.positions.begin(entry);
  }
}

void Subscribing::decide(const SubscribeQuestion& question, SubscribeDecision decision) {
  auto left = with_.decisions.decide(question, std::move(decision));
  if (!left) return;
  Subscriber* const subscriber = with_.index.find(left->client);
  if (subscriber == nullptr) return;
  begin_push(
      *subscriber,
      {.channel = std::move(left->channel), .by = left->by, .grants = std::move(left->grants)});
}

void Subscribing::go_live(PendingSubscription& entry) {
  if (entry.refused) return with_.endings.drop(*entry.subscriber, entry.index);
  if (entry.lost) return renew(entry);
  Subscriber& subscriber = *entry.subscriber;
  LocalChannel& channel = *entry.channel;
  const HeldBack held_back = std::move(entry.held_back);
  const std::uint64_t position = entry.position_offset;
  with_.channels.go_live(entry);
  Member& member = channel.live.back();
  held_back.release_after(position, [&](const Delivery& delivery) {
    if (channel.options->gathers())
      with_.channels.gather(channel, member, delivery);
    else
      subscriber.deliver(delivery.frame);
    ++with_.stats.deliveries;
  });
}

// --- deliveries that were lost ---

// A client subscribes again by itself, with recovery, and is told of a gap. For the other
// holders the server subscribes again, each with its own rights.

void Subscribing::on_deliveries_lost(std::string_view channel) {
  const LocalChannel* const found = with_.channels.find(channel);
  if (found == nullptr) return;
  for (const auto& entry : found->pending) {
    // A subscription that has not asked for history yet will find in it all that is kept.
    entry->lost = entry->lost || (holds_back(entry->step()) && entry->step() != PendingStep::reach);
    entry->held_back.clear();
  }
  renew_live(channel);
}

void Subscribing::renew(PendingSubscription& entry) {
  Subscriber& subscriber = *entry.subscriber;
  const LocalChannel& channel = *entry.channel;
  const Subscription& there = *with_.channels.subscription(subscriber, channel);
  Request request{
      .channel = std::string(channel.name),
      .recover_since = Position{entry.position_offset, channel.position.epoch},
      .by = there.by,
  };
  request.by.client = false;
  request.grants = grants_for(there, request.by);
  with_.endings.drop(subscriber, entry.index);
  push_unsubscribe(subscriber, request.channel, kInsufficientState);
  begin_push(subscriber, std::move(request));
}

void Subscribing::renew_live(std::string_view name) {
  const LocalChannel& found = *with_.channels.find(name);
  const std::string channel(name);
  const Position position = found.position;
  std::vector<std::pair<ClientId, Request>> renewed;
  for (const Member& member : found.live) {
    const Subscription& there = hub_side(*member.subscriber).state->subscriptions[member.index];
    Request request{.channel = channel, .recover_since = position, .by = there.by};
    request.by.client = false;
    request.grants = grants_for(there, request.by);
    if (request.by.any()) renewed.emplace_back(member.subscriber->client(), std::move(request));
  }
  with_.endings.end_live(channel, kInsufficientState, [](Subscriber&) { return true; });
  for (auto& [client, request] : renewed) {
    Subscriber* const subscriber = with_.index.find(client);
    if (subscriber != nullptr) begin_push(*subscriber, std::move(request));
  }
}

}  // namespace usher::hub
