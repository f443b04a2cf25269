// The one table that turns what modules say into what a WebSocket client is told: close code,
// reason, log line, metric.
//
// The HTTP side of the same idea is problem.h. Modules fail with small enums of their own; only
// here do they become numbers that clients act upon (contract section 2), so what is hard and what
// is soft is decided in one place.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/log.h"
#include "gateway/metrics.h"
#include "wire/close_code.h"

namespace usher::gateway {

// Why somebody who upgraded is sent away before being connected: rows 3 to 9 of contract section 2.
enum class Rejection : std::uint8_t {
  origin_blocked,
  origin_mismatch,  // the ticket is bound to another Origin
  no_ticket,
  store_unavailable,
  ticket_invalid,  // unknown, consumed long ago, malformed, or two different ones
  ticket_replayed,
  ticket_expired,
  session_revoked,
  nothing_usable,  // /connection/websocket: no usable `connect` in time
};

struct RejectionRow {
  wire::CloseReason close;          // on /ws
  wire::CloseReason close_for_sdk;  // on /connection/websocket: codes that Centrifugo's SDKs obey
  LogLevel level;
  std::string_view log_message;
  UpgradeResult result;
};

const RejectionRow& row(Rejection rejection);

}  // namespace usher::gateway
