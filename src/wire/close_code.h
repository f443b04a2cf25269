// WebSocket close codes (RFC 6455 section 7.4), and usher's own. The table for users is in
// docs/protocol.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::wire {

enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never sent: the peer's close frame had no code
  abnormal = 1006,   // never sent: the transport ended without a close frame
  invalid_utf8 = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  try_again_later = 1013,
  token_expired = 3005,
  slow_consumer = 3008,
  no_pong = 3012,
  ticket_expired = 3100,
  not_authorized = 3500,  // Centrifugo SDKs: nothing usable in `connect`
  bad_request = 3501,
  force_disconnect = 3503,
  connection_limit = 3504,
  session_revoked = 3520,
  origin_blocked = 3521,  // Centrifugo SDKs do not know 1008
  upstream_refused = 3522,
};

// Why a connection ends, as its close frame says it. `reason` is one of the contract's words, at
// most 123 bytes.
struct CloseReason {
  std::uint16_t code;
  std::string_view reason;

  constexpr CloseReason(CloseCode c, std::string_view r)
      : code(static_cast<std::uint16_t>(c)), reason(r) {}
  constexpr CloseReason(std::uint16_t c, std::string_view r) : code(c), reason(r) {}
  friend bool operator==(const CloseReason&, const CloseReason&) = default;
};

// Returns true for a hard close: the client must not come back. Every other close is soft, a
// proxy's own 1008 too. This promise lets old clients meet new codes (contract section 2).
constexpr bool is_hard(std::uint16_t code, std::string_view reason) {
  if (code == 1008) return reason == "ORIGIN_BLOCKED" || reason == "NOT_AUTHORIZED";
  return code == 1003 || code == 1009 || code == 1010 || (code >= 3500 && code <= 3999) ||
         (code >= 4500 && code <= 4999);
}

// Returns true for a code that a close frame may carry (RFC 6455 sections 7.4.1 and 7.4.2).
constexpr bool may_be_sent(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

}  // namespace usher::wire
