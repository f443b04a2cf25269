#include "gateway/close_table.h"

#include <array>

#include "base/check.h"

namespace usher::gateway {
namespace {

using wire::CloseCode;
using wire::CloseReason;

constexpr CloseReason kOriginBlocked{CloseCode::policy_violation, "ORIGIN_BLOCKED"};
constexpr CloseReason kNotAuthorized{CloseCode::policy_violation, "NOT_AUTHORIZED"};
constexpr CloseReason kTicketExpired{CloseCode::ticket_expired, "TICKET_EXPIRED"};
constexpr CloseReason kStoreUnavailable{CloseCode::try_again_later, "STORE_UNAVAILABLE"};
constexpr CloseReason kSessionRevoked{CloseCode::session_revoked, "SESSION_REVOKED"};

// Centrifugo's SDKs come back after any code outside 3500-3999 and 4500-4999.
constexpr CloseReason kSdkOriginBlocked{CloseCode::origin_blocked, "ORIGIN_BLOCKED"};
constexpr CloseReason kSdkNotAuthorized{CloseCode::not_authorized, "NOT_AUTHORIZED"};

}  // namespace

const RejectionRow& row(Rejection rejection) {
  static constexpr RejectionRow kOriginBlockedRow{kOriginBlocked, kSdkOriginBlocked, LogLevel::warn,
                                                  "WS: Rejected - origin blocked",
                                                  UpgradeResult::origin_blocked};
  static constexpr RejectionRow kNoTicketRow{kNotAuthorized, kSdkNotAuthorized, LogLevel::warn,
                                             "WS: Rejected - no auth ticket",
                                             UpgradeResult::no_ticket};
  static constexpr RejectionRow kStoreUnavailableRow{
      kStoreUnavailable, kStoreUnavailable, LogLevel::error,
      "WS: Rejected - ticket store unavailable", UpgradeResult::store_unavailable};
  static constexpr RejectionRow kTicketInvalidRow{kNotAuthorized, kSdkNotAuthorized, LogLevel::warn,
                                                  "WS: Rejected - ticket invalid or expired",
                                                  UpgradeResult::ticket_invalid};
  static constexpr RejectionRow kTicketReplayedRow{kNotAuthorized, kSdkNotAuthorized,
                                                   LogLevel::warn, "WS: Rejected - ticket replayed",
                                                   UpgradeResult::ticket_replayed};
  static constexpr RejectionRow kTicketExpiredRow{kTicketExpired, kTicketExpired, LogLevel::warn,
                                                  "WS: Rejected - ticket expired",
                                                  UpgradeResult::ticket_expired};
  static constexpr RejectionRow kSessionRevokedRow{kSessionRevoked, kSessionRevoked, LogLevel::warn,
                                                   "WS: Rejected - session revoked",
                                                   UpgradeResult::session_revoked};
  static constexpr RejectionRow kNothingUsableRow{kNotAuthorized, kSdkNotAuthorized, LogLevel::warn,
                                                  "WS: Rejected - no auth ticket",
                                                  UpgradeResult::not_authorized};

  switch (rejection) {
    case Rejection::origin_blocked:
      return kOriginBlockedRow;
    case Rejection::origin_mismatch:
      return kOriginBlockedRow;
    case Rejection::no_ticket:
      return kNoTicketRow;
    case Rejection::store_unavailable:
      return kStoreUnavailableRow;
    case Rejection::ticket_invalid:
      return kTicketInvalidRow;
    case Rejection::ticket_replayed:
      return kTicketReplayedRow;
    case Rejection::ticket_expired:
      return kTicketExpiredRow;
    case Rejection::session_revoked:
      return kSessionRevokedRow;
    case Rejection::nothing_usable:
      return kNothingUsableRow;
  }
  USHER_CHECK(false);
}

}  // namespace usher::gateway
