// POST /auth/ticket: trades a token for a ticket that opens one WebSocket.
//
// Everything that the connection will need goes behind the ticket now, so that redeeming asks
// nobody else.
//
// Threads: one per shard. Borrows: Services, and the shard's JsonReader during a call.
// Limits: limits.upgrades_per_address (counted apart from upgrades), limits.tickets_per_session;
// limits.tickets_per_second for those who are let in otherwise (ticket_queue.h); kSubsBytesMax and
// limits.channels_per_connection for `subs`.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "auth/claims.h"
#include "base/result.h"
#include "gateway/answer.h"
#include "gateway/services.h"
#include "gateway/token_check.h"
#include "ticket/ticket_store.h"
#include "wire/json.h"

namespace usher::gateway {

inline constexpr std::size_t kSubsBytesMax = 16 * 1024;

struct TicketRouteOptions {
  std::chrono::seconds ttl{30};
  std::size_t channels_max = 128;
};

class TicketRoute {
 public:
  TicketRoute(TicketRouteOptions options, Services& services, wire::JsonReader& json)
      : options_(options), services_(services), json_(json) {}

  // Path, method, Origin and size have been checked.
  void post(const RequestContext& context, Answer answer);

 private:
  std::optional<Refusal> check_before_authorization(const RequestContext& context) const;
  void go_on(CheckedToken claims, std::string_view body, Answer answer);
  std::variant<std::string, Refusal> read_subs(std::string_view body);
  void issue(auth::Claims claims, std::string subs, Answer answer);
  void finish(std::string ticket_text, ticket::TicketHash hash, bool has_user,
              const session::LogIdentity& who, Result<void, ticket::PutError> stored,
              Answer& answer);

  TicketRouteOptions options_;
  Services& services_;
  wire::JsonReader& json_;
};

}  // namespace usher::gateway
