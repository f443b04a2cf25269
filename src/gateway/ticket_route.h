// POST /auth/ticket: trades a token for a ticket that opens one WebSocket.
//
// Everything that the connection will need is stored with the ticket now, so that redeeming it
// needs no other call.
//
// Threads: one per shard. Borrows: Dependencies, and the shard's JsonReader during a call.
// Limits: limits.upgrades_per_address (counted apart from upgrades), limits.tickets_per_session;
// limits.tickets_per_second for requests that pass the other limits (ticket_queue.h);
// ticket::kSubsBytesMax and limits.channels_per_connection for `subs`; ticket.claims_bytes.
#pragma once

#include <optional>
#include <string_view>

#include "auth/claims.h"
#include "base/result.h"
#include "http/answer.h"
#include "http/dependencies.h"
#include "issuer/token_check.h"
#include "ticket/issue.h"
#include "wire/json.h"

namespace usher::gateway {

struct TicketRouteOptions {
  std::chrono::seconds ttl{30};
  std::size_t channels_per_connection = 128;
  std::size_t claims_bytes_max = 4096;
};

class TicketRoute {
 public:
  TicketRoute(TicketRouteOptions options, http::RouteDependencies& dependencies,
              wire::JsonReader& json)
      : options_(options), dependencies_(dependencies), json_(json) {}

  void set_options(TicketRouteOptions options) { options_ = options; }

  // Path, method, Origin and size have been checked.
  void post(const edge::RequestContext& context, http::Answer answer);

 private:
  std::optional<http::Refusal> check_before_authorization(
      const edge::RequestContext& context) const;
  std::optional<http::Refusal> check_claims(const auth::Claims& claims) const;
  void go_on(issuer::CheckedToken claims, std::string_view body, http::Answer answer);
  Result<std::string, http::Refusal> read_subs(std::string_view body);
  void issue(auth::Claims claims, std::string subs, http::Answer answer);
  void finish(const Result<ticket::IssuedTicket, ticket::PutError>& issued, http::Answer& answer);

  TicketRouteOptions options_;
  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
};

}  // namespace usher::gateway
