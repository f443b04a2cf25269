#include "hub/hub.h"

#include <utility>

#include "base/check.h"
#include "hub/hub_parts.h"
#include "hub/recovery.h"

namespace usher::hub {
namespace {

using Request = Subscribing::Request;

// Adds a channel once. A wish for what the token subscribes says from where, and holds it too.
void add_request(std::vector<Request>& requests, Request request) {
  for (Request& there : requests) {
    if (there.channel != request.channel) continue;
    if (request.recover_since) there.recover_since = std::move(request.recover_since);
    there.by.wish = there.by.wish || (request.by.client && there.by.token);
    there.filtered = there.filtered || request.filtered;
    return;
  }
  requests.push_back(std::move(request));
}

}  // namespace

Hub::Hub(HubOptions options, const ChannelRules& rules, Broker& broker, const Clock& clock,
         Entropy& entropy)
    : parts_(std::make_unique<Parts>(options, rules, broker, clock, entropy)) {
  broker.attach(*this);
}

Hub::~Hub() { USHER_CHECK(parts_->state.index.size() == 0); }

void Hub::name(Subscriber& subscriber) {
  HubState& state = parts_->state;
  HubSide& side = hub_side(subscriber);
  do {
    side.client = ClientId::random(state.entropy);
  } while (state.index.find(side.client) != nullptr);
  side.stage = HubSide::Stage::named;
}

void Hub::join(Subscriber& subscriber, std::vector<SubscribeWish> wishes,
               UniqueFunction<void(Joined)> done) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  HubState& state = parts_->state;
  HubSide& side = hub_side(subscriber);
  USHER_INVARIANT(side.stage == HubSide::Stage::outside || side.stage == HubSide::Stage::named);
  if (side.stage != HubSide::Stage::named) name(subscriber);
  side.stage = HubSide::Stage::joining;
  state.index.add(subscriber);

  const Identity identity = subscriber.identity();
  Joined indexed;
  std::vector<Request> requests;
  std::vector<std::string> personal{session_channel(identity.session)};
  if (!identity.user.empty()) personal.push_back(user_channel(identity.user));
  for (std::string& channel : personal) {
    if (state.is_indexed(personal_name(channel), channel)) {
      RecoveryWish wish;
      std::erase_if(wishes, [&](SubscribeWish& wished) {
        if (wished.channel != channel) return false;
        wish.since = std::move(wished.recover_since);
        return true;
      });
      indexed.push_back({std::move(channel), not_recoverable(wish)});
    } else {
      add_request(requests, {.channel = std::move(channel), .by = {.token = true}});
    }
  }
  for (const std::string& grant : identity.channel_patterns) {
    if (!is_exact(grant) || personal_name(grant).kind != Personal::no) continue;
    add_request(requests, {.channel = grant, .by = {.token = true}});
  }
  for (SubscribeWish& wish : wishes) {
    add_request(requests, {.channel = std::move(wish.channel),
                           .recover_since = std::move(wish.recover_since),
                           .filtered = wish.filtered});
  }

  state.broker.connected(subscriber.client(), identity.session, identity.user);
  parts_->subscribing.begin_join(subscriber, std::move(indexed), std::move(requests),
                                 std::move(done));
}

void Hub::leave(Subscriber& subscriber) noexcept {
  const NotReentrant::Scope scope(parts_->state.under_way);
  HubState& state = parts_->state;
  HubSide& side = hub_side(subscriber);
  if (side.stage == HubSide::Stage::named) side.stage = HubSide::Stage::outside;
  if (side.stage == HubSide::Stage::outside) return;
  side.stage = HubSide::Stage::outside;
  parts_->subscribing.forget(side.client);
  while (side.state != nullptr && !side.state->subscriptions.empty()) {
    parts_->end(subscriber, side.state->subscriptions.back());
  }
  side.state.reset();
  const Identity identity = subscriber.identity();
  state.index.remove(subscriber);
  parts_->let_go_of_personal(identity.session, {});
  parts_->let_go_of_personal({}, identity.user);
  state.broker.disconnected(side.client, identity.session, identity.user);
}

void Hub::subscribe(Subscriber& subscriber, SubscribeWish wish,
                    UniqueFunction<void(SubscribeOutcome)> done) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  HubState& state = parts_->state;
  if (state.rules.may_subscribe(subscriber.identity(), wish.channel) == Verdict::allowed &&
      state.is_indexed(personal_name(wish.channel), wish.channel)) {
    return done(not_recoverable({.since = std::move(wish.recover_since)}));
  }
  std::vector<Request> requests;
  requests.push_back(
      {.channel = std::move(wish.channel), .recover_since = std::move(wish.recover_since)});
  parts_->subscribing.begin(
      subscriber, std::move(requests),
      [done = std::move(done)](Joined joined) mutable { done(std::move(joined.front().outcome)); });
}

Result<void, Error> Hub::unsubscribe(Subscriber& subscriber, std::string_view channel) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  if (personal_name(channel).kind != Personal::no) return Error::permission_denied;
  if (Subscription* const there = parts_->state.channels.subscription(subscriber, channel)) {
    parts_->end(subscriber, *there);
  }
  return {};
}

bool Hub::is_subscribed(Subscriber& subscriber, std::string_view channel) const {
  HubState& state = parts_->state;
  if (state.is_indexed(personal_name(channel), channel)) {
    return state.rules.may_subscribe(subscriber.identity(), channel) == Verdict::allowed;
  }
  const Subscription* const there = state.channels.subscription(subscriber, channel);
  return there != nullptr && there->live;
}

void Hub::change_identity(Subscriber& subscriber, UniqueFunction<void()> apply) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  HubState& state = parts_->state;
  const std::string old_user(subscriber.identity().user);
  state.index.remove_user(subscriber);
  apply();
  state.index.add_user(subscriber);
  parts_->follow_user(subscriber, old_user);
  parts_->review_subscriptions(subscriber);
}

void Hub::tick() {
  const NotReentrant::Scope scope(parts_->state.under_way);
  parts_->answer_abandoned();
  parts_->subscribing.tick();
  parts_->state.broker.tick();
}

const NotReentrant& Hub::under_way() const { return parts_->state.under_way; }
const HubStats& Hub::stats() const { return parts_->state.stats; }
std::size_t Hub::connections() const { return parts_->state.index.size(); }
std::size_t Hub::channels() const { return parts_->state.channels.size(); }
std::size_t Hub::subscriptions() const { return parts_->state.channels.subscriptions(); }
Subscriber* Hub::find(ClientId client) const { return parts_->state.index.find(client); }

void Hub::on_delivery(std::string_view channel, const Delivery& delivery) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  HubState& state = parts_->state;
  const PersonalName personal = personal_name(channel);
  if (state.is_indexed(personal, channel)) return parts_->deliver_personal(personal, delivery);

  LocalChannel* const found = state.channels.find(channel);
  if (found == nullptr) return;
  if (delivery.offset != 0) found->position.offset = delivery.offset;
  for (const Member& member : found->live) member.subscriber->deliver(delivery.frame);
  state.stats.deliveries += found->live.size();
  for (const auto& entry : found->pending) parts_->subscribing.hold_back(*entry, delivery);
}

void Hub::on_bound(std::string_view channel, const Owner& owner) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  parts_->on_bound(channel, owner);
}

void Hub::on_deliveries_lost(std::string_view channel) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  parts_->on_deliveries_lost(channel);
}

void Hub::on_restored() {
  const NotReentrant::Scope scope(parts_->state.under_way);
  parts_->subscribing.ask_all_again();
}

void Hub::on_connection_limit(ClientId client) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  if (Subscriber* const oldest = find(client)) {
    oldest->close({wire::CloseCode::connection_limit, "CONNECTION_LIMIT"});
  }
}

OrderAnswer Hub::on_order(const Order& order) {
  const NotReentrant::Scope scope(parts_->state.under_way);
  return std::visit([this](const auto& one) { return parts_->carry_out(one); }, order);
}

void Hub::carry_out(const Order& order, UniqueFunction<void(OrderAnswer)> done) {
  if (const auto* subscribe = std::get_if<SubscribeOrder>(&order)) {
    return parts_->carry_out(*subscribe, std::move(done));
  }
  done(on_order(order));
}

}  // namespace usher::hub
