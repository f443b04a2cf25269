// What a backend, or another shard, orders for this shard's connections.
#include <algorithm>
#include <utility>

#include "hub/hub_parts.h"

namespace usher::hub {
namespace {

bool holds(const Target& target, const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  const std::string client = subscriber.client().text();
  const auto matches = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  const auto& spared = target.spared_clients;
  return matches(target.session, identity.session) && matches(target.user, identity.user) &&
         matches(target.client, client) && matches(target.jti, identity.jti) &&
         std::find(spared.begin(), spared.end(), client) == spared.end();
}

}  // namespace

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

CommandAnswer Hub::Parts::carry_out(const SubscribeOrder& order) {
  CommandAnswer answer;
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    entering.begin_push(*subscriber, {.channel = order.channel,
                                      .recover_since = order.recover_since,
                                      .asker = Entering::Asker::backend});
  }
  return answer;
}

CommandAnswer Hub::Parts::carry_out(const UnsubscribeOrder& order) {
  CommandAnswer answer;
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

CommandAnswer Hub::Parts::carry_out(const DisconnectOrder& order) {
  CommandAnswer answer;
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

CommandAnswer Hub::Parts::carry_out(const RefreshOrder& order) {
  CommandAnswer answer;
  for (const ClientId client : named_by(order.target)) {
    Subscriber* const subscriber = state.index.find(client);
    if (subscriber == nullptr) continue;
    ++answer.connections;
    subscriber->refresh(order.expired, order.expire_at);
  }
  return answer;
}

CommandAnswer Hub::Parts::carry_out(const ChannelsQuery& query) {
  CommandAnswer answer;
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

CommandAnswer Hub::Parts::carry_out(const InfoQuery&) {
  CommandAnswer answer;
  answer.info.clients = state.index.size();
  state.channels.for_each([&](const LocalChannel& channel) {
    if (channel.live.empty() || personal_name(channel.name).kind != Personal::no) return;
    answer.info.subscriptions += channel.live.size();
    answer.channel_hashes.push_back(std::hash<std::string_view>()(channel.name));
  });
  return answer;
}

}  // namespace usher::hub
