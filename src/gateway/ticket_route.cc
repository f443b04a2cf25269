#include "gateway/ticket_route.h"

#include <utility>

#include "auth/jwt_verifier.h"
#include "auth/revocations.h"
#include "base/check.h"
#include "gateway/cookie_guard.h"
#include "http/bearer.h"
#include "http/route_checks.h"
#include "limits/address_key.h"
#include "ticket/grant.h"
#include "wire/protocol_command.h"

namespace usher::gateway {
namespace {

http::Refusal to_refusal(ticket::PutError error) {
  switch (error) {
    case ticket::PutError::overloaded:
      return {http::Problem::overloaded,
              "Too many tickets are waiting to be used. Try again with backoff.",
              http::kRetryOverloaded,
              "ticket.outstanding_max or ticket.outstanding_bytes reached, or the address' share"};
    case ticket::PutError::unavailable:
      return {.problem = http::Problem::store_unavailable,
              .retry_after = http::kRetryStoreUnavailable};
  }
  USHER_CHECK(false);
}

http::Refusal to_refusal(const ticket::BackendRefusal& refused) {
  return {
      .problem = refused.status == 403 ? http::Problem::not_allowed : http::Problem::login_required,
      .detail = refused.message,
      .log_reason = "the answer of hooks.ticket_url",
      .code = refused.code};
}

http::Refusal to_refusal(ticket::TicketHookFault fault) {
  switch (fault) {
    case ticket::TicketHookFault::no_credentials:
      return {.problem = http::Problem::missing_auth,
              .detail =
                  "Send a token as 'Authorization: Bearer <token>', or the cookies of the "
                  "application's login."};
    case ticket::TicketHookFault::no_room:
      return {.problem = http::Problem::overloaded,
              .detail =
                  "Too many wait for the application's server already. Try again with "
                  "backoff.",
              .retry_after = http::kRetryOverloaded,
              .log_reason = "hooks.queue of the ticket hook is full, or the address' share"};
    case ticket::TicketHookFault::unavailable:
      return {.problem = http::Problem::backend_unavailable,
              .retry_after = http::kRetryBackendUnavailable};
  }
  USHER_CHECK(false);
}

}  // namespace

std::optional<http::Refusal> TicketRoute::check_before_authorization(
    const edge::RequestContext& context) const {
  if (const auto refusal = http::check_address(dependencies_.tickets_per_address,
                                               context.peer_address, context.now)) {
    return refusal;
  }
  return http::check_draining(dependencies_.node);
}

// Never cut: a server behind usher must not take a part for the whole.
std::optional<http::Refusal> TicketRoute::check_claims(const auth::Claims& claims) const {
  if (claims.claims.size() <= options_.claims_bytes_max) return {};
  return http::Refusal{http::Problem::too_large,
                       "The token's claims that a ticket carries (ticket.claims) are longer than "
                       "ticket.claims_bytes allows."};
}

// The wishes travel as raw JSON: session/ reads them again, from the same bytes, at connect.
Result<std::string, http::Refusal> TicketRoute::read_subs(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::string();
  const auto root = json_.parse(body, {.open_levels = 3});
  if (!root || !root->is_object()) {
    return http::Refusal{http::Problem::bad_request,
                         "The body must be empty or a JSON object like {'subs':{}}."};
  }
  const auto subs = root->find("subs");
  if (!subs) return std::string();
  if (subs.raw().size() > ticket::kSubsBytesMax) {
    return http::Refusal{http::Problem::too_large, "'subs' is larger than 16 KiB."};
  }
  if (const auto wishes = wire::read_subs(subs, options_.channels_per_connection); !wishes) {
    switch (wishes.error()) {
      case wire::SubsError::too_many:
        return http::Refusal{
            http::Problem::bad_request,
            "'subs' has more entries than limits.channels_per_connection (personal "
            "channels not counted)."};
      case wire::SubsError::malformed:
        return http::Refusal{http::Problem::bad_request,
                             "'subs' must be an object of channels like {'news:1':{},"
                             "'orders:42':{'recover':true,'epoch':'qFhv','offset':41}}."};
    }
  }
  std::string raw;
  wire::append_single_line(raw, subs.raw());
  return raw;
}

bool TicketRoute::asks_backend() const {
  return dependencies_.ticket_hook != nullptr && dependencies_.ticket_hook->is_set();
}

bool TicketRoute::is_for_backend(const http::BearerToken& bearer) const {
  if (!asks_backend()) return false;
  if (bearer.state != http::BearerState::present) return true;
  const auto verifier = dependencies_.jwt.get();
  const auto claims = verifier->verify(bearer.token, dependencies_.wall_clock.now());
  return !claims && verifier->issuers().is_foreign(bearer.token, claims.error());
}

void TicketRoute::post(const edge::RequestContext& context, http::Answer answer) {
  if (const auto refusal = check_before_authorization(context)) return answer.refuse(*refusal);
  const http::BearerToken bearer = http::read_bearer(context.request);
  if (is_for_backend(bearer)) return ask_backend(context, std::move(answer));
  if (bearer.state != http::BearerState::present)
    return answer.refuse({http::Problem::missing_auth});
  issuer::check_token(
      dependencies_.newer_keys, bearer.token,
      [this](std::string_view token) {
        return dependencies_.jwt.get()->verify(token, dependencies_.wall_clock.now());
      },
      [this, body = std::string(context.request.body),
       answer = std::move(answer)](issuer::CheckedToken claims) mutable {
        if (!claims) return answer.refuse(http::to_refusal(claims.error()));
        go_on(std::move(*claims), body, std::move(answer));
      });
}

void TicketRoute::ask_backend(const edge::RequestContext& context, http::Answer answer) {
  if (const auto refusal = check_cookie_caller(context.request, *dependencies_.origins.get())) {
    return answer.refuse(*refusal);
  }
  dependencies_.ticket_hook->ask(
      {context.request, context.peer_address, context.address_is_shared},
      [this, body = std::string(context.request.body),
       answer = std::move(answer)](ticket::TicketHookAnswer said) mutable {
        backend_answered(std::move(said), body, std::move(answer));
      });
}

// The node may have begun to drain meanwhile.
void TicketRoute::backend_answered(ticket::TicketHookAnswer said, std::string_view body,
                                   http::Answer answer) {
  if (const auto* refused = std::get_if<ticket::BackendRefusal>(&said)) {
    return answer.refuse(to_refusal(*refused));
  }
  if (const auto* fault = std::get_if<ticket::TicketHookFault>(&said)) {
    return answer.refuse(to_refusal(*fault));
  }
  if (const auto refusal = http::check_draining(dependencies_.node)) return answer.refuse(*refusal);
  go_on(std::get<auth::Claims>(std::move(said)), body, std::move(answer));
}

// From here on it does not matter who has vouched for the claims.
void TicketRoute::go_on(auth::Claims claims, std::string_view body, http::Answer answer) {
  answer.is_about({dependencies_.identities, {}, claims.session, claims.user});
  if (dependencies_.revocations.is_revoked(auth::bearer_of(claims),
                                           dependencies_.wall_clock.now())) {
    return answer.refuse({http::Problem::session_revoked});
  }
  const TimePoint now = dependencies_.clock.now();
  const std::string& session = claims.session;
  if (const auto refusal = http::check_session(dependencies_.tickets_per_session, session, now)) {
    return answer.refuse(*refusal);
  }
  if (const auto refusal = check_claims(claims)) return answer.refuse(*refusal);
  auto subs = read_subs(body);
  if (!subs) return answer.refuse(subs.error());
  if (const auto refusal = http::check_turn(dependencies_.ticket_queue, session, now)) {
    return answer.refuse(*refusal);
  }
  issue(std::move(claims), *std::move(subs), std::move(answer));
}

void TicketRoute::issue(auth::Claims claims, std::string subs, http::Answer answer) {
  ticket::Grant grant = ticket::grant_for(std::move(claims));
  grant.subs = std::move(subs);
  if (const auto origin = answer.origin()) grant.origin = std::string(*origin);
  grant.payer = limits::address_key(answer.peer_address());
  ticket::issue(dependencies_.tickets, dependencies_.entropy, std::move(grant), options_.ttl,
                [this, answer = std::move(answer)](
                    Result<ticket::IssuedTicket, ticket::PutError> issued) mutable {
                  finish(issued, answer);
                });
}

void TicketRoute::finish(const Result<ticket::IssuedTicket, ticket::PutError>& issued,
                         http::Answer& answer) {
  if (!issued) return answer.refuse(to_refusal(issued.error()));
  dependencies_.metrics.tickets_issued.add();
  log_issued(dependencies_.log, *issued, answer.who());
  dependencies_.log.debug("[WSTicket] Ticket stored",
                          {{"ticketHash", issued->hash.for_log()}, {"traceId", answer.trace_id()}});
  answer.json(to_json(*issued));
}

}  // namespace usher::gateway
