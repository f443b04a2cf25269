#include "session/credential_check.h"

#include <utility>

#include "auth/origin.h"
#include "base/check.h"
#include "ticket/grant.h"
#include "ticket/mint.h"

namespace usher::session {
namespace {

bool may_use(const ticket::Grant& grant, const std::optional<std::string>& origin) {
  return !grant.origin || auth::is_same_origin(*grant.origin, origin);
}

Rejection rejection_of(TokenDoor::Refusal refusal) {
  switch (refusal) {
    case TokenDoor::Refusal::invalid:
      return Rejection::nothing_usable;
    case TokenDoor::Refusal::expired:
      return Rejection::ticket_expired;
    case TokenDoor::Refusal::too_many_requests:
      return Rejection::too_many_requests;
    case TokenDoor::Refusal::key_unknown:
      return Rejection::key_unknown;
  }
  USHER_CHECK(false);
}

}  // namespace

struct CredentialCheck::Waiting {
  SessionDependencies& dependencies;
  edge::Endpoint endpoint;
  std::optional<std::string> origin;
  std::string ticket_hash;
  Done done;
  bool cancelled = false;

  Refusal refusal(Rejection why, std::optional<Duration> age = {}) {
    return {why, std::move(ticket_hash), age};
  }

  Result<ticket::Grant, Refusal> judge(ticket::Redeemed redeemed) {
    // SDKs show their last token again at each reconnect. That is a replay only while the
    // connection that the token opened is alive.
    if (endpoint == edge::Endpoint::sdk && redeemed.has_ended) {
      dependencies.observer.on_reused();
      return refusal(Rejection::ticket_invalid);
    }
    dependencies.observer.on_redeemed(redeemed.outcome);
    switch (redeemed.outcome) {
      case ticket::RedeemOutcome::ok:
        return judge_grant(std::move(redeemed.grant));
      case ticket::RedeemOutcome::expired:
        return refusal(Rejection::ticket_expired, redeemed.age);
      case ticket::RedeemOutcome::unknown:
        return refusal(Rejection::ticket_invalid);
      case ticket::RedeemOutcome::unavailable:
        return refusal(Rejection::store_unavailable);
      case ticket::RedeemOutcome::consumed:
        break;
    }
    dependencies.observer.on_replay();
    return refusal(Rejection::ticket_replayed);
  }

  Result<ticket::Grant, Refusal> judge_grant(ticket::Grant grant) {
    if (!may_use(grant, origin)) return refusal_of(grant, Rejection::origin_mismatch);
    if (dependencies.revocations.is_revoked(ticket::bearer_of(grant),
                                            dependencies.wall_clock.now())) {
      return refusal_of(grant, Rejection::session_revoked);
    }
    return grant;
  }

  Refusal refusal_of(const ticket::Grant& grant, Rejection why) {
    Refusal refused = refusal(why);
    refused.session = grant.session;
    refused.user = grant.user;
    return refused;
  }
};

void CredentialCheck::cancel() {
  if (const auto waiting = std::exchange(waiting_, nullptr)) waiting->cancelled = true;
}

void CredentialCheck::start(SessionDependencies& dependencies, edge::Endpoint endpoint,
                            std::string_view credential, std::optional<std::string_view> origin,
                            std::string_view address_key, Done done) {
  USHER_INVARIANT(!under_way());
  const auto waiting =
      std::make_shared<Waiting>(Waiting{dependencies, endpoint, std::nullopt, {}, std::move(done)});
  if (origin) waiting->origin = std::string(*origin);
  waiting_ = waiting;

  // `done` may destroy this object, so nothing of it is touched afterwards.
  const auto finish = [](CredentialCheck* self, const std::shared_ptr<Waiting>& w,
                         Result<ticket::Grant, Refusal> result) {
    if (w->cancelled) return;
    self->waiting_ = nullptr;
    w->done(std::move(result));
  };
  if (ticket::is_well_formed(credential)) {
    const ticket::TicketHash hash = ticket::hash(credential);
    waiting->ticket_hash = hash.for_log();
    dependencies.tickets.redeem(hash, [this, waiting, finish](ticket::Redeemed redeemed) {
      finish(this, waiting, waiting->judge(std::move(redeemed)));
    });
    return;
  }
  if (credential.empty()) return finish(this, waiting, waiting->refusal(Rejection::no_ticket));
  if (dependencies.tokens == nullptr) {
    // A new credential of that kind would be refused as well, so an SDK must not fetch one.
    waiting->ticket_hash = ticket::hash(credential).for_log();
    return finish(this, waiting,
                  waiting->refusal(endpoint == edge::Endpoint::sdk ? Rejection::nothing_usable
                                                                   : Rejection::ticket_invalid));
  }
  dependencies.tokens->admit(
      credential, address_key,
      [this, waiting, finish](Result<auth::Claims, TokenDoor::Refusal> claims) {
        if (!claims) return finish(this, waiting, waiting->refusal(rejection_of(claims.error())));
        finish(this, waiting, waiting->judge_grant(ticket::grant_for(std::move(*claims))));
      });
}

}  // namespace usher::session
