#include "session/credential_check.h"

#include <utility>

#include "base/check.h"
#include "ticket/grant.h"
#include "ticket/judgement.h"
#include "ticket/mint.h"

namespace usher::session {
namespace {

Rejection rejection_of(ticket::TicketFault fault) {
  switch (fault) {
    case ticket::TicketFault::origin_blocked:
      return Rejection::origin_blocked;
    case ticket::TicketFault::missing:
      return Rejection::no_ticket;
    case ticket::TicketFault::invalid:
      return Rejection::ticket_invalid;
    case ticket::TicketFault::replayed:
      return Rejection::ticket_replayed;
    case ticket::TicketFault::expired:
      return Rejection::ticket_expired;
    case ticket::TicketFault::origin_mismatch:
      return Rejection::origin_mismatch;
    case ticket::TicketFault::revoked:
      return Rejection::session_revoked;
    case ticket::TicketFault::unavailable:
      return Rejection::store_unavailable;
  }
  USHER_CHECK(false);
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
    return told(ticket::judge(std::move(redeemed), showing(), dependencies.observer));
  }

  Result<ticket::Grant, Refusal> judge(ticket::Grant grant) {
    return told(ticket::judge(std::move(grant), showing()));
  }

 private:
  ticket::Showing showing() const {
    return {origin, dependencies.revocations, dependencies.wall_clock.now()};
  }

  Result<ticket::Grant, Refusal> told(Result<ticket::Grant, ticket::RefusedTicket> judged) {
    if (judged) return std::move(*judged);
    ticket::RefusedTicket why = judged.error();
    Refusal refused = refusal(rejection_of(why.why), why.age);
    refused.session = std::move(why.session);
    refused.user = std::move(why.user);
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
        finish(this, waiting, waiting->judge(ticket::grant_for(std::move(*claims))));
      });
}

}  // namespace usher::session
