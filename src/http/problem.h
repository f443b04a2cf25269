// Every refusal that HTTP can give: status, code and title in one table, and problem+json (RFC
// 9457) made from it.
//
// Clients act upon `code` (contract section 1), so the codes are a promise. `detail` is for people
// and says what to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "metrics/counts.h"
#include "wire/http_message.h"

namespace usher::http {

enum class Problem : std::uint8_t {
  bad_request,
  missing_auth,
  invalid_token,
  token_expired,
  missing_session,
  session_revoked,
  login_required,  // the backend's ticket hook, like not_allowed and backend_unavailable
  not_authorized,  // the verify door only, like the next
  ticket_expired,
  invalid_api_key,
  origin_blocked,
  guests_disabled,
  not_allowed,
  not_found,
  method_not_allowed,
  request_timeout,
  too_large,
  reload_failed,
  upgrade_required,
  rate_limited,
  headers_too_large,
  internal_error,
  store_unavailable,
  backend_unavailable,
  overloaded,
  draining,
  version_not_supported,
};
inline constexpr std::size_t kProblemCount =
    static_cast<std::size_t>(Problem::version_not_supported) + 1;

struct ProblemRow {
  metrics::CountedStatus status;
  std::string_view code;
  std::string_view title;   // of the status, as RFC 9110 names it
  std::string_view detail;  // said when the caller knows nothing better
};

const ProblemRow& row(Problem problem);

struct ProblemText {
  // Our own words or the backend's, nothing of the peer's; empty: the table's.
  std::string_view detail = {};
  std::string_view trace_id = {};  // empty: left out
  std::optional<std::chrono::milliseconds> retry_after = {};
  bool is_place = false;       // `retry_after` is a place in a queue
  std::string_view code = {};  // the backend's, in place of the table's; visible ASCII
};

// The complete answer but for CORS: problem+json body, Cache-Control, Retry-After (whole seconds,
// rounded up) with `retry_after_ms` beside it, WWW-Authenticate for a 401 (RFC 6750 section 3),
// X-Request-ID. Says `close` where the rest of the connection can't be trusted: 400, 408, 413, 426,
// 431, 505.
wire::HttpResponse make_problem(Problem problem, const ProblemText& text);

}  // namespace usher::http
