// POST /auth/ticket: trades a token for a ticket that opens one WebSocket.
//
// While hooks.ticket_url is set, a request without a token of ours is the backend's to judge, by its
// cookies and the like: see cookie_guard.h and ticket/ticket_hook.h.
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
#include "http/bearer.h"
#include "http/dependencies.h"
#include "issuer/token_check.h"
#include "ticket/issue.h"
#include "ticket/ticket_hook.h"
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

  // Returns whether the backend is asked about requests without a token of ours.
  bool asks_backend() const;

 private:
  std::optional<http::Refusal> check_before_authorization(
      const edge::RequestContext& context) const;
  std::optional<http::Refusal> check_claims(const auth::Claims& claims) const;
  bool is_for_backend(const http::BearerToken& bearer) const;
  void ask_backend(const edge::RequestContext& context, http::Answer answer);
  void backend_answered(ticket::TicketHookAnswer said, std::string_view body, http::Answer answer);
  void go_on(auth::Claims claims, std::string_view body, http::Answer answer);
  Result<std::string, http::Refusal> read_subs(std::string_view body);
  void issue(auth::Claims claims, std::string subs, http::Answer answer);
  void finish(const Result<ticket::IssuedTicket, ticket::PutError>& issued, http::Answer& answer);

  TicketRouteOptions options_;
  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
};

}  // namespace usher::gateway
