// What a backend, or another shard, orders for this shard's connections.
#include <algorithm>
#include <memory>
#include <utility>

#include "hub/hub_parts.h"

namespace usher::hub {
namespace {

bool has_jti(const Identity& identity, const std::string& jti) {
  const auto& earlier = identity.earlier_jtis;
  return jti.empty() || jti == identity.jti ||
         std::find(earlier.begin(), earlier.end(), jti) != earlier.end();
}

bool holds(const Target& target, const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  const std::string client = subscriber.client().text();
  const auto matches = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  const auto& spared = target.spared_clients;
  return matches(target.session, identity.session) && matches(target.user, identity.user) &&
         matches(target.client, client) && has_jti(identity, target.jti) &&
         (!target.issued_until || !identity.iat || *identity.iat <= *target.issued_until) &&
         std::find(spared.begin(), spared.end(), client) == spared.end();
}

}  // namespace

// What becomes of an order's subscriptions.
struct Hub::Parts::OrderedSubscriptions {
  OrderAnswer answer;
  std::size_t missing = 1;  // connections that are not subscribed yet, and carry_out() itself
  UniqueFunction<void(OrderAnswer)> done;

  void one_less() {
    if (--missing == 0) done(std::move(answer));
  }
};

// One connection's part of it. When the connection leaves first, this is destroyed untold.
class Hub::Parts::SubscribingPart {
 public:
  SubscribingPart(Parts& parts, std::shared_ptr<OrderedSubscriptions> whole)
      : parts_(&parts), whole_(std::move(whole)) {
    ++whole_->missing;
  }
  SubscribingPart(SubscribingPart&&) = default;
  SubscribingPart& operator=(SubscribingPart&&) = delete;
  ~SubscribingPart() {
    if (whole_ == nullptr) return;
    if (whole_->missing > 1) {
      --whole_->missing;
    } else {
      parts_->abandoned.emplace_back([whole = std::move(whole_)] { whole->one_less(); });
    }
  }

  void told(std::optional<Error> refused) {
    if (refused && !whole_->answer.refused) whole_->answer.refused = refused;
    std::exchange(whole_, nullptr)->one_less();
  }

 private:
  Parts* parts_;
  std::shared_ptr<OrderedSubscriptions> whole_;
};

// By id, because carrying out an order may make connections leave.
std::vector<ClientId> Hub::Parts::named_by(const Target& target) const {
  std::vector<ClientId> named;
  const auto add = [&](Subscriber& subscriber) {
    if (holds(target, subscriber)) named.push_back(subscriber.client());
  };
  if (!target.client.empty()) {
    const auto client = ClientId::parse(target.client);
    Subscriber* const found = client ? state.index.find(*client) : nullptr;
    if (found != nullptr) add(*found);
  } else if (!target.session.empty()) {
    for (auto* s = state.index.of_session(target.session); s != nullptr;
         s = SubscriberIndex::next_of_session(*s)) {
      add(*s);
    }
  } else if (!target.user.empty()) {
    for (auto* s = state.index.of_user(target.user); s != nullptr;
         s = SubscriberIndex::next_of_user(*s)) {
      add(*s);
    }
  } else if (!target.jti.empty()) {
    state.index.for_each(add);
  }
  return named;
}

OrderAnswer Hub::Parts::carry_out(const SubscribeOrder& order) {
  OrderAnswer answer;
  carry_out(order, [](const OrderAnswer&) {});
  answer.connections = named_by(order.target).size();
  return answer;
}

void Hub::Parts::carry_out(const SubscribeOrder& order, UniqueFunction<void(OrderAnswer)> done) {
  const auto ordered = std::make_shared<OrderedSubscriptions>();
  ordered->done = std::move(done);
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++ordered->answer.connections;
    subscribing.begin_push(
        *subscriber,
        {.channel = order.channel, .recover_since = order.recover_since, .by = {.backend = true}},
        [part = SubscribingPart(*this, ordered)](std::optional<Error> refused) mutable {
          part.told(refused);
        });
  }
  ordered->one_less();
}

void Hub::Parts::answer_abandoned() {
  for (auto& answer : std::exchange(abandoned, {})) answer();
}

OrderAnswer Hub::Parts::carry_out(const UnsubscribeOrder& order) {
  OrderAnswer answer;
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    std::vector<std::string> names;
    if (hub_side(*subscriber).state != nullptr) {
      for (const Subscription& subscription : hub_side(*subscriber).state->subscriptions) {
        const std::string_view name = subscription.channel->name;
        const bool meant = order.channel.empty() || order.channel == name;
        if (meant && personal_name(name).kind == Personal::no) names.emplace_back(name);
      }
    }
    for (const std::string& name : names) {
      Subscription* const there = state.channels.subscription(*subscriber, name);
      if (there == nullptr) continue;
      end(*subscriber, *there);
      if (hub_side(*subscriber).stage == HubSide::Stage::live) {
        HubState::push_unsubscribe(*subscriber, name, {order.code, order.reason});
      }
    }
  }
  return answer;
}

OrderAnswer Hub::Parts::carry_out(const DisconnectOrder& order) {
  OrderAnswer answer;
  // A backend's mistake must not become a frame that breaks the protocol.
  const bool sendable = wire::may_be_sent(order.code);
  const auto forced = static_cast<std::uint16_t>(wire::CloseCode::force_disconnect);
  const wire::CloseReason why{sendable ? order.code : forced, order.reason};
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    subscriber->close(why);
  }
  return answer;
}

OrderAnswer Hub::Parts::carry_out(const RefreshOrder& order) {
  OrderAnswer answer;
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    subscriber->refresh(order.expired, order.expire_at);
  }
  return answer;
}

OrderAnswer Hub::Parts::carry_out(const ChannelsQuery& query) {
  OrderAnswer answer;
  state.channels.for_each([&](const LocalChannel& channel) {
    if (channel.live.empty() || !channel.name.starts_with(query.prefix)) return;
    if (personal_name(channel.name).kind != Personal::no) return;
    if (answer.channels.size() >= state.options.channels_listed_max) {
      answer.truncated = true;
      return;
    }
    answer.channels.emplace(channel.name, channel.live.size());
  });
  return answer;
}

OrderAnswer Hub::Parts::carry_out(const InfoQuery&) {
  OrderAnswer answer;
  answer.info.clients = state.index.size();
  state.channels.for_each([&](const LocalChannel& channel) {
    if (channel.live.empty() || personal_name(channel.name).kind != Personal::no) return;
    answer.info.subscriptions += channel.live.size();
    answer.channel_hashes.push_back(std::hash<std::string_view>()(channel.name));
  });
  return answer;
}

}  // namespace usher::hub
