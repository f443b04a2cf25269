#include "apps/demo/rows.h"

namespace usher::apps {
namespace {

constexpr std::string_view kToken = "[WS] Ensuring JWT token exists...";
constexpr std::string_view kReady = "[WS] JWT ready";
constexpr std::string_view kTicket = "[WS] Requesting WebSocket ticket...";
constexpr std::string_view kSocket = "[WS] Ticket obtained, connecting to WebSocket...";
constexpr std::string_view kConnected = "[WS] Connected";
constexpr std::string_view kStopping =
    "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect";
constexpr std::string_view kRetry = "[WS] Reconnecting in #ms (attempt 1)";
constexpr std::string_view kStop = "hard: says it once, stops at once";
constexpr std::string_view kGoOn = "soft: retries with backoff until it succeeds";

std::vector<DemoRow> make_rows() {
  return {
      {DemoFault::none,
       "Success",
       "token, ticket, socket: in this order, once",
       {kToken, kReady, kTicket, kSocket, kConnected},
       DemoEnd::connected},
      {DemoFault::forged_token,
       "401 (JWT invalid)",
       kStop,
       {kToken, kReady, kTicket,
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'INVALID_TOKEN' } "
        "}",
        "[WS] Hard failure - auth error { status: 401, code: 'INVALID_TOKEN' }", kStopping},
       DemoEnd::stopped},
      {DemoFault::no_session,
       "401 (Missing sessionId)",
       kStop,
       {kToken, kReady, kTicket,
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' "
        "} }",
        "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }", kStopping},
       DemoEnd::stopped},
      {DemoFault::store_down,
       "503 (ticket store down)",
       kGoOn,
       {kToken, kReady, kTicket,
        "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: "
        "'STORE_UNAVAILABLE' } }",
        "[WS] Soft failure - service unavailable (503), will retry", kRetry},
       DemoEnd::connected},
      {DemoFault::gateway_down,
       "Network error",
       kGoOn,
       {kToken, kReady, kTicket, "[WS] Failed to connect NetworkError",
        "[WS] Soft failure - network error, will retry", kRetry},
       DemoEnd::connected},
      {DemoFault::foreign_origin,
       "1008 ORIGIN_BLOCKED",
       kStop,
       {kToken, kReady, kTicket, kSocket,
        "[WS] Disconnected { code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }",
        "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: "
        "true }"},
       DemoEnd::stopped},
      {DemoFault::refused_ticket,
       "1008 NOT_AUTHORIZED",
       kStop,
       {kToken, kReady, kTicket, kSocket,
        "[WS] Disconnected { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }",
        "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: "
        "true }"},
       DemoEnd::stopped},
  };
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

const std::vector<DemoRow>& demo_rows() {
  static const std::vector<DemoRow> rows = make_rows();
  return rows;
}

bool line_matches(std::string_view expected, std::string_view actual) {
  const auto hash = expected.find('#');
  if (hash == std::string_view::npos) return expected == actual;
  if (!actual.starts_with(expected.substr(0, hash))) return false;
  std::size_t end = hash;
  while (end < actual.size() && is_digit(actual[end])) ++end;
  return end > hash && line_matches(expected.substr(hash + 1), actual.substr(end));
}

}  // namespace usher::apps
