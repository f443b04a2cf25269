#include "session/refresh.h"

#include <utility>

#include "ticket/mint.h"

namespace usher::session {
namespace {

constexpr wire::CloseReason kBadRequest{wire::CloseCode::bad_request, "BAD_REQUEST"};
constexpr wire::CloseReason kRevoked{wire::CloseCode::session_revoked, "SESSION_REVOKED"};

Refresh::Outcome outcome_of(Rejection why) {
  switch (why) {
    case Rejection::session_revoked:
      return kRevoked;
    case Rejection::origin_mismatch:
      return kBadRequest;
    case Rejection::store_unavailable:
    case Rejection::key_unknown:
      return wire::ProtocolError::internal;
    case Rejection::too_many_requests:
      return wire::ProtocolError::too_many_requests;
    default:
      return wire::ProtocolError::token_expired;
  }
}

}  // namespace

void Refresh::start(SessionDependencies& dependencies, edge::Endpoint endpoint,
                    const HeldCredential& held, std::string_view token,
                    CredentialCheck::Done checked) {
  if (endpoint == edge::Endpoint::sdk && ticket::is_well_formed(token)) {
    shown_ = ticket::hash(token);
  }
  check_.start(dependencies, endpoint, token, held.origin(), held.address_key(),
               std::move(checked));
}

Refresh::Outcome Refresh::judge(Result<ticket::Grant, Refusal> checked,
                                const HeldCredential& held) const {
  if (!checked) return outcome_of(checked.error().why);
  if (!held.may_become(*checked)) return kBadRequest;
  return Granted{std::move(*checked), shown_};
}

}  // namespace usher::session
