// Why somebody is not let in, and what they are told: rows 3 to 9 of contract section 2, as one
// table.
//
// Modules fail with small enums of their own; only here do these become close codes, which decide
// whether a client comes back. The HTTP side of the same idea is gateway/problem.h.
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
  nothing_usable,  // /connection/websocket: no `connect` in time, or a credential that can't be one
  too_many_requests,  // a JWT whose session or address has used up its turns
  key_unknown,        // a JWT that a newer key of its issuer might verify
};

struct RejectionRow {
  wire::CloseReason close;          // on /ws
  wire::CloseReason close_for_sdk;  // on /connection/websocket: codes that Centrifugo's SDKs obey
  std::string_view log_message;
};

const RejectionRow& row(Rejection rejection);

}  // namespace usher::session
