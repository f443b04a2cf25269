#include "hub/orders.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "wire/close_code.h"

namespace usher::hub {
namespace {

// Whether `wanted` is `present` or one of the `earlier` names. An empty one matches everything.
bool has_had(const std::string& wanted, std::string_view present,
             std::span<const std::string> earlier) {
  return wanted.empty() || wanted == present ||
         std::find(earlier.begin(), earlier.end(), wanted) != earlier.end();
}

bool names(const Target& target, const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  const std::string client = subscriber.client().text();
  const auto matches = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  const auto& spared = target.spared_clients;
  return matches(target.session, identity.session) && matches(target.user, identity.user) &&
         matches(target.client, client) &&
         has_had(target.jti, identity.jti, identity.earlier_jtis) &&
         has_had(target.sid, identity.sid, identity.earlier_sids) &&
         (!target.issued_until || !identity.iat || *identity.iat <= *target.issued_until) &&
         std::find(spared.begin(), spared.end(), client) == spared.end();
}

}  // namespace

// The subscriptions of one order, until the last is answered.
struct Orders::OrderedSubscriptions {
  OrderAnswer answer;
  std::size_t missing = 1;  // connections that are not subscribed yet, and carry_out() itself
  UniqueFunction<void(OrderAnswer)> done;

  void one_less() {
    if (--missing == 0) done(std::move(answer));
  }
};

// One connection's part of an order. When the connection leaves first, this is destroyed untold.
class Orders::SubscribingPart {
 public:
  SubscribingPart(Orders& orders, std::shared_ptr<OrderedSubscriptions> whole)
      : orders_(&orders), whole_(std::move(whole)) {
    ++whole_->missing;
  }
  SubscribingPart(SubscribingPart&&) = default;
  SubscribingPart& operator=(SubscribingPart&&) = delete;
  ~SubscribingPart() {
    if (whole_ == nullptr) return;
    if (whole_->missing > 1) {
      --whole_->missing;
    } else {
      orders_->abandoned_.push_back(std::move(whole_));
    }
  }

  void told(std::optional<Error> refused) {
    if (refused && !whole_->answer.refused) whole_->answer.refused = refused;
    std::exchange(whole_, nullptr)->one_less();
  }

 private:
  Orders* orders_;
  std::shared_ptr<OrderedSubscriptions> whole_;
};

OrderAnswer Orders::carry_out(const Order& order) {
  return std::visit([this](const auto& one) { return carry_out_one(one); }, order);
}

// By id, because carrying out an order may make connections leave.
std::vector<ClientId> Orders::named_by(const Target& target) const {
  std::vector<ClientId> named;
  const auto add = [&](Subscriber& subscriber) {
    if (names(target, subscriber)) named.push_back(subscriber.client());
  };
  if (!target.client.empty()) {
    const auto client = ClientId::parse(target.client);
    Subscriber* const found = client ? with_.index.find(*client) : nullptr;
    if (found != nullptr) add(*found);
  } else if (!target.session.empty()) {
    for (auto* s = with_.index.of_session(target.session); s != nullptr;
         s = SubscriberIndex::next_of_session(*s)) {
      add(*s);
    }
  } else if (!target.user.empty()) {
    for (auto* s = with_.index.of_user(target.user); s != nullptr;
         s = SubscriberIndex::next_of_user(*s)) {
      add(*s);
    }
  } else if (!target.jti.empty() || !target.sid.empty()) {
    with_.index.for_each(add);
  }
  return named;
}

template <class Act>
OrderAnswer Orders::for_each_named(const Target& target, Act act) const {
  OrderAnswer answer;
  for (const ClientId client : named_by(target)) {
    Subscriber* const subscriber = with_.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    act(*subscriber);
  }
  return answer;
}

OrderAnswer Orders::carry_out_one(const SubscribeOrder& order) {
  carry_out(order, [](const OrderAnswer&) {});
  OrderAnswer answer;
  for_each_named(order.target, [&](const Subscriber& subscriber) {
    if (subscriber.takes_messages()) ++answer.connections;
  });
  return answer;
}

void Orders::carry_out(const SubscribeOrder& order, UniqueFunction<void(OrderAnswer)> done) {
  const auto ordered = std::make_shared<OrderedSubscriptions>();
  ordered->done = std::move(done);
  for_each_named(order.target, [&](Subscriber& subscriber) {
    if (!subscriber.takes_messages()) return;
    ++ordered->answer.connections;
    Subscribing::Request request{
        .channel = order.channel, .recover_since = order.recover_since, .by = {.backend = true}};
    if (order.grant) {
      request.grants.push_back(*order.grant);
      request.grants.back().by = SubscriptionGrant::By::backend;
    }
    with_.subscribing.begin_push(subscriber, std::move(request),
                                 [part = SubscribingPart(*this, ordered)](
                                     std::optional<Error> refused) mutable { part.told(refused); });
  });
  ordered->one_less();
}

void Orders::tick() {
  for (const auto& ordered : std::exchange(abandoned_, {})) ordered->one_less();
}

OrderAnswer Orders::carry_out_one(const UnsubscribeOrder& order) {
  return for_each_named(order.target, [&](Subscriber& subscriber) {
    if (hub_side(subscriber).state == nullptr) return;
    std::vector<std::string> ending;
    for (const Subscription& subscription : hub_side(subscriber).state->subscriptions) {
      const std::string_view name = subscription.channel->name;
      const bool meant = order.channel.empty() || order.channel == name;
      if (meant && personal_name(name).kind == Personal::no) ending.emplace_back(name);
    }
    for (const std::string& name : ending) {
      Subscription* const there = with_.channels.subscription(subscriber, name);
      if (there == nullptr) continue;
      with_.endings.end(subscriber, *there);
      if (hub_side(subscriber).stage == HubSide::Stage::live) {
        push_unsubscribe(subscriber, name, {order.code, order.reason});
      }
    }
  });
}

OrderAnswer Orders::carry_out_one(const DisconnectOrder& order) {
  // A backend's mistake must not become a frame that breaks the protocol.
  const bool sendable = wire::may_be_sent(order.code);
  const auto forced = static_cast<std::uint16_t>(wire::CloseCode::force_disconnect);
  const wire::CloseReason why{sendable ? order.code : forced, order.reason};
  return for_each_named(order.target, [&](Subscriber& subscriber) { subscriber.close(why); });
}

OrderAnswer Orders::carry_out_one(const RefreshOrder& order) {
  return for_each_named(order.target, [&](Subscriber& subscriber) {
    subscriber.refresh(order.expired, order.expire_at);
  });
}

OrderAnswer Orders::carry_out_one(const ChannelsQuery& query) {
  OrderAnswer answer;
  with_.channels.for_each([&](const LocalChannel& channel) {
    if (channel.live.empty() || !channel.name.starts_with(query.prefix)) return;
    if (personal_name(channel.name).kind != Personal::no) return;
    if (answer.channels.size() >= with_.channels_listed_max) {
      answer.truncated = true;
      return;
    }
    answer.channels.emplace(channel.name, channel.live.size());
  });
  return answer;
}

OrderAnswer Orders::carry_out_one(const SessionsQuery& query) {
  std::vector<LiveConnection> live;
  OrderAnswer answer = for_each_named(query.target, [&](Subscriber& subscriber) {
    const auto facts = subscriber.facts();
    if (hub_side(subscriber).stage != HubSide::Stage::live || !facts) return;
    const Identity identity = subscriber.identity();
    live.push_back({.client = subscriber.client().text(),
                    .session = std::string(identity.session),
                    .user = std::string(identity.user),
                    .since = facts->since,
                    .transport = facts->transport,
                    .address_key = std::string(facts->address_key),
                    .node = {}});
  });
  answer.truncated = sort_and_cut(live, query.limit);
  answer.live = std::move(live);
  return answer;
}

OrderAnswer Orders::carry_out_one(const InfoQuery&) {
  OrderAnswer answer;
  answer.info.clients = with_.index.size();
  with_.channels.for_each([&](const LocalChannel& channel) {
    if (channel.live.empty() || personal_name(channel.name).kind != Personal::no) return;
    answer.info.subscriptions += channel.live.size();
    answer.channel_hashes.push_back(std::hash<std::string_view>()(channel.name));
  });
  return answer;
}

}  // namespace usher::hub
