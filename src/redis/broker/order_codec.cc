#include "redis/broker/order_codec.h"

#include <type_traits>
#include <utility>
#include <vector>

#include "hub/broker.h"
#include "hub/client_id.h"

namespace usher::redis {
namespace {

// Never renumbered, because other versions may run beside this one.
enum class OrderKind : std::uint64_t {
  subscribe = 1,
  unsubscribe = 2,
  disconnect = 3,
  refresh = 4,
  channels = 5,
  info = 6,
  disconnect_issued = 7,  // a disconnect, and the target's issued_until
  info_of_each = 8,
  // A subscribe, and its grant. An older version does not answer: without the grant's end, the
  // subscription would last.
  subscribe_granted = 9,
  sessions = 16,
  disconnect_sid = 17,  // a disconnect, and the target's sid
};

// An answer's flags: bit 0, and above it an error's number, or 0.
constexpr std::uint64_t kTruncated = 1;
constexpr unsigned kRefusedShift = 1;

// A number that this version does not know is an error all the same.
std::optional<hub::Error> refused_for(std::uint64_t code) {
  if (code == 0) return std::nullopt;
  return hub::error_with_code(code).value_or(hub::Error::internal);
}

void put_kind(Packer& packer, OrderKind kind) { packer.number(static_cast<std::uint64_t>(kind)); }

// Only spared clients with valid ids: anything else names no client, and may be very
// long.
void put(Packer& packer, const hub::Target& target) {
  packer.text(target.session).text(target.user).text(target.client).text(target.jti);
  std::vector<std::string_view> spared;
  for (const std::string& client : target.spared_clients) {
    if (hub::ClientId::parse(client)) spared.push_back(client);
  }
  packer.number(spared.size());
  for (const std::string_view client : spared) packer.text(client);
}

hub::Target take_target(Unpacker& unpacker) {
  hub::Target target;
  target.session = unpacker.text();
  target.user = unpacker.text();
  target.client = unpacker.text();
  target.jti = unpacker.text();
  const std::size_t spared = unpacker.count();
  for (std::size_t i = 0; i < spared && unpacker.ok(); ++i) {
    target.spared_clients.emplace_back(unpacker.text());
  }
  return target;
}

void put(Packer& packer, const hub::SubscriptionGrant& grant) {
  packer.text(grant.info).text(grant.data).number(grant.publish ? 1 : 0);
  packer.number(grant.expire_at ? 1 : 0);
  packer.number(static_cast<std::uint64_t>(grant.expire_at.value_or(0)));
}

hub::SubscriptionGrant take_grant(Unpacker& unpacker) {
  hub::SubscriptionGrant grant{.by = hub::SubscriptionGrant::By::backend};
  grant.info = unpacker.text();
  grant.data = unpacker.text();
  grant.publish = unpacker.number() != 0;
  const bool ends = unpacker.number() != 0;
  const auto end = static_cast<std::int64_t>(unpacker.number());
  if (ends) grant.expire_at = end;
  return grant;
}

void put(Packer& packer, const hub::SubscribeOrder& order) {
  put_kind(packer, order.grant ? OrderKind::subscribe_granted : OrderKind::subscribe);
  put(packer, order.target);
  packer.text(order.channel).number(order.recover_since ? 1 : 0);
  if (order.recover_since) {
    packer.number(order.recover_since->offset).text(order.recover_since->epoch);
  }
  if (order.grant) put(packer, *order.grant);
}

void put(Packer& packer, const hub::UnsubscribeOrder& order) {
  put_kind(packer, OrderKind::unsubscribe);
  put(packer, order.target);
  packer.text(order.channel).number(order.code).text(order.reason);
}

void put(Packer& packer, const hub::DisconnectOrder& order) {
  const auto until = order.target.issued_until;
  const std::string& sid = order.target.sid;
  put_kind(packer, !sid.empty() ? OrderKind::disconnect_sid
                   : until      ? OrderKind::disconnect_issued
                                : OrderKind::disconnect);
  put(packer, order.target);
  packer.number(order.code).text(order.reason);
  if (!sid.empty()) {
    packer.text(sid);
    return;
  }
  if (until) packer.number(static_cast<std::uint64_t>(*until));
}

void put(Packer& packer, const hub::RefreshOrder& order) {
  put_kind(packer, OrderKind::refresh);
  put(packer, order.target);
  packer.number(order.expired ? 1 : 0).number(order.expire_at ? 1 : 0);
  packer.number(static_cast<std::uint64_t>(order.expire_at.value_or(0)));
}

void put(Packer& packer, const hub::ChannelsQuery& query) {
  put_kind(packer, OrderKind::channels);
  packer.text(query.prefix);
}

void put(Packer& packer, const hub::InfoQuery& query) {
  put_kind(packer, query.each_node ? OrderKind::info_of_each : OrderKind::info);
}

void put(Packer& packer, const hub::SessionsQuery& query) {
  put_kind(packer, OrderKind::sessions);
  put(packer, query.target);
  packer.number(query.limit);
}

hub::SubscribeOrder take_subscribe(Unpacker& unpacker) {
  hub::SubscribeOrder order{.target = take_target(unpacker), .channel = {}, .recover_since = {}};
  order.channel = unpacker.text();
  if (unpacker.number() == 0) return order;
  order.recover_since.emplace();
  order.recover_since->offset = unpacker.number();
  order.recover_since->epoch = unpacker.text();
  return order;
}

hub::UnsubscribeOrder take_unsubscribe(Unpacker& unpacker) {
  hub::UnsubscribeOrder order{.target = take_target(unpacker), .channel = {}};
  order.channel = unpacker.text();
  order.code = static_cast<std::uint32_t>(unpacker.number());
  order.reason = unpacker.text();
  return order;
}

hub::DisconnectOrder take_disconnect(Unpacker& unpacker) {
  hub::DisconnectOrder order{.target = take_target(unpacker)};
  order.code = static_cast<std::uint16_t>(unpacker.number());
  order.reason = unpacker.text();
  return order;
}

hub::RefreshOrder take_refresh(Unpacker& unpacker) {
  hub::RefreshOrder order{.target = take_target(unpacker), .expired = false, .expire_at = {}};
  order.expired = unpacker.number() != 0;
  const bool has_time = unpacker.number() != 0;
  const auto time = static_cast<std::int64_t>(unpacker.number());
  if (has_time) order.expire_at = time;
  return order;
}

hub::SessionsQuery take_sessions(Unpacker& unpacker) {
  hub::SessionsQuery query{.target = take_target(unpacker)};
  query.limit = unpacker.number();
  return query;
}

void put(Packer& packer, const hub::NodeReport& report) {
  const hub::NodeInfo& info = report.info;
  packer.text(report.uid).text(report.version).number(report.uptime_s);
  packer.number(info.clients).number(info.sessions).number(info.users);
  packer.number(info.channels).number(info.subscriptions);
}

hub::NodeReport take_report(Unpacker& unpacker) {
  hub::NodeReport report;
  report.uid = unpacker.text();
  report.version = unpacker.text();
  report.uptime_s = unpacker.number();
  report.info.clients = unpacker.number();
  report.info.sessions = unpacker.number();
  report.info.users = unpacker.number();
  report.info.channels = unpacker.number();
  report.info.subscriptions = unpacker.number();
  return report;
}

void put(Packer& packer, const hub::LiveConnection& connection) {
  packer.text(connection.client).text(connection.session).text(connection.user);
  packer.number(static_cast<std::uint64_t>(connection.since.time_since_epoch().count()));
  packer.text(connection.transport).text(connection.address_key).text(connection.node);
}

hub::LiveConnection take_connection(Unpacker& unpacker) {
  hub::LiveConnection connection;
  connection.client = unpacker.text();
  connection.session = unpacker.text();
  connection.user = unpacker.text();
  connection.since =
      WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(unpacker.number())));
  connection.transport = unpacker.text();
  connection.address_key = unpacker.text();
  connection.node = unpacker.text();
  return connection;
}

void put(Packer& packer, const std::vector<std::uint64_t>& numbers) {
  packer.number(numbers.size());
  for (const std::uint64_t number : numbers) packer.number(number);
}

std::vector<std::uint64_t> take_numbers(Unpacker& unpacker) {
  std::vector<std::uint64_t> numbers;
  const std::size_t count = unpacker.count();
  for (std::size_t i = 0; i < count && unpacker.ok(); ++i) numbers.push_back(unpacker.number());
  return numbers;
}

}  // namespace

void put_order(Packer& packer, const hub::Order& order) {
  std::visit([&](const auto& kind) { put(packer, kind); }, order);
}

std::optional<hub::Order> take_order(Unpacker& unpacker) {
  switch (static_cast<OrderKind>(unpacker.number())) {
    case OrderKind::subscribe:
      return take_subscribe(unpacker);
    case OrderKind::subscribe_granted: {
      hub::SubscribeOrder order = take_subscribe(unpacker);
      order.grant = take_grant(unpacker);
      return order;
    }
    case OrderKind::unsubscribe:
      return take_unsubscribe(unpacker);
    case OrderKind::disconnect:
      return take_disconnect(unpacker);
    case OrderKind::disconnect_issued: {
      hub::DisconnectOrder order = take_disconnect(unpacker);
      order.target.issued_until = static_cast<std::int64_t>(unpacker.number());
      return order;
    }
    case OrderKind::disconnect_sid: {
      hub::DisconnectOrder order = take_disconnect(unpacker);
      order.target.sid = unpacker.text();
      // An empty one would match every connection that the rest of the target names.
      if (order.target.sid.empty()) return std::nullopt;
      return order;
    }
    case OrderKind::refresh:
      return take_refresh(unpacker);
    case OrderKind::channels:
      return hub::ChannelsQuery{.prefix = std::string(unpacker.text())};
    case OrderKind::info:
      return hub::InfoQuery{.each_node = false};
    case OrderKind::info_of_each:
      return hub::InfoQuery{};
    case OrderKind::sessions:
      return take_sessions(unpacker);
  }
  return std::nullopt;
}

void put_answer(Packer& packer, const NodeAnswer& node) {
  const hub::OrderAnswer& answer = node.answer;
  packer.number(answer.connections);
  packer.number((answer.truncated ? kTruncated : 0) |
                (answer.refused
                     ? wire::error_code(hub::protocol_error(*answer.refused)) << kRefusedShift
                     : 0));
  packer.number(answer.info.clients).number(answer.info.subscriptions);
  packer.number(answer.channels.size());
  for (const auto& [channel, subscribers] : answer.channels) {
    packer.text(channel).number(subscribers);
  }
  put(packer, answer.channel_hashes);
  put(packer, node.sessions);
  put(packer, node.users);
  // Older versions know no more. They ask for none of it.
  if (answer.nodes.empty() && answer.live.empty()) return;
  packer.number(answer.nodes.size());
  for (const hub::NodeReport& report : answer.nodes) put(packer, report);
  if (answer.live.empty()) return;
  packer.number(answer.live.size());
  for (const hub::LiveConnection& connection : answer.live) put(packer, connection);
}

NodeAnswer take_answer(Unpacker& unpacker) {
  NodeAnswer node;
  hub::OrderAnswer& answer = node.answer;
  answer.connections = unpacker.number();
  const std::uint64_t flags = unpacker.number();
  answer.truncated = (flags & kTruncated) != 0;
  answer.refused = refused_for(flags >> kRefusedShift);
  answer.info.clients = unpacker.number();
  answer.info.subscriptions = unpacker.number();
  const std::size_t channels = unpacker.count();
  for (std::size_t i = 0; i < channels && unpacker.ok(); ++i) {
    const std::string_view channel = unpacker.text();
    answer.channels[std::string(channel)] = unpacker.number();
  }
  answer.channel_hashes = take_numbers(unpacker);
  node.sessions = take_numbers(unpacker);
  node.users = take_numbers(unpacker);
  if (unpacker.done()) return node;
  const std::size_t nodes = unpacker.count();
  for (std::size_t i = 0; i < nodes && unpacker.ok(); ++i) {
    answer.nodes.push_back(take_report(unpacker));
  }
  if (unpacker.done()) return node;
  const std::size_t live = unpacker.count();
  for (std::size_t i = 0; i < live && unpacker.ok(); ++i) {
    answer.live.push_back(take_connection(unpacker));
  }
  return node;
}

}  // namespace usher::redis
