#include "metrics/metrics.h"

#include "base/check.h"
#include "wire/close_code.h"

namespace usher::metrics {
namespace {

// Does not compile for a code that kCloseCodes does not have.
consteval std::size_t place_of(wire::CloseCode code) {
  const auto index = detail::index_or_zero(kCloseCodes, static_cast<std::uint16_t>(code));
  if (index == 0) throw "add this code to kCloseCodes";
  return index;
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

std::string_view to_string(Route route) {
  switch (route) {
    case Route::token:
      return "token";
    case Route::ticket:
      return "ticket";
    case Route::websocket:
      return "websocket";
    case Route::api:
      return "api";
    case Route::health:
      return "healthz";
    case Route::ready:
      return "readyz";
    case Route::metrics:
      return "metrics";
    case Route::dev:
      return "dev";
    case Route::other:
      return "other";
    case Route::count_:
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

std::string_view to_string(ApiMethod method) {
  switch (method) {
    case ApiMethod::publish:
      return "publish";
    case ApiMethod::broadcast:
      return "broadcast";
    case ApiMethod::subscribe:
      return "subscribe";
    case ApiMethod::unsubscribe:
      return "unsubscribe";
    case ApiMethod::disconnect:
      return "disconnect";
    case ApiMethod::refresh:
      return "refresh";
    case ApiMethod::presence:
      return "presence";
    case ApiMethod::presence_stats:
      return "presence_stats";
    case ApiMethod::history:
      return "history";
    case ApiMethod::history_remove:
      return "history_remove";
    case ApiMethod::channels:
      return "channels";
    case ApiMethod::info:
      return "info";
    case ApiMethod::batch:
      return "batch";
    case ApiMethod::bind:
      return "bind";
    case ApiMethod::revoke:
      return "revoke";
    case ApiMethod::ticket:
      return "ticket";
    case ApiMethod::count_:
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
  }
  return 0;
}

}  // namespace usher::metrics
