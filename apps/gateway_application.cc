#include "apps/gateway_application.h"

#include "gateway/hub_metrics.h"
#include "gateway/problem.h"
#include "gateway/route_checks.h"
#include "gateway/trace_id.h"
#include "session/server_session.h"

namespace usher::apps {
namespace {

gateway::Problem problem_of(int status) {
  switch (status) {
    case 408:
      return gateway::Problem::request_timeout;
    case 413:
      return gateway::Problem::too_large;
    case 426:
      return gateway::Problem::upgrade_required;
    case 431:
      return gateway::Problem::headers_too_large;
    case 503:
      return gateway::Problem::overloaded;
    case 505:
      return gateway::Problem::version_not_supported;
    default:
      return gateway::Problem::bad_request;
  }
}

}  // namespace

std::optional<session::Endpoint> GatewayApplication::endpoint(const wire::HttpRequest& request,
                                                              gateway::Listener listener) {
  switch (parts_.router.websocket_endpoint(request.path(), listener)) {
    case gateway::Router::Endpoint::none:
      return std::nullopt;
    case gateway::Router::Endpoint::ws:
      return session::Endpoint::ws;
    case gateway::Router::Endpoint::connection_websocket:
      return session::Endpoint::sdk;
  }
  return std::nullopt;
}

std::optional<wire::HttpResponse> GatewayApplication::admit(const gateway::RequestContext& context,
                                                            bool has_ticket) {
  return parts_.gate.admit(
      context.peer_address, has_ticket,
      [&] { return gateway::trace_id_of(context.request, parts_.entropy); }, context.now);
}

std::unique_ptr<session::Session> GatewayApplication::open(session::Link& link,
                                                           const session::Opening& opening,
                                                           TimePoint now) {
  auto session = std::make_unique<session::ServerSession>(link, parts_.sessions);
  session->begin(opening, now);
  return session;
}

gateway::BodyLimit GatewayApplication::body_limit(const gateway::RequestContext& head) {
  return parts_.router.body_limit(head);
}

void GatewayApplication::handle(const gateway::RequestContext& context, gateway::Respond respond) {
  parts_.router.handle(context, std::move(respond));
}

wire::HttpResponse GatewayApplication::refuse(int status, std::string_view detail,
                                              const gateway::RequestContext& context) {
  const bool is_upgrade = !context.request.method.empty();
  if (is_upgrade) parts_.metrics.upgrades[gateway::UpgradeResult::bad_request].add();
  return parts_.router.refuse(
      context, is_upgrade ? gateway::Route::websocket : gateway::Route::other,
      {.problem = problem_of(status),
       .detail = detail,
       .retry_after = status == 503 ? std::optional(gateway::kRetryOverloaded) : std::nullopt,
       .log_reason = detail});
}

void GatewayApplication::tick(TimePoint) {
  parts_.hub.tick();
  gateway::sample(parts_.hub, parts_.metrics);
  if (parts_.housekeeping) parts_.housekeeping();
}

}  // namespace usher::apps
