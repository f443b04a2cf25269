// The reasons for which a connection is rejected, each with its close codes and log line: rows 3 to
// 9 of contract section 2, as one table.
//
// Modules fail with small enums of their own. This table turns them into close codes, which decide
// whether a client comes back. The HTTP side of the same idea is http/problem.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/log.h"
#include "wire/close_code.h"

namespace usher::session {

enum class Rejection : std::uint8_t {
  origin_blocked,
  origin_mismatch,  // the ticket is bound to another Origin
  no_ticket,
  store_unavailable,
  ticket_invalid,   // unknown, malformed, two different ones, or spent so long ago that it is no
                    // replay
  ticket_replayed,  // a security event
  ticket_expired,
  session_revoked,
  nothing_usable,  // /connection/websocket: no `connect` in time, or a credential of no known form
  too_many_requests,  // a JWT whose session or address is over its rate
  guest_refused,      // an upstream with who = "users"
  key_unknown,        // a JWT that a newer key of its issuer might verify
};

struct RejectionRow {
  wire::CloseReason close;          // on /ws
  wire::CloseReason close_for_sdk;  // on /connection/websocket: codes that Centrifugo's SDKs obey
  std::string_view log_message;
};

const RejectionRow& row(Rejection rejection);

}  // namespace usher::session
