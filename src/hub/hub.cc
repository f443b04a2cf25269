#include "hub/hub.h"

#include <utility>

#include "base/check.h"
#include "hub/endings.h"
#include "hub/holding_back.h"
#include "hub/local_channels.h"
#include "hub/orders.h"
#include "hub/owner_lookup.h"
#include "hub/owner_waits.h"
#include "hub/personal_channels.h"
#include "hub/position_lookup.h"
#include "hub/recovery.h"
#include "hub/requests.h"
#include "hub/rights_review.h"
#include "hub/subscribe_operations.h"
#include "hub/subscriber_index.h"
#include "hub/subscribing.h"

namespace usher::hub {
namespace {

using Request = Subscribing::Request;

// Adds a channel once. A client's wish for a channel that its token subscribes adds the position to
// start from, and holds the channel too.
void add_request(std::vector<Request>& requests, Request request) {
  for (Request& there : requests) {
    if (there.channel != request.channel) continue;
    if (request.recover_since) there.recover_since = std::move(request.recover_since);
    there.by.wish = there.by.wish || (request.by.client && there.by.token);
    there.filtered = there.filtered || request.filtered;
    there.shown = std::move(request.shown);
    for (SubscriptionGrant& grant : request.grants) there.grants.push_back(std::move(grant));
    there.refuse_unrecovered = there.refuse_unrecovered || request.refuse_unrecovered;
    return;
  }
  requests.push_back(std::move(request));
}

Request request_of(SubscribeWish wish) {
  Request request{.channel = std::move(wish.channel),
                  .recover_since = std::move(wish.recover_since),
                  .filtered = wish.filtered,
                  .refuse_unrecovered = wish.refuse_unrecovered,
                  .shown = std::move(wish.shown)};
  if (wish.grant) request.grants.push_back(std::move(*wish.grant));
  return request;
}

}  // namespace

// The parts of a hub: first the tables, then the classes that work on them. Each borrows only parts
// that stand before it. The handlers of open operations are the exception: see ~Hub().
struct Hub::Parts {
  Parts(HubOptions the_options, const ChannelRules& the_rules, Broker& the_broker,
        const Clock& clock, const WallClock& wall_clock, Entropy& the_entropy)
      : options(the_options),
        rules(the_rules),
        broker(the_broker),
        entropy(the_entropy),
        index(the_entropy),
        channels(SipKey::random(the_entropy)),
        operations(options.recovery_bytes_max),
        waits(options),
        grant_table(clock, wall_clock),
        holding(grant_table, broker),
        endings({channels, broker, operations, waits}),
        positions({options, channels, broker, operations, endings, stats}),
        owners({options, clock, channels, broker, operations, waits, endings, positions}),
        decisions({rules, channels, operations, endings, positions, holding}),
        holding_back(options, operations),
        subscribing({options, rules, broker, index, channels, operations, endings, positions,
                     owners, holding, decisions, stats}),
        grant_ends({rules, broker, channels, grant_table, endings, subscribing}),
        personal({rules, broker, index, channels, endings, subscribing, stats}),
        rights({rules, broker, channels, endings, owners, grant_ends, decisions}),
        requests({options, rules, clock, broker, index, channels, personal}),
        orders({index, channels, endings, subscribing, options.channels_listed_max}) {}

  HubOptions options;  // the parts below refer to it
  const ChannelRules& rules;
  Broker& broker;
  Entropy& entropy;
  HubStats stats;
  NotReentrant under_way;  // an operation of the hub

  SubscriberIndex index;
  LocalChannels channels;
  SubscribeOperations operations;
  OwnerWaits waits;
  GrantTable grant_table;

  GrantHolding holding;
  Endings endings;
  PositionLookup positions;
  OwnerLookup owners;
  Decisions decisions;
  HoldingBack holding_back;
  Subscribing subscribing;
  GrantEnds grant_ends;
  PersonalChannels personal;
  RightsReview rights;
  Requests requests;
  Orders orders;
};

Hub::Hub(HubOptions options, const ChannelRules& rules, Broker& broker, const Clock& clock,
         const WallClock& wall_clock, Entropy& entropy)
    : parts_(std::make_unique<Parts>(options, rules, broker, clock, wall_clock, entropy)) {
  broker.attach(*this);
}

// An operation that is still open would answer orders, which are destroyed before the operations.
Hub::~Hub() { USHER_CHECK(parts_->index.size() == 0 && parts_->operations.size() == 0); }

void Hub::set_options(const HubOptions& options) {
  const NotReentrant::Scope scope(parts_->under_way);
  parts_->options = options;
  parts_->operations.set_bytes_max(options.recovery_bytes_max);
  parts_->waits.set_max(options.pending_max, options.pending_per_session_max);
}

void Hub::name(Subscriber& subscriber) {
  Parts& parts = *parts_;
  HubSide& side = hub_side(subscriber);
  do {
    side.client = ClientId::random(parts.entropy);
  } while (parts.index.find(side.client) != nullptr);
  side.stage = HubSide::Stage::named;
}

void Hub::join(Subscriber& subscriber, std::vector<SubscribeWish> wishes,
               UniqueFunction<void(Joined)> done) {
  const NotReentrant::Scope scope(parts_->under_way);
  Parts& parts = *parts_;
  HubSide& side = hub_side(subscriber);
  USHER_INVARIANT(side.stage == HubSide::Stage::outside || side.stage == HubSide::Stage::named);
  if (side.stage != HubSide::Stage::named) name(subscriber);
  side.stage = HubSide::Stage::joining;
  parts.index.add(subscriber);

  const Identity identity = subscriber.identity();
  Joined indexed;
  std::vector<Request> requests;
  std::vector<std::string> personal{session_channel(identity.session)};
  if (!identity.user.empty()) personal.push_back(user_channel(identity.user));
  for (std::string& channel : personal) {
    if (parts.personal.is_indexed(personal_name(channel), channel)) {
      RecoveryWish wish;
      bool shows_token = false;
      std::erase_if(wishes, [&](SubscribeWish& wished) {
        if (wished.channel != channel) return false;
        wish.since = std::move(wished.recover_since);
        shows_token = !wished.shown.token.empty();
        return true;
      });
      indexed.push_back({std::move(channel), not_recoverable(wish)});
      // No token is for a personal channel; what was shown is not passed over.
      if (shows_token) indexed.back().outcome = SubscribeOutcome(Error::permission_denied);
    } else if (subscriber.takes_messages()) {
      add_request(requests, {.channel = std::move(channel), .by = {.token = true}});
    }
  }
  for (const std::string& pattern : identity.channel_patterns) {
    if (!is_exact(pattern) || personal_name(pattern).kind != Personal::no) continue;
    add_request(requests, {.channel = pattern, .by = {.token = true}});
  }
  for (SubscribeWish& wish : wishes) {
    add_request(requests, request_of(std::move(wish)));
  }

  parts.broker.connected(subscriber.client(), identity.session, identity.user);
  parts.subscribing.begin_join(subscriber, std::move(indexed), std::move(requests),
                               std::move(done));
}

void Hub::leave(Subscriber& subscriber) noexcept {
  const NotReentrant::Scope scope(parts_->under_way);
  Parts& parts = *parts_;
  HubSide& side = hub_side(subscriber);
  if (side.stage == HubSide::Stage::named) side.stage = HubSide::Stage::outside;
  if (side.stage == HubSide::Stage::outside) return;
  side.stage = HubSide::Stage::outside;
  parts.operations.forget(side.client);
  while (side.state != nullptr && !side.state->subscriptions.empty()) {
    parts.endings.end(subscriber, side.state->subscriptions.back());
  }
  side.state.reset();
  const Identity identity = subscriber.identity();
  parts.index.remove(subscriber);
  parts.personal.on_left(identity.session, identity.user);
  parts.broker.disconnected(side.client, identity.session, identity.user);
}

void Hub::subscribe(Subscriber& subscriber, SubscribeWish wish,
                    UniqueFunction<void(SubscribeOutcome)> done) {
  const NotReentrant::Scope scope(parts_->under_way);
  Parts& parts = *parts_;
  if (wish.shown.token.empty() &&
      parts.rules.may_subscribe(subscriber.identity(), wish.channel) == Verdict::allowed &&
      parts.personal.is_indexed(personal_name(wish.channel), wish.channel)) {
    return done(not_recoverable({.since = std::move(wish.recover_since)}));
  }
  std::vector<Request> requests;
  requests.push_back(request_of(std::move(wish)));
  parts.subscribing.begin(
      subscriber, std::move(requests),
      [done = std::move(done)](Joined joined) mutable { done(std::move(joined.front().outcome)); });
}

Result<void, Error> Hub::unsubscribe(Subscriber& subscriber, std::string_view channel) {
  const NotReentrant::Scope scope(parts_->under_way);
  if (personal_name(channel).kind != Personal::no) return Error::permission_denied;
  if (Subscription* const there = parts_->channels.subscription(subscriber, channel)) {
    parts_->endings.end(subscriber, *there);
  }
  return {};
}

bool Hub::is_subscribed(Subscriber& subscriber, std::string_view channel) const {
  return parts_->requests.is_subscribed(subscriber, channel);
}

void Hub::publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
                  Handler<Position> done) {
  parts_->requests.publish(subscriber, channel, data, std::move(done));
}

void Hub::may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done) {
  parts_->requests.may_publish(subscriber, channel, std::move(done));
}

void Hub::publish_counted(Subscriber& subscriber, std::string_view channel, std::string_view data,
                          Handler<Position> done) {
  parts_->requests.publish_counted(subscriber, channel, data, std::move(done));
}

void Hub::history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
                  Handler<HistoryPage> done) {
  parts_->requests.history(subscriber, channel, std::move(query), std::move(done));
}

void Hub::presence(Subscriber& subscriber, std::string_view channel,
                   Handler<std::vector<ClientInfo>> done) {
  parts_->requests.presence(subscriber, channel, std::move(done));
}

void Hub::presence_stats(Subscriber& subscriber, std::string_view channel,
                         Handler<PresenceStats> done) {
  parts_->requests.presence_stats(subscriber, channel, std::move(done));
}

void Hub::change_identity(Subscriber& subscriber, UniqueFunction<void()> apply) {
  const NotReentrant::Scope scope(parts_->under_way);
  Parts& parts = *parts_;
  const std::string old_user(subscriber.identity().user);
  parts.index.remove_user(subscriber);
  apply();
  parts.index.add_user(subscriber);
  parts.personal.follow_user(subscriber, old_user);
  parts.rights.on_identity_changed(subscriber, subscriber.identity().user != old_user);
}

std::optional<Error> Hub::refusal_to_refresh(Subscriber& subscriber,
                                             std::string_view channel) const {
  if (!is_subscribed(subscriber, channel)) return Error::permission_denied;
  const Subscription* const there = parts_->channels.subscription(subscriber, channel);
  const bool by_token = there != nullptr && granted_by(*there).token;
  return by_token ? std::nullopt : std::optional(Error::not_available);
}

Result<GrantAnswer, Error> Hub::refresh_grant(Subscriber& subscriber, std::string_view channel,
                                              const SubscriptionGrant& grant) {
  const NotReentrant::Scope scope(parts_->under_way);
  if (const auto error = refusal_to_refresh(subscriber, channel)) return *error;
  Parts& parts = *parts_;
  auto answer = parts.holding.answer_of({grant});
  if (!answer) return answer;
  parts.holding.hold(subscriber, *parts.channels.subscription(subscriber, channel), {grant});
  return answer;
}

void Hub::decide(const SubscribeQuestion& question, SubscribeDecision decision) {
  const NotReentrant::Scope scope(parts_->under_way);
  parts_->subscribing.decide(question, std::move(decision));
}

void Hub::tick() {
  const NotReentrant::Scope scope(parts_->under_way);
  parts_->orders.tick();
  parts_->owners.tick();
  parts_->grant_ends.tick();
  parts_->broker.tick();
}

const NotReentrant& Hub::under_way() const { return parts_->under_way; }
const HubStats& Hub::stats() const { return parts_->stats; }
std::size_t Hub::connections() const { return parts_->index.size(); }
std::size_t Hub::channels() const { return parts_->channels.size(); }
std::size_t Hub::subscriptions() const { return parts_->channels.subscriptions(); }
Subscriber* Hub::find(ClientId client) const { return parts_->index.find(client); }

void Hub::on_delivery(std::string_view channel, const Delivery& delivery) {
  const NotReentrant::Scope scope(parts_->under_way);
  Parts& parts = *parts_;
  const PersonalName personal = personal_name(channel);
  if (parts.personal.is_indexed(personal, channel))
    return parts.personal.deliver(personal, delivery);

  LocalChannel* const found = parts.channels.find(channel);
  if (found == nullptr) return;
  if (delivery.offset != 0) found->position.offset = delivery.offset;
  parts.channels.deliver(*found, delivery);
  parts.stats.deliveries += found->live.size();
  for (const auto& entry : found->pending) parts.holding_back.add(*entry, delivery);
}

void Hub::on_bound(std::string_view channel, const Owner& owner) {
  const NotReentrant::Scope scope(parts_->under_way);
  parts_->rights.on_bound(channel, owner);
}

void Hub::on_deliveries_lost(std::string_view channel) {
  const NotReentrant::Scope scope(parts_->under_way);
  const PersonalName personal = personal_name(channel);
  if (parts_->personal.is_indexed(personal, channel)) {
    return parts_->personal.tell_lost(personal, channel);
  }
  parts_->subscribing.on_deliveries_lost(channel);
}

void Hub::on_restored() {
  const NotReentrant::Scope scope(parts_->under_way);
  parts_->owners.ask_all_again();
}

void Hub::on_connection_limit(ClientId client) {
  const NotReentrant::Scope scope(parts_->under_way);
  if (Subscriber* const oldest = find(client)) {
    oldest->close({wire::CloseCode::connection_limit, "CONNECTION_LIMIT"});
  }
}

OrderAnswer Hub::on_order(const Order& order) {
  const NotReentrant::Scope scope(parts_->under_way);
  return parts_->orders.carry_out(order);
}

void Hub::carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) {
  if (const auto* subscribe = std::get_if<SubscribeOrder>(&order)) {
    return parts_->orders.carry_out(*subscribe, std::move(done));
  }
  done(on_order(order));
}

}  // namespace usher::hub
