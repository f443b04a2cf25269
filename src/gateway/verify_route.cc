#include "gateway/verify_route.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "http/route_checks.h"
#include "hub/client_id.h"
#include "limits/forged_tickets.h"

namespace usher::gateway {
namespace {

// Where proxies put the URI of the client's request.
constexpr std::array<std::string_view, 3> kUriFields{"x-original-uri", "x-forwarded-uri",
                                                     "x-original-url"};

http::Refusal to_refusal(ticket::TicketFault why) {
  switch (why) {
    case ticket::TicketFault::origin_blocked:
      return {http::Problem::origin_blocked};
    case ticket::TicketFault::origin_mismatch:
      return {http::Problem::origin_blocked, "The ticket is bound to another Origin."};
    case ticket::TicketFault::missing:
      return {http::Problem::not_authorized,
              "No ticket was found in the query of X-Original-URI, X-Forwarded-Uri, X-Original-URL "
              "or this request, nor in Sec-WebSocket-Protocol."};
    case ticket::TicketFault::invalid:
    case ticket::TicketFault::replayed:
      return {http::Problem::not_authorized};
    case ticket::TicketFault::expired:
      return {http::Problem::ticket_expired};
    case ticket::TicketFault::revoked:
      return {http::Problem::session_revoked};
    case ticket::TicketFault::unavailable:
      return {.problem = http::Problem::store_unavailable,
              .retry_after = http::kRetryStoreUnavailable};
  }
  USHER_CHECK(false);
}

}  // namespace

VerifyRoute::VerifyRoute(std::vector<std::string> claims, http::RouteDependencies& dependencies)
    : dependencies_(dependencies),
      rates_{dependencies.upgrades_per_address, dependencies.upgrades_per_second,
             dependencies.forged_tickets},
      check_(http::ticket_check_dependencies(dependencies), "verify"),
      headers_({.claims = std::move(claims)}) {}

void VerifyRoute::ask(const edge::RequestContext& context, http::Answer answer) {
  const wire::OfferedTicket shown = wire::read_offered_ticket(context.request, kUriFields);
  std::string address(context.address_is_shared ? std::string_view() : context.peer_address);
  const bool has_ticket = shown.offer == wire::TicketOffer::one;
  if (const auto over = check_rates(rates_, dependencies_.node, address, has_ticket, context.now)) {
    return answer.refuse(over->refusal);
  }
  check_.start({shown.offer, shown.ticket, context.request.find("origin")},
               [this, address = std::move(address), answer = std::move(answer)](
                   const Result<ticket::Grant, ticket::RefusedTicket>& judged) mutable {
                 if (judged) return let_in(*judged, answer);
                 refuse(judged.error(), address, answer);
               });
}

void VerifyRoute::let_in(const ticket::Grant& grant, http::Answer& answer) {
  const std::string client = hub::ClientId::random(dependencies_.entropy).text();
  check_.log_admitted(grant, client);
  wire::HttpResponse response;
  response.fields = headers_.fields({grant.session, grant.user, client, grant.claims},
                                    dependencies_.wall_clock.now());
  response.set("X-Usher-Expires", std::to_string(grant.token_exp));
  answer.send(std::move(response));
}

void VerifyRoute::refuse(const ticket::RefusedTicket& refused, std::string_view charged_address,
                         http::Answer& answer) {
  if (dependencies_.forged_tickets != nullptr && !charged_address.empty() &&
      ticket::may_be_forged(refused)) {
    dependencies_.forged_tickets->add(charged_address, dependencies_.clock.now());
  }
  answer.refuse_logged(to_refusal(refused.why));
}

}  // namespace usher::gateway
