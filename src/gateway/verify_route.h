// GET /auth/verify: answers a proxy that asks whether it may let a WebSocket through (nginx'
// auth_request, Caddy's forward_auth, Traefik's ForwardAuth, Envoy's ext_authz).
//
// The question describes the client's handshake: its Origin and subprotocols are fields of the
// question, its URI stands in a field or behind the question's own path. The ticket is redeemed,
// once. A 200 says in X-Usher-… fields who the client is, for the proxy to hand on. Every refusal
// has its code in X-Usher-Code. What the question says of X-Usher-… is not read.
//
// The listener is for proxies alone: their mistakes are charged to no address but the client's,
// where X-Forwarded-For names it (server.trusted_proxies).
//
// Threads: one per shard. Borrows: Dependencies.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/identity_headers.h"
#include "doors/ticket_check.h"
#include "gateway/upgrade_rates.h"
#include "http/answer.h"
#include "http/dependencies.h"

namespace usher::gateway {

class VerifyRoute {
 public:
  // `claims`: names of those that are told: ticket.claims.
  VerifyRoute(std::vector<std::string> claims, http::RouteDependencies& dependencies);

  void set_claims(std::vector<std::string> claims) {
    headers_ = doors::IdentityHeaders({.claims = std::move(claims)});
  }

  // Path and method have been checked.
  void ask(const edge::RequestContext& context, http::Answer answer);

 private:
  void let_in(const ticket::Grant& grant, http::Answer& answer);
  void refuse(const ticket::RefusedTicket& refused, std::string_view charged_address,
              http::Answer& answer);

  http::RouteDependencies& dependencies_;
  UpgradeRates rates_;
  doors::TicketCheck check_;
  doors::IdentityHeaders headers_;
};

}  // namespace usher::gateway
