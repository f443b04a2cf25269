#include "metrics/metrics.h"

#include <algorithm>

#include "base/check.h"

namespace usher::metrics {
namespace {

template <class Array, class Value>
std::size_t index_or_zero(const Array& array, Value value) {
  const auto found = std::find(array.begin(), array.end(), value);
  return found == array.end() ? 0 : static_cast<std::size_t>(found - array.begin());
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

std::size_t status_index(int status) { return index_or_zero(kStatuses, status); }

std::size_t close_code_index(std::uint16_t code) { return index_or_zero(kCloseCodes, code); }

}  // namespace usher::metrics
