#include "metrics/metrics.h"

#include "base/check.h"
#include "metrics/shard_sums.h"
#include "wire/close_code.h"

namespace usher::metrics {
namespace {

// Does not compile for a code that kCloseCodes does not have.
consteval std::size_t place_of(wire::CloseCode code) {
  const auto index = index_or_zero(kCloseCodes, static_cast<std::uint16_t>(code));
  if (index == 0) throw "add this code to kCloseCodes";
  return index;
}

void add_closes(MetricsPage& page, const ShardSums<ShardMetrics>& sums) {
  std::vector<MetricsPage::Series> series;
  for (std::size_t i = 0; i < kCloseCodes.size(); ++i) {
    series.push_back(
        {.labels = {{"code", std::to_string(kCloseCodes[i])}},
         .read = sums.sum_of([i](const auto& shard) -> auto& { return shard.closes[i]; }),
         .hidden_at_zero = true});
  }
  page.add("usher_closes_total", "WebSockets ended, by close code; 0 is any other.",
           MetricsPage::Kind::counter, std::move(series));
}

}  // namespace

std::string_view to_string(UpgradeResult result) {
  switch (result) {
    case UpgradeResult::connected:
      return "connected";
    case UpgradeResult::bad_request:
      return "bad_request";
    case UpgradeResult::rate_limited:
      return "rate_limited";
    case UpgradeResult::overloaded:
      return "overloaded";
    case UpgradeResult::draining:
      return "draining";
    case UpgradeResult::origin_blocked:
      return "origin_blocked";
    case UpgradeResult::no_ticket:
      return "no_ticket";
    case UpgradeResult::store_unavailable:
      return "store_unavailable";
    case UpgradeResult::ticket_invalid:
      return "ticket_invalid";
    case UpgradeResult::ticket_replayed:
      return "ticket_replayed";
    case UpgradeResult::ticket_expired:
      return "ticket_expired";
    case UpgradeResult::session_revoked:
      return "session_revoked";
    case UpgradeResult::nothing_usable:
      return "nothing_usable";
    case UpgradeResult::guest_refused:
      return "guest_refused";
    case UpgradeResult::too_many_requests:
      return "too_many_requests";
    case UpgradeResult::abandoned:
      return "abandoned";
    case UpgradeResult::count_:
      break;
  }
  USHER_CHECK(false);
}

std::string_view to_string(RedeemResult result) {
  switch (result) {
    case RedeemResult::ok:
      return "ok";
    case RedeemResult::expired:
      return "expired";
    case RedeemResult::consumed:
      return "consumed";
    case RedeemResult::reused:
      return "reused";
    case RedeemResult::unknown:
      return "unknown";
    case RedeemResult::unavailable:
      return "unavailable";
    case RedeemResult::count_:
      break;
  }
  USHER_CHECK(false);
}

std::string_view to_string(LogoutOutcome outcome) {
  switch (outcome) {
    case LogoutOutcome::session:
      return "session";
    case LogoutOutcome::user:
      return "user";
    case LogoutOutcome::ignored:
      return "ignored";
    case LogoutOutcome::refused:
      return "refused";
    case LogoutOutcome::unavailable:
      return "unavailable";
    case LogoutOutcome::count_:
      break;
  }
  USHER_CHECK(false);
}

std::string_view to_string(PublishedBy by) {
  switch (by) {
    case PublishedBy::backend:
      return "backend";
    case PublishedBy::client:
      return "client";
    case PublishedBy::count_:
      break;
  }
  USHER_CHECK(false);
}

// Without a default: -Wswitch finds a code that has no case.
std::size_t close_code_index(std::uint16_t code) {
  using enum wire::CloseCode;
  switch (static_cast<wire::CloseCode>(code)) {
    case normal:
      return place_of(normal);
    case going_away:
      return place_of(going_away);
    case protocol_error:
      return place_of(protocol_error);
    case unsupported_data:
      return place_of(unsupported_data);
    case no_status:
      return place_of(no_status);
    case abnormal:
      return place_of(abnormal);
    case invalid_utf8:
      return place_of(invalid_utf8);
    case policy_violation:
      return place_of(policy_violation);
    case message_too_big:
      return place_of(message_too_big);
    case mandatory_extension:
      return place_of(mandatory_extension);
    case internal_error:
      return place_of(internal_error);
    case try_again_later:
      return place_of(try_again_later);
    case token_expired:
      return place_of(token_expired);
    case slow_consumer:
      return place_of(slow_consumer);
    case no_pong:
      return place_of(no_pong);
    case ticket_expired:
      return place_of(ticket_expired);
    case not_authorized:
      return place_of(not_authorized);
    case bad_request:
      return place_of(bad_request);
    case force_disconnect:
      return place_of(force_disconnect);
    case connection_limit:
      return place_of(connection_limit);
    case session_revoked:
      return place_of(session_revoked);
    case origin_blocked:
      return place_of(origin_blocked);
    case upstream_refused:
      return place_of(upstream_refused);
  }
  return 0;
}

void add_to(MetricsPage& page, const std::vector<const ShardMetrics*>& shards) {
  using M = ShardMetrics;
  ShardSums<M> sums(page, shards);
  sums.add("usher_connections", "WebSockets that are connected.", &M::connections);
  sums.add("usher_sockets", "Accepted sockets in any state.", &M::sockets);
  sums.add("usher_internal_errors_total",
           "Faults of usher itself; each has cost one connection or one task. Please report them.",
           &M::internal_errors);
  sums.add("usher_subscriptions", "Subscriptions of connected clients, without personal channels.",
           &M::subscriptions);
  sums.add("usher_channels", "Channels with subscribers, summed over the shards.", &M::channels);
  sums.add("usher_upgrades_total", "Attempts to open a WebSocket, by how they ended.", "result",
           &M::upgrades);
  add_closes(page, sums);
  sums.add("usher_tickets_issued_total", "Tickets given out.", &M::tickets_issued);
  sums.add("usher_ticket_redeems_total", "Tickets shown, by outcome.", "outcome",
           &M::ticket_redeems);
  sums.add("usher_logouts_total",
           "Messages of identity providers: sessions and users that they ended, or what else they "
           "came to.",
           "outcome", &M::logouts);
  sums.add("usher_ticket_replays_total", "Spent tickets shown again: a security event.",
           &M::ticket_replays);
  sums.add("usher_guests_created_total", "Tokens given to new guests.", &M::guests_created);
  sums.add("usher_guests_renewed_total", "Guest tokens renewed.", &M::guests_renewed);
  sums.add("usher_publications_total", "Publications accepted, by who published.", "by",
           &M::publications);
  sums.add("usher_deliveries_total", "Messages handed to subscribers.", &M::deliveries);
  sums.add("usher_recovered_total", "Subscriptions that got all that they had missed.",
           &M::recovered);
  sums.add("usher_not_recovered_total", "Subscriptions that were told of a gap.",
           &M::not_recovered);
  sums.add("usher_messages_received_total", "Text messages from clients.", &M::messages_received);
  sums.add("usher_commands_refused_total", "Client commands answered with an error.",
           &M::commands_refused);
}

}  // namespace usher::metrics
