#include "api/api_redeems.h"

#include <utility>

#include "base/check.h"
#include "hub/client_id.h"
#include "ticket/mint.h"

namespace usher::api {
namespace {

// The backend tells its client: after `expired` a new ticket helps.
ApiError to_api_error(ticket::TicketFault why) {
  const auto refused = [](std::string_view reason, const char* detail) {
    ApiError error(wire::ProtocolError::token_expired, detail);
    error.reason = reason;
    return error;
  };
  switch (why) {
    case ticket::TicketFault::origin_blocked:
      return refused("origin", "client.allowed_origins does not list it; the ticket is not spent");
    case ticket::TicketFault::origin_mismatch:
      return refused("origin", "the ticket is bound to another Origin, and is spent now");
    case ticket::TicketFault::missing:
    case ticket::TicketFault::invalid:
      return refused("unknown", "no such ticket was issued, or it is forgotten");
    case ticket::TicketFault::replayed:
      return refused("consumed", "the ticket was used before");
    case ticket::TicketFault::expired:
      return refused("expired", "the ticket has expired: the client needs a new one");
    case ticket::TicketFault::revoked:
      return refused("revoked", "the session, user or jti is revoked, and the ticket is spent");
    case ticket::TicketFault::unavailable:
      return {hub::Error::internal,
              "the ticket store can't be reached, or did not answer in time: the client must try "
              "again with a new ticket"};
  }
  USHER_CHECK(false);
}

}  // namespace

ApiRedeems::ApiRedeems(std::vector<std::string> claims, http::RouteDependencies& dependencies)
    : claims_(std::move(claims)),
      entropy_(dependencies.entropy),
      check_(http::ticket_check_dependencies(dependencies), "redeem") {}

void ApiRedeems::start(const RedeemCall& call, ApiDone done) {
  const auto offer =
      ticket::is_well_formed(call.ticket) ? wire::TicketOffer::one : wire::TicketOffer::malformed;
  check_.start({offer, call.ticket, call.origin},
               [this, done = std::move(done)](
                   const Result<ticket::Grant, ticket::RefusedTicket>& judged) mutable {
                 if (!judged) return done(to_api_error(judged.error().why));
                 const std::string client = hub::ClientId::random(entropy_).text();
                 check_.log_admitted(*judged, client);
                 done(to_json(*judged, client, claims_));
               });
}

}  // namespace usher::api
