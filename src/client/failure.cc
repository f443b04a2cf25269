#include "client/failure.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "wire/close_code.h"

namespace usher::client {

namespace {

// Contract section 1.
constexpr std::array<std::string_view, 16> kOurCodes{
    "BAD_REQUEST",     "MISSING_AUTH",       "INVALID_TOKEN",  "TOKEN_EXPIRED",
    "MISSING_SESSION", "SESSION_REVOKED",    "ORIGIN_BLOCKED", "GUESTS_DISABLED",
    "NOT_FOUND",       "METHOD_NOT_ALLOWED", "TOO_LARGE",      "HEADERS_TOO_LARGE",
    "RATE_LIMITED",    "STORE_UNAVAILABLE",  "OVERLOADED",     "DRAINING"};

constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kTicketExpired = 3100;

bool is_ours(std::string_view code) {
  return std::ranges::find(kOurCodes, code) != kOurCodes.end();
}

}  // namespace

HttpVerdict classify_http(const HttpFailure& failure, bool refreshable) {
  if (!failure.status) return HttpVerdict::soft;
  const int status = *failure.status;
  if (status == 401) {
    const bool final = failure.code == "MISSING_SESSION" || failure.code == "SESSION_REVOKED";
    return refreshable && !final ? HttpVerdict::refresh : HttpVerdict::hard;
  }
  if (status < 300 || status > 499) return HttpVerdict::soft;
  // A backend's own refusal: its hook or login may use any word.
  if (status == 403 && !failure.code.empty()) return HttpVerdict::hard;
  if (status == 408 || status == 425 || status == 429) return HttpVerdict::soft;
  return is_ours(failure.code) ? HttpVerdict::hard : HttpVerdict::soft;
}

CloseVerdict classify_close(std::uint16_t code, std::string_view reason, bool connected,
                            bool ticket_is_old) {
  const bool refused_as_old =
      code == kPolicyViolation && reason == "NOT_AUTHORIZED" && ticket_is_old;
  if (!connected && (code == kTicketExpired || refused_as_old)) return CloseVerdict::new_ticket;
  return wire::is_hard(code, reason) ? CloseVerdict::hard : CloseVerdict::soft;
}

bool loses_node(std::uint16_t close_code) {
  switch (close_code) {
    case 1000:  // normal closure, by a proxy
    case 1001:  // going away
    case 1005:  // a close frame without a code
    case 1006:  // no close frame
    case 1012:  // service restart
    case 1013:  // try again later
    case 1014:  // bad gateway
    case 1015:  // TLS
      return true;
    default:
      return false;
  }
}

}  // namespace usher::client
