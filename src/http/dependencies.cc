#include "http/dependencies.h"

#include "doors/ticket_check.h"

namespace usher::http {

doors::TicketCheckDependencies ticket_check_dependencies(RouteDependencies& dependencies) {
  return {.tickets = dependencies.tickets,
          .origins = dependencies.origins,
          .revocations = dependencies.revocations,
          .wall_clock = dependencies.wall_clock,
          .log = dependencies.log,
          .reject_log = dependencies.reject_log,
          .observer = dependencies.redeem_observer,
          .identities = dependencies.identities};
}

}  // namespace usher::http
